"""A page's Markdown as every notebook program shows it: Jupyter knows no directives and no roles.

Blocks are found by the parser of the book's pages, so they end where they end there. Numbers and
places come from Sphinx, and links lead to the book's pages.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx.addnodes import pending_xref

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
OPTION = re.compile(r":(\w+):\s*(.*)")
DIRECTIVE = re.compile(r"\{([\w:]+)\}\s*(.*)")
DISPLAY = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.S | re.M)
TITLED = re.compile(r"(.*)<(.*)>", re.S)
# Code comes first, fences too: nothing in it is a role or a link.
INLINE = re.compile(
    r"(?<![`}])(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
    r"|\{(?P<role>[\w:]+)\}`(?P<target>[^`]+)`"
    r"|\]\((?P<link>[^)\s]+)\)",
    re.S,
)


class Place(NamedTuple):
    page: str
    anchor: str
    name: str  # "Theorem 2.1"


class Plain:
    """The Markdown of all pages of a build, once Sphinx has read them."""

    def __init__(self, app: Any) -> None:
        self.env, self.builder = app.env, app.builder
        self.places = {
            anchor.removeprefix("equation-"): Place(
                page, anchor, NAMES.get(kind, kind.title() + " {}").format(dotted(number))
            )
            for page, kinds in app.env.toc_fignumbers.items()
            for kind, numbers in kinds.items()
            for anchor, number in numbers.items()
        }

    def cell(self, source: str, page: str) -> tuple[str, dict[str, Any]]:
        """A cell's text without MyST's syntax, and the pictures in it as Jupyter's attachments."""
        cell = Cell(self, page)
        return cell.text(source), cell.attachments


class Cell:
    def __init__(self, book: Plain, page: str) -> None:
        self.book, self.page = book, page
        self.attachments: dict[str, Any] = {}

    def text(self, source: str) -> str:
        lines, made, done = source.split("\n"), [], 0
        for token in PARSER.parse(source):
            new = None if token.level else self.block(token)
            if new is not None and token.map:
                start, end = token.map
                made += [self.inline("\n".join(lines[done:start])), new]
                done = end
        made.append(self.inline("\n".join(lines[done:])))
        return "\n".join(part for part in made if part)

    def block(self, token: Token) -> str | None:
        """What stands for a block of MyST's own; None for all others."""
        if token.type == "math_block_label":
            number = self.book.places[token.info].name.strip("()")
            return f"$$\n{token.content.strip()} \\tag{{{number}}}\n$$"
        if token.type == "colon_fence" and not token.info.strip():
            return self.text(token.content)
        directive = DIRECTIVE.fullmatch(token.info.strip())
        if token.type not in ("fence", "colon_fence") or not directive:
            return None
        name, title = directive.groups()
        lines, options = token.content.strip("\n").split("\n"), {}
        while option := OPTION.fullmatch(lines[0]):
            options[option[1]] = option[2]
            lines = lines[1:] or [""]
        body = "\n".join(lines).strip("\n")
        if name == "question":
            return self.question(title, body, "numeric" in options)
        if name == "figure":
            return self.figure(title, options, self.text(body))
        if name == "solution":
            return self.folded(f"Solution to {self.book.places[title].name}", self.text(body))
        if name == "prf:proof":
            return f"*Proof.* {self.text(body)}\n"
        if name == "admonition":
            folded = "dropdown" in options.get("class", "")
            return self.folded(title, self.text(body)) if folded else self.quoted(title, body)
        if "label" in options:  # an exercise, a theorem, a definition
            return self.quoted(f"{self.book.places[options['label']].name} ({title})", body)
        raise ValueError(f"{self.page}: JupyterLite shows {{{name}}} raw; plain.py has to learn it")

    def quoted(self, title: str, body: str) -> str:
        """A block with a bar on its left. Jupyter would take the bars of a formula for signs."""
        text = f"**{self.inline(title)}**\n\n{self.text(body)}".strip()
        text = DISPLAY.sub(lambda m: f"$$ {' '.join(m[1].split())} $$", text)
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) + "\n"

    def folded(self, title: str, text: str) -> str:
        summary = PARSER.renderInline(self.inline(title))
        return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>\n"

    def question(self, title: str, body: str, numeric: bool) -> str:
        """Answers to unfold, each with its reply; of numbers the right one alone."""
        tokens, lines = PARSER.parse(body), body.split("\n")
        first = next(token.map[0] for token in tokens if token.type == "dl_open" and token.map)
        terms = [tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "dt_open"]
        spans = [token.map for token in tokens if token.type == "dd_open" and token.map]
        replies = ["\n".join(line[2:] for line in lines[a:b]).strip() for a, b in spans]
        made = [self.quoted(title, "\n".join(lines[:first]))]
        for term, reply in zip(terms, replies, strict=True):
            if not numeric:
                made.append(self.folded(term, self.text(reply)))
            elif reply.startswith("Right"):
                made.append(self.folded("Answer", f"**{term}.** {self.text(reply)}"))
        return "\n".join(made)

    def figure(self, file: str, options: dict[str, str], caption: str) -> str:
        path = Path(self.book.env.srcdir, dirname(self.page), file)
        kind = {".svg": "image/svg+xml", ".png": "image/png"}[path.suffix]
        data = base64.b64encode(path.read_bytes()).decode()
        self.attachments[path.name] = {kind: data}
        number = self.book.places[options["name"]].name
        return f"![{options['alt']}](attachment:{path.name})\n\n**{number}** {caption}\n"

    def inline(self, text: str) -> str:
        return INLINE.sub(self.replaced, text)

    def replaced(self, found: re.Match[str]) -> str:
        if found["link"]:
            return f"]({self.link(found['link'])})"
        if not found["role"]:
            return found[0]
        if found["role"].startswith("cite:"):
            return self.citation(found["role"].removeprefix("cite:"), found["target"])
        titled = TITLED.fullmatch(found["target"])
        place = self.book.places[titled[2] if titled else found["target"]]
        title = titled[1].strip() if titled else place.name
        return f"[{title}]({self.address(place.page, place.anchor)})"

    def citation(self, kind: str, key: str) -> str:
        node = self.book.env.domains["cite"].resolve_xref(
            self.book.env, self.page, self.book.builder, kind, key, pending_xref(), pending_xref()
        )
        link = next(node.findall(lambda n: n.get("refuri") if hasattr(n, "get") else None))
        address = normpath(join(dirname(self.page), link["refuri"]))
        return f"[[{link.astext()}]]({relpath(address, dirname(self.page))})"

    def link(self, link: str) -> str:
        """The page, or the download, that a link to a source of the book leads to."""
        path, _, anchor = link.partition("#")
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


def dotted(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))
