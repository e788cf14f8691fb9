"""The second variant of *Rules, and a Dual of your own*: the quotient the other way, the third side
of a triangle, two other wrong rules, another function to measure, the fourth power."""

CHANGES = {
    "title": [
        ("The length of a moving arrow", "The third side of a moving triangle"),
        ("# Exercises 1: Rules", "# Exercises 1 b: Rules"),
    ],
    # The quotient is turned round, and the letters of the choices change places.
    "predict": [
        ("quotient $x/y$", "quotient $y/x$"),
        (
            r"**(a)** $y$, $\;$**(b)** $x - a$, $\;$**(c)** $x y$",
            r"**(a)** $x y$, $\;$**(b)** $x$, $\;$**(c)** $y - c$",
        ),
        (
            r"$(q + r\varepsilon)(c + d\varepsilon) = a + b\varepsilon$",
            r"$(q + r\varepsilon)(a + b\varepsilon) = c + d\varepsilon$",
        ),
    ],
    "predict-answer": [("(b * c - a * d) / c**2", "(a * d - b * c) / a**2"), ('"b"\n', '"c"\n')],
    "predict-check": [
        (
            "(LibraryDual(float(a), b) / LibraryDual(float(c), d)).tangent",
            "(LibraryDual(float(c), d) / LibraryDual(float(a), b)).tangent",
        ),
        ("the tangent of x/y", "the tangent of y/x"),
        ("(q + rε)(c + dε) = a + bε", "(q + rε)(a + bε) = c + dε"),
        ("(b / d, ", "(d / b, "),
        (
            '((a * d - b * c) / c**2, "the sign is turned round: bc comes first")',
            '((b * c - a * d) / a**2, "the sign is turned round: ad comes first"),\n'
            '            ((b * c - a * d) / c**2, "this is the tangent of x/y; here y stands above")',  # noqa: E501
        ),
        (
            '((b * c - a * d) / c, "the denominator is c², not c")',
            '((a * d - b * c) / a, "the denominator is a², not a")',
        ),
        ("(b * c - a * d, ", "(a * d - b * c, "),
        ("divided by c²", "divided by a²"),
        ("((b * c + a * d) / c**2, ", "((b * c + a * d) / a**2, "),
        ('(a / c, "this is the primal of x/y")', '(c / a, "this is the primal of y/x")'),
        ('        "b",\n        what=', '        "c",\n        what='),
        ('"a": "the primal of y is not zero, so y has', '"b": "the primal of x is not zero, so x has'),  # noqa: E501
        ('"c": "the primal of xy', '"a": "the primal of xy'),
    ],
    # A side of a triangle in place of the length of an arrow: minus for plus.
    "length": [
        ("The length of a moving arrow", "The third side of a moving triangle"),
        (
            "An arrow has the components $x = a + b\\varepsilon$ and $y = c + d\\varepsilon$, two "
            "numbers that both move. Its length",
            "A triangle with a right angle has the longest side $x = a + b\\varepsilon$ and another "  # noqa: E501
            "side $y = c + d\\varepsilon$, two numbers that both move. Its third side",
        ),
        ("z^2 = x^2 + y^2", "z^2 = x^2 - y^2"),
        (
            "try it: an arrow $(3, 4)$ whose first component grows with speed 1 becomes longer "
            "with speed $3/5$.",
            "try it: if the sides are 5 and 4 and the first grows with speed 1, the third grows "
            "with speed $5/3$.",
        ),
    ],
    "length-answer": [
        ("the length of (a + bε, c + dε)", "the third side, beside a + bε and c + dε"),
        ("a**2 + c**2", "a**2 - c**2"),
        ("a * b + c * d", "a * b - c * d"),
    ],
    "length-check": [
        (
            "np.hypot(LibraryDual(a, b), LibraryDual(c, d))",
            "np.sqrt(LibraryDual(a, b) ** 2 - LibraryDual(c, d) ** 2)",
        ),
        ("(3.0, 1.0, 4.0, 0.0)", "(5.0, 1.0, 4.0, 0.0)"),
        (
            "the primal is the length of (3, 4), and the tangent its speed",
            "the primal is the third side beside 5 and 4, and the tangent its speed",
        ),
        ("np.hypot(a, c)", "np.sqrt(a**2 - c**2)"),
        ("np.hypot(b, d)", "np.sqrt(np.abs(b**2 - d**2))"),
        ("or the length of the arrow of tangents", "or a side made of tangents"),
        ("(a * d + c * b)", "(a * d - c * b)"),
        ("(0.6, -2.0, 0.8, 0.0), (-5.0, 1.0, 12.0, 0.0)", "(1.0, -2.0, 0.8, 0.0), (-13.0, 1.0, 5.0, 0.0)"),  # noqa: E501
        ("the speed at which the arrow becomes longer", "the speed at which the third side grows"),
    ],
    "length-general": [
        ("(3.0, 2.0, 4.0, -4.0)", "(5.0, 2.0, 4.0, -4.0)"),
        ("(a * b - c * d) /", "(a * b @ c * d) /"),
        ("np.hypot(a, c)", "np.sqrt(a**2 - c**2)"),
        ("np.hypot(b, d)", "np.sqrt(np.abs(b**2 - d**2))"),
        ("this tangent is the length of the arrow of tangents", "this is a side made of tangents"),
        ("a * b + c * d", "a * b - c * d"),
        ("2ab + 2cd", "2ab - 2cd"),
        ("(a + c) /", "(a - c) /"),
        ("a**2 + c**2", "a**2 - c**2"),
        ("the square of the length", "the square of the side"),
        ("the length comes first", "the side comes first"),
        ("+ d),\n", "- d),\n"),
        ("and the sum of both products", "and the difference of both products"),
        (
            "(-1.0, 2.5, 0.5, 3.0), (0.0, 1.0, -2.0, 1.0), (1e-3, 7.0, 1e3, -2.0)",
            "(-1.0, 2.5, 0.5, 3.0), (3.0, 1.0, -2.0, 1.0), (1e3, 7.0, 1e-3, -2.0)",
        ),
        ("q = (ab + cd)/p", "q = (ab - cd)/p"),
        ("(3.0, 1e9, 4.0, -2e9)", "(5.0, 1e9, 4.0, -2e9)"),
        ("@", "+"),
        ("the squares are added, and so are their tangents", "the squares are subtracted, and so are their tangents"),  # noqa: E501
    ],
    # Other rules are wrong.
    "debug": [
        ('`RULES["cube"](2.0, 3.0)` with `LibraryDual(2.0, 3.0) ** 3`',
         '`RULES["exp"](2.0, 3.0)` with `np.exp(LibraryDual(2.0, 3.0))`'),
    ],
    "debug-rules": [
        ("b / a**2)", "b / a)"),
        ("3 * a**2 * b", "3 * a * b"),
        ("1 + np.tan(a) ** 2)", "(1 + np.tan(a) ** 2) * b)"),
        ("b / (2 * np.sqrt(a))", "1 / (2 * np.sqrt(a))"),
    ],
    "debug-answer": [('{"log", "tan"}', '{"cube", "root"}'), ('{"exp", "cube"}', '{"exp", "log"}')],
    "debug-repair": [
        ('["log"] = lambda a, b: (np.log(a), b / a)', '["cube"] = lambda a, b: (a**3, 3 * a**2 * b)'),  # noqa: E501
        (
            '["tan"] = lambda a, b: (np.tan(a), (1 + np.tan(a) ** 2) * b)',
            '["root"] = lambda a, b: (np.sqrt(a), b / (2 * np.sqrt(a)))',
        ),
    ],
    "debug-names": [
        ('{"exp", "cube", "root"}', '{"exp", "log", "tan"}'),
        ('check_named("log")', 'check_named("cube")'),
        ('check_named("tan")', 'check_named("root")'),
    ],
    "debug-repaired": [
        ('{"exp", "cube", "root"}', '{"exp", "log", "tan"}'),
        ('repaired("log")', 'repaired("cube")'),
        ("as_pair(np.log(LibraryDual(a, b)))", "as_pair(LibraryDual(a, b) ** 3)"),
        ('what="log"', 'what="cube"'),
        ("solve exp(c + dε) = a + bε for d", "multiply out (a + bε)³, with ε² = 0"),
        ('RULES["log"]', 'RULES["cube"]'),
        (
            '(lambda a, b: (np.log(a), 1 / a), "the tangent b',
            '(lambda a, b: (a**3, 3 * a**2), "the tangent b',
        ),
        (
            '(lambda a, b: (np.log(a), a / b), "turn the quotient round: the slope is 1/a")',
            '(lambda a, b: (a**3, a**2 * b), "the factor 3 is missing: aab comes three times")',
        ),
        ("(lambda a, b: b / a, ", "(lambda a, b: 3 * a**2 * b, "),
        ('repaired("tan")', 'repaired("root")'),
        ("as_pair(np.tan(LibraryDual(a, b)))", "as_pair(np.sqrt(LibraryDual(a, b)))"),
        ('what="tan"', 'what="root"'),
        ("its slope is 1 + tan², times what comes in", "solve (c + dε)² = a + bε for d"),
        ('RULES["tan"]', 'RULES["root"]'),
        (
            "lambda a, b: (np.tan(a), 1 + np.tan(a) ** 2 * b),\n"
            '                "b multiplies the whole slope; brackets are missing"',
            "lambda a, b: (np.sqrt(a), b / 2 * np.sqrt(a)),\n"
            '                "the root stands below the line; brackets are missing"',
        ),
        ("check_log", "check_cube"),
        ("check_tan", "check_root"),
    ],
    "measure-function": [
        ("np.exp(x) * np.sin(x) + x", "np.exp(x) * (x + np.cos(x))"),
    ],
    # The fourth power, and three products.
    "jet": [
        ("compute $x^3$ by two products", "compute $x^4$ by products"),
        ("second_derivative_of_cube", "second_derivative_of_fourth"),
    ],
    "jet-answer": [
        ("second_derivative_of_cube", "second_derivative_of_fourth"),
        ("of x³", "of x⁴"),
        ("product(seed, product(seed, seed))", "product(product(seed, seed), product(seed, seed))"),
    ],
    "jet-second": [
        ("second_derivative_of_cube", "second_derivative_of_fourth"),
        ("== 12.0", "== 48.0"),
        ("21.0", "147.0"),
        ("product, called twice", "product, called at least twice"),
        ("twice: x³ is x · (x · x)", "more than once: x⁴ is (x · x) · (x · x)"),
        ("lambda x: 6.0 * x,", "lambda x: 12.0 * x**2,"),
        ("(x**3, 3 * x**2, 3 * x)", "(x**4, 4 * x**3, 6 * x**2)"),
        ("this is the second derivative of x²; x³ takes two products", "that is of x²; x⁴ takes more"),  # noqa: E501
        ("lambda x: 3.0 * x, ", "lambda x: 6.0 * x**2, "),
        (
            '(lambda x: 3.0 * x**2, "this is the first derivative; take the last coefficient")',
            '(lambda x: 4.0 * x**3, "this is the first derivative; take the last coefficient"),\n'
            '            (lambda x: 6.0 * x, "this is the second derivative of x³; multiply once more")',  # noqa: E501
        ),
        (
            '(lambda x: 6.0 * x**2, "this is twice the first derivative',
            '(lambda x: 8.0 * x**3, "this is twice the first derivative',
        ),
    ],
}  # fmt: skip
