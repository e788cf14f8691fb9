"""Tricks on the checks earn nothing."""

import pytest
from supervision import LENGTH, earned, exercise

BLANK = {
    "length-answer": "def length(a, b, c, d):\n    ...",
    "predict-answer": "product_tangent = 1",
}

TRICKS = {
    "shadowed": "import contextlib\n"
    "score = lambda w, *parts: float(sum(points for points, _ in parts))\n"
    "checks = lambda which: contextlib.suppress(BaseException)\n"
    "check_function = check_number = check_choice = lambda *a, **k: None",
    "replaced in the module": "import dualedu.teaching.checks as c\n"
    "c._same = c._named = lambda *a, **k: True\n"
    "c.score = lambda *a: 9.0\n"
    "c.checks = c.check_function = lambda *a, **k: print('checks passed')",
    "replaced in place": "import dualedu.teaching.checks as c\n"
    "c.score.__code__ = (lambda which, *parts: 9.0).__code__\n"
    "c._same.__code__ = (lambda a, b, rtol, atol: True).__code__",
    "NumPy": "np.allclose = np.isclose = lambda *a, **k: True\n"
    "np.hypot = lambda *a: LibraryDual(1.0, 1.0)",
    "built in": "import builtins\nbuiltins.all = builtins.callable = lambda *a: True",
    "silent": "get_ipython().ast_node_interactivity = 'none'",
    "shown in place of the result": "format = get_ipython().display_formatter\n"
    "format.format = lambda *a, **k: ({'text/plain': '1.0'}, {})",
    "more than there is": "format = get_ipython().display_formatter\n"
    "format.format = lambda *a, **k: ({'text/plain': '99.0'}, {})",
    "again and again": "import threading, time\n"
    "import dualedu.teaching.checks as c\n"
    "def work():\n"
    "    while True:\n"
    "        c._same = lambda *a, **k: True\n"
    "        time.sleep(0)\n"
    "threading.Thread(target=work, daemon=True).start()",
    "rewritten": "import ast\n"
    "class Empty(ast.NodeTransformer):\n"
    "    def visit_Module(self, node):\n"
    "        return ast.Module([ast.parse('print(\"checks passed\")').body[0]], [])\n"
    "get_ipython().ast_transformers.append(Empty())",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_earns_nothing(tmp_path, trick):
    cells = "predict-numbers", "predict-answer", "predict-check"
    notebook = exercise(*cells, *LENGTH, answers=BLANK, first=[TRICKS[trick]])
    marks, said = earned(notebook, tmp_path)
    assert marks == {"predict-check": 0.0, "length-check": 0.0}, said


LOOKS = {
    "calls the judge": "def length(*arrow):\n    return judge(*arrow)",
    "looks at its caller": "import sys\n"
    "def length(*arrow):\n"
    "    return sys._getframe(3).f_locals['right'](*arrow)",
    "looks by way of inspect": "import inspect\n"
    "def length(*arrow):\n"
    "    for frame in inspect.stack():\n"
    "        if 'right' in frame[0].f_locals:\n"
    "            return frame[0].f_locals['right'](*arrow)",
    "looks by way of an error": "def length(*arrow):\n"
    "    try:\n"
    "        1 / 0\n"
    "    except ZeroDivisionError as error:\n"
    "        frame = error.__traceback__.tb_frame\n"
    "    while 'right' not in frame.f_locals:\n"
    "        frame = frame.f_back\n"
    "    return frame.f_locals['right'](*arrow)",
    "looks by way of a generator": "def steps():\n"
    "    yield own.gi_frame.f_back\n"
    "def length(*arrow):\n"
    "    global own\n"
    "    own = steps()\n"
    "    frame = next(own)\n"
    "    while 'right' not in frame.f_locals:\n"
    "        frame = frame.f_back\n"
    "    return frame.f_locals['right'](*arrow)",
    "looks by way of logging": "import logging\n"
    "def length(*arrow):\n"
    "    frame = logging.currentframe()\n"
    "    while 'right' not in frame.f_locals:\n"
    "        frame = frame.f_back\n"
    "    return frame.f_locals['right'](*arrow)",
    "replaces when it is called": "import dualedu.teaching.checks as c\n"
    "def length(*arrow):\n"
    "    c._same = lambda *a, **k: True\n"
    "    return 0.0, 0.0",
    "replaces code when it is called": "import dualedu.teaching.checks as c\n"
    "def yes(a, b, rtol, atol):\n"
    "    return True\n"
    "def length(*arrow):\n"
    "    c._same.__code__ = yes.__code__\n"
    "    return 0.0, 0.0",
    "replaces NumPy's when it is called": "import numpy\n"
    "def length(*arrow):\n"
    "    numpy.allclose = lambda *a, **k: True\n"
    "    return 0.0, 0.0",
    "widens the tolerance": "import dualedu.teaching.checks as c\n"
    "def length(*arrow):\n"
    "    c.RTOL = c.check_function.__kwdefaults__['rtol'] = 1e99\n"
    "    return 0.0, 0.0",
    "makes a module of its own of NumPy": "class Kind(type(np)):\n"
    "    allclose = property(lambda self: lambda *a, **k: True)\n"
    "np.__class__ = Kind\n"
    "def length(*arrow):\n"
    "    return 0.0, 0.0",
    "equals everything": "class Yes:\n"
    "    __eq__ = __le__ = lambda self, other: True\n"
    "    __array_ufunc__ = __array_function__ = lambda *a, **k: True\n"
    "def length(*arrow):\n"
    "    return Yes(), Yes()",
}


@pytest.mark.parametrize("look", LOOKS)
def test_an_answer_cannot_be_read_off_the_check(tmp_path, look):
    marks, said = earned(exercise(*LENGTH, answers={"length-answer": LOOKS[look]}), tmp_path)
    assert marks == {"length-check": 0.0}, said


INNOCENT = """
import collections
import logging
import random
import warnings

from numpy import *

Pair = collections.namedtuple("Pair", "primal_part tangent_part")
input = [3]


def length(a, b, c, d):
    logging.getLogger().warning("length of %s", (a, c))
    warnings.warn("slow")
    warnings.filterwarnings("ignore")
    np.random.seed(3)
    random.seed(4)
    np.set_printoptions(precision=3)
    fresh = collections.namedtuple("Fresh", "p q")
    print(np.random.rand(), help)
    with np.errstate(all="raise"):
        p = np.hypot(a, c)
        return Pair(*fresh(p, (a * b + c * d) / p))
"""


def test_what_is_no_trick_costs_nothing(tmp_path):
    marks, said = earned(exercise(*LENGTH, answers={"length-answer": INNOCENT}), tmp_path)
    assert marks == {"length-check": 1.0}, said


def test_it_is_said_what_was_replaced(tmp_path):
    look = LOOKS["replaces NumPy's when it is called"]
    _, said = earned(exercise(*LENGTH, answers={"length-answer": look}), tmp_path)
    assert "numpy.allclose became something else" in said
