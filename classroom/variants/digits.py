"""The second variant of *Right on average*: four faces in place of three, an even draw that is too
long, and the letters of the choices in other places."""

FOURTH = "(1 + 15 * q) / (1 + 3 * q) ** 2"

CHANGES = {
    "title": [("# Exercises 3: Right", "# Exercises 3 b: Right"), ("Three faces", "Four faces")],
    "predict": [
        ("**(a)** about 500", "**(b)** about 500"),
        ("**(b)** fewer", "**(c)** fewer"),
        ("**(c)** none", "**(a)** none"),
    ],
    "predict-answer": [('"c"\n', '"a"\n')],
    "predict-check": [
        ('        "c",\n        what=', '        "a",\n        what='),
        ('"b": "a large network', '"c": "a large network'),
        ('"a": "the angle', '"b": "the angle'),
    ],
    "derive": [
        ("Three faces", "Four faces"),
        ("by moving *few* parameters at a time", "by moving some parameters *less* than others"),
        ("from three faces", "from four faces"),
        (
            r"\;\;\,0 & \text{with probability } 1 - q, \\",
            r"\;\;\,s/2 & \text{with probability } (1 - q)/2, \\"
            "\n"
            r"-s/2 & \text{with probability } (1 - q)/2, \\",
        ),
        ("of the parameters stands still", "of the parameters moves half as far"),
        (
            r"**(a)** for a small $q$, $\;$**(b)** for $q = 1$, $\;$**(c)** it does not depend on $q$",  # noqa: E501
            r"**(a)** for $q = \frac12$, $\;$**(b)** for $q = 1$ alone, $\;$**(c)** at both ends, "
            r"$q = 1$ and $q \to 0$",
        ),
    ],
    "derive-answer": [
        ("1 / np.sqrt(q)", "2 / np.sqrt(1 + 3 * q)"),
        ("(1 / q + P - 2) / K", f"({FOURTH} + P - 2) / K"),
        ('"b"\n', '"c"\n'),
    ],
    "derive-scale": [
        ("The three faces", "The four faces"),
        ("np.array([-1.0, 0.0, 1.0]), np.array([q / 2, 1 - q, q / 2])",
         "np.array([-1.0, -0.5, 0.5, 1.0]), np.array([q, 1 - q, 1 - q, q]) / 2"),
        ("q s², has to be 1", "q s² + (1 - q) s²/4, has to be 1"),
        (
            "an entry is s or -s with probability q only, so its mean square is q",
            "for s = 1 some entries are only 1/2, so the mean square is less than 1",
        ),
        (
            '(lambda q: q, "with this s the mean square is q³; it has to be 1")',
            '(lambda q: 1 / np.sqrt(q), "the short faces count too, with (1 - q) s²/4")',
        ),
        (
            '(lambda q: 1 / q, "this is s²; the mean square of an entry is q s²")',
            '(lambda q: 4 / (1 + 3 * q), "this is s²; take its root")',
        ),
        ("lambda q: np.sqrt(q),", "lambda q: np.sqrt(1 + 3 * q) / 2,"),
        (
            "the fewer entries move, the farther they have to; turn it round",
            "the more entries move little, the farther the others have to; turn it round",
        ),
        (
            '(lambda q: np.sqrt(2 / q), "both s and -s have the square s², so its chance is q")',
            '(lambda q: np.sqrt(2 / (1 + q)), "half of s has the square s²/4, not s²/2")',
        ),
    ],
    "derive-error": [
        ("range(3)", "range(4)"),
        ("3^(PK)", "4^(PK)"),
        ("E[v⁴] = 1/q, then", "E[v⁴], then"),
        ("1 / q + P", f"{FOURTH} + P"),
        ("lambda q, P, K: (P / q - 1) / K", f"lambda q, P, K: ({FOURTH} * P - 1) / K"),
        ("only E[v_i⁴] is 1/q;", "only E[v_i⁴] is not 1;"),
        ("lambda q, P, K: (q * P - 1) / K", "lambda q, P, K: (1 / q + P - 2) / K"),
        (
            "on average q P entries move, but each moves farther: v · v is still P on average",
            "so it would be if the others stood still; they move half as far",
        ),
        ("compare with (1/q + P - 2)/K", "compare with (E[v⁴] + P - 2)/K"),
    ],
    "derive-best": [
        ('        "b",\n        what=', '        "c",\n        what='),
        (
            "few entries move, but which ones is random too, and the error grows as 1/q",
            "there the two lengths are mixed, so v · v varies, and E[v⁴] is above 1",
        ),
        (
            '"c": "E[v⁴] is 1/q, and enters the error; for a large P you hardly notice, but it does"',  # noqa: E501
            '"b": "for q → 0 all entries are s/2 or -s/2 with s = 2: that is the law of ±1 again"',
        ),
    ],
    "debug": [
        ('- **"a"** on average', '- **"@c"** on average'),
        ('- **"b"** on average', '- **"@a"** on average'),
        ('- **"c"** on average', '- **"@b"** on average'),
        ('"@', '"'),
        ('those with "b" and "c"', 'those with "a" and "b"'),
        ("for a number drawn evenly from $-1$ to $1$", "for a number drawn evenly from $-3$ to $3$"),  # noqa: E501
    ],
    "debug-suspects": [("rng.uniform(-1, 1, theta.size)", "rng.uniform(-3, 3, theta.size)")],
    "debug-answer": [
        (': "a",', ': "@c",'), (': "b",', ': "@a",'), (': "c",', ': "@b",'), ('"@', '"'),
    ],
    "debug-repair": [
        ("np.sqrt(3) * rng.uniform(-1, 1, theta.size)", "rng.uniform(-3, 3, theta.size) / np.sqrt(3)")  # noqa: E501
    ],
    "debug-verdicts": [
        ('        "a": ', '        "@c": '),
        ('        "b": ', '        "@a": '),
        ('        "c": ', '        "@b": '),
        ('"@', '"'),
        ('"aabccc"', '"ccabbb"'),
        (
            "a number drawn evenly from -1 to 1 has a mean square that is less than 1",
            "a number drawn evenly from -3 to 3 has a mean square that is more than 1",
        ),
    ],
}  # fmt: skip
