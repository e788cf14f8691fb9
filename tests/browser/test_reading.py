"""Pages as they are read, before any Python: focus that is seen, code that fits, paper, phones."""

import re

import pytest
from browsers import settled

CHAPTER = "book/1-numbers/directions.html"
COLUMNS = 88  # of the code in the book, as its formatter writes it


@pytest.fixture(scope="module")
def wide(open_page, pages):
    page = open_page(width=1280, height=800)
    page.goto(f"{pages}/{CHAPTER}")
    settled(page)
    yield page
    page.context.close()


FOCUSED = """() => {
  const element = document.activeElement;
  const look = () => {
    const { outlineStyle, outlineWidth, boxShadow, backgroundColor } = getComputedStyle(element);
    return [outlineStyle === "none" || outlineWidth, boxShadow, backgroundColor].join(" ");
  };
  const focused = look();
  element.blur();
  const seen = look() !== focused || element === document.body;
  element.focus();
  return [seen, element.outerHTML.slice(0, 120)];
}"""
"""Whether what has the focus looks other than without it, and what it is."""


def test_every_stop_of_the_keyboard_is_seen(wide):
    wide.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    unseen = []
    for _ in range(60):
        wide.keyboard.press("Tab")
        seen, element = wide.evaluate(FOCUSED)
        if not seen:
            unseen.append(element)
    assert unseen == []


@pytest.mark.parametrize("width", [1280, 1366, 1440])
def test_code_of_88_columns_fits(width, wide):
    wide.set_viewport_size({"width": width, "height": 800})
    over = wide.evaluate(
        """(columns) => {
          const pre = document.querySelector(".cell_input pre");
          const before = [...pre.childNodes];
          pre.textContent = "x".repeat(columns);
          const over = pre.scrollWidth - pre.clientWidth;
          pre.replaceChildren(...before);
          return over;
        }""",
        COLUMNS,
    )
    wide.set_viewport_size({"width": 1280, "height": 800})
    assert over <= 0


def test_a_heading_never_looks_stronger_than_the_one_above_it(wide):
    looks = wide.evaluate(
        """() => ["h1", "h2", "h3", "h4"].map((level) => {
          const heading = document.querySelector("article").appendChild(
            document.createElement(level));
          const { fontSize, fontWeight } = getComputedStyle(heading);
          heading.remove();
          return [parseFloat(fontSize), Number(fontWeight)];
        })"""
    )
    sizes, weights = zip(*looks, strict=True)
    assert list(sizes) == sorted(set(sizes), reverse=True)
    assert list(weights) == sorted(weights, reverse=True)


def shade(colour):
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return 0.3 * red + 0.6 * green + 0.1 * blue


def test_on_paper_a_dark_page_is_black_on_white_and_whole(new_page, pages):
    page = new_page(width=760, dark=True)
    page.goto(f"{pages}/{CHAPTER}")
    settled(page)
    page.emulate_media(media="print", color_scheme="dark")
    texts = "h1, h2, article p, article pre, article pre span, article li, article td"
    colours = page.eval_on_selector_all(
        texts,
        """elements => elements.filter((e) => e.checkVisibility()).map((e) => {
          let paper = e, ground;
          const tint = (colour) => Number(/rgba\\(.*, ([\\d.]+)\\)/.exec(colour)?.[1] ?? 1) < 0.5;
          do {
            ground = getComputedStyle(paper).backgroundColor;
            paper = paper.parentElement;
          } while (paper && tint(ground));
          return [getComputedStyle(e).color, tint(ground) ? "rgb(255, 255, 255)" : ground];
        })""",
    )
    assert len(colours) > 100
    assert max(shade(ink) for ink, _ in colours) < 110
    assert min(shade(ground) for _, ground in colours) > 230
    assert page.locator("article h1").is_visible()
    assert page.locator(".section-number").first.is_visible()
    assert (
        page.eval_on_selector_all(
            "article pre",
            "all => all.filter((pre) => pre.scrollWidth > pre.clientWidth + 1).length",
        )
        == 0
    )
    for control in (".live-bar", ".live-tools", ".copybtn", ".prev-next-footer"):
        assert page.locator(control).filter(visible=True).count() == 0


def test_the_contents_on_a_phone_go_when_one_was_chosen(new_page, pages):
    page = new_page(width=360, height=740, has_touch=True, is_mobile=True)
    page.goto(f"{pages}/{CHAPTER}")
    settled(page)
    page.get_by_role("button", name="Toggle secondary sidebar").tap()
    link = page.locator("dialog[open] a", has_text="What it costs")
    link.tap()
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    heading = page.locator("#what-it-costs h2")
    page.wait_for_function(
        "(h) => Math.abs(h.getBoundingClientRect().top) < 300", arg=heading.element_handle()
    )


def test_the_icon_of_the_search_stands_beside_its_field(wide):
    wide.keyboard.press("Control+k")
    icon, field = (wide.locator(f"dialog[open] form {part}") for part in ("i", "input"))
    box, beside = icon.bounding_box(), field.bounding_box()
    wide.keyboard.press("Escape")
    assert box["x"] + box["width"] <= beside["x"] + 1


def test_the_search_quotes_sentences_of_the_page_and_breaks_no_rule(new_page, pages):
    page = new_page()
    page.goto(f"{pages}/search.html?q=softmax")
    page.locator("ul.search li .context").nth(4).wait_for()
    quoted = page.locator("ul.search li .context").all_inner_texts()
    for words in quoted:
        assert not re.search(r"Show code cell|Click to|Contents\n|\\\(|\.pdf", words), words
    assert any("softmax" in words.lower() for words in quoted)
    assert page.errors == []


def test_controls_of_a_page_without_its_script_say_so(new_page, serve, built):
    # A host that takes scripts for text: browsers refuse modules of it, and run classic scripts.
    page = new_page()
    page.goto(f"{serve(built.folder, types={'.js': 'text/plain'})}/book/intro.html")
    page.wait_for_load_state("load")
    said = page.locator(".live-still")
    assert said.filter(has_text="Code does not run here: its host").count() == 1
    figure = page.locator(".dualedu-standin").first
    assert figure.locator("xpath=preceding-sibling::p").last.inner_text().startswith("Only a pict")
    assert figure.locator("input:enabled, select:enabled, button:enabled").count() == 0
    assert page.locator(".live-start").count() == 0


def test_a_page_opened_from_a_file_says_so(new_page, built):
    page = new_page()
    page.goto((built.folder / "book" / "intro.html").as_uri())
    page.wait_for_load_state("load")
    assert "this page was opened from a file" in page.locator(".live-still").first.inner_text()


ANSWERS = ".dualedu-standin .explore-message"
SAVES = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"


def test_where_megabytes_are_saved_a_touch_asks_before_it_spends_them(new_page, pages):
    page = new_page()
    page.add_init_script(SAVES)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{pages}/book/intro.html")
    page.wait_for_selector(ANSWERS, state="attached")
    bar = page.locator(".live-bar")
    # A widget with a script of its own needs none.
    words = page.locator(".dualedu-standin .explore-words").first
    stored = words.inner_text()
    page.locator(".dualedu-standin input[type=range]").first.press("ArrowRight")
    assert words.inner_text() != stored
    assert bar.get_attribute("data-state") == "idle"
    # So does one whose states are stored, which are fetched as its reader comes near.
    page.goto(f"{pages}/book/2-diagnosis/switchboard.html")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.endswith("states.bin")]
    page.locator(".dualedu-standin").scroll_into_view_if_needed()
    page.wait_for_selector(ANSWERS, state="attached")
    page.get_by_role("button", name="Repair all").click()
    assert words.inner_text().startswith("All five switches are repaired")
    assert page.get_by_role("checkbox", name="chosen rate").is_checked()
    page.get_by_role("checkbox", name="full softmax").uncheck()
    assert words.inner_text().startswith("Four switches of five are repaired")
    assert bar.get_attribute("data-state") == "idle"
    page.goto(f"{pages}/book/2-diagnosis/softmax.html")
    slider = page.locator(".dualedu-standin:has(.live-price) input[type=range]").first
    slider.press("ArrowRight")
    assert re.search(r"needs Python in your browser \(at most \d+ MB, once\)", bar.inner_text())
    assert not [url for url in asked if "worker.js" in url]
    bar.get_by_role("button", name="Not now").click()
    assert page.get_by_role("button", name="Make this page live").is_visible()
    slider.press("ArrowRight")
    bar.get_by_role("button", name="Load it").click()
    page.wait_for_selector(".live-bar[data-state=starting], .live-bar[data-state=failed]")


def test_a_page_in_a_frame_that_forbids_storage_and_modules_says_so(new_page, pages):
    page = new_page()
    page.set_content(f'<iframe sandbox="allow-scripts" src="{pages}/book/intro.html"></iframe>')
    frame = page.frame_locator("iframe")
    frame.locator(".live-still").first.wait_for()
    assert "in a frame that forbids it" in frame.locator(".live-still").first.inner_text()
    assert [error for error in page.errors if "Storage" in error or "storage" in error] == []


HIGHLIGHTED = """(name) => [...CSS.highlights.get(name)].map(
  (range) => range.startContainer.data.slice(range.startOffset, range.endOffset))"""


def test_printed_dual_numbers_have_the_two_colours(wide):
    before = wide.evaluate(HIGHLIGHTED, "primal"), wide.evaluate(HIGHLIGHTED, "tangent")
    assert "18.0" in before[0]
    assert "12.0ε" in before[1]
    wide.evaluate("""() => {
      const printed = document.createElement("pre");
      printed.append("[1. 2.] - 7.5ε");
      const output = document.querySelector(".cell").appendChild(document.createElement("div"));
      output.className = "live-output";
      output.append(printed);
    }""")
    wide.wait_for_function("(n) => CSS.highlights.get('primal').size > n", arg=len(before[0]))
    assert set(wide.evaluate(HIGHLIGHTED, "primal")) - set(before[0]) == {"[1. 2.]"}
    assert set(wide.evaluate(HIGHLIGHTED, "tangent")) - set(before[1]) == {"7.5ε"}
    wide.evaluate("document.querySelector('.live-output').remove()")
