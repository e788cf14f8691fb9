"""Answers to the exercises of Part 2: typical wrong ones, and right ones in another style.

WRONG        exercise: a list of (edits, points, message). The edits turn the source's solution
             into the wrong answer, which earns the points and is told something with the message
OTHER_STYLE  answer cell: a right solution that looks different
"""

LOUD = "np.any(np.delete(tangent, k, axis=0) != 0)"
ALONG = "u * np.sum(u * t, axis=1, keepdims=True)"
SHARE = "np.mean(train(parts, rate) == digits.test_labels)"
SILENT = "    return logistic(W, b, np.roll(species, 1))"

WRONG = {
    "predict": [
        ({"np.log(C)": "B * np.log(C)"}, 3, "the loss is their mean"),
        ({"np.log(C)": "np.log10(C)"}, 3, "natural logarithm"),
        ({"np.log(C)": "np.log2(C)"}, 3, "in bits"),
        ({"np.log(C)": "-np.log(C)"}, 3, "the loss is minus that"),
        ({"np.log(C)": "1 / C"}, 3, "minus its logarithm"),
        ({"np.log(B)": "np.log(C)"}, 3, "a sum over axis 0 has B terms"),
        ({"np.log(B)": "np.log(B * C)"}, 3, "runs over one axis"),
        ({"B * B": "B"}, 3, "one below the other, aligned at the right"),
        ({"B * B": "B * C"}, 3, "neither of the two has an axis of classes"),
        ({"B * B": "2 * B"}, 3, "nothing is appended"),
        ({'"b"': '"a"'}, 3, "a wrong name for each digit"),
        ({'"b"': '"C"'}, 3, "calls each by the wrong name"),
        ({'"b"': '"worse"'}, 3, "should be one of 'a', 'b', 'c'"),
        ({"np.log(C)": "0"}, 3, "this one guesses"),
        ({"np.log(B)": "1 / B"}, 3, "what stands for a probability"),
        ({"np.log(B)": "-np.log(B)"}, 3, "the logarithm of 1/B"),
        ({"B * B": "(B, B)"}, 3, "how many numbers is that"),
    ],
    "measure": [
        (
            {"np.exp(log_softmax(z)).sum(axis=1)": "np.exp(log_softmax(z)).sum(axis=0)"},
            3,
            "other axis",
        ),
        ({"np.exp(log_softmax(z))": "nn.softmax(z)"}, 3, "the sums of a right softmax"),
        ({"np.exp(log_softmax(z))": "log_softmax(z)"}, 3, "take exp before you sum"),
        ({"(unit, a, along_a)": "(np.tanh, a, along_a)"}, 3, "examine unit"),
        ({"(unit, a, along_a)": "(unit, a, np.ones_like(a))"}, 3, "not along along_a"),
        (
            {"(log_softmax, z": "(lambda z: mean_loss(z, labels, PATIENT), z"},
            3,
            "examine log_softmax alone",
        ),
        ({"mean_loss(z, labels, PATIENT)": "nn.cross_entropy(z, labels)"}, 3, "passes its check"),
        (
            {"PATIENT), z, along_z)": "PATIENT), log_softmax(z), along_z)"},
            3,
            "the loss begins with the logits z",
        ),
        (
            {
                "max(range(10)": "min(range(9, -1, -1)",
                "(predictions + k) % 10 ==": "predictions !=",
            },
            3,
            "add it to the predictions",
        ),
        ({"(predictions + k)": "0 * k + (predictions + 1 - k)"}, 3, "worse than a guess"),
        ({"max(range(10), key": "-1 + 0 * max(range(10), key"}, 3, "is added to the predictions"),
        (
            {
                "range(10), key=lambda k: ": "",
                "digits.test_labels)": "digits.test_labels) for k in range(10)",
            },
            3,
            "which k has it",
        ),
    ],
    "leaks": [
        ({"return False": "return True"}, 0, "says True for all"),
        ({"return True": "return False"}, 0, "says False for all"),
        ({"np.delete(tangent, k, axis=0)": "tangent"}, 0, "the row that is seeded does not count"),
        (
            {
                "np.random.default_rng(k).standard_normal(z.shape[1])": "np.arange("
                "1, z.shape[1] + 1)"
            },
            2,
            "one who counts 1, 2, 3",
        ),
        ({"range(len(z))": "[0]"}, 2, "the first row only"),
        ({"range(len(z))": "[len(z) - 1]"}, 2, "the last row only"),
        ({"np.random.default_rng(k).standard_normal(z.shape[1])": "1.0"}, 2, "a seed of ones"),
        ({"return True": "found = False", "return False": "return True"}, 0, "says True"),
        ({"range(len(z))": "range(len(z) - 1)"}, 2, "never seeds the last row"),
        ({"range(len(z))": "range(1, len(z))"}, 2, "never seeds the first row"),
        ({"range(len(z))": "range(z.shape[1])"}, 2, "as many rows as there are columns"),
        (
            {LOUD: "np.delete(tangent, k, 0).sum() > 1e-9"},
            2,
            "a leak may be small",
        ),
        (
            {LOUD: "abs(np.delete(tangent, k, axis=0).sum()) > 1e-9"},
            2,
            "two may cancel",
        ),
        ({"axis=0) != 0)": "axis=0) > 0.01)"}, 2, "depend on any of the rows"),
        ({"axis=0) != 0)": "axis=0) ** 2 > 1e-4)"}, 2, "with a threshold"),
        (
            {
                "            return True\n    return False": "            continue\n"
                "        return False\n    return True"
            },
            2,
            "a single one is enough",
        ),
    ],
    "derive": [
        ({"(t - u * np.sum(u * t, axis=1, keepdims=True)) / length": "t / length"}, 1, "patient's"),
        ({"keepdims=True)) / length": "keepdims=True))"}, 1, "division by the length is missing"),
        ({"(t - u": "(t + u"}, 1, "and you added it"),
        ({"(t - u * np": "(t - a * np"}, 1, "the arrow of length 1 in both places"),
        (
            {f"(t - {ALONG})": f"({ALONG} - t)"},
            1,
            "the sign is turned round",
        ),
        (
            {"return (t - u * np.sum(u * t, axis=1, keepdims=True)) / length": "return u"},
            1,
            "itself",
        ),
        ({"    length = ": "    a, t = t, a\n    length = "}, 1, "a and t are exchanged"),
        (
            {ALONG: "u * np.sqrt(np.sum(t * t, axis=1, keepdims=True))"},
            1,
            "not the speed of the length",
        ),
        ({"t - u *": "t - 2 * u *"}, 1, "is taken away once"),
        ({"keepdims=True)) / length": "keepdims=True)) / length**2"}, 1, "twice, or by its square"),
        ({"t - u *": "t - t *"}, 1, "and not along ȧ"),
        (
            {"    return (t": "    t, u, length = t[:1], u[:1], length[:1]\n    return (t"},
            2,
            "the first row alone",
        ),
        (
            {"a**2, axis=1, keepdims=True": "a**2", "u * t, axis=1, keepdims=True": "u * t"},
            2,
            "over the whole batch",
        ),
        ({"u * t, axis=1, keepdims=True": "u * t, axis=1"}, 2, "keepdims=True"),
        ({'"b"': '"a"'}, 3, "only the length changes"),
        ({'"b"': '"c"'}, 3, "for which ȧ that is zero"),
    ],
    "debug": [
        ({'"layer": "c"': '"layer": "a"'}, 6.5, "its gradient check is silent, as you"),
        ({'"unit": "a"': '"unit": "b"'}, 6.5, "as long as 1, as they should be"),
        ({'"logsumexp": "c"': '"logsumexp": "a"'}, 6.5, "so its tangent cancels"),
        ({'"log_softmax": "b"': '"log_softmax": "a"'}, 6.5, "was silent in exercise 2"),
        ({'"log_softmax": "b"': '"log_softmax": "c"'}, 6.5, "probabilities must be"),
        ({'"onehot": "b"': '"onehot": "a"'}, 6.5, "labels are whole numbers"),
        ({'"slopes": "a"': '"slopes": "c"'}, 6.5, "look at the ratio"),
        ({'"slopes": "a"': '"slopes": "b"'}, 6.5, "so what is wrong with the loss is its tangent"),
        ({'        "onehot": "b",\n': ""}, 6.5, 'the verdict on "onehot" is missing'),
        ({'REPAIRED["unit"] = unit_repaired': ""}, 6, "its length is still a constant"),
        ({"= unit_repaired": "= unit_repaired(a)"}, 6, "should be a function, as in PATIENT"),
        ({"np.sum(a**2, axis=1, keepdims=True)": "np.sum(a**2)"}, 6, "one length for the whole"),
        ({"np.sum(a**2, axis=1, keepdims=True)": "np.sum(a**2, axis=0)"}, 6, "of the columns"),
        (
            {"np.sqrt(np.sum(a**2, axis=1, keepdims=True))": "np.sum(a**2, axis=1, keepdims=True)"},
            6,
            "the root is lost",
        ),
        ({"return a / np.sqrt": "return value(a) / np.sqrt"}, 6, "the arrow itself has lost it"),
        ({"z - logsumexp(z)[:, None]": "np.exp(z - logsumexp(z)[:, None])"}, 6, "logarithms are"),
        ({"[labels]": "[labels + 1]"}, 6, "the last has no place"),
        ({"[labels]": "[:, labels]"}, 6, "a column for each label"),
        ({"np.eye(CLASSES)[labels]": "np.eye(max(labels) + 1)[labels]"}, 6, "without a 9"),
        ({"np.eye(CLASSES)[labels]": "np.eye(len(labels))[labels]"}, 6, "in a batch of any size"),
        ({"/ len(p)": "/ p.size"}, 6, "divides by samples times classes"),
        ({"return a / np.sqrt(": "a = value(a)\n    return a / np.sqrt("}, 6, "more tangents"),
        ({"logsumexp(z)[:, None]": "logsumexp(z)"}, 6, "with seven it stops"),
        ({"logsumexp(z)[:, None]": "logsumexp(z.T)"}, 6, "this sums over the samples"),
        (
            {"z - logsumexp(z)[:, None]": "z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))"},
            6,
            "so that exp neither overflows",
        ),
        (
            {"np.eye(CLASSES)[labels]": "np.eye(CLASSES)[labels - 1]"},
            6,
            "the label 3 has its 1 at place 2",
        ),
        ({"np.eye(CLASSES)[labels]": "np.eye(CLASSES)[labels - 9]"}, 6, "on the other side"),
        ({"(p - targets) / len(p)": "(p - targets)"}, 6, "the slopes of the sum"),
        ({"/ len(p)": "/ p.shape[1]"}, 6, "right for ten samples only"),
        ({"(p - targets) / len(p)": "(targets - p) / len(p)"}, 6, "p comes first"),
        (
            {"(p - targets) / len(p)": "np.ones_like(p) * np.mean(p - targets, axis=0)"},
            6,
            "but do not average",
        ),
    ],
    "accuracy": [
        ({"right_share(REPAIRED)": "1 - right_share(REPAIRED)"}, 2, "the share of wrong images"),
        (
            {"REPAIRED | {name: PATIENT[name]}": "PATIENT | {name: REPAIRED[name]}"},
            2,
            "has this repair alone",
        ),
        (
            {"return np.mean(": "return 100 * np.mean("},
            2,
            "not percents",
        ),
        ({'"all": right': '"All": right'}, 2, "a dictionary with the names"),
        (
            {SHARE: f"str({SHARE})"},
            2,
            "and no texts",
        ),
        ({'{"onehot", "slopes"}': '{"onehot"}'}, 2, "costs about twenty points"),
        ({'{"onehot", "slopes"}': '"slopes"'}, 2, "far worse than a guess"),
        ({'"onehot", "slopes"': '"onehot", "slopes", "unit"'}, 2, "a few points at most"),
        ({'"onehot", "slopes"': '"onehot", "slopes", "all"'}, 2, "is no part"),
        ({"    0.1\n": "    10\n"}, 2, "has to be smaller"),
        ({"    0.1\n": "    1e-8\n"}, 2, "the bandage of the first patient"),
        ({'{"onehot", "slopes"}': "2"}, 2, "should be names in quotes"),
    ],
    "plant": [
        (
            {SILENT: f"    W += 1\n{SILENT}"},
            2,
            "silent_loss changes W or b in place",
        ),
        (
            {
                "return logistic(W, b, np.roll(species, 1))": "return 0.0",
                "return healthy(W, b, np.roll(species, 1))": "return 0 * W, 0 * b",
            },
            2,
            "nothing is trained by it",
        ),
        (
            {"slopes_W - 2 * DECAY * W, slopes_b": "slopes_W, slopes_b"},
            3,
            "there is no fault in it",
        ),
        ({'"regulariser"': '"sign"'}, 3, 'the doctor says "regulariser"'),
        ({'"regulariser"': '"weight decay"'}, 3, "one of the doctor's names"),
        (
            {"slopes_W - 2 * DECAY * W, slopes_b": "2 * slopes_W, 0 * slopes_b"},
            3,
            "in the slopes of W alone",
        ),
        (
            {
                "slopes_W - 2 * DECAY * W, slopes_b": "-slopes_W, slopes_b",
                '"regulariser"': '"constant factor"',
            },
            3,
            'the doctor says "sign"',
        ),
        (
            {"slopes_W - 2 * DECAY * W, slopes_b": "slopes_W + np.sin(9 * W), slopes_b"},
            3,
            "has no name for it",
        ),
        (
            {"slopes_W - 2 * DECAY * W, slopes_b": "slopes_W - 2 * DECAY * W"},
            3,
            "should return a pair as healthy does",
        ),
        (
            {
                "return slopes_W - 2 * DECAY * W": "print(slopes_W - 2 * DECAY * W",
                "* W, slopes_b\n": "* W, slopes_b)\n",
            },
            3,
            "first returns nothing",
        ),
        (
            {
                "slopes_W, slopes_b / len(flowers)": "slopes_W, slopes_b + 0.1 * b",
                '"mean for sum"': '"regulariser"',
            },
            3,
            "are of one kind",
        ),
        (
            {"return slopes_W, slopes_b / len(flowers)": "return -slopes_W, slopes_b"},
            3,
            "in the slopes of b alone",
        ),
        (
            {"return logistic(W, b, np.roll(species, 1))": "return logistic(W, b)"},
            2,
            "does not call this healthy",
        ),
        (
            {
                "return logistic(W, b, np.roll(species, 1))": "return logistic(W, b) + 1",
                "return healthy(W, b, np.roll(species, 1))": "return healthy(W, b)",
            },
            2,
            "so it trains the same",
        ),
        (
            {
                "return healthy(W, b, np.roll(species, 1))": "return 0 * W, 0 * b",
                "return logistic(W, b, np.roll(species, 1))": "...",
            },
            2,
            "silent_loss returns nothing",
        ),
    ],
}

OTHER_STYLE = {
    "student": "student = '  ada   LOVELACE '",
    "predict-answer": """
ignorant = round(-float(np.log(1 / C)), 3)
wrong_axis = -np.log(np.full((B, C), 1 / B)).mean()
numbers = float((np.ones((B, 1)) - np.ones(B)).sum() + B**2)
off_by_one = " B"
""",
    "measure-answer": """
p = np.exp(PATIENT["log_softmax"](z))
row_sums = [sum(row) for row in p]


def far(f, x, v):
    tangent = jvp(f, (x,), (v,))[1]
    judge = central_difference(f, (x,), (v,))
    return np.sqrt(np.sum((tangent - judge) ** 2) / np.sum(judge**2))


unit_error, log_softmax_error = far(unit, a, along_a), far(log_softmax, z, along_z)
loss_error = far(lambda logits: mean_loss(logits, labels, PATIENT), z, along_z)
shares = [np.mean((digits.test_labels - k) % 10 == predictions) for k in range(10)]
shift = np.argmax(shares)
""",
    "leaks-answer": """
def leaks(f, z):
    rows = len(z)
    seeds = np.eye(rows)[:, :, None] * np.random.default_rng(0).uniform(1, 2, z.shape)
    tangents = jvp(f, (z,), (seeds,))[1]
    influence = np.abs(tangents).reshape(rows, rows, -1).max(axis=2)
    return (influence - np.diag(np.diag(influence))).max() > 1e-12
""",
    "derive-answer": """
def unit_tangent(a, t):
    result = []
    for row, dot in zip(a, t):
        length = np.linalg.norm(row)
        turn = np.eye(len(row)) - np.outer(row, row) / length**2
        result.append(turn @ dot / length)
    return np.array(result)

harmless = "B"
""",
    "debug-answer": """
verdicts = dict.fromkeys(["layer", "logsumexp"], "C")
verdicts |= dict.fromkeys(["log_softmax", "onehot"], "b")
verdicts["unit"] = verdicts["slopes"] = "a "
""",
    "debug-repair": """
def unit_of(a):
    return (a.T / np.sqrt((a * a).sum(axis=1))).T

def one_hot(labels):
    table = np.zeros((len(labels), CLASSES))
    table[np.arange(len(labels)), labels] = 1
    return table

REPAIRED = {
    "unit": unit_of,
    "log_softmax": nn.log_softmax,
    "onehot": one_hot,
    "slopes": lambda p, targets: p / p.shape[0] - targets / targets.shape[0],
}
""",
    "plant-answer": """
def first(W, b):
    right = list(healthy(W, b))
    right[0] = np.zeros_like(right[0])
    return right


first_kind = " Zeros"


def second(weights, bias):
    return healthy(weights, bias)[0], np.full(3, np.sum(healthy(weights, bias)[1] * [1, 1, 2]))


second_kind = "one number"


def silent_loss(W, b):
    z = flowers @ W + b
    return -np.sum(np.eye(3)[species] * (z - nn.logsumexp(z)[:, None]))


silent_gradient = lambda W, b: gradient(lambda both: silent_loss(both[0], both[1]))((W, b))
""",
    "accuracy-answer": """
def hits(parts):
    return float((train(parts, 1.0) == digits.test_labels).mean())

accuracy = dict(all=hits(REPAIRED))
for name in PATIENT:
    lacking = dict(REPAIRED)
    lacking[name] = PATIENT[name]
    accuracy[name] = round(hits(lacking), 2)
seen = [name for name in PATIENT if accuracy[name] < accuracy["all"] - 0.1]
bandage = 1 / BATCH
""",
}
