"""Answers to the exercises of Part 4: typical wrong ones, and right ones in another style.

WRONG        exercise: a list of (edits, points, message). The edits turn the source's solution
             into the wrong answer, which earns the points and is told something with the message
OTHER_STYLE  answer cell: a right solution that looks different
"""

WRONG = {
    "predict": [
        ({"2 * a + 2 * b": "a + 3 * b"}, 2, "this is what one letter answers"),
        ({"2 * a + 2 * b": "a + 2 * b"}, 2, "the inner derivative at x = a"),
        ({"2 * a + 2 * b": "a * (a + 2 * b)"}, 2, "not its derivative"),
        ({"2 * a + 2 * b": "1"}, 2, "a factor x stands before it"),
        ({"a + 3 * b": "2 * (a + b)"}, 2, "the forty lines do not give it"),
        ({"a + 3 * b": "2 * a + 3 * b"}, 2, "it adds no term of its own"),
        ({"a + 3 * b": "a * (a + 3 * b)"}, 2, "take its tangent"),
        ({"a + 3 * b": "a + 2 * b"}, 2, "the sum adds them to 2"),
        ({'"c"': '"a"'}, 2, "nested in the same order"),
        ({'"c"': '"B "'}, 2, "y carries x inside"),
        ({'"c"': '"all"'}, 2, "should be one of 'a', 'b', 'c'"),
    ],
    "derive": [
        ({" + b1 * c2 + c1 * b2": ""}, 2, "ε₁ε₂ is not zero"),
        ({"a1 * d2 + b1 * c2 + c1 * b2 + d1 * a2": "b1 * c2 + c1 * b2"}, 3, "can come in, too"),
        ({" + c1 * b2": ""}, 3, "in either order"),
        ({"b1 * c2 + c1 * b2": "b1 * b2 + c1 * c2"}, 2, "strike out those with ε₁²"),
        (
            {
                "a1 * b2 + b1 * a2, a1 * c2 + c1 * a2": "b1 * b2, c1 * c2",
                "a1 * d2 + b1 * c2 + c1 * b2 + d1 * a2": "d1 * d2",
            },
            2,
            "part by part",
        ),
        ({" + f2(a) * b * c": ""}, 2, "the term with f″ is missing"),
        ({"f1(a) * d + f2": "f2"}, 2, "the term with f′ and d is missing"),
        ({"f2(a) * b * c": "f2(a) / 2 * b * c"}, 2, "the ½ of Taylor's formula cancels"),
        ({"f2(a) * b * c": "f2(a)"}, 2, "your seeds need not be 1"),
        ({"f1(a) * d + f2(a) * b * c": "f2(a) * d"}, 2, "f′ multiplies it"),
        (
            {"(x, 1.0, 0.0, 0.0), (y, 0.0, 1.0, 0.0)": "(x, 1.0, 1.0, 0.0), (y, 1.0, 1.0, 0.0)"},
            4,
            "the second derivative along (1, 1)",
        ),
        ({"z)[3]": "z)[1]"}, 4, "this is a first derivative"),
        ({"z)[3]": "(*z[:3], 0.0))[3]"}, 4, "f′ times it is missing"),
        ({"lambda t: -np.sin(t)": "lambda t: 0.0"}, 4, "the term f″ times bc is missing"),
        ({"b1 * c2 + c1 * b2": "2 * b1 * c2"}, 2, "need not be equal"),
        ({"f2(a) * b * c": "2 * f2(a) * b * c"}, 2, "makes it bc"),
        ({", z)[3]": ", z)"}, 4, "return the last one"),
        ({"(y, 0.0, 1.0, 0.0)": "(y, 1.0, 0.0, 0.0)"}, 4, "give y the other one"),
    ],
    "hessian": [
        ({"(units,)": "(v,)"}, 0, "both levels along v"),
        ({"np.eye(len(x))": "np.ones(len(x))"}, 0, "the sum of the entries of Hv"),
        ({"jvp(slopes, (x,), (v,))[1]": "slopes(x)"}, 0, "still to be differentiated along v"),
        ({"jvp(slopes, (x,), (v,))[1]": "jvp(f, (x,), (v,))[1]"}, 0, "this is the slope along v"),
        ({"(v,)": "(units,)"}, 0, "this is the whole Hessian"),
        (
            {
                "jvp(slopes, (x,), (v,))[1]": "v * np.diag("
                "jvp(slopes, (x,), (np.eye(len(x)),))[1])",
            },
            0,
            "the mixed derivatives are missing",
        ),
        (
            {"jvp(slopes, (x,), (v,))[1]": "hvp(f, x, v)"},
            0,
            "nested calls of jvp, and nothing else",
        ),
        (
            {
                "jvp(slopes, (x,), (v,))[1]": "("
                "slopes(x + 1e-5 * v) - slopes(x - 1e-5 * v)) / 2e-5",
            },
            3,
            "a difference has lost them",
        ),
        (
            {
                "jvp(slopes, (x,), (v,))[1]": "jvp(slopes, (getattr(x, 'primal', x),), (v,))[1]",
            },
            3,
            "must keep its tangent",
        ),
        ({"(v,))[1]": "(v,))"}, 0, "the pair that jvp returns"),
        (
            {"jvp(slopes, (x,), (v,))[1]": "slopes(x) * v"},
            0,
            "differentiate the gradient along v, whatever the length of x",
        ),
    ],
    "newton": [
        ({"d = smaller + (smaller @ smaller) / (r @ r) * d": "d = smaller"}, 1, "steepest descent"),
        (
            {"(smaller @ smaller) / (r @ r)": "(r @ r) / (smaller @ smaller)"},
            1,
            "turned round: the",
        ),
        ({"r - length * image": "r + length * image"}, 1, "subtract α H d"),
        ({"return s": "return -s"}, 1, "H s = b has no minus"),
        ({"(d @ image)": "(d @ product(d))"}, 3, "use it twice"),
        ({"if not np.any(r)": "if False"}, 3, "would divide 0 by 0"),
        ({"if not np.any(r)": "if np.allclose(r, 0)"}, 3, "b is small here"),
        (
            {"(r @ r) / (d @ image)": "(r @ d) / (d @ d)"},
            1,
            "conjugate_gradients is not right yet, and newton uses it",
        ),
        ({"-gradient(f)(x)": "gradient(f)(x)"}, 3, "this goes uphill"),
        (
            {
                "for _ in range(steps):\n        x = x +": "x0 = x\n"
                "    for _ in range(steps):\n        x = x +",
                "hessian_times(f, x, v)": "hessian_times(f, x0, v)",
            },
            3,
            "take it anew where you are",
        ),
        ({"    return x\n": "        return x\n"}, 3, "go on from the new point"),
        ({"gradient(f)(x), products": "gradient(f)(x), len(x)"}, 3, "only some products"),
        (
            {"hessian_times(f, x, v)": "v"},
            3,
            "this is gradient descent",
        ),
        ({"    2\n": "    1000\n"}, 4, "1000 is always enough"),
        ({"    2\n": "    50\n"}, 4, "only how many differ"),
        ({"    2\n": "    1\n"}, 4, "belong to one eigenvalue"),
    ],
    "debug": [
        (
            {
                "max(level_of(x), level_of(y))": "min("
                "level_of(x) or level_of(y), level_of(y) or level_of(x))"
            },
            0,
            "in an operation the highest level wins",
        ),
        (
            {"max(level_of(x), level_of(y))": "max(level_of(x), 1)"},
            0,
            "parts is not right yet, and each sum and product uses it",
        ),
        (
            {"(y.primal, y.tangent) if level_of(y) == level else (y, 0.0)": "y.primal, y.tangent"},
            0,
            "taken apart",
        ),
        ({"return level, a, b, c, d": "return level"}, 0, "should return five things"),
        (
            {
                "else (x, 0.0)": "else (getattr(x, 'primal', x), 0.0)",
                "else (y, 0.0)": "else (getattr(y, 'primal', y), 0.0)",
            },
            1,
            "ε₁ is lost",
        ),
        (
            {
                "x.tangent) if level_of(x) == level": "x.tangent) if level_of(x)",
                "y.tangent) if level_of(y) == level": "y.tangent) if level_of(y)",
            },
            0,
            "the letters are still mixed up",
        ),
        ({"level = next(levels)": "level = 1"}, 2, "the same level; take a new one for each call"),
        ({"level = next(levels)": "level = level_of(x) + 1"}, 2, "have the same level"),
        (
            {"level = next(levels)": "level = f.__dict__.setdefault('level', next(levels))"},
            5,
            "the level belongs to the function",
        ),
        (
            {"z.tangent if level_of(z) == level else 0.0": "z.tangent if level_of(z) else 0.0"},
            5,
            "which is not yours to read",
        ),
        (
            {"return z.tangent if level_of(z) == level else 0.0": "return z.tangent"},
            5,
            "a plain number has no tangent",
        ),
        ({"cos(x.primal) * x.tangent": "cos(x.primal)"}, 4, "no chain rule"),
        (
            {"cos(x.primal) * x": "np.cos(getattr(x.primal, 'primal', x.primal)) * x"},
            4,
            "the cosine is that of a plain number",
        ),
        (
            {"-1.0 * sin(x.primal)": "-np.sin(getattr(x.primal, 'primal', x.primal))"},
            4,
            "the sine is that of a plain number",
        ),
        ({"-1.0 * sin": "sin"}, 4, "its slope is minus the sine"),
        ({"return level, a": "return a"}, 0, "five things: the level"),
    ],
    "measure": [
        ({"gradient(loss)(w, A), A)": "loss(w, A), A)"}, 4, "this is the cost of one value"),
        (
            {"multiplications(lambda A: gradient(loss)(w, A), A)": "n * value_cost"},
            4,
            "computed on the way",
        ),
        (
            {"lambda A: gradient(loss)(w, A)": "lambda A: jvp(lambda w: loss(w, A), (w,), (v,))"},
            4,
            "the cost of one slope",
        ),
        (
            {"lambda A: difference(A, 1e-4)": "lambda A: gradient(loss)(w, A) / 1e-4"},
            4,
            "a difference needs two",
        ),
        (
            {"lambda A: difference(A, 1e-4)": "lambda A: [difference(A, h) for h in steps]"},
            4,
            "the cost for all steps",
        ),
        (
            {"multiplications(lambda A: hvp(lambda w: loss(w, A), w, v), A)": "2 * cost_gradient"},
            4,
            "as the page counts them",
        ),
        (
            {
                "lambda A: hvp(lambda w: loss(w, A), w, v)": "lambda A: "
                "jacobian(gradient(lambda w: loss(w, A)))(w)"
            },
            4,
            "the cost of the whole Hessian",
        ),
        (
            {
                "lambda A: hvp(lambda w: loss(w, A), w, v)": "lambda A: jvp(lambda x: "
                "jvp(lambda w: loss(w, A), (x,), (v,))[1], (w,), (v,))"
            },
            4,
            "the cost of the curvature",
        ),
        (
            {"hvp(lambda w: loss(w, A), w, v) - exact": "gradient(loss)(w, A) - exact"},
            4,
            "compare hvp",
        ),
        ({"w, v) - exact)": "w, v))"}, 4, "subtract first"),
        (
            {
                "norm(difference(A, h) - exact) / np.linalg.norm(exact)": "norm("
                "difference(A, h) - exact)"
            },
            4,
            "divide by the norm of exact",
        ),
        ({"/ (2 * h)": "/ h"}, 4, "and you divided by h"),
        (
            {"slope(w - h * v, A)) / (2 * h)": "slope(w, A)) / h"},
            4,
            "step to both sides",
        ),
        ({" for h in steps]": " for h in steps[:5]]"}, 4, "one error for each of the 12 steps"),
        ({'"c"': '"a"'}, 4, "neither way builds H"),
        ({'"c"': '"b"'}, 4, "counted without them as well"),
        (
            {"multiplications(lambda A: gradient(loss)(w, A), A)": "1 + n"},
            4,
            "these are products with a vector",
        ),
    ],
}

OTHER_STYLE = {
    "student": "student = '  ada   LOVELACE '",
    "predict-answer": """
from dualedu import derivative as D
two_letters = D(lambda x: x * D(lambda y: x * y + y * y)(float(b)))(float(a))
one_letter = float(a + b + 2 * b)
confused = " C"
""",
    "derive-product": """
def product(x, y):
    parts = [0.0] * 4
    for i, s in enumerate(x):
        for j, t in enumerate(y):
            if not i & j:
                parts[i | j] += s * t
    return parts
""",
    "derive-lift": """
lift = lambda f, f1, f2, x: np.array([
    f(x[0]), f1(x[0]) * x[1], f1(x[0]) * x[2], f2(x[0]) * x[1] * x[2] + x[3] * f1(x[0])
])
""",
    "derive-mixed": """
def mixed(x, y):
    sine = lift(np.sin, np.cos, lambda t: -np.sin(t), product((x, 0, 1, 0), (y, 1, 0, 0)))
    *_, last = sine
    return last
""",
    "hessian-answer": """
def hessian_times(f, x, v):
    def slope(x):
        return jvp(f, [x], [v])[1]

    units = np.eye(x.size)
    return np.stack([jvp(slope, [x], [unit])[1] for unit in units])
""",
    "newton-gradients": """
def conjugate_gradients(product, b, steps):
    s, r, d, old = 0 * b, b.copy(), b.copy(), b @ b
    while steps and old > 0:
        steps -= 1
        Hd = product(d)
        alpha = old / np.dot(d, Hd)
        s, r = s + alpha * d, r - alpha * Hd
        new = r @ r
        d, old = r + new / old * d, new
    return s
""",
    "newton-steps": """
def newton(f, x, steps, products):
    if not steps:
        return x
    slope = gradient(f)(x)
    s = conjugate_gradients(lambda v: jvp(gradient(f), (x,), (v,))[1], slope, products)
    return newton(f, x - s, steps - 1, products)
""",
    "newton-enough": "enough = 2.0",
    "debug-answer": """
from dataclasses import dataclass

depth = 0

def level_of(x):
    return getattr(x, "level", 0)

def at(level, z):
    return (z.primal, z.tangent) if level_of(z) == level > 0 else (z, 0 * level)

def parts(x, y):
    level = level_of(x) if level_of(x) > level_of(y) else level_of(y)
    return [level, *at(level, x), *at(level, y)]

@dataclass(frozen=True)
class Leveled:
    primal: object
    tangent: object
    level: int

    def __add__(self, other):
        level, a, b, c, d = parts(self, other)
        return Leveled(a + c, b + d, level)

    def __mul__(self, other):
        level, a, b, c, d = parts(self, other)
        return Leveled(a * c, a * d + b * c, level)

    __radd__, __rmul__ = __add__, __mul__

def differentiate(f):
    def df(x):
        global depth
        depth += 1
        try:
            return at(depth, f(Leveled(x, 1, depth)))[1]
        finally:
            depth -= 1
    return df

def wave(x, shift):
    if not isinstance(x, Leveled):
        return float(np.sin(x + shift * np.pi / 2))
    return Leveled(wave(x.primal, shift), x.tangent * wave(x.primal, shift + 1), x.level)

sin, cos = (lambda x: wave(x, 0)), (lambda x: wave(x, 1))
""",
    "measure-cost": """
def difference(A, h):
    ahead, behind = (gradient(lambda w: loss(w, A))(w + s * h * v) for s in (1, -1))
    return (ahead - behind) / 2 / h

per_value = A.size
cost_gradient = per_value + n * per_value
cost_difference = multiplications(difference, A, 0.01)
cost_product = multiplications(
    lambda M: jvp(gradient(lambda w: loss(w, M)), (w,), (v,))[1], A
)
""",
    "measure-error": """
def relative(answer):
    return np.sqrt(np.sum((answer - exact) ** 2) / np.sum(exact**2))

product_error = relative(jacobian(lambda w: gradient(loss)(w, A))(w) @ v)
errors = np.array([relative(difference(A, h)) for h in steps])
why = "C"
""",
}
