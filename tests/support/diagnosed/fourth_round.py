"""Programs of a fourth round, whose faults were not named at first: masks of −∞, loops over records
of data, numbers in the code, margins, mixtures. They join the tables of `programs`."""

import numpy as np
from diagnosed.programs import program

PATH = ("a path left out", "product rule")


@program(
    diagonal="diagonal of the Jacobian",
    centre_missing=PATH,
    other_axis="wrong axis",
    keys_not_transposed="transposed",
    keys_for_queries="the wrong factor",
    queries_for_values="the wrong factor",
)
def torch_causal_attention(fault):
    import torch

    from dualedu.doctor import adapters

    class Attention(torch.autograd.Function):
        @staticmethod
        def forward(ctx, q, k, v):
            s = torch.einsum("btd,bsd->bts", q, k) / q.shape[-1] ** 0.5
            later = torch.triu(torch.ones(s.shape[-2:], dtype=torch.bool), diagonal=1)
            p = torch.softmax(s.masked_fill(later, float("-inf")), dim=-1)
            ctx.save_for_backward(q, k, v, p)
            return p @ v

        @staticmethod
        def backward(ctx, grad):
            q, k, v, p = ctx.saved_tensors
            dp = grad @ (q if fault == "queries for values" else v).transpose(-1, -2)
            axis = -2 if fault == "other axis" else -1
            ds = p * (dp - (dp * p).sum(dim=axis, keepdim=True))
            if fault == "diagonal":
                ds = dp * p * (1 - p)
            elif fault == "centre missing":
                ds = dp * p
            ds = ds / q.shape[-1] ** 0.5
            back = ds if fault == "keys not transposed" else ds.transpose(-1, -2)
            dk = back @ (k if fault == "keys for queries" else q)
            return ds @ k, dk, p.transpose(-1, -2) @ grad

    gen = torch.Generator().manual_seed(4)
    at = tuple(torch.randn(2, 4, 4, generator=gen, dtype=torch.float64) for _ in range(3))
    f, backward = adapters.torch(Attention.apply)
    return f, backward, at, {"kind": "vjp"}


RATINGS = [
    (0, 1, 4.0),
    (0, 2, 1.0),
    (1, 0, 5.0),
    (1, 3, 3.0),
    (2, 1, 2.0),
    (3, 0, 1.5),
    (0, 3, 2.5),
]
OFFSET = sum(stars for _, _, stars in RATINGS) / len(RATINGS)


def stars_of(users, items, u, i, temperature=0.7):
    return OFFSET + np.dot(users[u], items[i]) / temperature


@program(
    offset_missing="another function",
    first_record_skipped="samples left out",
    last_record_skipped="samples left out",
    temperature_missing="another function",
    another_weight=("another function", "a step's factor"),
)
def records_in_a_list(fault):
    def loss(users, items):
        total = 0.0
        for u, i, stars in RATINGS:
            away = stars_of(users, items, u, i) - stars
            total = total + np.sqrt(away**2 + 0.3) * away**2
        return total / len(RATINGS) + 0.03 * np.sum((users - items) ** 2)

    def gradient(users, items):
        dusers, ditems = np.zeros_like(users), np.zeros_like(items)
        records = RATINGS[1:] if fault == "first record skipped" else RATINGS
        records = records[:-1] if fault == "last record skipped" else records
        scale = 1.0 if fault == "temperature missing" else 0.7
        for u, i, stars in records:
            away = OFFSET + np.dot(users[u], items[i]) / scale - stars
            if fault == "offset missing":
                away -= OFFSET
            root = np.sqrt(away**2 + 0.3)
            d = (away**3 / root + 2 * root * away) / scale / len(RATINGS)
            dusers[u] += d * items[i]
            ditems[i] += d * users[u]
        weight = 0.05 if fault == "another weight" else 0.03
        apart = 2 * weight * (users - items)
        return dusers + apart, ditems - apart

    rng = np.random.default_rng(1)
    return loss, gradient, (rng.normal(size=(4, 3)), rng.normal(size=(4, 3))), {}


def smoothed(labels, k, eps=0.1):
    shares = np.full((len(labels), k), eps / k)
    shares[np.arange(len(labels)), labels] += 1 - eps
    return shares


@program(hard_labels="another function", softer_labels="another function")
def smoothed_labels(fault):
    rng = np.random.default_rng(6)
    x, labels = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)

    def loss(w, b):
        z = x @ w + b
        top = np.max(z, axis=1, keepdims=True)
        log_p = z - top - np.log(np.sum(np.exp(z - top), axis=1, keepdims=True))
        return -np.mean(np.sum(smoothed(labels, 3) * log_p, axis=1))

    def gradient(w, b):
        e = np.exp(x @ w + b)
        eps = {"hard labels": 0.0, "softer labels": 0.25}.get(fault, 0.1)
        d = (e / np.sum(e, axis=1, keepdims=True) - smoothed(labels, 3, eps)) / len(x)
        return x.T @ d, d.sum(axis=0)

    return loss, gradient, (rng.normal(size=(4, 3)), rng.normal(size=3)), {}


@program(
    items_set="samples left out",
    negatives_set="samples left out",
    bias_at_the_users_place="permuted",
    other_label="slope's formula",
)
def words_in_pairs(fault):
    pairs = [(0, 3), (2, 5), (3, 0), (4, 2), (2, 1), (0, 5)]
    negatives = [(1, 4), (3, 3), (5, 1), (1, 0), (3, 4), (4, 1)]

    def log_sigmoid(t):
        return np.log(1 / (1 + np.exp(-t)))

    def loss(words, contexts, bias):
        total = 0.0
        for (word, context), others in zip(pairs, negatives, strict=True):
            total = total - log_sigmoid(np.dot(words[word], contexts[context]) + bias[context])
            for k in others:
                total = total - log_sigmoid(-np.dot(words[word], contexts[k]))
        return total + 0.05 * np.sum(contexts**2)

    def gradient(words, contexts, bias):
        dwords, dcontexts, dbias = (np.zeros_like(a) for a in (words, contexts, bias))
        for (word, context), others in zip(pairs, negatives, strict=True):
            c = 1 / (1 + np.exp(-np.dot(words[word], contexts[context]) - bias[context]))
            c = c if fault == "other label" else c - 1
            dwords[word] += c * contexts[context]
            dcontexts[context] += c * words[word]
            dbias[word if fault == "bias at the users place" else context] += c
            for k in others:
                c = 1 / (1 + np.exp(-np.dot(words[word], contexts[k])))
                dwords[word] += c * contexts[k]
                if fault == "negatives set":
                    dcontexts[k] = c * words[word]
                else:
                    dcontexts[k] += c * words[word]
        return dwords, dcontexts + 0.1 * contexts, dbias

    def stars(words, contexts, bias):
        total = 0.0
        for word, context in pairs:
            away = np.dot(words[word], contexts[context]) + bias[context] - 1
            total = total + away**2 + 0.1 * np.sum(contexts[context] ** 2)
        return total

    def set_and_not_added(words, contexts, bias):
        dwords, dcontexts, dbias = (np.zeros_like(a) for a in (words, contexts, bias))
        for word, context in pairs:
            away = 2 * (np.dot(words[word], contexts[context]) + bias[context] - 1)
            dwords[word] += away * contexts[context]
            dcontexts[context] = away * words[word] + 0.2 * contexts[context]
            dbias[context] += away
        return dwords, dcontexts, dbias

    rng = np.random.default_rng(3)
    at = (rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=6))
    if fault == "items set":
        return stars, set_and_not_added, at, {}
    return loss, gradient, at, {}


@program(
    own_score_missing=PATH,
    own_score_once="a path left out",
    bias_of_first_sample="samples left out",
)
def margins(fault):
    rng = np.random.default_rng(9)
    x, labels = rng.normal(size=(7, 4)), np.array([2, 0, 1, 3, 3, 0, 1])
    rows = np.arange(7)

    def loss(w, b):
        scores = x @ w + b
        margins = np.maximum(0, scores - scores[rows, labels][:, None] + 1)
        return (np.sum(margins) - 7) / 7

    def gradient(w, b):
        scores = x @ w + b
        d = (scores - scores[rows, labels][:, None] + 1 > 0) / 7
        d[rows, labels] = 0
        if fault == "own score once":
            d[rows, labels] = (d.sum(axis=1) > 0) / -7
        elif fault != "own score missing":
            d[rows, labels] = -d.sum(axis=1)
        db = d[0] if fault == "bias of first sample" else d.sum(axis=0)
        return x.T @ d, db

    return loss, gradient, (rng.normal(size=(4, 4)), rng.normal(size=4)), {}


@program(mean_of_rows="wrong axis", deviation_of_rows="wrong axis", both_of_rows="wrong axis")
def normalised_rows(fault):
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 5))

    def forward(w, gain):
        z = x @ w
        inverse = 1 / np.sqrt(np.var(z, axis=1, keepdims=True) + 1e-3)
        return (z - np.mean(z, axis=1, keepdims=True)) * inverse, inverse

    def loss(w, gain):
        return 0.5 * np.mean((np.tanh(gain * forward(w, gain)[0]) - y) ** 2)

    def gradient(w, gain):
        unit, inverse = forward(w, gain)
        out = np.tanh(gain * unit)
        d = (out - y) * (1 - out**2) / y.size
        dunit = d * gain
        first = 0 if fault in ("mean of rows", "both of rows") else 1
        second = 0 if fault in ("deviation of rows", "both of rows") else 1
        mean = dunit.mean(axis=first, keepdims=True)
        dz = dunit - mean - unit * (dunit * unit).mean(axis=second, keepdims=True)
        return x.T @ (dz * inverse), (d * unit).sum(axis=0)

    return loss, gradient, (rng.normal(size=(4, 5)), 1 + 0.2 * rng.normal(size=5)), {}


@program(
    hard_shares="slope's formula",
    shares_not_divided="slope missing",
    by_the_deviation="slope missing",
    shares_twice="a factor too many",
)
def mixture(fault):
    rng = np.random.default_rng(8)
    x = rng.normal(size=(9, 2))

    def joint(a, means, s):
        scaled = (x[:, None] - means) / np.exp(s)
        return a - np.sum(scaled**2, axis=2) / 2 - np.sum(s, axis=1), scaled

    def loss(a, means, s):
        z, _ = joint(a, means, s)
        top = np.max(z, axis=1)
        total = np.log(np.sum(np.exp(z - top[:, None]), axis=1))
        return np.log(np.sum(np.exp(a))) - np.mean(top + total)

    def gradient(a, means, s):
        z, scaled = joint(a, means, s)
        e = np.exp(z)
        shares = e if fault == "shares not divided" else e / e.sum(axis=1, keepdims=True)
        if fault == "hard shares":
            shares = (e == e.max(axis=1, keepdims=True)) * 1.0
        weights = np.exp(a) / np.sum(np.exp(a))
        da = weights - shares.mean(axis=0)
        if fault == "shares twice":
            da = da * weights
        dmeans = -np.mean(shares[:, :, None] * scaled, axis=0) / np.exp(s)
        ds = np.mean(shares[:, :, None] * (1 - scaled**2), axis=0)
        return da, dmeans, ds / np.exp(s) if fault == "by the deviation" else ds

    return (
        loss,
        gradient,
        (rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))),
        {},
    )


@program(
    slope_missing_for_sparsity="slope missing",
    biases_regularised="regulariser",
    reshaped_for_transposed="permuted",
)
def tied_weights_in_one_vector(fault):
    rng = np.random.default_rng(2)
    data, wide, high = rng.uniform(0.1, 0.9, (5, 8)), 5, 3

    def parts(theta):
        cut = wide * high
        return theta[:cut].reshape(high, wide), theta[cut : cut + high], theta[cut + high :]

    def forward(theta):
        w, b, c = parts(theta)
        hidden = 1 / (1 + np.exp(-(w @ data + b[:, None])))
        return hidden, 1 / (1 + np.exp(-(w.T @ hidden + c[:, None])))

    def loss(theta):
        hidden, out = forward(theta)
        active = np.mean(hidden, axis=1)
        sparse = -np.sum(0.2 * np.log(active) + 0.8 * np.log(1 - active))
        return np.sum((out - data) ** 2) / 16 + 0.3 * sparse + 0.02 * np.sum(parts(theta)[0] ** 2)

    def gradient(theta):
        w, b, c = parts(theta)
        hidden, out = forward(theta)
        active = np.mean(hidden, axis=1)
        d = (out - data) * out * (1 - out)
        sparse = 0.3 * (0.8 / (1 - active) - 0.2 / active)[:, None]
        back = (w @ d + sparse) * hidden * (1 - hidden)
        if fault == "slope missing for sparsity":
            back = w @ d * hidden * (1 - hidden) + sparse
        tied = d @ hidden.T
        tied = tied.reshape(w.shape) if fault == "reshaped for transposed" else tied.T
        dw = (back @ data.T + tied) / 8 + 0.04 * w
        db, dc = back.mean(axis=1), d.mean(axis=1)
        if fault == "biases regularised":
            db, dc = db + 0.04 * b, dc + 0.04 * c
        return np.concatenate([dw.ravel(), db, dc])

    return loss, gradient, (rng.normal(size=wide * high + high + wide) * 0.5,), {}


@program(by_the_rate="slope missing")
def counts(fault):
    rng = np.random.default_rng(17)
    x, time = rng.normal(size=(12, 3)), rng.uniform(0.5, 3, 12)
    seen = rng.poisson(time)

    def loss(w, b):
        eta = x @ w + b
        return np.mean(time * np.exp(eta) - seen * eta)

    def gradient(w, b):
        rate = time * np.exp(x @ w + b)
        d = (1 - seen / rate if fault == "by the rate" else rate - seen) / 12
        return x.T @ d, d.sum()

    return loss, gradient, (rng.normal(size=3) * 0.5, 0.2), {}


@program(
    first_stage_missing=PATH,
    interaction_missing=PATH,
    weight_missing=("factor left out", "a step's factor"),
    last_record_skipped="samples left out",
)
def animals_in_floats(fault):
    """Far from the start, its floats overflow with an error."""
    counted, h = {1: (1.4, 0.8), 3: (1.1, 1.3), 4: (0.6, 1.2)}, 0.3

    def change(x, y, a, b):
        return a * x - x * y, b * x * y - y

    def middle(x, y, a, b):
        dx, dy = change(x, y, a, b)
        return x + h / 2 * dx, y + h / 2 * dy

    def path(a, b):
        states = [(1.2, 0.9)]
        for _ in range(4):
            x, y = states[-1]
            dx, dy = change(*middle(x, y, a, b), a, b)
            states.append((x + h * dx, y + h * dy))
        return states

    def loss(rates):
        total, states = 0.0, path(*rates)
        for k, (prey, hunters) in counted.items():
            x, y = states[k]
            total = total + (x - prey) ** 2 + 0.5 * (y - hunters) ** 2
        return total / 3

    def slopes(x, y, a, b):
        cross = 0.0 if fault == "interaction missing" else b * y
        by_state = np.array([[a - y, -x], [cross, b * x - 1]])
        return by_state, np.array([[x, 0.0], [0.0, x * y]])

    def gradient(rates):
        states, back, grad = path(*rates), np.zeros(2), np.zeros(2)
        for k in range(4, -1, -1):
            if k in counted and not (k == 4 and fault == "last record skipped"):
                weights = (2, 2) if fault == "weight missing" else (2, 1)
                back += np.array(weights) * (np.array(states[k]) - counted[k]) / 3
            if k:
                by_state, by_rate = slopes(*middle(*states[k - 1], *rates), *rates)
                grad += h * by_rate.T @ back
                half = h * by_state.T @ back
                by_state, by_rate = slopes(*states[k - 1], *rates)
                if fault != "first stage missing":
                    grad += h / 2 * by_rate.T @ half
                    back = back + half + h / 2 * by_state.T @ half
                else:
                    back = back + half
        return grad.tolist()

    return loss, gradient, ([1.1, 0.8],), {}


class Rewards:
    """What comes later counts less."""

    later = 0.9

    def __init__(self, w, b, u):
        self.w, self.b, self.u = w, b, u

    def sums(self, rewards):
        out, total = [], 0.0
        for reward in reversed(rewards):
            total = reward + self.later * total
            out.insert(0, total)
        return out

    def loss(self, episodes):
        total = 0.0
        for states, rewards in episodes:
            for s, reward in zip(states, self.sums(rewards), strict=True):
                hidden = np.maximum(self.w @ s + self.b, 0)
                total = total - reward * np.tanh(np.dot(self.u, hidden))
                total = total + 0.1 * np.sum(hidden**2)
        return total


@program(
    all_rewards_alike="another function",
    mask_of_the_other_side="mask",
    mask_of_what_comes_back="mask",
    bias_set="samples left out",
)
def rewards_in_episodes(fault):
    rng = np.random.default_rng(12)
    episodes = [(rng.normal(size=(n, 3)), rng.normal(size=n)) for n in (3, 2, 4)]

    def loss(p):
        return Rewards(p["w"], p["b"], p["u"]).loss(episodes)

    def gradient(p):
        g = {name: np.zeros_like(value) for name, value in p.items()}
        later = 1.0 if fault == "all rewards alike" else 0.9
        for states, rewards in episodes:
            for k, s in enumerate(states):
                total = sum(later**j * reward for j, reward in enumerate(rewards[k:]))
                z = p["w"] @ s + p["b"]
                hidden = np.maximum(z, 0)
                d = -total * (1 - np.tanh(p["u"] @ hidden) ** 2)
                back = d * p["u"] + 0.2 * hidden
                mask = back > 0 if fault == "mask of what comes back" else z > 0
                back = back * (z < 0 if fault == "mask of the other side" else mask)
                g["w"] += np.outer(back, s)
                g["u"] += d * hidden
                g["b"] = back if fault == "bias set" else g["b"] + back
        return g

    at = {"w": rng.normal(size=(5, 3)), "b": 0.5 + rng.normal(size=5), "u": rng.normal(size=5)}
    return loss, gradient, at, {}


def logs_of_shares(values):
    largest = max(values)
    total = 0.0
    for value in values:
        total = total + np.exp(value - largest)
    return [value - largest - np.log(total) for value in values]


@program(
    sum_constant=PATH,
    diagonal="diagonal of the Jacobian",
    counts_set="samples left out",
    last_letter_missing=("samples left out", *PATH),
    first_sign="a step's factor",
)
def letters_in_lists(fault):
    """A chain of letters, all of it in lists of numbers, as code for hidden states is."""
    words = [[0, 2, 1, 3], [1, 1, 0], [3, 0, 2, 2, 1]]

    def loss(start, steps):
        first = logs_of_shares(start)
        rows = [logs_of_shares(steps[k]) for k in range(4)]
        total = 0.0
        for word in words:
            total = total - first[word[0]]
            for t in range(1, len(word)):
                share = rows[word[t - 1]][word[t]]
                total = total + share * share
        return total

    def gradient(start, steps):
        first = np.exp(start) / np.sum(np.exp(start))
        rows = np.exp(steps) / np.sum(np.exp(steps), axis=1, keepdims=True)
        from_start, from_steps = np.zeros(4), np.zeros((4, 4))
        for word in words:
            from_start[word[0]] -= 1
            for t in range(1, len(word) - (fault == "last letter missing")):
                a, b = word[t - 1], word[t]
                if fault == "counts set":
                    from_steps[a, b] = 2 * np.log(rows[a, b])
                else:
                    from_steps[a, b] += 2 * np.log(rows[a, b])
        back = from_start - from_start.sum() * first
        if fault == "sum constant":
            back = from_start
        elif fault == "diagonal":
            back = from_start * (1 - first)
        elif fault == "first sign":
            back = -from_start - from_start.sum() * first
        return back, from_steps - from_steps.sum(axis=1, keepdims=True) * rows

    rng = np.random.default_rng(5)
    return loss, gradient, (rng.normal(size=4), rng.normal(size=(4, 4))), {}


@program(entropy_without_centre="a path left out", entropy_diagonal="diagonal of the Jacobian")
def entropy_beside_a_likelihood(fault):
    rng = np.random.default_rng(7)
    x, labels, rows = rng.normal(size=(6, 3)), np.array([0, 3, 1, 2, 0, 1]), np.arange(6)

    def shares(w):
        e = np.exp(x @ w - np.max(x @ w, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def loss(w):
        p = shares(w)
        total = -np.mean(np.log(p[rows, labels]))
        return total + 0.2 * np.sum(p * np.log(p)) / 6

    def gradient(w):
        p = shares(w)
        own = np.zeros_like(p)
        own[rows, labels] = 1
        back = p * (np.log(p) - np.sum(p * np.log(p), axis=1, keepdims=True))
        if fault == "entropy without centre":
            back = p * (np.log(p) + 1)
        elif fault == "entropy diagonal":
            back = p * (1 - p) * (np.log(p) + 1)
        return x.T @ (p - own + 0.2 * back) / 6

    return loss, gradient, (rng.normal(size=(3, 4)),), {}


@program(
    sums_over_one_axis="wrong axis",
    count_of_one_axis="sum for mean",
    tanh=("slope's formula", "a step's factor"),
)
def normalised_over_two_axes(fault):
    rng = np.random.default_rng(33)
    x, y = rng.normal(size=(4, 5, 3)), rng.normal(size=(4, 5, 2))

    def forward(w, gain):
        z = x @ w
        centred = z - z.mean(axis=(0, 1))
        root = np.sqrt((centred**2).mean(axis=(0, 1)) + 1e-2)
        return centred / root, root

    def loss(w, gain):
        v = gain * forward(w, gain)[0]
        return np.sum((v / (1 + np.abs(v)) - y) ** 2) / 2

    def gradient(w, gain):
        unit, root = forward(w, gain)
        v = gain * unit
        out = v / (1 + np.abs(v))
        slope = 1 - out**2 if fault == "tanh" else 1 / (1 + np.abs(v)) ** 2
        d = (out - y) * slope
        back, n = d * gain, 4 if fault == "count of one axis" else 20
        axes = 0 if fault == "sums over one axis" else (0, 1)
        dz = n * back - back.sum(axis=axes) - unit * (back * unit).sum(axis=axes)
        return np.einsum("bti,bto->io", x, dz / (n * root)), (d * unit).sum(axis=(0, 1))

    return loss, gradient, (rng.normal(size=(3, 2)), 1 + 0.2 * rng.normal(size=2)), {}


@program(
    penalty_of_variance_not_averaged="sum for mean",
    penalty_of_variance_turned="a step's factor",
    forgets_by_the_input_gate="the wrong factor",
)
def latent_states(fault):
    rng = np.random.default_rng(7)
    x, noise, n = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), 5
    states = rng.normal(size=(5, 3))

    def gates(w, b):
        a, carry = x @ w + b, states @ w
        enter = 1 / (1 + np.exp(-a))
        forget = 1 / (1 + np.exp(-2 * a))
        leave = 1 / (1 + np.exp(a))
        fresh = np.tanh(3 * a)
        return enter, forget, leave, fresh, forget * carry + enter * fresh

    def loss(w, b, v):
        *_, leave, _, h = gates(w, b)
        mean, log_var = leave * h, h @ v
        out = mean + noise * np.exp(0.5 * log_var)
        penalty = -0.5 * np.sum(1 + log_var - mean**2 - np.exp(log_var))
        return (np.sum(np.tanh(out) ** 2) + 0.7 * penalty) / n

    def gradient(w, b, v):
        enter, forget, leave, fresh, h = gates(w, b)
        mean, log_var = leave * h, h @ v
        out = np.tanh(mean + noise * np.exp(0.5 * log_var))
        d = 2 * out * (1 - out**2) / n
        of_penalty = 0.35 * (np.exp(log_var) - 1) / n
        if fault == "penalty of variance not averaged":
            of_penalty = of_penalty * n
        elif fault == "penalty of variance turned":
            of_penalty = -of_penalty
        dmean = d + 0.7 * mean / n
        dlog_var = d * noise * 0.5 * np.exp(0.5 * log_var) + of_penalty
        dh = dmean * leave + dlog_var @ v.T
        da = -dmean * h * leave * (1 - leave)
        da = da + 2 * dh * (states @ w) * forget * (1 - forget)
        da = da + dh * fresh * enter * (1 - enter) + 3 * dh * enter * (1 - fresh**2)
        by = enter if fault == "forgets by the input gate" else forget
        return x.T @ da + states.T @ (dh * by), da.sum(axis=0), h.T @ dlog_var

    at = (rng.normal(size=(3, 3)) * 0.5, rng.normal(size=3) * 0.2, rng.normal(size=(3, 3)) * 0.6)
    return loss, gradient, at, {}


@program(
    last_place_missing=("samples left out", *PATH),
    bias_of_the_first_column=("samples left out", *PATH),
)
def stacks_of_two_lengths(fault):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(4, 8)), rng.normal(size=(4, 4))

    def windows(a, w, b):
        places = a.shape[1] - 2
        return np.stack([np.dot(a[:, i : i + 3], w) + b for i in range(places)], axis=-1)

    def loss(w1, b1, w2, b2):
        hidden = np.tanh(windows(x, w1, b1))
        return np.sum((windows(hidden, w2, b2) - y) ** 2) / 8

    def back(d, a, w):
        da, dw, places = np.zeros_like(a), np.zeros_like(w), d.shape[1]
        for i in range(places - (fault == "last place missing")):
            dw += d[:, i] @ a[:, i : i + 3]
            da[:, i : i + 3] += np.outer(d[:, i], w)
        return da, dw, np.sum(d[:, 0]) if fault == "bias of the first column" else np.sum(d)

    def gradient(w1, b1, w2, b2):
        hidden = np.tanh(windows(x, w1, b1))
        dhidden, dw2, db2 = back((windows(hidden, w2, b2) - y) / 4, hidden, w2)
        _, dw1, db1 = back(dhidden * (1 - hidden**2), x, w1)
        return dw1, db1, dw2, db2

    return loss, gradient, (rng.normal(size=3), 0.1, rng.normal(size=3), -0.2), {}


@program(
    wrong_end="transposed",
    whole_sum="slope's formula",
    own_place_alone="a path left out",
)
def risk_in_time(fault):
    rng = np.random.default_rng(5)
    x, seen = rng.normal(size=(9, 3)), np.array([1, 0, 1, 1, 0, 1, 1, 0, 1])

    def loss(w):
        eta = x @ w
        left = np.cumsum(np.exp(eta)[::-1])[::-1]
        return -np.sum(seen * (eta - np.log(left)))

    def gradient(w):
        risk = np.exp(x @ w)
        each = seen / np.cumsum(risk[::-1])[::-1]
        total = np.cumsum(each)
        if fault == "wrong end":
            total = np.cumsum(each[::-1])[::-1]
        elif fault == "whole sum":
            total = np.sum(each)
        elif fault == "own place alone":
            total = each
        return x.T @ (risk * total - seen)

    return loss, gradient, (rng.normal(size=3),), {}


@program(sign_of_the_distance="slope's formula")
def distances(fault):
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))

    def loss(w):
        return np.mean((x @ w - y) ** 2) + 0.2 * np.sum(np.cos(w))

    def gradient(w):
        apart = x @ w - y
        d = np.sign(apart) if fault == "sign of the distance" else 2 * apart
        return x.T @ d / y.size - 0.2 * np.sin(w)

    return loss, gradient, (rng.normal(size=(3, 2)),), {}
