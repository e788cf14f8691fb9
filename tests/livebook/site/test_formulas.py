"""Formulas set when the book is built: what is found in a page, what is coloured, what is left."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from livebook import settings
from livebook.site import formulas, mathjax

BOOK, _ = settings.read(Path(__file__).parents[3])
P, T = r"\class{primal}", r"\class{tangent}"

COLOURED = [
    (r"a + b\varepsilon", rf"{P}{{a}} + {T}{{b\varepsilon}}"),
    (r"0.5 - \varepsilon", rf"{P}{{0.5}} - {T}{{\varepsilon}}"),
    (r"0.84 + 1.38\,\varepsilon", rf"{P}{{0.84}} + {T}{{1.38\,\varepsilon}}"),
    (
        r"(a + b\varepsilon)(c+d\varepsilon)",
        rf"({P}{{a}} + {T}{{b\varepsilon}})({P}{{c}}+{T}{{d\varepsilon}})",
    ),
    (r"e^{c + d\varepsilon}", rf"e^{{{P}{{c}} + {T}{{d\varepsilon}}}}"),
    # What is no pair: a power of ε, one of several, a part of a longer name or of a product.
    (r"a + b\varepsilon^2", None),
    (r"x + \varepsilon_1", None),
    (r"\alpha + b\varepsilon", None),
    (r"2a + b\varepsilon", None),
    (r"x^a + b\varepsilon", None),
    (r"\varepsilon^2 = 0", None),
]


@pytest.mark.parametrize(("tex", "done"), COLOURED, ids=[tex for tex, _ in COLOURED])
def test_a_pair_has_its_two_colours(tex, done):
    assert formulas.classed(tex, BOOK.formulas) == (done or tex)


def test_each_named_group_that_is_there_gets_its_class():
    parts = re.compile(r"(?P<left>[a-z])(?P<index>_\d)?=(?P<right>\d)")
    done = formulas.classed("x=1, y_0=2, 3", parts)
    assert done == (
        r"\class{left}{x}=\class{right}{1}, \class{left}{y}\class{index}{_0}=\class{right}{2}, 3"
    )


def test_a_book_that_names_no_parts_has_its_formulas_as_they_are(tmp_path):
    html, _ = formulas.set_all(tmp_path, [(r"a + b\varepsilon", False)])
    assert "primal" not in str(html)
    assert settings.read(Path(__file__).parents[1] / "foreign")[0].formulas is None


SCRIPT = '<script defer src="../_static/mathjax/mathjax.js?v=1"></script>'
CONFIG = '<script>window.MathJax = {"loader": {}}</script>'
LINE = r'<span class="math notranslate nohighlight">\(a &lt; b\)</span>'
BLOCK = r"""<div class="math notranslate nohighlight" id="equation-one">
<span class="eqno">(1)<a href="#equation-one">#</a></span>\[x^2\]</div>"""


def page(body):
    return f"<html><head>{SCRIPT}{CONFIG}</head><body>{body}</body></html>"


def test_what_is_found_is_set_and_then_no_script_is_left():
    whole = page(f"<p>{LINE}</p>{BLOCK}")
    assert list(formulas.found(whole)) == [("a < b", False), (r"x^2", True)]
    html = {
        ("a < b", False): "<mjx-container>1</mjx-container>",
        ("x^2", True): "<mjx-container>2</mjx-container>",
    }
    done = formulas.with_formulas(whole, html)
    assert "mathjax" not in done.lower()
    assert 'data-tex="a &lt; b" data-display="false">1<' in done
    assert done.index("(1)") < done.index(">2<") < done.index("</div>")
    # A page that is not built again is part of the next build's sheet all the same.
    assert list(formulas.found(done)) == [("a < b", False), ("x^2", True)]
    assert formulas.with_formulas(done, html) == done
    again = html | {("x^2", True): "<mjx-container>3</mjx-container>"}
    assert formulas.with_formulas(done, again) == done.replace(">2<", ">3<")


@pytest.mark.parametrize("left", [r"<p>\(y\)</p>", '<div class="tex2jax_process">$y$</div>'])
def test_where_something_is_left_the_script_stays(left):
    done = formulas.with_formulas(page(LINE + left), {("a < b", False): "<mjx-container>"})
    assert SCRIPT in done
    assert CONFIG in done


def test_what_a_page_sets_itself_is_as_large_as_what_the_build_sets(tmp_path):
    html, _ = formulas.set_all(tmp_path, [("x", False)])
    config = SimpleNamespace(mathjax3_config=None)
    mathjax.configure(config)
    assert f"font-size: {config.mathjax3_config['chtml']['scale']:.0%};" in html["x", False]
