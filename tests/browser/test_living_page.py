"""One living page: run, edit, put back, stop; what comes out; what it says when it cannot start."""

import base64
import json
import zlib

import pytest
from browsers import BOTH, settled
from living_page import START, LivingPage

expect = pytest.importorskip("playwright.sync_api").expect

PAGE = "book/1-numbers/algebra.html"


@pytest.fixture(scope="module")
def shared(open_page, book):
    """One living page for all that leaves it as it was: its cell 2 is written over."""
    living = LivingPage(open_page(), f"{book}/{PAGE}")
    living.start()
    yield living
    living.assert_quiet()
    living.page.context.close()


@BOTH
def test_before_it_is_live_a_page_loads_neither_widgets_nor_python(new_page, pages):
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{pages}/{PAGE}")
    page.locator(".live-start").wait_for()
    settled(page)
    heavy = ("front-", "alive.css", "worker.js", "manifest.json", "pyodide")
    assert [url for url in asked if any(name in url for name in heavy)] == []


@BOTH
def test_a_cell_is_edited_run_and_put_back(shared):
    book_output = shared.cell(2).locator(".cell_output").first
    assert shared.run(1) == ""
    assert "9" in shared.run(2)
    assert shared.run(2, "print('mine', 6 * 7)").strip() == "mine 42"
    assert book_output.is_hidden()
    shared.cell(2).get_by_role("button", name="Show the book's output").click()
    assert book_output.is_visible()
    assert shared.output(2).is_hidden()
    shared.cell(2).get_by_role("button", name="Show your output").click()
    assert shared.output(2).is_visible()
    shared.cell(2).get_by_role("button", name="Put the book's code back").click()
    assert shared.cell(2).locator(".cm-content").inner_text() == "x = Dual(3.0, 1.0)\nx * x"


UNREAD = [
    ("def f(x):\n        return x\n    return 3", "return 3"),
    ("if True:\n    x=1\n  y=2", "y=2"),
]
"""What the kernel finds while it reads a cell. Firefox is driven by keys, which indent by
themselves: there these would be other code."""


@pytest.mark.parametrize(("code", "line"), UNREAD)
def test_a_mistake_in_reading_leaves_python_as_it_was(code, line, shared):
    shared.run(2, "before = 'still here'")
    assert shared.run(2, code).strip().splitlines() == [
        f"line 3: {line}",
        "IndentationError: unindent does not match any outer indentation level",
    ]
    assert shared.run(2, "before").strip() == "'still here'"
    assert shared.bar.get_attribute("data-state") == "live"


def test_a_run_by_the_keyboard_keeps_its_place_and_its_end_is_spoken(shared):
    shared.write(2, "times = globals().get('times', 0) + 1\nprint('run', times, '\\nb')")
    run = shared.cell(2).get_by_role("button", name="Run cell 2")
    status = shared.cell(2).get_by_role("status")
    run.press("Enter")
    status.get_by_text("Cell 2 ran: 2 lines.").wait_for()
    assert run.evaluate("button => button === document.activeElement")
    shared.page.keyboard.press("Enter")  # the focus is where it can be pressed again
    shared.output(2).get_by_text("run 2").wait_for()
    shared.run(2, "1 / 0")
    assert status.inner_text() == "Cell 2: ZeroDivisionError."


@BOTH
def test_shift_enter_runs_the_cell(shared):
    shared.write(2, "print('by', 'keyboard')")
    shared.page.keyboard.press("Shift+Enter")
    shared.output(2).get_by_text("by keyboard").wait_for()


OUTPUTS = [
    ("import sys; print('a'); print('b', file=sys.stderr); print('c')", "a\nb\nc"),
    ("1 + 1", "2"),
    ("await __import__('asyncio').sleep(0.01); print('awaited')", "awaited"),
    ("from IPython.display import Markdown; Markdown('a *b* `c`')", "a b c"),
    ("from IPython.display import HTML; HTML('<b>bold</b> text')", "bold text"),
    ("from IPython.display import clear_output; print(1); clear_output(); print(2)", "2"),
    (
        "def f(x):\n    return 1 / x\n\nf(0)",
        "line 2: return 1 / x\nZeroDivisionError: division by zero",
    ),
    ("1 +", "line 1: 1 +\n           ^\nSyntaxError: invalid syntax"),
    (
        "if x:\n    f(1, 2 3)",
        "line 2: f(1, 2 3)\n             ^^^\n"
        "SyntaxError: invalid syntax. Perhaps you forgot a comma?",
    ),
    ("if True:\n\tx = 1\n        y = 2", "inconsistent use of tabs and spaces in indentation"),
    (
        "%pip install anything",
        "Nothing can be installed here: a page asks no other host. Its Python has anywidget, "
        "dualedu, ipywidgets, matplotlib, numpy and the standard library; import what you need.",
    ),
    ("!pip install anything", "RuntimeError: there is no shell in a page, and so no pip"),
    ("files = !ls", "RuntimeError: there is no shell in a page, and so no ls"),
    ("exit", "RuntimeError: a page's Python is ended by its buttons, Stop and Restart Python"),
    ("import os; os._exit(1)", "ended by its buttons, Stop and Restart Python"),
    (
        "import scipy.linalg",
        "ModuleNotFoundError: No module named 'scipy'\n"
        "This page's Python has anywidget, dualedu, ipywidgets, matplotlib, numpy and the standard "
        "library, but not scipy. Take the page as a notebook, with “Download with your changes” "
        "above, to a Python that has it.",
    ),
    ("import nunpy", "ModuleNotFoundError: No module named 'nunpy'\nDid you mean numpy?"),
    ("import os; os.pathh", "has no attribute 'pathh'. Did you mean: 'path'?"),
    ("known = 1; knowns", "NameError: name 'knowns' is not defined. Did you mean: 'known'?"),
    ("'a' * 1_000_000", "all of it is 1,000,002 characters, more than a page can show"),
    ("raise ValueError('b' * 1_000_000)", "b …"),
    ("nowhere", "line 1: nowhere\nNameError: name 'nowhere' is not defined"),
    (
        "input('?')",
        "RuntimeError: input() cannot wait in a page: write the value into the code instead",
    ),
    ("print('<img src=x onerror=alert(1)>')", "<img src=x onerror=alert(1)>"),
    ("import warnings; warnings.warn('careful')", "UserWarning: careful"),
]


@BOTH
@pytest.mark.parametrize(("code", "expected"), OUTPUTS, ids=[code[:30] for code, _ in OUTPUTS])
def test_output(code, expected, shared):
    lines = [line for line in shared.run(2, code).splitlines() if line.strip()]
    assert "\n".join(lines).endswith(expected)


@BOTH
def test_an_error_is_a_few_lines_however_deep_it_happened(shared):
    said = shared.run(2, "def f(n):\n    return f(n + 1)\n\nf(0)")
    assert said.strip().splitlines()[-1].startswith("RecursionError")
    assert len(said.strip().splitlines()) <= 3


def test_a_display_is_updated_where_it_stands(shared):
    said = shared.run(
        2, "h = display('first', display_id=True); print('after'); h.update('second')"
    )
    assert said.split() == ["'second'", "after"]
    shared.run(2, "h.update('third'); print('no place of its own')")


def test_printing_without_end_does_not_choke_the_page(shared):
    said = shared.run(2, "for i in range(200_000): print('a line of text', i)")
    assert "more was printed than a page can show" in said
    assert len(said) < 300_000


@BOTH
def test_a_matplotlib_picture_has_words(shared):
    shared.run(1)
    shared.page.evaluate("""() => {
      const seen = new MutationObserver(() => requestAnimationFrame(() => {
        for (const image of document.querySelectorAll(".live-output img")) {
          image.dataset.shownWith ??= image.alt;
        }
      }));
      seen.observe(document.body, { childList: true, subtree: true });
    }""")
    shared.run(2, "plt.plot([1, 2, 3]); plt.show()")
    assert shared.output(2).locator("img").count() == 1
    shared.page.wait_for_selector("[data-shown-with='A picture drawn by this cell']")


@BOTH
def test_python_reaches_no_other_server(new_page, book, serve, site):
    # Another port is another origin, and one that could be reached.
    code = """
from js import Object, fetch
from pyodide.ffi import to_js
options = to_js({"mode": "no-cors"}, dict_converter=Object.fromEntries)
try:
    await fetch("ADDRESS", options)
except BaseException as error:
    print("refused")
"""
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    living.start()
    other = serve(site)
    assert living.run(2, code.replace("ADDRESS", f"{book}/objects.inv")).strip() == ""
    assert living.run(2, code.replace("ADDRESS", f"{other}/objects.inv")).strip() == "refused"


def test_a_missing_name_is_traced_to_the_cell_that_failed(shared):
    shared.run(3, "defined = 1 / 0")
    shared.run(4, "defined")
    said = shared.cell(4).locator(".live-status").inner_text()
    assert said == "Cell 4: NameError. Cell 3 ended with an error."
    assert "ran" in shared.run(3, "print('ran')")


@pytest.mark.parametrize("width", [900, 360])
def test_an_output_takes_as_much_room_as_the_book_s(width, new_page, book):
    living = LivingPage(new_page(width=width), f"{book}/{PAGE}")
    height = "livePage.cells.slice(3, 6).map((cell) => cell.root.offsetHeight)"
    stored = living.page.evaluate(height)
    for number in (4, 5, 6):  # words, words, and a picture with its caption
        living.run(number)
    living.page.wait_for_function("() => livePage.cells[5].live.style.minHeight === ''")
    assert living.page.evaluate(height) == stored
    living.assert_quiet()


@BOTH
def test_run_all_above(shared):
    shared.cell(4).get_by_role("button", name="Run all cells above cell 4").click()
    shared.page.wait_for_selector(".cell[data-ran=ok]:has([aria-label='Cell 3'])")


@BOTH
def test_a_run_is_stopped_and_python_starts_again(new_page, book):
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    living.start()
    living.run(2, "mine = 1")
    living.write(2, "while True: pass")
    living.page.keyboard.press("Shift+Enter")
    # The keyboard keeps its place, from the button that was pressed to the one that is left.
    run, stop = (
        living.cell(2).get_by_role("button", name=n) for n in ("Run cell 2", "Stop Python")
    )
    stop.press("Enter")
    assert run.evaluate("button => button === document.activeElement")
    assert living.cell(2).get_by_role("status").inner_text() == "Cell 2 was stopped."
    assert "the names it knew are gone" in living.bar.inner_text()
    # The cells above come first, but for the one that had to be stopped.
    assert "NameError: name 'mine' is not defined" in living.run(4, "mine")
    said = living.cell(4).locator(".live-status").inner_text()
    assert said == "Cell 4: NameError. Cell 2 was stopped."
    living.assert_quiet()


def test_what_answers_a_prediction_is_folded_until_its_cell_runs(new_page, book):
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    fold = living.cell(2).locator("summary")
    stored = living.cell(2).locator(".cell_output:not(.live-output)")
    meaning = living.page.get_by_text("nobody took a limit")
    assert (stored.is_visible(), meaning.is_visible()) == (False, False)
    fold.click()
    assert (stored.is_visible(), meaning.is_visible()) == (True, True)
    fold.click()
    living.start()
    assert "9" in living.run(2)
    assert (living.output(2).is_visible(), meaning.is_visible()) == (True, True)
    living.assert_quiet()


@BOTH
def test_keyboard_alone(new_page, book):
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    page = living.page
    page.locator(".live-start").focus()
    page.keyboard.press("Enter")
    living.wait_live()
    page.locator(".cm-content").first.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\nprint('typed')")
    page.keyboard.press("Shift+Enter")
    living.output(1).get_by_text("typed").wait_for()
    editing = "document.activeElement.matches('.cm-content')"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")  # the editor holds nobody
    assert not page.evaluate(editing)


def test_tab_indents_and_escape_leads_out(shared):
    code, keyboard = shared.cell(2).locator(".cm-content"), shared.page.keyboard

    def shows(text):  # for a moment after a key the browser's own line may still stand there
        shared.page.wait_for_function(
            "([code, text]) => code.innerText === text", arg=[code.element_handle(), text]
        )

    # The editor reads code beside other work: on a busy machine Enter may come before that.
    for _ in range(20):
        shared.write(2, "if True:")
        keyboard.press("Enter")
        if code.inner_text() == "if True:\n    ":
            break
    keyboard.press("Tab")  # one level more than Enter gave
    keyboard.type("x")
    shows("if True:\n        x")
    keyboard.press("Shift+Tab")
    shows("if True:\n    x")
    keyboard.press("Control+k")
    assert code.evaluate("code => code === document.activeElement")  # the page's search stays shut
    shared.write(2, "a\nb")
    keyboard.press("Control+a")
    keyboard.press("Tab")
    shows("    a\n    b")
    keyboard.press("Shift+Tab")
    shows("a\nb")
    keyboard.press("Escape")
    keyboard.press("Tab")
    assert not shared.page.evaluate("document.activeElement.matches('.cm-content')")
    assert "Escape, then Tab leaves it" in code.get_attribute("aria-label")


COMPLETIONS = [
    ("import numpy as np\nnp.arcco", ["np.arccos", "np.arccosh"]),
    ("gradient_of_mine = 1\nprint(gradient_of", ["gradient_of_mine"]),
]


@pytest.mark.parametrize(("code", "names"), COMPLETIONS)
def test_names_come_from_the_python_that_runs(code, names, shared):
    shared.run(2, code.rpartition("\n")[0])
    shared.write(2, code)
    shared.page.keyboard.press("Control+Space")
    offered = shared.page.locator(".cm-tooltip-autocomplete li")
    offered.first.wait_for()
    assert [name.rpartition(".")[2] for name in offered.all_inner_texts()] == [
        name.rpartition(".")[2] for name in names
    ]
    shared.page.wait_for_timeout(100)  # CodeMirror takes no key in the first moment
    shared.page.keyboard.press("Enter")
    assert shared.cell(2).locator(".cm-content").inner_text().endswith(names[0])


SIGNATURES = [
    (
        "def mine(x: 'ndarray', *, step=1e-3) -> None:\n    'Half\\n    of it.\\n\\n    More.'",
        "mine",
        "mine(x, *, step=0.001)\n\nHalf of it.",
    ),
    ("import math", "math.hypot", "hypot(*coordinates) -> value"),
]
"""Of Python's own functions, and of compiled ones that have it in their first line."""


@pytest.mark.parametrize(("code", "name", "signature"), SIGNATURES)
def test_an_open_parenthesis_shows_what_belongs_in_it(code, name, signature, shared):
    shared.run(2, code)
    shared.write(2, name)
    shared.page.keyboard.type("(")
    shown = shared.page.locator(".live-signature")
    shown.get_by_text(signature.partition("\n")[0]).wait_for()
    assert shown.inner_text().startswith(signature)
    shared.page.keyboard.type("(1, 2), 3")
    assert shown.is_visible()
    shared.page.keyboard.type(")")
    shown.wait_for(state="detached")


AWAY = [
    "from IPython.display import HTML\nHTML('<meta http-equiv=refresh content=\"0; url={}\">')",
    "import ipywidgets\nipywidgets.HTML('<meta http-equiv=refresh content=\"0; url={}\">')",
    "import anywidget\nanywidget.AnyWidget("
    "_esm='export default {{ render() {{ location = \"{}\"; }} }}')",
]


@pytest.mark.parametrize("code", AWAY, ids=["html", "widget", "script"])
def test_no_code_leads_its_reader_away(code, shared, pages):
    here = shared.page.url
    shared.run(2, code.format(f"{pages}/taken.html?all=secret"))
    settled(shared.page)
    assert shared.page.url == here
    assert shared.run(2, "'still here'").strip() == "'still here'"


def test_what_is_not_called_has_no_signature(shared):
    shared.run(2, "plain = 3.0")
    for name in ("plain", "nobody.knows", "if "):
        assert shared.page.evaluate("name => livePage.describe(name)", name) is None


@BOTH
@pytest.mark.parametrize("dark", [False, True])
def test_phone(dark, new_page, book):
    living = LivingPage(new_page(width=360, height=740, dark=dark), f"{book}/{PAGE}")
    page = living.page
    heights = "livePage.cells.map((cell) => cell.input.offsetHeight)"
    asleep = page.evaluate(heights)
    living.start()
    page.wait_for_function("() => livePage.cells.every((cell) => cell.editor)")
    assert page.evaluate(heights) == asleep  # nothing moves under the reader
    living.run(1)
    living.run(2, "print('x' * 300)")
    living.run(3, "1 / 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    colour = page.evaluate("getComputedStyle(document.querySelector('.live-bar')).backgroundColor")
    shade = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")[:3]))
    assert shade < 384 if dark else shade > 384
    page.locator(".live-output pre[tabindex='0']").first.wait_for()  # keys scroll what is wide
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, context="article").response["violations"]
    assert [(fault["id"], node["html"]) for fault in found for node in fault["nodes"]] == []
    living.assert_quiet()


def test_reload_and_back(new_page, book):
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    living.start()
    living.run(2, "print('before')")
    living.page.reload()
    assert living.bar.get_attribute("data-state") == "idle"
    assert living.output(2).is_hidden()
    living.page.goto(f"{book}/book/intro.html")
    living.page.go_back()
    living.start()
    assert living.run(2, "print('again')").strip() == "again"


def packed(site, name):
    """The file of a pack; any other name is an ending of its own."""
    files = (site / "_static" / "live" / "pyodide").glob(f"{name}-*.zst")
    return next((file.name for file in files), name)


FAILURES = [
    ({"absent": ["engine"]}, "", "could not be had (404)."),
    ({"absent": ["manifest.json"]}, "", "The list of Python's files could not be had."),
    ({"absent": ["first"]}, "", "could not be had (404)."),
    ({"wrong": ["engine"]}, "", "is not the one this book was built with."),
    ({"wrong": ["first"]}, "", "is not the one this book was built with."),
    ({}, "delete self.WebAssembly", "This browser has no WebAssembly, in which Python runs."),
    ({}, "WebAssembly.Memory = class { constructor() { throw new RangeError("
         "'WebAssembly.Memory(): could not allocate memory') } }",
     "There is not enough memory free for Python on this page."),
    ({}, "WebAssembly.instantiateStreaming = async () => { throw new RangeError("
         "'WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory') }",
     "There is not enough memory free for Python on this page."),
]  # fmt: skip


POLICIES = [
    ("default-src 'self'", "blob: in worker-src"),
    ("worker-src 'self'", "blob: in worker-src"),
    ("script-src 'self' blob: 'unsafe-inline'", "'wasm-unsafe-eval' in script-src"),
    (
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:",
        "blob: in script-src",
    ),
]


@pytest.mark.parametrize(("policy", "needed"), POLICIES)
def test_a_host_with_a_stricter_policy_is_told_what_it_forbids(
    policy, needed, new_page, serve, site
):
    page = new_page()
    page.goto(f"{serve(site, headers={'Content-Security-Policy': policy})}/{PAGE}")
    page.get_by_role("button", name="Make this page live").click()
    page.wait_for_selector(".live-bar[data-state=failed]", timeout=START)
    said = page.locator(".live-words").inner_text()
    assert said.startswith("The host of this page does not let it run Python")
    assert said.endswith(f"needs {needed}.")


def test_what_a_reader_wrote_is_there_after_a_reload(new_page, book):
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    living.start()
    living.write(2, "mine = 'kept'")
    living.page.once("dialog", lambda dialog: dialog.accept())
    living.page.reload()
    note = living.page.locator(".live-kept")
    assert "Your changes from earlier today are back." in note.inner_text()
    shown = living.cell(2).locator("pre").first
    assert shown.inner_text().strip() == "mine = 'kept'"
    living.start()  # it is what runs, and what the editor has
    assert living.run(2) == ""
    assert living.run(3, "mine").strip() == "'kept'"
    note.get_by_role("button", name="Put the book's back").click()
    assert living.cell(2).locator(".cm-content").inner_text() == "x = Dual(3.0, 1.0)\nx * x"
    living.page.reload()
    assert living.page.locator(".live-kept").count() == 0
    assert shown.inner_text().strip() == "x = Dual(3.0, 1.0)\nx * x"


def test_a_link_carries_what_a_reader_changed(new_page, book):
    own = LivingPage(new_page(), f"{book}/{PAGE}")
    own.start()
    make = own.bar.get_by_role("button", name="Make a link with your changes")
    make.click()
    own.bar.get_by_text("Nothing is changed on this page").wait_for()
    own.write(2, "ε = 'by link'")
    make.click()
    link = own.page.get_by_label("The link").input_value()
    own.page.locator(".live-kept").get_by_text("1 changed cell itself").wait_for()
    own.write(2, "mine = 'and nobody else has it'")

    page = own.page.context.new_page()  # what its reader has kept is there too
    shown = LivingPage(page, link).cell(2).locator("pre").first
    note = page.locator(".live-kept").filter(has_text="A link brought this: 1 changed cell.")
    note.wait_for()
    assert shown.inner_text().strip() == "ε = 'by link'"
    note.get_by_role("button", name="Go to cell 2").click()
    expect(page.get_by_role("button", name="Run cell 2")).to_be_focused()
    expect(shown).to_be_in_viewport()
    page.evaluate("livePage.cells[1].write('over it'); livePage.written(livePage.cells[1])")
    page.reload()
    page.get_by_text("Your changes from earlier today are back.").wait_for()
    assert shown.inner_text().strip() == "over it"
    page.get_by_role("button", name="Put the link's back").click()
    note.wait_for()
    page.wait_for_function("livePage.cells[1].code === \"ε = 'by link'\"")
    note.get_by_role("button", name="Show the page without it").click()
    page.get_by_text("Your changes from earlier today are back.").wait_for()
    assert shown.inner_text().strip() == "mine = 'and nobody else has it'"


def linked(page, address, changed, answers=()):
    """Open a page by a link that changes some of its cells."""
    page.goto(address)
    books = page.evaluate("livePage.cells.map((cell) => cell.book)")
    cells = [{"number": n, "book": books[n - 1], "code": code} for n, code in changed.items()]
    pack = zlib.compressobj(wbits=-15)
    text = json.dumps({"cells": cells, "answers": list(answers)}).encode()
    packed = base64.urlsafe_b64encode(pack.compress(text) + pack.flush()).decode().rstrip("=")
    page.goto("about:blank")
    page.goto(f"{address}#work={packed}")
    page.get_by_text("A link brought this").first.wait_for()


def test_changed_code_in_a_fold_is_open_and_words_stay(new_page, pages):
    page = new_page()
    address = f"{pages}/classroom/release/diagnosis/diagnosis.html"
    page.goto(address)
    folded = page.evaluate("livePage.cells.find((c) => c.input.closest('details')).number")
    linked(page, address, {folded: "score = 1"}, ["said by another"])
    fold = page.locator("details").filter(has_text="score = 1").first
    assert fold.evaluate("details => details.open")
    expect(page.locator(".live-answer").first).to_have_value("said by another")
    page.evaluate("livePage.cells[0].write('over it'); livePage.written(livePage.cells[0])")
    page.evaluate("location.hash = 'elsewhere'")
    page.go_back()  # it is the page that stands there already
    assert page.evaluate("livePage.cells[0].code") == "over it"
    page.reload()
    page.get_by_text("Your changes from earlier today are back.").wait_for()
    expect(page.locator(".live-answer").first).to_have_value("said by another")


def test_a_touch_runs_no_code_that_a_link_brought(new_page, pages):
    page = new_page()
    linked(page, f"{pages}/book/1-numbers/directions.html", {1: "import this"})
    page.locator(".dualedu-standin input[type=range]").first.press("ArrowRight")
    page.get_by_text("A link changed code that this picture needs").first.wait_for()
    assert page.evaluate("livePage.state") == "idle"


def test_a_link_that_was_cut_is_said(new_page, pages):
    page = new_page()
    page.goto(f"{pages}/{PAGE}#work=q1ZKTs3JKVayio7VAdJKVkrJ")
    page.get_by_text("The changes in this link cannot be read").first.wait_for()
    assert page.errors == []


def test_trying_again_asks_the_host_and_not_the_browser(new_page, serve, site):
    wrong = [packed(site, "first")]
    headers = {"Cache-Control": "max-age=600"}
    living = LivingPage(
        new_page(service_workers="block"),
        f"{serve(site, wrong=wrong, headers=headers)}/{PAGE}",
    )
    living.page.get_by_role("button", name="Make this page live").click()
    living.page.wait_for_selector(".live-bar[data-state=failed]", timeout=START)
    wrong.clear()
    living.page.get_by_role("button", name="Try again").click()
    living.wait_live()


DOOR = "book/intro.html"
"""A page whose code needs nothing but what is sent first."""

SAVES = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"


@BOTH
def test_what_a_start_does_without_comes_when_it_is_imported(new_page, book):
    page = new_page()
    page.add_init_script(SAVES)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/rest-" in request.url else 0)
    living = LivingPage(page, f"{book}/{DOOR}")
    living.start()
    living.page.evaluate("livePage.cells[0].unfold()")
    assert living.run(1, "6 * 7").strip() == "42"
    page.wait_for_timeout(3000)
    assert asked == []
    # By a function of NumPy, by name, and as a source.
    assert living.run(1, "import numpy; print(numpy.linalg.inv([[2.0]]))").strip() == "[[0.5]]"
    assert len(asked) == 1
    code = "import colorsys, inspect, dualedu\nprint(inspect.getsource(dualedu.jvp)[:7])"
    assert living.run(1, code).strip() == "def jvp"
    assert len(asked) == 1
    living.assert_quiet()


def test_what_a_start_does_without_comes_after_the_first_answer(new_page, book):
    living = LivingPage(new_page(), f"{book}/{DOOR}")
    living.start()
    living.page.evaluate("livePage.cells[0].unfold()")
    with living.page.expect_request(lambda request: "/rest-" in request.url) as asked:
        living.run(1, "6 * 7")
    assert asked.value.resource_type == "fetch"
    assert living.run(1, "import colorsys; 1 + 1").strip() == "2"
    living.assert_quiet()


def test_the_host_s_idea_of_types_does_not_matter(new_page, serve, site):
    address = serve(site, types={".wasm": "text/plain"})
    living = LivingPage(new_page(), f"{address}/{PAGE}")
    living.start()
    assert living.run(2, "6 * 7").strip() == "42"


@BOTH
@pytest.mark.parametrize(("server", "browser", "sentence"), FAILURES)
def test_a_start_that_fails_says_why_and_keeps_the_page(
    server, browser, sentence, new_page, serve, site
):
    # The page's own script hands `browser` to the worker, whose world no test reaches otherwise.
    page = new_page()
    if browser:
        page.add_init_script(
            "const B = Blob; self.Blob = class extends B { constructor(parts, ...rest) {"
            "if (String(parts[0]).startsWith('importScripts')) "
            f"parts = [{browser!r} + ';', ...parts];"
            "super(parts, ...rest); } };"
        )
    server = {kind: [packed(site, name) for name in names] for kind, names in server.items()}
    page.goto(f"{serve(site, **server)}/{PAGE}")
    page.get_by_role("button", name="Make this page live").click()
    page.wait_for_selector(".live-bar[data-state=failed]", timeout=START)
    said = page.locator(".live-bar").inner_text()
    assert sentence in said.splitlines()[0]
    assert "The stored outputs stay." in said
    assert page.locator(".cell_output:not(.live-output)").last.is_visible()
    link = page.get_by_role("link", name="this chapter as a notebook")
    assert page.request.get(f"{page.url.rsplit('/', 1)[0]}/{link.get_attribute('href')}").ok
    assert page.get_by_role("button", name="Try again").is_visible()
    assert page.external == []
