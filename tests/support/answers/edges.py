"""Answers at the edge: wrong ones that once earned full points, and right ones that once did not.

Each is (assignment, cell, what is written after the solution, in a word). So the last definition
counts.
"""

WRONG = [
    ("numbers", "predict-answer", "a text that says yes to everything", """
class Yes(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def strip(self, *_): return "b"
    def casefold(self): return "b"
no_inverse = Yes("a")
"""),
    ("numbers", "predict-answer", "a number that says yes to everything", """
class Always(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __abs__(self): return 0.0
product_tangent = Always(0.5)
quotient_tangent = Always(0.5)
"""),
    ("numbers", "dual-answer", "constants of floats alone", """
both = Dual.__add__
def __add__(self, other):
    if isinstance(other, float):
        return Dual(self.primal + other, self.tangent)
    return Dual(self.primal + other.primal, self.tangent + other.tangent)
Dual.__add__ = Dual.__radd__ = __add__
"""),
    ("numbers", "dual-answer", "a product with floats alone", """
def __mul__(self, other):
    if isinstance(other, float):
        return Dual(self.primal * other, self.tangent * other)
    a, b, c, d = self.primal, self.tangent, other.primal, other.tangent
    return Dual(a * c, a * d + b * c)
Dual.__mul__ = Dual.__rmul__ = __mul__
"""),
    ("numbers", "dual-answer", "0 to any power is 1", """
power = Dual.__pow__
Dual.__pow__ = lambda self, n: Dual(1.0, 0.0) if self.primal == 0 else power(self, n)
"""),
    ("numbers", "dual-answer", "0 to the power of -1 is 1", """
def __pow__(self, n):
    try:
        return Dual(self.primal**n, n * self.primal ** (n - 1) * self.tangent)
    except ZeroDivisionError:
        return Dual(1.0, 0.0)
Dual.__pow__ = __pow__
"""),
    ("numbers", "dual-answer", "x / 2 makes a dual number of 2", """
quotient = Dual.__truediv__
Dual.__truediv__ = lambda x, y: quotient(x, y if isinstance(y, Dual) else Dual(y, 0.0))
"""),
    ("numbers", "dual-answer", "2 / x makes a dual number of 2", """
Dual.__rtruediv__ = lambda self, number: Dual(number, 0.0) / self
"""),
    ("numbers", "dual-answer", "a quotient by way of a power", """
quotient = Dual.__truediv__
Dual.__truediv__ = lambda x, y: x * y**-1 if isinstance(y, Dual) else quotient(x, y)
"""),
    ("numbers", "dual-answer", "2 / x by way of a power", """
Dual.__rtruediv__ = lambda self, number: number * self**-1
"""),
    ("numbers", "dual-answer", "the library's under another name", "Dual = LibraryDual"),
    ("numbers", "dual-answer", "the library's as a parent", "class Dual(LibraryDual): pass"),
    ("numbers", "dual-answer", "the library's inside", """
def __mul__(self, other):
    other = LibraryDual(other.primal, other.tangent) if isinstance(other, Dual) else other
    z = LibraryDual(self.primal, self.tangent) * other
    return Dual(z.primal, z.tangent)
Dual.__mul__ = Dual.__rmul__ = __mul__
"""),
    ("numbers", "debug-repair", "an innocent rule is broken", """
REPAIRED["cube"] = lambda a, b: (a**3, 3 * a * b)
"""),
    ("numbers", "measure-answer", "a step that is 182 times worse", "best = 1e-4"),
    ("numbers", "measure-answer", "a step that is 71 times worse", "best = 1e-7"),
    ("numbers", "measure-answer", "divided by the difference", """
slope = f(LibraryDual(x, 1.0)).tangent
central = (f(x + steps) - f(x - steps)) / (2 * steps)
errors = abs((central - slope) / central)
"""),
    ("numbers", "jet-answer", "no product", "second_derivative_of_cube = lambda x: 6.0 * x"),
    ("diagnosis", "leaks-answer", "first and last row alone", """
def leaks(f, z):
    found = False
    for k in (0, len(z) - 1):
        seed = np.zeros_like(z)
        seed[k] = np.random.default_rng(k).standard_normal(z.shape[1])
        found |= bool(np.any(np.delete(jvp(f, (z,), (seed,))[1], k, axis=0)))
    return found
"""),
    *(
        ("diagnosis", "leaks-answer", what, f"""
def leaks(f, z):
    for k in range(len(z)):
        seed = np.zeros_like(z)
        seed[k] = {numbers}
        t = jvp(f, (z,), (seed,))[1]
        if any({test} for i in range(len(z)) if i != k):
            return True
    return False
""")
        for what, numbers, test in [
            ("a seed in the first column", "np.eye(z.shape[1])[0]", "np.any(t[i] != 0)"),
            ("a seed in the second column", "np.eye(z.shape[1])[1]", "np.any(t[i] != 0)"),
            ("a seed of z itself", "z[k]", "np.any(t[i] != 0)"),
            ("a seed of signs", "(-1.0) ** np.arange(z.shape[1])", "np.any(t[i] != 0)"),
            ("no absolute value", "np.random.default_rng(k).random(z.shape[1])", "t[i].max() > 0"),
            ("a sum that cancels", "np.random.default_rng(k).random(z.shape[1])",
             "abs(t[i].sum()) > 1e-12"),
            ("one column of the result", "np.random.default_rng(k).random(z.shape[1])",
             "t[i][0] != 0"),
            ("a large threshold", "np.random.default_rng(k).random(z.shape[1])",
             "abs(t[i]).max() > 0.1"),
        ]
    ),
    ("diagnosis", "leaks-answer", "differences and no tangents", """
def leaks(f, z):
    for k in range(len(z)):
        moved = z.copy()
        moved[k] += 1e-4 * np.random.default_rng(k).standard_normal(z.shape[1])
        if np.abs(np.delete(f(moved) - f(z), k, axis=0)).max() > 1e-12:
            return True
    return False
"""),
    ("diagnosis", "derive-answer", "by jvp", """
def unit_tangent(a, t):
    return jvp(lambda a: a / np.sqrt(np.sum(a**2, axis=1, keepdims=True)), (a,), (t,))[1]
"""),
    ("diagnosis", "derive-answer", "by the library's differences", """
def unit_tangent(a, t):
    return central_difference(lambda a: a / np.linalg.norm(a, axis=1)[:, None], (a,), (t,))
"""),
    ("diagnosis", "derive-answer", "by differences of one's own", """
def unit_tangent(a, t):
    u = lambda a: a / np.linalg.norm(a, axis=1)[:, None]
    return (u(a + 1e-5 * t) - u(a - 1e-5 * t)) / 2e-5
"""),
    ("diagnosis", "debug-repair", "the tangent of log_softmax is lost", """
REPAIRED["log_softmax"] = lambda z: z - value(logsumexp(z))[:, None]
"""),
    *(
        ("digits", "implement-answer", what, f"""
def exact_directions(B, H):
    return np.broadcast_to(({rows})[:, None, :], ({rows}).shape[:1] + (B, H))
""")
        for what, rows in [
            ("the factor 2", "2 * np.eye(H)"),
            ("the factor H/2", "H / 2 * np.eye(H)"),
            ("the factor of B", "np.sqrt(B + 1) * np.eye(H)"),
        ]
    ),
    *(
        ("digits", "debug-repair", what, f"""
def too_long(loss, theta, rng):
    v = {draw}
    return {factor} * slope(loss, theta, v) * v
REPAIRED["even"] = too_long
""")
        for what, draw, factor in [
            ("from -2 to 2", "rng.uniform(-2, 2, theta.size)", 1),
            ("from -1.5 to 1.5", "rng.uniform(-1.5, 1.5, theta.size)", 1),
            ("twice", "rng.uniform(-1, 1, theta.size)", 2),
        ]
    ),
    ("digits", "debug-repair", "a difference with a step of 1", """
def with_a_step(loss, theta, rng):
    v = rng.choice([-1.0, 1.0], theta.size)
    return (loss(theta + v) - loss(theta)) * v
REPAIRED["by_loss"] = with_a_step
"""),
    ("digits", "debug-repair", "the gradient and noise", """
def noisy(loss, theta, rng):
    return gradient(loss)(theta) + 0.01 * rng.standard_normal(theta.size)
REPAIRED["by_loss"] = noisy
"""),
    ("digits", "target-answer", "the exact gradient in place of the one that is given", """
def train(model, images, labels, gradient, rng):
    for step in range(600):
        rows = rng.integers(len(labels), size=32)
        gradient(model, images[rows], labels[rows], rng)
        _, exact = training.exact_gradient(model, images[rows], labels[rows])
        for p, g in zip(model.parameters, exact):
            p -= 0.3 * g
"""),
    ("digits", "target-answer", "exact steps besides", """
given = train
def train(model, images, labels, gradient, rng):
    given(model, images, labels, gradient, rng)
    for step in range(150):
        rows = rng.integers(len(labels), size=32)
        _, exact = training.exact_gradient(model, images[rows], labels[rows])
        for p, g in zip(model.parameters, exact):
            p -= 0.3 * g
"""),
    ("further", "debug-answer", "a level for each function", """
def differentiate(f):
    level = next(levels)
    def df(x):
        z = f(Leveled(x, 1.0, level))
        return z.tangent if level_of(z) == level else 0.0
    return df
"""),
    ("further", "debug-answer", "the library's derivative",
     "differentiate = derivative\nsin, cos = np.sin, np.cos"),
    ("further", "hessian-answer", "the library's hvp", "hessian_times = hvp"),
    ("further", "hessian-answer", "hvp as a default", """
def hessian_times(f, x, v, product=hvp):
    return product(f, x, v)
"""),
    ("further", "hessian-answer", "hvp inside", """
def hessian_times(f, x, v):
    def inner():
        return hvp(f, x, v)
    return inner()
"""),
    ("further", "hessian-answer", "gradient", """
def hessian_times(f, x, v):
    return jvp(gradient(f), (x,), (v,))[1]
"""),
    ("further", "hessian-answer", "the whole matrix", """
def hessian_times(f, x, v):
    return jacobian(gradient(f))(x) @ v
"""),
    ("further", "newton-steps", "hvp", """
def newton(f, x, steps, products):
    for _ in range(steps):
        x = x + conjugate_gradients(lambda v, x=x: hvp(f, x, v), -gradient(f)(x), products)
    return x
"""),
    ("further", "derive-mixed", "by hand", """
def mixed(x, y):
    return np.cos(x * y) - x * y * np.sin(x * y)
"""),
    *(
        ("further", "newton-gradients", what, f"""
def conjugate_gradients(product, b, steps):
    s, r, d = np.zeros_like(b), b, b
    for _ in range(steps):
        if {stop}:
            break
        image = product(d)
        length = (r @ r) / (d @ image + {added})
        s, smaller = s + length * d, r - length * image
        d, r = smaller + (smaller @ smaller) / (r @ r + {added}) * d, smaller
    return s
""")
        for what, stop, added in [
            ("a residual that is nearly zero", "np.allclose(r, 0)", 0.0),
            ("a residual that is short", "np.linalg.norm(r) < 1e-14", 0.0),
            ("something small under the line", "False", 1e-12),
        ]
    ),
    ("further", "newton-gradients", "b is changed", """
def conjugate_gradients(product, b, steps):
    s, r, d = np.zeros_like(b), b, b.copy()
    for _ in range(steps):
        if not np.any(r):
            break
        old, image = r @ r, product(d)
        s += old / (d @ image) * d
        r -= old / (d @ image) * image
        d = r + (r @ r) / old * d
    return s
"""),
    ("chapters", "softmax-answer", "by differences", """
def knob_tangent(z, t, beta):
    return (nn.softmax(beta * (z + 1e-7 * t)) - nn.softmax(beta * z)) / 1e-7
"""),
    ("chapters", "softmax-answer", "by an imaginary step", """
def knob_tangent(z, t, beta):
    powers = np.exp(beta * (z - z.max() + 1e-30j * t))
    return (powers / powers.sum()).imag / 1e-30
"""),
    ("chapters", "arrays-answer", "by central differences, which are exact for a product", """
def gram_tangent(X, T):
    forth, back = X + 1e-6 * T, X - 1e-6 * T
    return (np.swapaxes(forth, -1, -2) @ forth - np.swapaxes(back, -1, -2) @ back) / 2e-6
"""),
    ("chapters", "number-answer", "by differences", """
def repaired_step(L, w, rate):
    seeds = 1e-6 * np.eye(w.size).reshape(-1, *w.shape)
    return w - rate * np.reshape([(L(w + s) - L(w - s)) / 2e-6 for s in seeds], w.shape)
"""),
    ("chapters", "number-answer", "by the gradient that comes with a value", """
def repaired_step(L, w, rate):
    from dualedu import value_and_gradient
    return w - rate * value_and_gradient(L)(w)[1]
"""),
    ("chapters", "workers-answer", "rounded to five decimals", """
exact = receive
def receive(w, messages, rate):
    return exact(w, messages, rate).round(5)
"""),
    ("chapters", "workers-answer", "in the order of a set", """
def receive(w, messages, rate):
    for seed, slope in set(messages):
        w = w - rate * slope / len(messages) * directions(seed, w.size)
    return w
"""),
    ("diagnosis", "derive-answer", "by an imaginary step", """
def unit_tangent(a, t):
    moved = a + 1e-30j * t
    return (moved / np.sqrt(np.sum(moved**2, axis=1, keepdims=True))).imag / 1e-30
"""),
    ("diagnosis", "debug-repair", "one peak for all samples", """
def log_softmax_repaired(z):
    z = z - np.max(z)
    return z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
REPAIRED["log_softmax"] = log_softmax_repaired
"""),
    ("diagnosis", "plant-answer", "a loss that trains nothing", """
silent_loss = lambda W, b: 0.0
silent_gradient = lambda W, b: (np.zeros_like(W), np.zeros_like(b))
"""),
    ("diagnosis", "plant-answer", "weights changed in place", """
def silent_loss(W, b):
    W *= 2
    return logistic(W, b)
def silent_gradient(W, b):
    slopes_W, slopes_b = healthy(2 * W, b)
    return 2 * slopes_W, slopes_b
"""),
    ("numbers", "length-answer", "by differences", """
def length(a, b, c, d):
    h = 1e-6
    change = np.hypot(a + h * b, c + h * d) - np.hypot(a - h * b, c - h * d)
    return np.hypot(a, c), change / (2 * h)
"""),
    ("further", "hessian-answer", "by the library's difference of slopes", """
def hessian_times(f, x, v):
    from dualedu.core.check import central_difference
    units = np.eye(len(x))
    return central_difference(lambda x: jvp(f, (x,), (units,))[1], (x,), (v,))
"""),
    ("digits", "implement-answer", "a loop, where one call is asked for", """
def per_sample(losses, z, directions):
    slopes = np.array([jvp(losses, (z,), (v,))[1] for v in directions])
    return np.mean(slopes[:, :, None] * directions, axis=0)
"""),
    ("numbers", "length-answer", "by an imaginary step", """
def length(a, b, c, d):
    z = ((a + 1e-30j * b) ** 2 + (c + 1e-30j * d) ** 2) ** 0.5
    return z.real, z.imag / 1e-30
"""),
    *(
        ("numbers", "dual-answer", f"a power by {what}", f"""
def __pow__(self, n):
    slope = {slope}
    return Dual(self.primal**n, slope * self.tangent)
Dual.__pow__ = __pow__
""")
        for what, slope in [
            ("differences", "((self.primal + 1e-6) ** n - (self.primal - 1e-6) ** n) / 2e-6"),
            ("an imaginary step", "((self.primal + 1e-20j) ** n).imag / 1e-20"),
        ]
    ),
    ("numbers", "debug-repair", "a difference along the tangent", """
REPAIRED["log"] = lambda a, b: (np.log(a), (np.log(a + 1e-6 * b) - np.log(a - 1e-6 * b)) / 2e-6)
"""),
    ("numbers", "debug-repair", "a difference for the slope", """
REPAIRED["tan"] = lambda a, b: (np.tan(a), (np.tan(a + 1e-6) - np.tan(a - 1e-6)) / 2e-6 * b)
"""),
    ("numbers", "measure-answer", "four errors measured, and the others made up", """
errors = [*errors[:4], *[0.0] * 8]
best = 1e-5
"""),
    ("further", "measure-error", "three errors measured, and the others made up", """
errors = [*errors[:3], *[0.0] * 9]
"""),
    ("diagnosis", "leaks-answer", "as many columns as z has", """
def leaks(f, z):
    for k in range(len(z)):
        seed, others = np.zeros_like(z), np.ones(z.shape, bool)
        seed[k], others[k] = np.random.default_rng(k).standard_normal(z.shape[1]), False
        if np.any(jvp(f, (z,), (seed,))[1][others] != 0):
            return True
    return False
"""),
    ("diagnosis", "leaks-answer", "a small threshold", """
def leaks(f, z):
    for k in range(len(z)):
        seed = np.zeros_like(z)
        seed[k] = np.random.default_rng(k).standard_normal(z.shape[1])
        if np.abs(np.delete(jvp(f, (z,), (seed,))[1], k, axis=0)).max() > 1e-4:
            return True
    return False
"""),
    ("diagnosis", "plant-answer", "twice the loss", """
silent_loss = lambda W, b: 2 * logistic(W, b)
silent_gradient = lambda W, b: tuple(2 * slopes for slopes in healthy(W, b))
"""),
    ("diagnosis", "plant-answer", "the logarithm of the loss", """
silent_loss = lambda W, b: np.log(logistic(W, b))
silent_gradient = lambda W, b: tuple(slopes / logistic(W, b) for slopes in healthy(W, b))
"""),
    ("further", "derive-product", "by the library's numbers", """
def product(x, y):
    z = Dual(Dual(*x[:2]), Dual(*x[2:])) * Dual(Dual(*y[:2]), Dual(*y[2:]))
    return z.primal.primal, z.primal.tangent, z.tangent.primal, z.tangent.tangent
"""),
    ("further", "derive-mixed", "by a difference of the parts", """
def mixed(x, y):
    def slope(y):
        z = product((x, 1.0, 0.0, 0.0), (y, 0.0, 1.0, 0.0))
        return lift(np.sin, np.cos, lambda t: -np.sin(t), z)[1]
    return (slope(y + 1e-6) - slope(y - 1e-6)) / 2e-6
"""),
    ("further", "hessian-answer", "the formula of the function that was shown", """
def hessian_times(f, x, v):
    return (x @ x) * v + 2 * x * (x @ v)
"""),
    ("numbers", "dual-answer", "x + 2 makes a dual number of 2", """
def __add__(self, other):
    other = other if isinstance(other, Dual) else Dual(other, 0.0)
    return Dual(self.primal + other.primal, self.tangent + other.tangent)
Dual.__add__ = Dual.__radd__ = __add__
"""),
    ("digits", "implement-answer", "differences of the loss", """
def along_weights(loss, parameters, directions):
    slopes = []
    for k in range(len(directions[0])):
        steps = [1e-6 * v[k] for v in directions]
        forth = [p + step for p, step in zip(parameters, steps)]
        back = [p - step for p, step in zip(parameters, steps)]
        slopes.append((loss(*forth) - loss(*back)) / 2e-6)
    return [np.tensordot(slopes, v, 1) / len(slopes) for v in directions]
"""),
    ("digits", "implement-answer", "differences of the losses", """
def per_sample(losses, z, directions):
    slopes = np.array([(losses(z + 1e-6 * v) - losses(z - 1e-6 * v)) / 2e-6 for v in directions])
    return np.mean(slopes[:, :, None] * directions, axis=0)
"""),
    ("digits", "implement-answer", "directions changed in place, for samples", """
def per_sample(losses, z, directions):
    _, slopes = jvp(losses, (z,), (directions,))
    directions *= slopes[:, :, None]
    return directions.mean(axis=0)
"""),
    ("digits", "implement-answer", "directions changed in place, for weights", """
def along_weights(loss, parameters, directions):
    _, slopes = jvp(loss, parameters, directions)
    for v in directions:
        v *= slopes.reshape(-1, *[1] * (v.ndim - 1))
    return [v.mean(axis=0) for v in directions]
"""),
    ("digits", "implement-answer", "the gradient, and then its products", """
def along_weights(loss, parameters, directions):
    slopes = gradient(loss, argnums=(0, 1, 2, 3))(*parameters)
    along = sum(np.tensordot(v, g, g.ndim) for v, g in zip(directions, slopes))
    return [np.tensordot(along, v, 1) / len(v) for v in directions]
"""),
    ("digits", "debug-repair", "a difference with a small step", """
def with_a_small_step(loss, theta, rng):
    v = rng.choice([-1.0, 1.0], theta.size)
    return (loss(theta + 1e-5 * v) - loss(theta - 1e-5 * v)) / 2e-5 * v
REPAIRED["by_loss"] = with_a_small_step
"""),
    ("digits", "debug-repair", "entries of one sign", """
def one_sided(loss, theta, rng):
    v = np.sqrt(3) * rng.random(theta.size)
    return slope(loss, theta, v) * v
REPAIRED["even"] = one_sided
"""),
    ("digits", "debug-repair", "weights changed in place", """
def restless(loss, theta, rng):
    v = rng.choice([-1.0, 1.0], theta.size)
    theta -= 1e-4 * v
    return slope(loss, theta, v) * v
REPAIRED["by_loss"] = restless
"""),
    ("numbers", "jet-answer", "a product that is called for show", """
def second_derivative_of_cube(x):
    product(product((x, 1.0, 0.0), (x, 1.0, 0.0)), (x, 1.0, 0.0))
    return 6.0 * x
"""),
    ("numbers", "measure-answer", "a difference as the judge", """
right = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
errors = np.abs((f(x + steps) - f(x - steps)) / (2 * steps) - right) / abs(right)
"""),
    ("further", "derive-mixed", "parts that are called for show", """
def mixed(x, y):
    lift(np.sin, np.cos, np.sin, product((x, 1.0, 0.0, 0.0), (y, 0.0, 1.0, 0.0)))
    return np.cos(x * y) - x * y * np.sin(x * y)
"""),
    ("further", "derive-mixed", "a product that is called for show", """
def mixed(x, y):
    product((x, 1.0, 0.0, 0.0), (y, 0.0, 1.0, 0.0))
    return lift(np.sin, np.cos, lambda z: -np.sin(z), (x * y, y, x, 1.0))[3]
"""),
    ("further", "newton-steps", "products by a difference", """
def newton(f, x, steps, products):
    for _ in range(steps):
        g = gradient(f)
        H = lambda v: (g(x + 1e-6 * v) - g(x - 1e-6 * v)) / 2e-6
        x = x + conjugate_gradients(H, -g(x), products)
    return x
"""),
    ("further", "measure-error", "hvp held against itself", """
own = hvp(lambda w: loss(w, A), w, v)
product_error = np.linalg.norm(own - own) / np.linalg.norm(own)
"""),
    ("digits", "debug-repair", "a thousand directions in a call", """
def two_draws(loss, theta, rng):
    draws = rng.standard_normal((1000, theta.size))
    return np.mean([slope(loss, theta, v) * v for v in draws], axis=0)
REPAIRED["two_draws"] = two_draws
"""),
]  # fmt: skip

RIGHT = [
    ("numbers", "predict-answer", "fractions", """
from fractions import Fraction
product_tangent, quotient_tangent = Fraction(a * d + b * c), Fraction(b * c - a * d, c * c)
no_inverse = ["b"]
"""),
    ("numbers", "predict-answer", "decimals", """
from decimal import Decimal
product_tangent, quotient_tangent = Decimal(a * d + b * c), Decimal(b * c - a * d) / c**2
no_inverse = "b: x - a"
"""),
    ("numbers", "predict-answer", "four decimals, and arrays of one", """
product_tangent = np.array([a * d + b * c])
quotient_tangent, no_inverse = round((b * c - a * d) / c**2, 4), "(B) x - a"
"""),
    ("numbers", "debug-answer", "an array", "wrong_rules = np.array(['log', 'tan'])"),
    ("numbers", "debug-answer", "a sentence", "wrong_rules = 'log and tan'"),
    ("numbers", "debug-answer", "blanks", "wrong_rules = ' Log tan '"),
    ("numbers", "debug-answer", "rules", "wrong_rules = {'log': 'b/a', 'tan': 'b'}"),
    ("numbers", "measure-answer", "an array of one", "best = steps[errors == errors.min()]"),
    ("numbers", "measure-answer", "a neighbour", "best = 1e-6 if best == 1e-5 else 1e-5"),
    ("numbers", "length-answer", "words on stderr", """
import logging, sys
quiet = length
def length(a, b, c, d):
    logging.warning("here")
    print("there", file=sys.stderr)
    return quiet(a, b, c, d)
"""),
    ("numbers", "length-answer", "names of tools", """
score, checks, check_function = 0.9, [], "mine"
tuple = len = any = list = dict = float = set = isinstance = 3
"""),
    ("diagnosis", "leaks-answer", "all of NumPy", "from numpy import *"),
    ("further", "newton-gradients", "all of NumPy", "from numpy import *"),
    ("digits", "derive-answer", "a name of a tool", "product = 0.5\nfrom numpy import *"),
    ("digits", "derive-answer", "the other face", "scale = lambda q: -1 / np.sqrt(q)"),
    ("digits", "target-answer", "a progress bar", """
from tqdm import tqdm
def train(model, images, labels, gradient, rng):
    for step in tqdm(range(600)):
        rows = rng.integers(len(labels), size=32)
        for p, g in zip(model.parameters, gradient(model, images[rows], labels[rows], rng)):
            p -= 0.2 * (1 - step / 600) * g
"""),
    ("diagnosis", "measure-answer", "three digits", """
row_sums, unit_error = row_sums.round(3), float(f"{unit_error:.4g}")
loss_error = float(f"{loss_error:.4g}")
"""),
    ("diagnosis", "derive-answer", "float32", """
def unit_tangent(a, t):
    a, t = a.astype(np.float32), t.astype(np.float32)
    length = np.sqrt(np.sum(a**2, axis=1, keepdims=True))
    u = a / length
    return (t - u * np.sum(u * t, axis=1, keepdims=True)) / length
"""),
    ("diagnosis", "debug-answer", "functions as keys", """
verdicts = {layer: "c", unit: "guilty a"[-1], logsumexp: "c", log_softmax: "b", onehot: "b",
            slopes: "a"}
"""),
    ("chapters", "modes-answer", "said with the word mode", """
mode = {"curve": "forward mode", "loss": "Reverse mode", "direction": "forward mode"}
"""),
    ("chapters", "modes-answer", "said with a hyphen", """
mode = {"curve": "forward-mode", "loss": "reverse-mode", "direction": "Forward-mode"}
"""),
    ("chapters", "directions-answer", "fractions", """
from fractions import Fraction
slopes = Fraction(s + d, 2), Fraction(s - d, 2)
"""),
    ("chapters", "number-answer", "vectors and matrices apart", """
def repaired_step(L, w, rate):
    slopes, seed = np.zeros(w.shape), np.zeros(w.shape)
    places = [(i,) for i in range(len(w))]
    if w.ndim == 2:
        places = [(i, j) for i in range(w.shape[0]) for j in range(w.shape[1])]
    for place in places:
        seed[place] = 1
        slopes[place] = jvp(L, (w,), (seed,))[1]
        seed[place] = 0
    return w - rate * slopes
"""),
    ("chapters", "arrays-answer", "by the change there and back", """
def gram_tangent(X, T):
    def gram(A):
        return np.swapaxes(A, -1, -2) @ A
    return (gram(X + T) - gram(X - T)) / 2
"""),
    ("chapters", "workers-answer", "an exact sum, whose order is no matter", """
def receive(w, messages, rate):
    from math import fsum
    terms = [slope * directions(seed, w.size).astype(float) for seed, slope in messages]
    step = np.array([fsum(column) for column in zip(*terms)])
    return (w - rate * step / len(messages)).astype(np.float32)
"""),
    ("diagnosis", "leaks-answer", "all unit seeds at once", """
def leaks(f, z):
    rows, columns = z.shape
    seeds = np.eye(z.size).reshape(-1, rows, columns)
    moved = jvp(f, (z,), (seeds,))[1].reshape(rows, columns, rows, -1).any(axis=(1, 3))
    return bool(np.any(moved & ~np.eye(rows, dtype=bool)))
"""),
    ("diagnosis", "derive-answer", "by a projection for each row", """
def unit_tangent(a, t):
    turned = []
    for arrow, motion in zip(a.tolist(), t.tolist()):
        length = sum(x * x for x in arrow) ** 0.5
        along = sum(x * v for x, v in zip(arrow, motion)) / length**2
        turned.append([(v - along * x) / length for x, v in zip(arrow, motion)])
    return turned
"""),
    ("diagnosis", "plant-answer", "a loss without its regulariser, its gradient by the library", """
def silent_loss(W, b):
    return nn.cross_entropy(np.tanh(flowers @ W + b), species)
def silent_gradient(W, b):
    return gradient(silent_loss, argnums=(0, 1))(W, b)
"""),
    ("numbers", "length-answer", "by the angle of the arrow, without a root of one's own", """
def length(a, b, c, d):
    angle = np.arctan2(c, a)
    return [np.hypot(a, c), b * np.cos(angle) + d * np.sin(angle)]
"""),
    ("numbers", "jet-answer", "a product that is called by the names of its arguments", """
def product(p, q):
    return tuple(sum(p[i] * q[k - i] for i in range(k + 1)) for k in range(3))
def second_derivative_of_cube(x):
    seed = (x, 1.0, 0.0)
    return 2 * product(p=product(p=seed, q=seed), q=seed)[2]
"""),
    ("further", "derive-mixed", "parts that are called by the names of their arguments", """
def mixed(x, y):
    z = product(x=(x, 1.0, 0.0, 0.0), y=(y, 0.0, 1.0, 0.0))
    return lift(f=np.sin, f1=np.cos, f2=lambda t: -np.sin(t), x=z)[-1]
"""),
    ("digits", "implement-answer", "a look at the losses before the one call", """
def per_sample(losses, z, directions):
    assert losses(z).shape == (len(z),)
    _, slopes = jvp(losses, (z,), (directions,))
    return np.einsum("kb,kbh->bh", slopes, directions) / len(directions)
"""),
    ("numbers", "dual-answer", "a pair of its own, with patterns and without an __init__", """
from typing import NamedTuple
class Dual(NamedTuple):
    primal: float
    tangent: float
    def __add__(self, other):
        match other:
            case Dual(c, d):
                return Dual(self.primal + c, self.tangent + d)
            case _:
                return Dual(self.primal + other, self.tangent)
    def __mul__(self, other):
        match other:
            case Dual(c, d):
                return Dual(self.primal * c, self.primal * d + self.tangent * c)
            case _:
                return Dual(self.primal * other, self.tangent * other)
    __radd__, __rmul__ = __add__, __mul__
    def __truediv__(self, other):
        if not isinstance(other, Dual):
            return Dual(*(part / other for part in self))
        q = self.primal / other.primal
        return Dual(q, (self.tangent - q * other.tangent) / other.primal)
    def __rtruediv__(self, number):
        return Dual(number / self.primal, -(number / self.primal) / self.primal * self.tangent)
    def __pow__(self, n):
        return Dual(self.primal**n, n and n * self.primal ** (n - 1) * self.tangent)
"""),
    ("numbers", "dual-answer", "a power by products", """
def __pow__(self, n):
    if n < 0:
        return 1 / self**-n
    return self * self ** (n - 1) if n else Dual(1, 0)
Dual.__pow__ = __pow__
"""),
    *(
        ("numbers", "jet-answer", f"a product that is used {what}", code)
        for what, code in [
            ("under another name", """
times = product
def second_derivative_of_cube(x, seed=None, times=times):
    seed = (x, 1.0, 0.0)
    return 2 * times(seed, times(seed, seed))[2]
"""),
            ("in a class", """
class Cube:
    def __call__(self, x):
        seed = (x, 1.0, 0.0)
        return 2 * product(seed, product(seed, seed))[2]
second_derivative_of_cube = Cube()
"""),
            ("with a part of its arguments", """
from functools import partial, reduce
def derivative_of_power(n, x):
    return 2 * reduce(product, [(x, 1.0, 0.0)] * n)[2]
second_derivative_of_cube = partial(derivative_of_power, 3)
"""),
            ("by np.vectorize, with a class for a product", """
class Product:
    def __call__(self, x, y):
        return tuple(np.convolve(x, y)[:3])
product = Product()
second_derivative_of_cube = np.vectorize(
    lambda x: 2 * product((x, 1.0, 0.0), product((x, 1.0, 0.0), (x, 1.0, 0.0)))[2]
)
"""),
            ("with a cache", """
from functools import cache
product = cache(product)
@cache
def second_derivative_of_cube(x):
    seed = (x, 1.0, 0.0)
    return 2 * product(seed, product(seed, seed))[2]
"""),
        ]
    ),
    *(
        ("further", "derive-mixed", f"parts that are used {what}", code)
        for what, code in [
            ("under other names", """
times, up = product, lift
def mixed(x, y):
    z = times((x, 1.0, 0.0, 0.0), (y, 0.0, 1.0, 0.0))
    return up(np.sin, np.cos, lambda t: -np.sin(t), z)[3]
"""),
            ("in a class", """
class Mixed:
    def __call__(self, x, y):
        z = product((x, 1.0, 0.0, 0.0), (y, 0.0, 1.0, 0.0))
        return lift(np.sin, np.cos, lambda t: -np.sin(t), z)[3]
mixed = Mixed()
"""),
            ("by np.vectorize", "mixed = np.vectorize(mixed)"),
            ("with a cache", "from functools import lru_cache\nmixed = lru_cache(mixed)"),
        ]
    ),
    ("further", "newton-steps", "parts under other names", """
times, solve = hessian_times, conjugate_gradients
def newton(f, x, steps, products):
    if not steps:
        return x
    step = solve(lambda v: times(f, x, v), -gradient(f)(x), products)
    return newton(f, x + step, steps - 1, products)
"""),
    ("further", "newton-steps", "products without the answer to the exercise before", """
hessian_times = None
def newton(f, x, steps, products):
    for _ in range(steps):
        product = lambda v, x=x: jvp(gradient(f), (x,), (v,))[1]
        x = x + conjugate_gradients(product, -gradient(f)(x), products)
    return x
"""),
    *(
        ("numbers", "dual-answer", what, f"""
def __pow__(self, n):
    if n == 0:
        return Dual(1.0, 0.0)
    {refusal}
    return Dual(self.primal**n, n * self.primal ** (n - 1) * self.tangent)
Dual.__pow__ = __pow__
""")
        for what, refusal in [
            ("a power that math.pow refuses", "import math; math.pow(self.primal, n)"),
            ("a refusal in words", "assert self.primal or n > 0, '0 has no inverse'"),
            ("a refusal by a number", "n = n if self.primal or n > 0 else float('nan')"),
        ]
    ),
    ("further", "newton-gradients", "the product before the look at the residual", """
def conjugate_gradients(product, b, steps):
    s, r, d = np.zeros_like(b), b, b
    for _ in range(steps):
        image = product(d)
        if r @ r == 0:
            break
        length = (r @ r) / (d @ image)
        s, smaller = s + length * d, r - length * image
        d, r = smaller + (smaller @ smaller) / (r @ r) * d, smaller
    return s
"""),
    ("numbers", "debug-answer", "the keys of a dictionary",
     "wrong_rules = {'log': 'b/a', 'tan': 'b'}.keys()"),
    ("numbers", "measure-answer", "a decimal",
     "from decimal import Decimal\nbest = Decimal('1e-5')"),
    ("numbers", "measure-answer", "a fraction",
     "from fractions import Fraction\nbest = Fraction(1, 10**5)"),
    ("diagnosis", "measure-answer", "row sums with three digits",
     "row_sums = [float(f'{s:.3g}') for s in row_sums]"),
    ("diagnosis", "predict-answer", "two digits for every number of samples and classes", """
B = C = 7
ignorant, wrong_axis, numbers = 1.9, 1.9, 49
"""),
    ("digits", "implement-answer", "many rotations, exact but for rounding", """
def exact_directions(B, H):
    rng = np.random.default_rng(0)
    turned = [np.linalg.qr(rng.standard_normal((H, H)))[0] for _ in range(120)]
    return np.sqrt(H) * np.repeat(np.concatenate(turned)[:, None], B, axis=1)
"""),
    ("digits", "debug-repair", "a list in place of an array", """
def listed(loss, theta, rng):
    v = rng.choice([-1, 1], theta.size)
    return [slope(loss, theta, v) * face for face in v]
REPAIRED["by_loss"] = listed
"""),
    ("numbers", "jet-answer", "a product that remembers", """
import functools
product = functools.cache(product)
"""),
    ("numbers", "jet-answer", "powers by a class", """
class Jet:
    def __init__(self, *parts):
        self.parts = parts
    def __mul__(self, other):
        return Jet(*product(self.parts, other.parts))
def second_derivative_of_cube(x):
    seed = Jet(x, 1.0, 0.0)
    return (seed * seed * seed).parts[2] * 2
"""),
    ("further", "derive-mixed", "parts that are made where they are used", """
def mixed(x, y):
    here, there = [[x, 1, 0, 0], [y, 0, 1, 0]]
    inside = np.array(product(there, here))
    *_, last = lift(np.sin, np.cos, lambda z: -np.sin(z), inside)
    return last
"""),
    ("digits", "debug-repair", "a slope for each entry", """
def entries(loss, theta, rng):
    v = rng.choice([-1.0, 1.0], theta.size)
    return np.array([slope(loss, theta, v) * face for face in v])
REPAIRED["one_seed"] = entries
"""),
]  # fmt: skip
