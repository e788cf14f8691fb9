"""A built book of three pages, with one of each thing that paper cannot do as a screen does."""

import struct
import zlib

CONFIG = "title: A little book\nauthor: A. Author\ncopyright: free for all\n"
CONTENTS = """
format: jb-book
root: start
parts:
  - caption: The first part
    chapters:
      - file: one/sums
  - caption: The second part
    chapters:
      - file: two/answers
"""
PROJECT = """
[project]
name = "little"
[tool.hatch.version]
path = "version.py"
[tool.frontdoor]
repository = "{repository}"
"""
EPSILON = (
    '<span class="math"><mjx-container class="MathJax" data-tex="\\varepsilon^2 &lt; 1" '
    'data-display="{lines}"><mjx-math aria-hidden="true">ε² is small</mjx-math>'
    '<mjx-assistive-mml><math xmlns="http://www.w3.org/1998/Math/MathML"{block}><msup><mi>ε</mi>'
    "<mn>2</mn></msup><mo>&lt;</mo><mn>1</mn></math></mjx-assistive-mml></mjx-container></span>"
)
WIDGET = """
<figure class="dualedu-explore dualedu-standin"><strong class="explore-title">A dot</strong>
<label class="explore-row">x<input type="range"></label>
<div class="explore-picture"><svg role="img" aria-label="A dot at 1." viewBox="0 0 9 9"
 xmlns="http://www.w3.org/2000/svg"><rect fill="var(--paper, #ffffff)" width="9" height="9"/></svg>
</div>
<p class="explore-words" role="status">The dot is at 1.</p></figure>
"""
QUESTION = """
<div class="question" role="group" aria-labelledby="question-0">
<p class="question-title" id="question-0">Which one</p><p>Choose.</p>
<details class="reply" name="q"><summary>Two</summary><p>Two is wrong.</p></details>
<details class="reply right" name="q"><summary>Three</summary>
<p>Right. Three is right.</p></details>
</div>
"""
PAGES = {
    "start": """<h1>A little book<a class="headerlink" href="#start">#</a></h1>
<p><a href="one/sums.html#more">There is more</a>, <a href="genindex.html">an index</a>,
<a href="https://example.org/">a site</a>.</p><button>Press</button>""",
    "one/sums": f"""<h1>1. Sums of {EPSILON.format(lines="false", block="")}</h1>
<p>{EPSILON.format(lines="true", block=' display="block"')}</p>{WIDGET}
<p id="proof">First.</p><p id="proof">Second.</p>
<section id="more"><h2>More</h2><img alt="A black dot." src="../_images/dot.png"></section>
<details class="below-input"><summary><p class="collapsed">Show what comes out</p></summary>
<pre>It comes out as 42.</pre></details>
<p>This stays.</p>
<div class="exercise admonition"><p class="admonition-title">Exercise 1</p><p>Seven?</p>
<div class="dropdown admonition"><p class="admonition-title">Hint</p><p>Less than eight.</p></div>
</div><div class="solution dropdown admonition" id="one/sums-solution-0">
<p class="admonition-title">Solution to <a href="#more">Exercise 1</a></p>
<p>It is seven.</p></div>{QUESTION}
<details class="above-input"><summary>Show the code</summary><pre>1 + 1</pre></details>""",
    "two/answers": """<h1>2. Last words</h1><p>See <a href="../one/sums.html">the sums</a> and
<a href="../one/sums.html#gone">what is gone</a>.</p>""",
}


def dot():
    """A black PNG of one pixel."""

    def part(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0\0")
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def build(root, repository=""):
    """Write the book below this folder, as it lies there when it is built."""
    site = root / "_build" / "html"
    for name, body in PAGES.items():
        file = site / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        sheet = "../" * name.count("/") + "_static/site.css"
        file.write_text(
            f'<html><head><link rel="stylesheet" href="{sheet}"></head><body><nav>Not the text'
            f"</nav><article>{body}</article></body></html>",
            encoding="utf-8",
        )
    for name in ("_static", "_images"):
        (site / name).mkdir()
    (site / "_static" / "site.css").write_text("body { --book-text: serif; }")
    (site / "_images" / "dot.png").write_bytes(dot())
    (root / "_config.yml").write_text(CONFIG)
    (root / "_toc.yml").write_text(CONTENTS)
    (root / "pyproject.toml").write_text(PROJECT.format(repository=repository))
    (root / "version.py").write_text('__version__ = "1.2"\n')
    return root
