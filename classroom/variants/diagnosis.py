"""The second variant of *A second patient*: labels that are off by two on the other side, and the
letters of the choices and verdicts in other places."""

CHANGES = {
    "title": [("# Exercises 2: A second patient", "# Exercises 2 b: A second patient")],
    "predict": [
        (
            "the label of the digit before its own (a 3 counts as a 2, a 0 as a 9)",
            "the label that is two above its own (a 3 counts as a 5, an 8 as a 0)",
        ),
        ("**(a)** about a guess", "**(b)** about a guess"),
        ("**(b)** far below", "**(c)** far below"),
        ("**(c)** as good", "**(a)** as good"),
        ("reads *every* 3 as a 2", "reads *every* 3 as a 5"),
    ],
    "predict-answer": [('"b"\n', '"c"\n')],
    "predict-check": [
        ('        "b",\n        what="the accuracy"', '        "c",\n        what="the accuracy"'),
        ('"a": "a guess', '"b": "a guess'),
        ('"c": "it tells', '"a": "it tells'),
    ],
    "measure-patient": [
        ("np.eye(CLASSES)[labels - 1]", "np.eye(CLASSES)[(labels + 2) % CLASSES]")
    ],
    "measure-shift": [
        ("(9, ", "(2, "),
        ("(-1, ", "(-2, "),
    ],
    "derive": [
        (r"**(a)** $\dot a$ is parallel", r"**(b)** $\dot a$ is parallel"),
        (r"**(b)** $\dot a$ is at a right", r"**(c)** $\dot a$ is at a right"),
        (r"**(c)** for none", r"**(a)** for none"),
    ],
    "derive-answer": [('"b"\n', '"c"\n')],
    "derive-harmless": [
        ('        "b",\n        what=', '        "c",\n        what='),
        ('"a": "along a', '"b": "along a'),
        ('"c": "the two rules', '"a": "the two rules'),
    ],
    "debug": [
        ("- **(a)** guilty", "- **@(b)** guilty"),
        ("- **(b)** guilty", "- **@(c)** guilty"),
        ("- **(c)** innocent", "- **@(a)** innocent"),
        ("**@(", "**("),
        ("make of the label 0?", "make of the label 9?"),
        ("MNIST's labels begin with 0.", "MNIST's labels are the places of their 1."),
    ],
    "debug-answer": [
        (': "a",', ': "@b",'), (': "b",', ': "@c",'), (': "c",', ': "@a",'), ('"@', '"'),
    ],
    "debug-verdicts": [
        ('        "a": ', '        "@b": '),
        ('        "b": ', '        "@c": '),
        ('        "c": ', '        "@a": '),
        ('"@', '"'),
        ('"cacbba"', '"abaccb"'),
    ],
    "debug-repaired": [
        (
            "the label 3 has its 1 at place 2, and 0 at 9",
            "the label 3 has its 1 at place 5, and 9 at 1",
        ),
        ("(labels + 1) % 10", "(labels - 2) % 10"),
        ("now the labels are off by one on the other side", "now they are off by two on the other side"),  # noqa: E501
        ("np.eye(CLASSES)[labels + 1]", "np.eye(CLASSES)[labels + 2]"),
        ("and the last has no place", "and the last two have no place"),
    ],
    # The two arrays change places, and so do the two faults.
    "plant": [
        ("with a fault in the slopes of `W`, and in those alone", "with a fault in the slopes of `b`, and in those alone"),  # noqa: E501
        ("a fault in the slopes of `b` alone, of another kind", "a fault in the slopes of `W` alone, of another kind"),  # noqa: E501
    ],
    "plant-answer": [
        ("with a fault in the slopes of W.", "with a fault in the slopes of b.@"),
        ("with a fault in the slopes of b.\"", "with a fault in the slopes of W.\""),
        ("b.@", "b."),
        ("return slopes_W - 2 * DECAY * W, slopes_b", "return slopes_W, @slopes_b / len(flowers)"),
        ("return slopes_W, slopes_b / len(flowers)", "return slopes_W - 2 * DECAY * W, slopes_b"),
        ("@", ""),
        ('"regulariser"', '"@mean for sum"'),
        ('"mean for sum"', '"regulariser"'),
        ('"@', '"'),
        ("np.roll(species, 1)", "np.roll(species, 2)"),
    ],
    "plant-check": [
        ('first_kind, "W")', 'first_kind, "b")'),
        ('second_kind, "b")', 'second_kind, "W")'),
        ("plant another one in b.", "plant another one in W."),
    ],
    "explain-answer": [
        (
            "predictions plus 1 agree most often with the labels, so each label was one too small",
            "predictions plus 8 agree most often with the labels, so each label was two too large",
        ),
    ],
}  # fmt: skip
