"""What a widget's cell builds on, read from the code above it."""

import pytest
from livebook.js.src.imports import imports, needs

# name: (the cells above, the cell, positions of those it needs)
CELLS = {
    "self-contained": (["x = 1"], "from d import W\nW()", []),
    "an import": (["import numpy as np", "np.zeros(1)", "y = 2"], "np.ones(1)", [0]),
    "a value": (["x = 1", "y = 2"], "print(x)", [0]),
    "in turn": (["a = 1", "b = a", "c = 3", "d = b"], "d", [0, 1, 3]),
    "bound again": (["x = 1", "x = 2"], "x", [0, 1]),
    "changed in place": (["x = [1]", "x.append(2)", "y = 1"], "x", [0, 1]),
    "handed to a function": (["def f(v): v[0] = 1", "x = [0]", "f(x)"], "x", [0, 1, 2]),
    "through a function": (
        ["k = 2", "def f(v): return k * v", "k = 3", "z = 1"],
        "f(1)",
        [0, 1, 2],
    ),
    "global": (["def f():\n    global g\n    g = 1", "f()", "z = 1"], "g", [0, 1]),
    "augmented": (["n = 1", "m = 2"], "n += 1", [0]),
    "read before bound": (["n = 1", "m = 2"], "n = n + 1", [0]),
    "bound before read": (["n = 1"], "n = 2\nn", []),
    "bound only perhaps": (["n = 1", "m = 0"], "if True:\n    n = 2\nn", [0]),
    "its own parameters": (["v = 1"], "def f(v): return v\nf(1)", []),
    "a recursive function": (["f = 1"], "def f(n): return f(n - 1) if n else 0\nf(1)", []),
    "a lambda": (["s = 1", "t = 2"], "W(lambda x: s * x)", [0]),
    "a comprehension": (["i = 1", "r = [1]"], "[i for i in r]", [1]),
    "comprehensions in each other": (
        ["i = j = 1", "r = [1]", "k = 1"],
        "{i: [j + k for j in {*r}] for i in {i for i in r}}",
        [1, 2],
    ),
    "bound in a comprehension": (["r = [1]", "w = 1"], "[w := i for i in r]\nw", [0, 1]),
    "a class": (["b = 1", "c = 2"], "class C:\n    a = b\nC()", [0]),
    "a walrus": (["w = 1", "z = 0"], "(w := 2)", []),
    "builtins": (["x = 1"], "print(len([]))", []),
    "a star": (["x = 1", "y = 1"], "from d import *", [0, 1]),
    "a star above": (["from d import *", "y = 1"], "1", [0, 1]),
    "a magic above": (["%matplotlib inline", "y = 1"], "1", [0, 1]),
    "eval": (["x = 1", "y = 1"], "eval('x')", [0, 1]),
    "await": (["async def f(): pass", "x = 1"], "await f()", [0]),
    "another name": (["x = [1]", "y = x", "y.append(2)", "z = 1"], "x", [0, 1, 2]),
}


@pytest.mark.parametrize("name", CELLS)
def test_needs(name):
    above, cell, expected = CELLS[name]
    assert needs([*above, cell]) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import a.b as c, d", ["a.b", "d"]),
        ("from a.b import c, d as e", ["a.b", "a.b.c", "a.b.d"]),
        ("def f():\n    import late", ["late"]),
        ("from . import here", []),
        ("%magic", []),
        ("1", []),
    ],
)
def test_imports(code, expected):
    assert imports(code) == expected
