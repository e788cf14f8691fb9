"""The second variant of *Two letters*: another nested derivative, another mixed one, three
eigenvalues, and the letters of the choices in other places."""

CHANGES = {
    "title": [("# Exercises 4: Two", "# Exercises 4 b: Two")],
    "predict": [
        (r"(x + y)\,y", r"(x + 2y)\,y"),
        (
            "- **(a)** `D(D(lambda x: x * x * x))(2.0)`\n"
            "- **(b)** `D(lambda x: x * D(lambda y: y * y)(x))(2.0)`\n"
            "- **(c)** `D(lambda x: x * D(lambda y: x * y)(x))(2.0)`",
            "- **(a)** `D(lambda x: x * D(lambda y: x * y)(x))(2.0)`\n"
            "- **(b)** `D(D(lambda x: x * x * x))(2.0)`\n"
            "- **(c)** `D(lambda x: x * D(lambda y: y * y)(x))(2.0)`",
        ),
        ("in (b), $y$ is", "in (c), $y$ is"),
        (r"$a + b + 2\varepsilon$", r"$a + 2b + 3\varepsilon$"),
    ],
    "predict-answer": [
        ("2 * a + 2 * b", "2 * a + 4 * b"),
        ("a + 3 * b", "a + 5 * b"),
        ('"c"\n', '"a"\n'),
    ],
    "predict-check": [
        ("(x + y) * y", "(x + 2 * y) * y"),
        ("a + 2 * b", "a + 4 * b"),
        ("a + 3 * b", "a + 5 * b"),
        ("x · (x + 2b)", "x · (x + 4b)"),
        (
            "the tangents of x and of y are both 1, and the sum adds them to 2",
            "the tangents of x and of 2y are 1 and 2, and the sum adds them to 3",
        ),
        ('        "c",\n        what=', '        "a",\n        what='),
        ('"b": "the inner function', '"c": "the inner function'),
        ('"a": "each number', '"b": "each number'),
    ],
    "derive": [(r"\sin(xy)", "e^{xy}")],
    "derive-mixed": [
        ("sin(xy)", "exp(xy)"),
        ("lift(np.sin, np.cos, lambda t: -np.sin(t), z)", "lift(np.exp, np.exp, np.exp, z)"),
    ],
    "derive-seeds": [
        ("-x * y * np.sin(x * y)", "x * y * np.exp(x * y)"),
        (
            "-((x + y) ** 2) * np.sin(x * y) + 2 * np.cos(x * y)",
            "((x + y) ** 2 + 2) * np.exp(x * y)",
        ),
        ("np.sin(x * y)", "np.exp(x * y)"),
        ("np.cos(x * y)", "np.exp(x * y)"),
        ("four(np.sin(nested((x", "four(np.exp(nested((x"),
    ],
    "newton": [
        ("has two different eigenvalues only, 1 and 50", "has three different eigenvalues only, 1, 7 and 50")  # noqa: E501
    ],
    "newton-enough": [("    2\n", "    3\n")],
    "newton-count": [
        ("len({1, 50})", "len({1, 7, 50})"),
        ("np.diag([1.0, 1.0, 50.0, 50.0, 50.0])", "np.diag([1.0, 1.0, 7.0, 50.0, 50.0])"),
        (
            '(1, "one is enough if b happens to belong to one eigenvalue',
            '(2, "two are enough if only two eigenvalues differ; here it is three"),\n'
            '            (1, "one is enough if b happens to belong to one eigenvalue',
        ),
    ],
    "measure": [
        ("**(a)** Only", "**(b)** Only"),
        ("**(b)** The counting", "**(c)** The counting"),
        ("**(c)** $w$", "**(a)** $w$"),
    ],
    "measure-error": [('"c"\n', '"a"\n')],
    "measure-errors": [
        ('        "c",\n        what=', '        "a",\n        what='),
        ('"b": "the gradients', '"c": "the gradients'),
        ('"a": "neither', '"b": "neither'),
    ],
}  # fmt: skip
