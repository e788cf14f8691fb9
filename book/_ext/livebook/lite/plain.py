"""A page's Markdown as every notebook program shows it: Jupyter knows no directives and no roles.

Blocks are found by the parser of the book's pages, so they end where they end there. Numbers and
places come from Sphinx, and links lead to the book's pages.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import NamedTuple

from docutils import nodes
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PARSER = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(colon_fence_plugin)
    .use(deflist_plugin)
    .use(dollarmath_plugin)
)
# Formulas stay as they are typed: Jupyter finds them in HTML too.
PARSER.add_render_rule("math_inline", lambda _, tokens, i, *rest: f"${tokens[i].content}$")

NAMES = {"displaymath": "({})", "figure": "Fig. {}"}
REFERENCES = ("eq", "numref", "prf:ref", "ref")
OPTION = re.compile(r":([\w-]+):\s*(.*)")
DIRECTIVE = re.compile(r"\{([^}\s]+)\}\s*(.*)")
DISPLAY = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.S | re.M)
TITLED = re.compile(r"(.*)<(.*)>", re.S)
# Code comes first, fences too: nothing in it is a role or a link.
INLINE = re.compile(
    r"(?<![`}])(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
    r"|\{(?P<role>[\w:+-]+)\}`(?P<target>[^`]+)`"
    r"|\]\((?P<link>[^)\s]+)\)"
    r"|^\((?P<label>[\w-]+)\)=\n",
    re.S | re.M,
)


class Place(NamedTuple):
    page: str
    anchor: str
    name: str  # "Theorem 2.1"


class Directive(NamedTuple):
    name: str
    title: str
    options: dict[str, str]
    body: str


class Plain:
    """The Markdown of all pages of a build, once Sphinx has read them.

    What it does not know, or what Sphinx has not numbered, is an ExtensionError; it names the page.
    """

    def __init__(self, app: Sphinx) -> None:
        self.env, self.builder = app.env, app.builder
        self.places = {
            anchor.removeprefix("equation-"): Place(
                page, anchor, NAMES.get(kind, kind.title() + " {}").format(dotted(number))
            )
            for page, kinds in app.env.toc_fignumbers.items()
            for kind, numbers in kinds.items()
            for anchor, number in numbers.items()
        }

    def cell(self, source: str, page: str) -> str:
        """A cell's text without MyST's syntax."""
        return Cell(self, page).text(source)


class Cell:
    def __init__(self, book: Plain, page: str) -> None:
        self.book, self.page = book, page

    def text(self, source: str) -> str:
        lines, made, done = source.split("\n"), [], 0
        for token in PARSER.parse(source):
            new = self.block(token)
            if new is not None and token.map:
                if token.level:
                    raise self.error(
                        f"a block in a list or a quotation ({lines[token.map[0]].strip()})"
                    )
                start, end = token.map
                made += [self.inline("\n".join(lines[done:start])), new]
                done = end
        made.append(self.inline("\n".join(lines[done:])))
        return "\n".join(part for part in made if part)

    def block(self, token: Token) -> str | None:
        """What stands for a block of MyST's own; None for all others."""
        if token.type == "math_block_label":
            number = self.place(token.info).name.strip("()")
            return f"$$\n{token.content.strip()} \\tag{{{number}}}\n$$"
        if token.type == "colon_fence" and not token.info.strip():
            return self.text(token.content)
        head = DIRECTIVE.fullmatch(token.info.strip())
        if token.type not in ("fence", "colon_fence") or not head:
            return None
        lines = token.content.strip("\n").split("\n")
        options: dict[str, str] = {}
        while option := OPTION.fullmatch(lines[0]):
            options[option[1]] = option[2]
            lines = lines[1:] or [""]
        found = Directive(head[1], head[2], options, "\n".join(lines).strip("\n"))
        if found.name in BLOCKS:
            return BLOCKS[found.name](self, found)
        if "label" in options:  # an exercise, a theorem, a definition
            name = self.place(options["label"]).name
            title = f"{name} ({found.title})" if found.title else name
            return self.quoted(title, found.body)
        raise self.error(f"{{{found.name}}}")

    def quoted(self, title: str, body: str) -> str:
        """A block with a bar on its left. Jupyter would take the bars of a formula for signs."""
        text = f"**{self.inline(title)}**\n\n{self.text(body)}".strip()
        text = DISPLAY.sub(lambda m: f"$$ {' '.join(m[1].split())} $$", text)
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) + "\n"

    def folded(self, title: str, text: str) -> str:
        summary = PARSER.renderInline(self.inline(title)).replace("&quot;", '"')
        return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>\n"

    def inline(self, text: str) -> str:
        return INLINE.sub(self.replaced, text)

    def replaced(self, found: re.Match[str]) -> str:
        if found["label"]:  # a link to it leads to the page, which has that place
            return ""
        if found["link"]:
            return f"]({self.link(found['link'])})"
        if not found["role"]:
            return found[0]
        role, target = found["role"], found["target"]
        if role.startswith("cite:"):
            return self.citation(role.removeprefix("cite:"), target)
        if role not in REFERENCES:
            raise self.error(f"{{{role}}}")
        titled = TITLED.fullmatch(target)
        place = self.place(titled[2] if titled else target)
        title = titled[1].strip() if titled else place.name
        return f"[{title}]({self.address(place.page, place.anchor)})"

    def citation(self, kind: str, keys: str) -> str:
        made = self.book.env.domains["cite"].resolve_xref(
            self.book.env, self.page, self.book.builder, kind, keys, pending_xref(), pending_xref()
        )
        return "".join(
            f"[{part.astext()}]({part['refuri']})"
            if isinstance(part, nodes.reference)
            else part.astext()
            for part in (made.children if made is not None else ())
        )

    def place(self, label: str) -> Place:
        if label not in self.book.places:
            raise self.error(f"the label {label}, which has no number")
        return self.book.places[label]

    def error(self, what: str) -> ExtensionError:
        return ExtensionError(
            f"{self.page}: JupyterLite cannot show {what}; plain.py has to learn it"
        )

    def link(self, link: str) -> str:
        """The page, or the download, that a link to a source of the book leads to."""
        path, _, anchor = link.partition("#")
        if not path:
            return self.address(self.page, anchor)
        source = normpath(join(dirname(self.page), path))
        if source in self.book.env.dlfiles:
            file = f"_downloads/{self.book.env.dlfiles[source][1]}"
            return relpath(file, dirname(self.page))
        page = source.rpartition(".")[0]
        return self.address(page, anchor) if page in self.book.env.found_docs else link

    def address(self, page: str, anchor: str = "") -> str:
        """From the notebook to a page: notebooks lie in JupyterLite's list as pages on the site."""
        page = relpath(self.book.builder.get_target_uri(page), dirname(self.page))
        return f"{page}#{anchor}" if anchor else page


def figure(cell: Cell, found: Directive) -> str:
    """The picture in the text itself: JupyterLab shows no drawings that are attached."""
    file, options = found.title, found.options
    path = Path(cell.book.env.srcdir, dirname(cell.page), file)
    data = base64.b64encode(path.read_bytes()).decode()
    address = f"data:{mimetypes.guess_type(file)[0]};base64,{data}"
    name = options.get("name")
    number = f"**{cell.place(name).name}** " if name else ""
    return f"![{options.get('alt', '')}]({address})\n\n{number}{cell.text(found.body)}\n"


def solution(cell: Cell, found: Directive) -> str:
    return cell.folded(f"Solution to {cell.place(found.title).name}", cell.text(found.body))


def proof(cell: Cell, found: Directive) -> str:
    return f"*Proof.* {cell.text(found.body)}\n"


def admonition(cell: Cell, found: Directive) -> str:
    title = found.title or found.name.title()
    if "dropdown" in found.options.get("class", ""):
        return cell.folded(title, cell.text(found.body))
    return cell.quoted(title, found.body)


ADMONITIONS = ("admonition", "attention", "caution", "danger", "error", "hint", "important", "note",
               "seealso", "tip", "warning")  # fmt: skip

BLOCKS: dict[str, Callable[[Cell, Directive], str]] = {
    "figure": figure,
    "prf:proof": proof,
    "solution": solution,
    **dict.fromkeys(ADMONITIONS, admonition),
}
"""What stands for a directive, by its name. A book adds those of its own."""


def dotted(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))
