"""The second variant of *Seven short ones*: another seed, rows for columns, a softmin, other
functions, changes of nearly two gaps, other tasks, and messages the other way round."""

CHANGES = {
    "title": [
        ("# Exercises 5: Seven", "# Exercises 5 b: Seven"),
        ("A softmax with a knob", "A softmin with a knob"),
    ],
    "directions": [
        ("the seed $(1, -1)$", "the seed $(1, 2)$"),
        (r"**(a)** all the slopes of $g$, $\;$**(b)** the first row", r"**(b)** all the slopes of $g$, $\;$**(c)** the first row"),  # noqa: E501
        ("**(c)** its first column", "**(a)** its first column"),
        ("Add the two equations, then subtract them.", "Subtract the first equation from the second."),  # noqa: E501
        ("$d = f_x - f_y$", "$d = f_x + 2 f_y$"),
    ],
    "directions-numbers": [("along (1, -1)", "along (1, 2)")],
    "directions-answer": [("((s + d) / 2, (s - d) / 2)", "(2 * s - d, d - s)"), ('"c"\n', '"a"\n')],
    "directions-check": [
        ("[1.0, -1.0]", "[1.0, 2.0]"),
        ('([s + d, s - d], "the sum of the two equations has twice the slope for x")',
         '([2 * s - d, s - d], "the slope for y is d less s, and not s less d")'),
        ('([x, -y], "mind the sign of the second seed: d is one slope minus the other")',
         '([x, 2 * y], "the 2 of the second seed stands before the slope for y")'),
        ('        "c",\n        what=', '        "a",\n        what='),
        ('"a": "the tangent holds', '"b": "the tangent holds'),
        ('"b": "a sum of rows', '"c": "a sum of rows'),
    ],
    # X Xᵀ in place of Xᵀ X.
    "arrays": [
        (r"$X^{\mathsf T} X$ stands in every least-squares problem", r"$X X^{\mathsf T}$ holds the inner products of all samples"),  # noqa: E501
        (r"the tangent of $X^{\mathsf T} X$ along", r"the tangent of $X X^{\mathsf T}$ along"),
        ("$(K, n, n)$", "$(K, B, B)$"),
        (r"$(X + T\varepsilon)^{\mathsf T} (X + T\varepsilon)$", r"$(X + T\varepsilon) (X + T\varepsilon)^{\mathsf T}$"),  # noqa: E501
        ("`X.T @ T` works", "`T @ X.T` works"),
        ("with one row and two columns", "with two rows and one column"),
    ],
    "arrays-answer": [("of XᵀX along", "of XXᵀ along"), ("X.T @ T", "T @ X.T")],
    "arrays-one": [
        ("lambda X: X.T @ X, ", "lambda X: X @ X.T, "),
        ("2 * X.T @ T", "2 * T @ X.T"),
        ("2 * T.T @ X", "2 * X @ T.T"),
        ("(lambda X, T: X.T @ T, ", "(lambda X, T: T @ X.T, "),
        ("(lambda X, T: T.mT @ X, ", "(lambda X, T: X @ T.mT, "),
        ("(lambda X, T: X.T @ X, ", "(lambda X, T: X @ X.T, "),
        ("(X + T).T @ (X + T) - X.T @ X", "(X + T) @ (X + T).T - X @ X.T"),
        ("ẊᵀẊ", "ẊẊᵀ"),
        ("(lambda X, T: T.T @ T, ", "(lambda X, T: T @ T.T, "),
        ("X.T @ T - T.T @ X", "T @ X.T - X @ T.T"),
        ("X @ T.T + T @ X.T", "X.T @ T + T.T @ X"),
        ("the tangent of XXᵀ; here Xᵀ comes first", "the tangent of XᵀX; here X comes first"),
        ("(X.T @ T + T.T @ X) / 2", "(T @ X.T + X @ T.T) / 2"),
    ],
    "arrays-many": [
        ("X.T @ T + T.T @ X", "T @ X.T + X @ T.T"),
        ("X.T @ T + (X.T @ T).T", "T @ X.T + (T @ X.T).T"),
    ],
    # exp(-βz).
    "softmax": [
        ("A softmax with a knob", "A softmin with a knob"),
        ("Language models have a knob $\\beta > 0$, called the inverse temperature: the larger it is, the surer the answer. With the [logits](../../../book/reference/glossary.md#term-Logits) $z_1, \\dots, z_n$, the probabilities are",  # noqa: E501
         "In physics, states of energy $z_1, \\dots, z_n$ have probabilities that fall with the energy. A knob $\\beta > 0$, the inverse temperature, says how fast:"),  # noqa: E501
        (r"e^{\beta z_i}", r"e^{-\beta z_i}"),
        (r"e^{\beta z_j}", r"e^{-\beta z_j}"),
        ("when the logits move", "when the energies move"),
        ("for which motion of the logits", "for which motion of the energies"),
        (r"**(a)** all logits grow", r"**(c)** all energies grow"),
        (r"**(b)** only the largest", r"**(a)** only the largest"),
        (r"**(c)** each grows", r"**(b)** each grows"),
        ("Call $\\beta z$ by one letter", "Call $-\\beta z$ by one letter"),
        ("motion of a logit with", "motion of a number with"),
        ("those of $z$ or those of $\\beta z$", "those of $z$ or those of $-\\beta z$"),
        ("are $\\beta$ times as large", "are $-\\beta$ times as large"),
    ],
    "softmax-answer": [
        ("softmax(beta * z)", "softmax(-beta * z)"),
        ("softmax(beta z)", "softmax(-beta z)"),
        ("of logits.", "of energies."),
        ("return beta * p", "return -beta * p"),
        ('"a"\n', '"c"\n'),
    ],
    "softmax-tangent": [
        ("    powers = np.exp(beta * z - np.max(beta * z))", "    powers = np.exp(np.min(beta * z) - beta * z)"),  # noqa: E501
        ("    return beta * (np.diag(p)", "    return -beta * (np.diag(p)"),
        ("lambda z, t, beta: beta * probabilities", "lambda z, t, beta: -beta * probabilities"),
        ("each logit also moves", "each energy also moves"),
        ("(beta * t - prob", "(-beta * t - prob"),
        ("(t - beta * prob", "(t + beta * prob"),
        ("in the brackets are β times", "in the brackets are -β times"),
        ("of the logit itself", "of the energy itself"),
        ("beta: beta * (t - prob", "beta: -beta * (t - prob"),
        ("this is for logits that grow", "this is for energies that grow"),
        ("beta * np.exp(beta * z)", "-beta * np.exp(-beta * z)"),
        ("(t - np.exp(beta * z)", "(t - np.exp(-beta * z)"),
        ("(lambda p: beta", "(lambda p: -beta"),
        ("np.exp(beta * z) / np.sum(np.exp(beta * z))", "np.exp(-beta * z) / np.sum(np.exp(-beta * z))"),  # noqa: E501
        ("np.exp of a large number is infinite", "np.exp of a number far below zero is 0"),
        ('"subtract the largest logit first"', '"add the smallest energy first"'),
        ("to βz, whose tangent is β times", "to -βz, whose tangent is -β times"),
        ("they are those of βz", "they are those of -βz"),
        ("a logit that grows alone makes its probability grow", "an energy that grows alone makes its probability shrink"),  # noqa: E501
    ],
    "softmax-still": [
        ('        "a",\n        what=', '        "c",\n        what='),
        ('"b": "if one logit grows alone, its probability grows and all others shrink"',
         '"a": "if one energy grows alone, its probability shrinks and all others grow"'),
        ('"c": "then the larger logits run away', '"b": "then the larger energies run away'),
    ],
    # Other functions; the names stand for others.
    "number-patient": [
        ("return z - np.mean(z)", "return z - np.max(z)"),
        ('"sin": np.sin', '"flip": np.flip'),
        ('"cumsum": np.cumsum', '"square": np.square'),
        ('"straight": straight', '"means": means'),
        ("def straight(z):\n    return 3 * z + 1", "def means(z):\n    return (z + np.flip(z)) / 2"),  # noqa: E501
    ],
    "number-answer": [('{"sin", "straight"}', '{"flip", "square"}'), ('as in {"sin"', 'as in {"flip"')],  # noqa: E501
    "number-enough": [
        ('"centred": "the mean depends on all entries', '"centred": "the largest entry is in all outputs'),  # noqa: E501
        ('"cumsum": "each output depends on all inputs before it, and you read their sum"',
         '"means": "each output depends on two inputs, and you read the sum of both slopes"'),
        ('{"sin", "straight"}', '{"flip", "square"}'),
    ],
    # Between one and a half and two gaps.
    "print": [
        ("100 steps of", "50 steps of"),
        ("walk(w, change, 100)", "walk(w, change, 50)"),
        ("100 * change", "50 * change"),
        ("larger than half a gap and smaller than a gap", "between one and a half and two gaps"),
        ("So what becomes of 0.7 gaps", "So what becomes of 1.7 gaps"),
    ],
    "print-numbers": [("rng.uniform(0.6, 0.8)", "rng.uniform(1.6, 1.8)")],
    "print-answer": [("walk(w, change, 100)", "walk(w, change, 50)")],
    "print-steps": [
        ("range(100)", "range(50)"),
        ("walk(w, change, 100)", "walk(w, change, 50)"),
        ("100 * float(change)", "50 * float(change)"),
        ("is rounded to a whole gap", "is rounded to whole gaps"),
        ("(gap(), ", "(2 * gap(), "),
        ("this is one step; there are 100", "this is one step; there are 50"),
    ],
    # Other tasks under the same names.
    "modes": [
        ("the slopes of a curve of 300 points by 2 settings of a machine", "the slopes of the 2 ends of a curve by 300 settings of a machine"),  # noqa: E501
        ("the gradient of a loss by 300 parameters", "the gradient of each of 300 losses by one common parameter"),  # noqa: E501
        ("if 300 parameters move along", "if 2,000 parameters move along"),
    ],
    "modes-answer": [
        ('{"curve": "forward", "loss": "reverse"', '{"curve": "reverse", "loss": "forward"'),
        ('{"curve": "reverse", ...}', '{"curve": "forward", ...}'),
    ],
    "modes-check": [
        ('"curve": ("forward", "2 inputs and 300 outputs: a pass for each of the few inputs")',
         '"curve": ("reverse", "300 inputs and 2 outputs: a pass for each of the few outputs")'),
        ('"loss": ("reverse", "300 inputs and one output: a pass for the one output")',
         '"loss": ("forward", "one input and 300 outputs: a pass for the one input")'),
        ('{"curve": "reverse", ...}', '{"curve": "forward", ...}'),
    ],
    # Pairs (slope, seed), a shorter seed and shorter slopes.
    "workers": [
        ("$N$ pairs (seed, slope)", "$N$ pairs (slope, seed)"),
        ("with a seed of 8 bytes and $K$ slopes in float32", "with a seed of 4 bytes and $K$ slopes in float16"),  # noqa: E501
        ("`sorted(messages)` is a new list, in the order of the seeds, the same", "`sorted(messages)` is a new list in an order that the messages give, the same"),  # noqa: E501
        ("a float32 has 4 bytes", "a float16 has 2 bytes"),
    ],
    "workers-answer": [("for seed, slope in sorted", "for slope, seed in sorted"), ("8 + 4 * K", "4 + 2 * K")],  # noqa: E501
    "workers-step": [
        ("for seed, slope in messages", "for slope, seed in messages"),
        ("return [(int(k), float(np.float32(s)))", "return [(float(np.float32(s)), int(k))"),
        ("[(4, -0.5), (17, 2.0)]", "[(-0.5, 4), (2.0, 17)]"),
        ("[slope for _, slope in messages]", "[slope for slope, _ in messages]"),
        ("[(k, abs(s)) for k, s in messages]", "[(abs(s), k) for s, k in messages]"),
        ("[(k, np.mean([s for _, s in messages])) for k, _ in messages]", "[(np.mean([s for s, _ in messages]), k) for _, k in messages]"),  # noqa: E501
    ],
    "workers-bytes": [
        ('"<Q{K}f"', '"<I{K}e"'),
        ("a float32 for each slope", "a float16 for each slope"),
        ("(lambda K: 4 * K, ", "(lambda K: 2 * K, "),
        ('(lambda K: 8 + 8 * K, "these would be slopes in float64; a float32 has 4 bytes")',
         '(lambda K: 4 + 4 * K, "these would be slopes in float32; a float16 has 2 bytes")'),
        ("lambda K: 12 * K", "lambda K: 6 * K"),
        ("lambda K: 8 + 4,", "lambda K: 4 + 2,"),
        ('(lambda K: 8 + K, "each slope takes 4 bytes")', '(lambda K: 4 + K, "each slope takes 2 bytes")'),  # noqa: E501
        ("lambda K: 8 * (8 + 4 * K)", "lambda K: 8 * (4 + 2 * K)"),
        ('(lambda K: 8 + 32 * K, "a float32 has 32 bits, which are 4 bytes")',
         '(lambda K: 4 + 16 * K, "a float16 has 16 bits, which are 2 bytes")'),
    ],
}  # fmt: skip
