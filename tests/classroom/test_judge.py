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
