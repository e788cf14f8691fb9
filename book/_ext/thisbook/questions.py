"""Concept questions: every answer has a reply of its own, and none of them needs a kernel.

    :::{question} The product
    What is the tangent of $(2 + 5ε)(4 - 3ε)$?

    $14$
    : Right. Each factor's tangent meets the other's primal.

    $-15$
    : Not yet: the product of the tangents stands beside $ε^2$, which is $0$.
    :::

The answers are a definition list. One reply begins with "Right". With the option `numeric` they are
numbers to be typed, as close as the option `within` says; the last answer, `otherwise`, is for all
other numbers.

Answers to choose from are `<details>`, of which one is open at a time; a number has a field and a
button. Browsers work these by keyboard and read them aloud, and only the numbers need a script.
The packages teachbooks-questions 0.4.0 and jupyterquiz 2.9.6 do not fit here: the first loads a
script from another host on every page, and its answers can be clicked but not reached by keyboard;
the second needs a code cell for each question, whose stored output differs from run to run.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from livebook.lite import plain
from sphinx.util.docutils import SphinxDirective

RIGHT = "Right"
OTHERWISE = "otherwise"
REPLY = re.compile(r"^: +", re.M)
TEX = re.compile(r"\\(?:operatorname\{(\w+)\}|(?:var)?(\w+))")
FIELD = (
    '<label for="{key}">A number or a fraction</label>'
    '<input id="{key}" autocomplete="off" required size="10">'
    '<button type="submit" class="sd-btn sd-btn-outline-primary">Check</button>'
)


class element(nodes.container):
    """An element of HTML, by its name and attributes; its content alone in every other format."""

    def __init__(self, tag: str = "div", *children: nodes.Node, **attributes: str) -> None:
        super().__init__("", *children)
        self.tag, self.attributes_of_tag = tag, attributes

    def copy(self) -> element:
        made = element(self.tag, **self.attributes_of_tag)
        made.attributes.update(self.attributes)
        return made


class Question(SphinxDirective):
    """The file's first lines describe it."""

    required_arguments, final_argument_whitespace = 1, True
    has_content = True
    option_spec: ClassVar = {"numeric": directives.flag, "within": float}

    def run(self) -> list[nodes.Node]:
        text = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, text)
        if not text.children or not isinstance(text[-1], nodes.definition_list):
            raise self.error("a question ends with its answers, a definition list")
        pairs = [(item[0], item[-1]) for item in text.pop().children]
        rights = sum(is_right(reply) for _, reply in pairs)
        if rights != 1:
            raise self.error(f"one reply begins with {RIGHT!r}, and not {rights}")

        key = f"question-{self.env.new_serialno('question')}"
        title, messages = self.state.inline_text(self.arguments[0], self.lineno)
        heading = element("p", *title, **{"id": key, "class": "question-title"})
        answers = self.numbers(pairs, key) if "numeric" in self.options else choices(pairs, key)
        labels = {"class": "question", "role": "group", "aria-labelledby": key}
        return [element("div", heading, *text.children, *answers, **labels), *messages]

    def numbers(self, pairs: list[tuple[Any, Any]], key: str) -> list[nodes.Node]:
        *values, last = [term.astext().strip() for term, _ in pairs]
        if last != OTHERWISE:
            raise self.error(
                f"the last answer of a numeric question is {OTHERWISE!r}, not {last!r}"
            )
        for value in values:
            try:
                float(value)
            except ValueError:
                raise self.error(
                    f"a numeric question has numbers for answers, not {value!r}"
                ) from None
        within = str(self.options.get("within", 1e-9))
        field = nodes.raw("", FIELD.format(key=f"{key}-number"), format="html")
        replies = [
            element("div", *reply.children, hidden="", **mark(reply), **{"data-answer": value})
            for value, (_, reply) in zip([*values, last], pairs, strict=True)
        ]
        return [
            element("form", field, **{"class": "question-number", "data-within": within}),
            element("div", *replies, role="status"),
        ]


def choices(pairs: list[tuple[Any, Any]], key: str) -> list[nodes.Node]:
    return [
        element("details", summary(term), *reply.children, name=key, **mark(reply))
        for term, reply in pairs
    ]


def summary(term: nodes.Element) -> nodes.Node:
    """An answer to choose; where it has formulas, with their letters as its name, because browsers
    make none of them: `sin(x)` of `\\sin(x)`."""
    if not any(term.findall(nodes.math)):
        return element("summary", *term.children)
    spoken = TEX.sub(lambda found: found[1] or found[2], term.astext())
    return element("summary", *term.children, **{"aria-label": spoken})


def is_right(reply: nodes.Node) -> bool:
    return reply.astext().startswith(RIGHT)


def mark(reply: nodes.Node) -> dict[str, str]:
    return {"class": "reply right" if is_right(reply) else "reply"}


def start(self: Any, node: element) -> None:
    attributes = (f' {name}="{escape(value)}"' for name, value in node.attributes_of_tag.items())
    self.body.append(f"<{node.tag}{''.join(attributes)}>")


def end(self: Any, node: element) -> None:
    self.body.append(f"</{node.tag}>\n")


def nothing(self: Any, node: element) -> None: ...


def parts(body: str) -> tuple[str, list[tuple[str, str]]]:
    """What is asked, and each answer with its reply, in Markdown."""
    tokens, lines = plain.PARSER.parse(body), body.split("\n")
    first = next(token.map[0] for token in tokens if token.type == "dl_open" and token.map)
    terms = [tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "dt_open"]
    spans = [token.map for token in tokens if token.type == "dd_open" and token.map]
    texts = ["\n".join(lines[slice(*span)]) for span in spans]  # mostly with the term
    replies = [REPLY.split(text, maxsplit=1)[-1].replace("\n  ", "\n").strip() for text in texts]
    return "\n".join(lines[:first]), list(zip(terms, replies, strict=True))


def as_markdown(cell: plain.Cell, found: plain.Directive) -> str:
    """For JupyterLite: answers to unfold, each with its reply; of numbers the right one alone."""
    asked, answers = parts(found.body)
    made = [cell.quoted(found.title, asked)]
    for term, reply in answers:
        if "numeric" not in found.options:
            made.append(cell.folded(term, cell.text(reply)))
        elif reply.startswith(RIGHT):
            made.append(cell.folded("Answer", f"**{term}.** {cell.text(reply)}"))
    return "\n".join(made)


plain.BLOCKS["question"] = as_markdown


def script(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree and any(node.tag == "form" for node in doctree.findall(element)):
        app.add_js_file("questions.js", loading_method="defer")


def setup(app: Any) -> dict[str, bool]:
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (nothing, nothing))
    app.add_node(element, html=(start, end), **others)
    app.add_directive("question", Question)
    app.add_css_file("questions.css")
    app.connect("html-page-context", script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
