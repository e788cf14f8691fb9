"""Answers to the seven short exercises: typical wrong ones, and right ones in another style.

WRONG        exercise: a list of (edits, points, message). The edits turn the source's solution
             into the wrong answer, which earns the points and is told something with the message
OTHER_STYLE  answer cell: a right solution that looks different
"""

STUDENT = "jvp(students_loss, (margin,), (1.0,))[1]"
TRUE = "jvp(nn.softplus, (margin,), (1.0,))[1]"
ROWS = {
    "seeds = np.eye(w.size).reshape(w.size, *w.shape)": "seeds = np.eye(len(w))\n"
    "    seeds = seeds.reshape(len(w), len(w), *[1] * (w.ndim - 1)) + 0 * w",
    "slopes.reshape(w.shape)": "slopes.reshape(-1, *[1] * (w.ndim - 1))",
}
"""A seed for each row of a matrix."""
MOVING = """\
    new = w.copy()
    for i in np.ndindex(w.shape):
        e = 0 * w
        e[i] = 1
        new[i] -= rate * jvp(L, (new,), (e,))[1]
    return new
    seeds = """
"""Each weight moves before the next slope is asked for."""
DIFFERENCES = "slopes = np.array([(L(w + 1e-6 * s) - L(w - 1e-6 * s)) / 2e-6 for s in seeds])"

WRONG = {
    "directions": [
        ({"((s + d) / 2, (s - d) / 2)": "((s - d) / 2, (s + d) / 2)"}, 2, "turned round"),
        ({"((s + d) / 2, (s - d) / 2)": "(s, d)"}, 2, "each of them mixes both slopes"),
        ({"((s + d) / 2, (s - d) / 2)": "(s + d, s - d)"}, 2, "has twice the slope for x"),
        ({"((s + d) / 2, (s - d) / 2)": "(s / 2, s / 2)"}, 2, "shares s out evenly"),
        ({"((s + d) / 2, (s - d) / 2)": "((s + d) / 2, (d - s) / 2)"}, 2, "mind the sign"),
        ({"((s + d) / 2, (s - d) / 2)": "s"}, 2, "a gradient has one for each input"),
        ({"((s + d) / 2, (s - d) / 2)": "(s / 2, d / 2)"}, 2, "each slope takes both equations"),
        (
            {"((s + d) / 2, (s - d) / 2)": "(-(s + d) / 2, (d - s) / 2)"},
            2,
            "the signs are turned round",
        ),
        ({"(n, m)": "(m, m)"}, 2, "m belongs to the result"),
        ({"(n, m)": "(1, m)"}, 2, "so it is for one direction"),
        ({"(n, m)": "n"}, 2, "its rows and its columns"),
        ({"((s + d) / 2, (s - d) / 2)": "(s * d, s)"}, 2, "two equations"),
        ({"(n, m)": "(m, n)"}, 2, "direction k is row k"),
        ({"(n, m)": "(n,)"}, 2, "the result of g has more than one"),
        ({"(n, m)": "m"}, 2, "as long as the result"),
        ({"(n, m)": "(m,)"}, 2, "the shape for one direction"),
        ({"(n, m)": "(n, n)"}, 2, "the shape of the seeds"),
        ({"(n, m)": "n * m"}, 2, "which shape do they have"),
        ({'"c"': '"a"'}, 2, "they were added up"),
        ({'"c"': '"b"'}, 2, "a seed mixes the inputs"),
    ],
    "arrays": [
        ({"half + np.swapaxes(half, -1, -2)": "2 * half"}, 0, "the rule for numbers"),
        ({"half + np.swapaxes(half, -1, -2)": "2 * T.T @ X"}, 0, "in one X comes first"),
        ({"half + np.swapaxes(half, -1, -2)": "half"}, 0, "the other one is its transpose"),
        ({"half + np.swapaxes(half, -1, -2)": "T.T @ T"}, 0, "stands at ε²"),
        ({"half + np": "half - np"}, 0, "the two terms are added"),
        ({"half + np.swapaxes(half, -1, -2)": "X @ T.T + T @ X.T"}, 0, "the tangent of XXᵀ"),
        ({"half + np.swapaxes(half, -1, -2)": "(half + half.T) / 2"}, 0, "nothing is averaged"),
        ({"X.T @ T": "X.T * T"}, 0, "written with @"),
        ({"half + np.swapaxes(half, -1, -2)": "X.T @ X"}, 0, "its tangent is asked for"),
        (
            {"half + np.swapaxes(half, -1, -2)": "(X + T).mT @ (X + T) - X.T @ X"},
            0,
            "this is the whole change",
        ),
        (
            {
                "half + np.swapaxes(half, -1, -2)": "np.stack(list(half + half.mT), 1)"
                " if T.ndim == 3 else half + half.T"
            },
            2,
            "the second axis here",
        ),
        (
            {"half = X.T @ T": "half = X.T @ (T if T.ndim == 2 else T.mean(axis=0))"},
            2,
            "never averaged",
        ),
        ({"np.swapaxes(half, -1, -2)": "half.T"}, 2, "all three round"),
        (
            {
                "half + np.swapaxes(half, -1, -2)": "np.stack(list(half + half.mT), -1)"
                " if T.ndim == 3 else half + half.T"
            },
            2,
            "they come first",
        ),
        (
            {"half = X.T @ T": "half = X.T @ (T if T.ndim == 2 else T.sum(axis=0))"},
            2,
            "never added up",
        ),
        (
            {"half = X.T @ T": "half = X.T @ (T if T.ndim == 2 else T[0])"},
            2,
            "the first direction alone",
        ),
        (
            {"half + np.swapaxes(half, -1, -2)": "jvp(lambda X: X.T @ X, (X,), (T,))[1]"},
            0,
            "derive the rule on paper",
        ),
    ],
    "softmax": [
        ({"p * (t - np.sum(p * t))": "p * (1 - p) * t"}, 1, "the diagonal of the Jacobian alone"),
        ({"return beta * p": "return p"}, 1, "the factor β is missing"),
        ({"return beta * p": "return beta**2 * p"}, 1, "the factor β comes once"),
        ({"p * (t - np.sum(p * t))": "p * t"}, 1, "below the line moves too"),
        ({"np.sum(p * t)": "np.mean(t)"}, 1, "the average motion is weighted"),
        ({"np.sum(p * t)": "np.sum(t)"}, 1, "the sum in the brackets is weighted"),
        ({"softmax(beta * z)": "softmax(z)", "return beta * p": "return p"}, 1, "without the knob"),
        ({"softmax(beta * z)": "softmax(z)"}, 1, "they are those of βz"),
        ({"(t - np.sum(p * t))": "(np.sum(p * t) - t)"}, 1, "the sign is turned round"),
        ({"beta * p * (t - np.sum(p * t))": "p"}, 1, "their tangent is asked for"),
        (
            {"beta * p * (t - np.sum(p * t))": "p * (beta * t - np.sum(p * t))"},
            1,
            "that of the average, too",
        ),
        (
            {"beta * p * (t - np.sum(p * t))": "p * (t - beta * np.sum(p * t))"},
            1,
            "that of the logit itself, too",
        ),
        ({"beta * p * (t": "beta * (t"}, 1, "the probability in front of them is missing"),
        ({"p * (t - np.sum(p * t))": "p * (z - np.sum(p * z))"}, 1, "they move along t"),
        (
            {"beta * z": "beta * t", "p * (t - np.sum(p * t))": "p * (z - np.sum(p * z))"},
            1,
            "z and t are exchanged",
        ),
        ({"nn.softmax(beta * z)": "np.exp(beta * z)"}, 1, "divide them by their sum"),
        (
            {"nn.softmax(beta * z)": "np.exp(beta * z) / np.exp(beta * z).sum()"},
            1,
            "large number is infinite",
        ),
        ({'"a"': '"b"'}, 2, "all others shrink"),
        ({'"a"': '"c"'}, 2, "run away"),
    ],
    "number": [
        (
            {
                "np.eye(w.size).reshape(w.size, *w.shape)": "np.ones_like(w)",
                "slopes.reshape(w.shape)": "slopes",
            },
            1,
            "still one number for all weights",
        ),
        ({"w - rate": "w + rate"}, 1, "so uphill"),
        ({"w - rate * slopes": "slopes"}, 1, "the weights after a step are asked for"),
        ({"w - rate * slopes": "rate * slopes"}, 1, "take it away from the weights"),
        ({"rate * slopes": "slopes"}, 1, "the rate is missing"),
        ({"slopes.reshape(w.shape)": "slopes.mean()"}, 1, "were averaged"),
        ({"slopes.reshape(w.shape)": "slopes[0]"}, 1, "the first weight's slope"),
        (
            {"    seeds = ": "    return w - rate * gradient(L)(w)\n    seeds = "},
            1,
            "with seeds of your own",
        ),
        (
            {
                "np.eye(w.size).reshape(w.size, *w.shape)": "np.eye(len(w))",
                "slopes.reshape(w.shape)": "slopes",
            },
            2,
            "a unit seed of its own, of the shape of w",
        ),
        (ROWS, 2, "each row was seeded as a whole"),
        (
            {"    seeds = ": MOVING},
            1,
            "at the old weights",
        ),
        ({"seeds = np.eye(w.size)": "seeds = np.diag(w.ravel())"}, 1, "times its weight"),
        ({"seeds = np.eye(w.size)": "seeds = np.tri(w.size)"}, 1, "the seed before is still there"),
        ({"slopes.reshape(w.shape)": "slopes.reshape(w.shape, order='F')"}, 2, "in another order"),
        (
            {"w - rate * slopes.reshape(w.shape)": "w.ravel() - rate * slopes"},
            2,
            "one long vector",
        ),
        (
            {"_, slopes = jvp(L, (w,), (seeds,))": DIFFERENCES},
            1,
            "asked for its values alone",
        ),
        (
            {"return w - rate": "w -= rate", "reshape(w.shape)": "reshape(w.shape)\n    return w"},
            1,
            "changes its argument",
        ),
        ({'{"sin", "straight"}': '{"sin"}'}, 2, "one is missing"),
        ({'{"sin", "straight"}': '{"sin", "straight", "softmax"}'}, 2, "depends on all logits"),
        ({'{"sin", "straight"}': '{"sin", "straight", "centred"}'}, 2, "the mean depends on all"),
        ({'{"sin", "straight"}': '{"sin", "straight", "cumsum"}'}, 2, "all inputs before it"),
        ({'{"sin", "straight"}': '{"sin", "line"}'}, 2, "is none of the five"),
    ],
    "print": [
        ({"np.spacing(w) / 2 / slope": "np.spacing(w) / slope"}, 2, "a step of a whole gap"),
        ({"np.spacing(w) / 2 / slope": "np.spacing(w) / 2"}, 2, "divide it by the slope"),
        ({"/ 2 / slope": "/ 2 * slope"}, 2, "solve for the rate"),
        ({"np.spacing(w) / 2": "np.spacing(np.float32(w)) / 2"}, 2, "the gap of float32"),
        ({"np.spacing(w) / 2": "np.spacing(np.float16(1)) / 2"}, 2, "the gap next to 1"),
        ({"np.spacing(w) / 2": "np.spacing(w) / 4"}, 2, "less is lost"),
        ({"np.spacing(w) / 2 / slope": "0.0"}, 2, "the rate is not 0"),
        ({"np.spacing(w) / 2 / slope": "change / slope"}, 2, "makes a step of change"),
        ({"w - walk(w, change, 100)": "100 * change"}, 2, "the sum on paper"),
        ({"w - walk(w, change, 100)": "0"}, 2, "with less than half a gap"),
        ({"w - walk(w, change, 100)": "walk(w, change, 100)"}, 2, "where the weight is"),
        ({"w - walk(w, change, 100)": "w - walk(w, change, 1)"}, 2, "there are 100"),
        ({"w - walk(w, change, 100)": "w - walk(w, change, 99)"}, 2, "take it away from w"),
        ({" + 1e-8)": ")"}, 2, "the student added 1e-8"),
        ({"return -np.log": "return np.log"}, 2, "the minus in front of the logarithm"),
        ({"sigmoid(-m)": "sigmoid(m)"}, 2, "so its probability is σ(-m)"),
        ({" + 1e-8)": ") + 1e-8"}, 2, "inside the logarithm"),
        ({"return -np.log": "return -np.log2"}, 2, "with the base 2"),
        ({"nn.sigmoid(-m)": "nn.sigmoid(-margin)"}, 2, "m is the argument"),
        ({"    jvp(students_loss": "    -jvp(students_loss"}, 2, "the share is positive"),
        ({"    jvp(students_loss": "    1 - jvp(students_loss"}, 2, "the share that is lost"),
        (
            {f"{STUDENT} / {TRUE}": "students_loss(margin) / nn.softplus(margin)"},
            2,
            "hides the matter",
        ),
        ({"    jvp(students_loss": "    100 * jvp(students_loss"}, 2, "not percents"),
        (
            {f"{STUDENT} / {TRUE}": "nn.sigmoid(-margin)"},
            2,
            "this is the probability",
        ),
        (
            {f"{STUDENT} / {TRUE}": f"{TRUE} / {STUDENT}"},
            2,
            "turn the quotient round",
        ),
    ],
    "modes": [
        ({"1 + inputs": "inputs"}, 2, "the value costs a run too"),
        ({"1 + inputs": "1 + outputs"}, 2, "this is what the other mode costs"),
        ({"1 + outputs": "inputs"}, 2, "the number that the other mode pays for"),
        ({"1 + inputs": "2 * inputs"}, 2, "one by one"),
        ({"1 + outputs": "inputs * outputs"}, 2, "these are the entries"),
        ({"1 + outputs": "1 + inputs * outputs"}, 2, "and not an entry"),
        ({"1 + outputs": "2"}, 2, "for one direction"),
        ({'"curve": "forward"': '"curve": "reverse"'}, 2, "2 inputs and 300 outputs"),
        ({'"loss": "reverse"': '"loss": "forward"'}, 2, "300 inputs and one output"),
        ({'"direction": "forward"': '"direction": "reverse"'}, 2, "one column is asked for"),
        ({', "direction": "forward"': ""}, 2, 'the mode for "direction" is missing'),
        ({'"loss": "reverse"': '"loss": "backward"'}, 2, 'should be "forward" or "reverse"'),
        (
            {'{"curve": "forward", "loss": "reverse", "direction": "forward"}': '"forward"'},
            2,
            "should be a dictionary",
        ),
        ({"2 * np.sqrt(layers)": "layers"}, 2, "without checkpoints"),
        ({"2 * np.sqrt(layers)": "np.sqrt(layers)"}, 2, "both are kept"),
        ({"2 * np.sqrt(layers)": "layers / 2"}, 2, "leaves far fewer"),
        ({"2 * np.sqrt(layers)": "layers + np.sqrt(layers)"}, 2, "is thrown away"),
        ({"2 * np.sqrt(layers)": "np.log2(layers)"}, 2, "checkpoints within checkpoints"),
        ({"2 * np.sqrt(layers)": "3"}, 2, "add the checkpoints"),
    ],
    "workers": [
        ({"w - rate": "w + rate"}, 1, "so uphill"),
        ({" / len(messages)": ""}, 1, "takes the mean over the messages"),
        ({"rate * slope": "slope"}, 1, "the rate is missing"),
        (
            {"        w = w - rate": "        w_new = w - rate", "return w\n": "return w_new\n"},
            1,
            "only the last message counts",
        ),
        ({"    return w\n": "        return w\n"}, 1, "return after the loop"),
        (
            {"in sorted(messages):\n        w = w -": "in sorted(messages):\n        w = 0 * w +"},
            1,
            "take rate",
        ),
        ({"w = w -": "w -="}, 1, "changes its argument"),
        ({"in sorted(messages)": "in messages"}, 2, "the last bits are others"),
        (
            {
                "    for seed": "    w = w.astype(float)\n    for seed",
                "in sorted(messages)": "in messages",
                "return w\n": "return w.astype(np.float32)\n",
            },
            2,
            "agree on an order",
        ),
        (
            {"    for seed": "    messages.sort()\n    for seed"},
            2,
            "leave them as they are",
        ),
        ({"w = w - rate": "w = w.astype(float) - rate"}, 2, "should stay so; yours are float64"),
        ({"return w\n": "return w.round(4)\n"}, 1, "rounded to a few digits"),
        (
            {"in sorted(messages)": "in sorted(messages, key=lambda m: m[1])"},
            2,
            "several messages may carry the same slope",
        ),
        ({" * directions(seed, w.size)": ""}, 1, "which is made from its seed"),
        ({"len(messages)": "w.size"}, 1, "and not the weights"),
        ({"rate * slope": "rate * abs(slope)"}, 1, "a slope keeps its sign"),
        (
            {"rate * slope": "rate * np.mean([s for _, s in messages])"},
            1,
            "only their products are averaged",
        ),
        ({"8 + 4 * K": "4 * K"}, 2, "the seed is part of the message"),
        ({"8 + 4 * K": "8 + 8 * K"}, 2, "a float32 has 4 bytes"),
        ({"8 + 4 * K": "12 * K"}, 2, "the seed is sent once"),
        ({"8 + 4 * K": "12"}, 2, "the message grows with K"),
        ({"8 + 4 * K": "8 + K"}, 2, "each slope takes 4 bytes"),
        ({"8 + 4 * K": "64 + 32 * K"}, 2, "these are bits"),
        ({"8 + 4 * K": "8 + 32 * K"}, 2, "32 bits, which are 4 bytes"),
    ],
}

OTHER_STYLE = {
    "student": "student = ' ada lovelace'",
    "directions-answer": """
slopes = np.linalg.solve([[1, 1], [1, -1]], [s, d])
shape = np.array([n, m])
ones = "(c)"
""",
    "arrays-answer": """
def gram_tangent(X, T):
    if T.ndim == 2:
        return T.T @ X + X.T @ T
    result = np.empty((len(T), X.shape[1], X.shape[1]))
    for k in range(len(T)):
        result[k] = gram_tangent(X, T[k])
    return result
""",
    "softmax-answer": """
def knob_tangent(z, t, beta):
    powers = np.exp(beta * (z - max(z)))
    p = powers / sum(powers)
    return [beta * p[i] * sum(p[j] * (t[i] - t[j]) for j in range(len(z))) for i in range(len(z))]


still = "A"
""",
    "number-answer": """
def repaired_step(L, w, rate):
    new = w.copy()
    for place in np.ndindex(w.shape):
        seed = np.zeros(w.shape)
        seed[place] = 1.0
        new[place] -= rate * jvp(L, (w,), (seed,))[1]
    return new


enough = ["straight", "Sin"]
""",
    "print-answer": """
rate = float(np.nextafter(w, np.float16(100)) - w) / (2 * slope)
u, k = w, 0
while k < 100:
    u = u - change
    k += 1
moved = float(u) - float(w)


def students_loss(m):
    p = 1 / (1 + np.exp(m))
    return -np.log(p + 10**-8)


h = 1e-3
share = (students_loss(margin + h) - students_loss(margin - h)) / (2 * h) * (1 + np.exp(-margin))
""",
    "modes-answer": """
forward = inputs + 1.0
reverse = len(range(outputs + 1))
mode = dict(loss="Reverse", curve=" forward", direction="forward")
kept = round(layers**0.5) * 2 - 1
""",
    "workers-answer": """
def receive(w, messages, rate):
    N = len(messages)
    step = np.zeros(w.size)
    for seed in sorted(dict(messages)):
        step += dict(messages)[seed] * directions(seed, len(w)) / N
    return (w - rate * step).astype(np.float32)


message_bytes = lambda K: 4 * (K + 2)
""",
}
