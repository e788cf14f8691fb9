"""What the tests of notebooks for JupyterLite share."""

from types import SimpleNamespace

import pytest
from livebook.lite import plain

PAGE = "part/page"
NUMBERS = {
    PAGE: {"displaymath": {"equation-eq-rule": (2, 5)}, "figure": {"fig-v": (2, 1)}},
    "part/other": {"theorem": {"thm-inverse": (3, 2)}, "exercise": {"ex-one": (3, 1)}},
}


@pytest.fixture
def book(tmp_path):
    """A book of two pages and a download, as Sphinx knows it when its pages are written."""
    env = SimpleNamespace(
        toc_fignumbers=NUMBERS,
        found_docs={*NUMBERS},
        dlfiles={"results/run.json": ({PAGE}, "ab12/run.json")},
        srcdir=tmp_path,
    )
    builder = SimpleNamespace(get_target_uri=lambda page: f"{page}.html")
    return plain.Plain(SimpleNamespace(env=env, builder=builder))
