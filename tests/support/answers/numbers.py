"""Answers to the exercises of Part 1: typical wrong ones, and right ones in another style.

WRONG        exercise: a list of (edits, points, message). The edits turn the source's solution
             into the wrong answer, which earns the points and is told something with the message
OTHER_STYLE  answer cell: a right solution that looks different
"""

WRONG = {
    "predict": [
        ({"a * d + b * c": "b * d"}, 2, "product of the tangents"),
        ({"a * d + b * c": "a * d"}, 2, "bc is missing"),
        ({"a * d + b * c": "b + d"}, 2, "the tangent of the sum"),
        ({"(b * c - a * d) / c**2": "(a * d - b * c) / c**2"}, 2, "sign is turned round"),
        ({"(b * c - a * d) / c**2": "(b * c - a * d) / c"}, 2, "c², not c"),
        ({"(b * c - a * d) / c**2": "b / d"}, 2, "quotient of the tangents"),
        ({'"b"': '"a"'}, 2, "y has an inverse"),
        ({'"b"': '"C"'}, 2, "the primal of xy is ac"),
        ({'"b"': '"epsilon"'}, 2, "should be one of 'a', 'b', 'c'"),
        ({"a * d + b * c": "[a * d, b * c]"}, 2, "should be one number"),
        ({"a * d + b * c": "a * c + b * d"}, 2, "ac is the primal, and bd"),
        ({'"b"': "b"}, 2, "write one letter, in quotes"),
        ({"a * d + b * c": '"46"'}, 2, "leave out the quotes"),
    ],
    "length": [
        ({"(a * b + c * d) / p": "np.sqrt(b**2 + d**2)"}, 0, "length of the arrow of tangents"),
        ({"(a * b + c * d) / p": "a * b + c * d"}, 0, "division by p is missing"),
        ({"(a * b + c * d) / p": "2 * (a * b + c * d) / p"}, 0, "factors 2 cancel"),
        ({"(a * b + c * d) / p": "a * b / p"}, 1, "only the first component moves"),
        ({"(a * b + c * d)": "(a * b - c * d)"}, 1, "and so are their tangents"),
        ({"(a * b + c * d) / p": "a * b / p if b == 1 else (a + c) / p"}, 0, "that come in"),
        ({"return p, ": "return p + "}, 0, "but (5, 0.6) is expected"),
        ({"a**2 + c**2": "a**2 + q**2"}, 0, "stops at NameError"),
        ({"return p, (a * b + c * d) / p": "..."}, 0, "returns nothing"),
        ({"(a * b + c * d) / p": "(a * d + c * b) / p"}, 0, "a meets its own tangent b"),
        ({"return p, (a * b + c * d) / p": "print(p)"}, 0, "and end it with return"),
    ],
    "dual": [
        ({"a * d + b * c": "b * d"}, 6, "cross terms ad and bc"),
        ({"a * d + b * c": "b + d"}, 6, "derivative of the sum"),
        ({"self.tangent + other.tangent": "self.tangent"}, 6, "tangent of y is missing"),
        ({"other, self.tangent)": "other, self.tangent + 1.0)"}, 6, "got the tangent 1"),
        (
            {"self.tangent * other)": "self.primal * 0.0 + self.tangent * other)"},
            6,
            "0 times infinity",
        ),
        ({"(b * c - a * d)": "(a * d - b * c)"}, 6, "bc comes first"),
        ({"(b * c - a * d) / c**2": "b / d"}, 6, "divides part by part"),
        ({"-number * self.tangent": "number * self.tangent"}, 6, "the minus is missing"),
        ({"-number * self.tangent": "-self.tangent"}, 6, "the factor k is missing"),
        (
            {"self.tangent / other)": "(self.tangent * other - self.primal * 0.0) / other**2)"},
            6,
            "in x / k the constant became a Dual",
        ),
        ({" * self.tangent)\n": ")\n"}, 6, "no chain rule"),
        ({"if n == 0:": "if False:"}, 6, "stops at ZeroDivisionError"),
        ({"return Dual(1.0, 0.0)": "return Dual(0.0, 0.0)"}, 6, "x⁰ is the constant 1"),
        (
            {"return Dual(a * c, a * d + b * c)": "return a * c, a * d + b * c"},
            6,
            "and not as a pair",
        ),
        (
            {"self.primal + other, self.tangent)": "self.primal + other, 0.0)"},
            6,
            "takes nothing away",
        ),
        ({"(b * c - a * d) / c**2": "(b * c - a * d) / c"}, 6, "the denominator is c², not c"),
        (
            {"Dual(number / self.primal, -number * ": "self / number\n        Dual(1, "},
            6,
            "came out as x / k",
        ),
        ({"self.tangent / self.primal**2": "self.tangent / self.primal"}, 6, "is a², not a"),
        ({"self.tangent / other)": "self.tangent)"}, 6, "divided by k as well"),
        ({"self.primal ** (n - 1)": "self.primal ** n"}, 6, "the exponent falls by one"),
        ({"n * self.primal ** (n - 1)": "self.primal ** (n - 1)"}, 6, "the factor n is missing"),
        ({"return Dual(1.0, 0.0)": "return 1.0"}, 6, "return a Dual here as well"),
        (
            {"return Dual(1.0, 0.0)": "return Dual(1.0, self.tangent)"},
            6,
            "does not move: its tangent is 0",
        ),
    ],
    "debug": [
        ({'{"log", "tan"}': '{"log"}'}, 3, "a wrong rule is missing"),
        ({'{"log", "tan"}': '{"log", "tan", "cube"}'}, 2, "the rule of cube is right"),
        ({"b / a)": "1 / a)"}, 3, "the tangent b that comes in"),
        ({"b / a)": "b / a**2)"}, 3, "right only at a = 1"),
        ({"(1 + np.tan(a) ** 2) * b": "1 + np.tan(a) ** 2"}, 3, "right only at b = 1"),
        ({"(1 + np.tan(a) ** 2) * b": "1 + np.tan(a) ** 2 * b"}, 3, "brackets are missing"),
        ({'{"log", "tan"}': "2"}, 2, "should be names in quotes"),
        ({"b / a)": "a / b)"}, 3, "turn the quotient round"),
        ({"(np.log(a), b / a)": "b / a"}, 3, "a rule gives the pair"),
    ],
    "measure": [
        ({"abs(": "("}, 1, "take its absolute value"),
        (
            {"/ f(LibraryDual(x, 1.0)).tangent - 1": "- f(LibraryDual(x, 1.0)).tangent"},
            2,
            "divide by",
        ),
        (
            {"f(x - steps)) / (2 * steps)": "f(x)) / steps", "steps[np.argmin(errors)]": "1e-8"},
            0,
            "forward difference; step to both",
        ),
        ({"(2 * steps)": "steps"}, 0, "divided by h"),
        (
            {"np.log(errors[0] / errors[3]) / np.log(steps[0] / steps[3])": "-2"},
            3,
            "positive slope",
        ),
        ({"/ np.log(steps[0] / steps[3])": "/ np.log(10)"}, 3, "that is 2 for each"),
        ({"steps[np.argmin(errors)]": "steps[-1]"}, 3, "rounding errors grow"),
        ({"steps[np.argmin(errors)]": "1e-8"}, 3, "the central one stops sooner"),
        ({"steps[np.argmin(errors)]": "np.argmin(errors)"}, 3, "not its exponent or its place"),
        ({"steps[np.argmin(errors)]": "min(errors)"}, 3, "the step that has it"),
        ({"/ np.log(steps[0] / steps[3])": "* 0 + 100"}, 3, "100 = 10ᵖ"),
    ],
    "jet": [
        ({" + b1 * b2": ""}, 0, "the term b₁b₂δ² is missing"),
        ({"a1 * c2 + b1 * b2 + c1 * a2": "b1 * b2"}, 0, "a₁c₂ and c₁a₂ are missing"),
        ({"a1 * b2 + b1 * a2, a1 * c2 + b1 * b2 + c1 * a2": "b1 * b2, c1 * c2"}, 0, "part by part"),
        ({"return 2 * product": "return product"}, 2, "half of the second derivative"),
        ({"return 2 * product(seed, product(seed, seed))[2]": "return 3 * x**2"}, 2, "the first"),
        ({"b1 * b2 + c1": "2 * b1 * b2 + c1"}, 0, "b₁b₂ stands once"),
        (
            {"2 * product(seed, product(seed, seed))[2]": "product(seed, product(seed, seed))"},
            2,
            "one number made of it",
        ),
        (
            {"product(seed, product(seed, seed))": "product(seed, seed)"},
            2,
            "x³ takes two products",
        ),
        (
            {"return a1 * a2, ": "found = a1 * a2, "},
            0,
            "product is not right yet",
        ),
    ],
}

OTHER_STYLE = {
    "student": "student = '  ada   LOVELACE '",
    "predict-answer": """
from dualedu import Dual as D
product_tangent = (D(float(a), float(b)) * D(float(c), float(d))).tangent
quotient_tangent = round(float((D(float(a), b) / D(float(c), d)).tangent), 4)
no_inverse = "B "
""",
    "length-answer": """
def arrow(a, b, c, d):
    z = np.hypot(LibraryDual(a, b), LibraryDual(c, d))
    return [z.primal.item(), z.tangent.item()]

length = arrow
""",
    "dual-answer": """
from dataclasses import dataclass
from numbers import Real

@dataclass(frozen=True)
class Dual:
    primal: float
    tangent: float

    def __add__(x, y):
        match y:
            case Dual(c, d):
                return Dual(x.primal + c, x.tangent + d)
            case Real():
                return Dual(x.primal + y, x.tangent)
        return NotImplemented

    def __mul__(x, y):
        match y:
            case Dual(c, d):
                return Dual(x.primal * c, x.primal * d + x.tangent * c)
            case Real():
                return Dual(x.primal * y, x.tangent * y)
        return NotImplemented

    def inverse(x):
        return Dual(1 / x.primal, -x.tangent / x.primal / x.primal)

    def __truediv__(x, y):
        return x * y.inverse() if isinstance(y, Dual) else x * (1 / y)

    def __rtruediv__(x, k):
        return k * x.inverse()

    def __pow__(x, n):
        result = Dual(1.0, 0.0)
        for _ in range(abs(n)):
            result = result * x
        return result if n >= 0 else result.inverse()

    __radd__, __rmul__ = __add__, __mul__
""",
    "debug-answer": "wrong_rules = ['tan', 'log']",
    "debug-repair": """
def rule(f):
    def lifted(a, b):
        z = f(LibraryDual(a, b))
        return z.primal, z.tangent
    return lifted

REPAIRED = {name: rule(getattr(np, name)) for name in ("exp", "log", "tan")}
""",
    "measure-answer": """
slope = f(LibraryDual(x, 1.0)).tangent
errors = [abs((f(x + h) - f(x - h)) / (2 * h) - slope) / abs(slope) for h in steps]
order = np.polyfit(np.log(steps[:4]), np.log(errors[:4]), 1)[0]
best = 1e-5
""",
    "jet-answer": """
def product(x, y):
    terms = np.zeros(3)
    for i, s in enumerate(x):
        for j, t in enumerate(y):
            if i + j < 3:
                terms[i + j] += s * t
    return tuple(terms)

second_derivative_of_cube = lambda x: product(product((x, 1, 0), (x, 1, 0)), (x, 1, 0))[2] * 2.0
""",
}
