"""Answers to the exercises of Part 3: typical wrong ones, and right ones in another style.

WRONG        exercise: a list of (edits, points, message). The edits turn the source's solution
             into the wrong answer, which earns the points and is told something with the message
OTHER_STYLE  answer cell: a right solution that looks different
"""

WRONG = {
    "predict": [
        ({"1 + K": "K"}, 3, "the value costs a run too"),
        ({"1 + K": "1"}, 3, "multiplies matrices of its own"),
        ({"1 + K": "2 * K"}, 3, "K passes of two runs"),
        ({"np.sqrt(K / (784 * H + H + H * C + C))": "K / (784 * H)"}, 3, "square of the cosine"),
        ({"np.sqrt(K /": "np.sqrt(1 /"}, 3, "the cosine with one direction"),
        (
            {
                "np.sqrt(K / (784 * H + H + H * C + C))": "np.degrees(np.arccos(np.sqrt("
                "K / (784 * H + H + H * C + C))))"
            },
            3,
            "the angle in degrees",
        ),
        ({"np.sqrt(K / (784": "-np.sqrt(K / (784"}, 3, "never points to the wrong side"),
        ({"np.sqrt(K / (784 * H + H + H * C + C))": "np.sqrt(K / (H + C))"}, 3, "not over units"),
        (
            {"np.sqrt(K / (784 * H + H + H * C + C))": "np.sqrt((784 * H + H + H * C + C) / K)"},
            3,
            "a cosine is at most 1",
        ),
        ({"    H + C\n": "    64 * (H + C)\n"}, 3, "samples do not meet"),
        ({"    H + C\n": "    784 * H + H + H * C + C\n"}, 3, "seed activations"),
        ({"    H + C\n": "    H\n"}, 3, "the logits have unit directions too"),
        ({"    H + C\n": "    784 + H + C\n"}, 3, "the pixels need no seed"),
        ({"    H + C\n": "    1\n"}, 3, "one direction reads one slope"),
        ({'"c"': '"a"'}, 3, "always below"),
        ({'"c"': '"B"'}, 3, "never beyond"),
        ({'"c"': '"0"'}, 3, "should be one of 'a', 'b', 'c'"),
        ({"1 + K": "64 * K"}, 3, "so it cancels"),
        ({"np.sqrt(K / (784 * H + H + H * C + C))": "1"}, 3, "only the gradient itself"),
        ({"np.sqrt(K / (784 * H + H + H * C + C))": "0"}, 3, "it is small, but not zero"),
        ({"    H + C\n": "    C\n"}, 3, "these are the logits"),
        ({"    H + C\n": "    H * C\n"}, 3, "not for each pair"),
        ({"    H + C\n": "    64\n"}, 3, "does not depend on the batch"),
    ],
    "derive": [
        ({"1 / np.sqrt(q)": "1.0"}, 3, "so its mean square is q"),
        ({"1 / np.sqrt(q)": "1 / q"}, 3, "this is s²"),
        ({"1 / np.sqrt(q)": "np.sqrt(q)"}, 3, "the farther they have to"),
        ({"1 / np.sqrt(q)": "np.sqrt(2 / q)"}, 3, "so its chance is q"),
        ({"(1 / q + P - 2) / K": "(P - 1) / K"}, 2, "the law of ±1"),
        ({"(1 / q + P - 2) / K": "(P + 1) / K"}, 2, "the law of normal numbers"),
        ({"(1 / q + P - 2) / K": "(1 / q + P - 1) / K"}, 2, "still to be taken away"),
        ({"(1 / q + P - 2) / K": "(1 / q + P - 1) / K - 1"}, 2, "and divide by K then"),
        ({"(1 / q + P - 2) / K": "1 / q + P - 2"}, 2, "you average K"),
        ({"(1 / q + P - 2) / K": "(P / q - 1) / K"}, 2, "only E[v_i⁴] is 1/q"),
        ({"(1 / q + P - 2) / K": "(q * P - 1) / K"}, 2, "v · v is still P on average"),
        ({"(1 / q + P - 2) / K": "(1 / q + P - 2) / K if P < 5 else P"}, 2, "but 6.33333 is"),
        ({'"b"': '"a"'}, 3, "which ones is random too"),
        ({'"b"': '"c"'}, 3, "you hardly notice"),
        ({"1 / np.sqrt(q)": "q"}, 3, "the mean square is q³"),
        ({"(1 / q + P - 2) / K": "np.sqrt((1 / q + P - 2) / K)"}, 2, "the length of the error"),
    ],
    "implement": [
        (
            {"np.tensordot(slopes, v, 1) / len(slopes)": "np.tensordot(slopes, v, 1)"},
            4,
            "this is the sum over the directions",
        ),
        (
            {"np.tensordot(slopes, v, 1) / len(slopes)": "slopes.mean() * v.mean(axis=0)"},
            4,
            "the mean slope times the mean direction; each",
        ),
        (
            {"np.tensordot(slopes, v, 1) / len(slopes)": "slopes[0] * v[0]"},
            4,
            "the first direction alone",
        ),
        (
            {
                "_, slopes = jvp(loss, parameters, directions)": "s, _ = jvp(loss, parameters, "
                "directions)\n    slopes = np.full(len(directions[0]), s)"
            },
            4,
            "multiplies the directions by the loss",
        ),
        (
            {
                "np.tensordot(slopes, v, 1) / len(slopes)": "slopes.reshape(-1, *"
                "[1] * (v.ndim - 1)) * v"
            },
            4,
            "these are K estimates",
        ),
        ({" for v in directions]": " for v in directions[:2]]"}, 4, "a list of four arrays"),
        ({"np.mean(slopes[:, :, None]": "np.sum(slopes[:, :, None]"}, 4, "you add up"),
        (
            {
                "np.mean(slopes[:, :, None] * directions, axis=0)": "np.mean(slopes.sum(axis=1)"
                "[:, None, None] * directions, axis=0)"
            },
            3,
            "the slope of the whole batch",
        ),
        (
            {
                "np.mean(slopes[:, :, None] * directions, axis=0)": "slopes.mean(axis=0)[:, None]"
                " * directions.mean(axis=0)"
            },
            4,
            "first multiply, then average",
        ),
        (
            {
                "np.mean(slopes[:, :, None] * directions, axis=0)": "np.mean(slopes[:, :, None]"
                " * directions, axis=(0, 1))"
            },
            3,
            "do not average over the batch",
        ),
        (
            {"return np.mean(slopes[:, :, None] * directions, axis=0)": "return slopes.T"},
            3,
            "multiply each by its direction",
        ),
        (
            {"np.mean(slopes[:, :, None] * directions, axis=0)": "slopes[:, :, None] * directions"},
            3,
            "the axis of the directions is still there",
        ),
        (
            {"np.mean(slopes[:, :, None] * directions, axis=0)": "slopes * directions"},
            3,
            "the check stopped at ValueError",
        ),
        ({"np.sqrt(H) * np.eye(H)": "np.eye(H)"}, 5, "a mean needs √H e"),
        ({"np.sqrt(H) * np.eye(H)": "H * np.eye(H)"}, 5, "a direction enters twice"),
        ({"np.sqrt(H) * np.eye(H)": "np.ones((H, H))"}, 5, "cannot tell units apart"),
        (
            {"rows[:, None, :], (H, B, H))": "rows, (B, H, H))"},
            5,
            "should have the shape (K, 3, 4), not",
        ),
        ({"/ len(slopes)": "/ len(directions)"}, 4, "the number of parameters, 4"),
        (
            {
                "return np.broadcast_to(rows[:, None, :], (H, B, H))": "v = np.random"
                ".default_rng(0)\n    return v.choice([-1.0, 1.0], (1000, B, H))"
            },
            5,
            "right on average",
        ),
    ],
    "debug": [
        ({'"coordinate": "a"': '"coordinate": "c"'}, 6.5, "each as often as the others"),
        ({'"coordinate": "a"': '"coordinate": "b"'}, 6.5, "its square is 12"),
        ({'"there_and_back": "a"': '"there_and_back": "c"'}, 6.5, "both halves agree"),
        ({'"there_and_back": "a"': '"there_and_back": "b"'}, 6.5, "and the sum is halved"),
        ({'"even": "b"': '"even": "a"'}, 6.5, "a mean square that is less than 1"),
        ({'"even": "b"': '"even": "c"'}, 6.5, "look at the length"),
        ({'"by_loss": "c"': '"by_loss": "a"'}, 6.5, "its mean with v is zero"),
        ({'"by_loss": "c"': '"by_loss": "b"'}, 6.5, "nothing is left on average"),
        ({'"one_seed": "c"': '"one_seed": "a"'}, 6.5, "the very same again"),
        ({'"one_seed": "c"': '"one_seed": "b"'}, 6.5, "the same multiple of one v"),
        ({'"two_draws": "c"': '"two_draws": "a"'}, 6.5, "says nothing about the second"),
        ({'"two_draws": "c"': '"two_draws": "b"'}, 6.5, "two independent draws have"),
        ({'    "even": "b",\n': ""}, 6.5, 'the verdict on "even" is missing'),
        ({'REPAIRED["two_draws"] = one_draw\n': ""}, 6, "two_draws is as it was"),
        ({"np.sqrt(3) * rng": "rng"}, 6, "points along the gradient, but is 0.3"),
        ({"np.sqrt(3) * rng": "3 * rng"}, 6, "as long; the mean"),
        (
            {
                'REPAIRED["one_seed"] = signs': 'REPAIRED["one_seed"] = lambda loss, theta, rng: '
                "signs(loss, theta, np.random.default_rng(1))"
            },
            6,
            "returns the same in each call",
        ),
        (
            {
                'REPAIRED["by_loss"] = signs': 'REPAIRED["by_loss"] = lambda loss, theta, rng: '
                "abs(loss(theta)) * rng.standard_normal(12)"
            },
            6,
            "by_loss does not point along the gradient",
        ),
        (
            {
                'REPAIRED["by_loss"] = signs': 'REPAIRED["by_loss"] = lambda loss, theta, rng: '
                "gradient(loss)(theta) + 0 * rng.random()"
            },
            6,
            "returns the exact gradient",
        ),
        (
            {
                'REPAIRED["two_draws"] = one_draw': 'REPAIRED["two_draws"] = lambda loss, theta, '
                "rng: slope(loss, theta, rng.standard_normal(12))"
            },
            6,
            "an array of shape (12,)",
        ),
    ],
    "measure": [
        (
            {
                "errors.append(squared_error(gradients))": "errors.append(squared_error(gradients)"
                " ** 0.5)"
            },
            0,
            "these are lengths",
        ),
        ({"net, x, labels, K, rng": "net, x, labels, 1, rng"}, 1, "more directions should help"),
        ({"np.mean(errors)": "np.sum(errors)"}, 1, "this is a sum over the estimates"),
        ({'"weights") for': '"activities") for'}, 2, "the errors of the other way"),
        (
            {'[mean_error(K, "weights") for K in counts]': 'mean_error(1, "weights")'},
            1,
            "should hold 4 numbers",
        ),
        (
            {"np.polyfit(np.log(counts), np.log(weights), 1)[0]": "1.0"},
            3,
            "so the slope is negative",
        ),
        (
            {"np.polyfit(np.log(counts), np.log(weights), 1)[0]": "-0.5"},
            3,
            "the length of the error; you",
        ),
        (
            {"np.log(counts), np.log(weights)": "np.log10(counts), np.log(weights)"},
            3,
            "same logarithm",
        ),
        (
            {"weights[0] / activities[0]": "activities[0] / weights[0]"},
            3,
            "turn the quotient round",
        ),
        (
            {"weights[0] / activities[0]": "(weights[0] / activities[0]) ** 0.5"},
            3,
            "falls as 1/K, not as 1/K²",
        ),
        (
            {"weights[0] / activities[0]": "6634 / 32"},
            3,
            "weights over 32 units would be about this",
        ),
        ({"weights[0] / activities[0]": "6634"}, 3, "all 32 samples had the same gradient"),
        ({"weights[0] / activities[0]": "64"}, 3, "far from enough"),
        (
            {"np.log(counts), np.log(weights)": "counts, weights"},
            3,
            "take their logarithms",
        ),
    ],
    "target": [
        ({"0.2 * (1 - step / 600)": "3.0"}, 2, "the loss has not fallen"),
        ({"0.2 * (1 - step / 600)": "0.001"}, 2, "but not far enough"),
        ({"0.2 * (1 - step / 600)": "0.01"}, 3, "let it fall"),
        ({"p -= rate * g": "p += rate * g"}, 1, "so uphill"),
        ({"p -= rate * g": "p = p - rate * g"}, 1, "a new array that the model does not know"),
        ({"labels[rows]": "labels[:32]"}, 1, "do not belong together"),
        ({"range(600)": "range(1000)"}, 0, "more than 600 gradients"),
        ({"size=32": "size=64"}, 0, "32 are allowed"),
        ({"range(600)": "range(1)"}, 1, "a single step"),
        (
            {"rng.integers(len(labels), size=32)": "np.arange(32)"},
            1,
            "each step sees the same batch",
        ),
        ({"labels[rows], rng)": "labels[rows], np.random.default_rng(0))"}, 5, "begins anew"),
        (
            {
                "gradient(model": "training.exact_gradient(model",
                "rng)\n        for": ")[1]\n        for",
            },
            0,
            "train never calls gradient(model, x, y, rng)",
        ),
    ],
}

OTHER_STYLE = {
    "student": "student = 'Grace Hopper'",
    "predict-answer": """
P = 785 * H + (H + 1) * C
cost, cosine, units, uphill = K + 1.0, (K / (K + P - 1)) ** 0.5, C + H, " C "
""",
    "derive-answer": """
scale = lambda q: q ** -0.5

def error(q, P, K):
    fourth_moment = q * scale(q) ** 4
    mean_square = fourth_moment + (P - 1)
    return (mean_square - 1) / K

best = "B"
""",
    "implement-answer": """
def along_weights(loss, parameters, directions):
    estimates = [np.zeros_like(p) for p in parameters]
    K = len(directions[0])
    for k in range(K):
        v = tuple(d[k] for d in directions)
        slope = jvp(loss, tuple(parameters), v)[1]
        for estimate, entry in zip(estimates, v):
            estimate += slope * entry / K
    return tuple(estimates)

def per_sample(losses, z, directions):
    slopes = jvp(losses, (z,), (directions,))[1]
    return np.einsum("kb,kbh->bh", slopes, directions) / len(directions)

def exact_directions(B, H):
    signs = np.ones((1, 1))
    while len(signs) < H:
        signs = np.block([[signs, signs], [signs, -signs]])
    return np.stack([signs[:, :H]] * B, axis=1)
""",
    "debug-answer": """
verdicts = dict.fromkeys(SUSPECTS, "c")
verdicts["even"] = "B"
verdicts["coordinate"] = verdicts["there_and_back"] = "a"
""",
    "debug-repair": """
def repaired(draw):
    def f(loss, theta, rng):
        v = draw(rng)
        return v * jvp(loss, (theta,), (v,))[1]
    return f

REPAIRED = SUSPECTS | {
    "even": repaired(lambda rng: rng.uniform(-(3**0.5), 3**0.5, 12)),
    "by_loss": repaired(lambda rng: 1.0 - 2.0 * rng.integers(2, size=12)),
    "one_seed": repaired(lambda rng: np.sqrt(12) * np.eye(12)[rng.integers(12)]),
    "two_draws": repaired(lambda rng: rng.normal(size=12)),
}
""",
    "measure-answer": """
rng = np.random.default_rng(7)

def mean_error(K, perturb):
    total = 0.0
    for _ in range(400 // K):
        g = training.forward_gradient(net, x, labels, int(K), rng=rng, perturb=perturb)[1]
        total += squared_error(g)
    return total / (400 // K)

weights, activities = (
    np.array([mean_error(K, perturb) for K in counts]) for perturb in ("weights", "activities")
)
exponent = np.log(weights[-1] / weights[0]) / np.log(64)
as_good = int(weights[0] / activities[0])
""",
    "target-answer": """
def train(model, images, labels, gradient, rng):
    velocities = [0 * p for p in model.parameters]
    order = np.concatenate([rng.permutation(len(labels)) for _ in range(1 + 19_200 // len(labels))])
    for t, rows in enumerate(order[:19_200].reshape(600, 32)):
        gradients = gradient(model, images[rows], labels[rows], rng)
        velocities = [0.9 * v + g for v, g in zip(velocities, gradients)]
        rate = 0.02 * np.cos(np.pi * t / 1200) ** 2
        model.parameters = [p - rate * v for p, v in zip(model.parameters, velocities)]
""",
}
