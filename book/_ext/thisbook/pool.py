"""All concept questions and Parsons problems as a pool for Moodle and for what reads QTI 2.1.

    python book/_ext/thisbook/pool.py           writes into _build/pool/

    questions-moodle.xml     Moodle XML: in a question bank, *Import*
    questions-qti.zip        a package of IMS QTI 2.1 items: Canvas, Blackboard, TAO and others

The questions are those of the pages, with a reply to each answer; the programs to put in order
stand in classroom/parsons.md. Formulas are written between \\( and \\), where both find them.
Moodle has the kind *Ordering* since 4.4, and as a plugin before.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "book" / "_ext"))  # for who runs this file
from thisbook.questions import RIGHT, parts  # noqa: E402

PARSONS = ROOT / "classroom" / "parsons.md"
TO = ROOT / "_build" / "pool"
QUESTION = re.compile(r"^(:{3,})\{question\} (.+?)\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)
OPTION = re.compile(r"^:([\w-]+):[ ]*(.*)\n", re.MULTILINE)
PROBLEM = re.compile(
    r"^## (.+?)\n\n(.+?)\n\n```python\n(.*?)\n# checked by: (.+?)\n```", re.S | re.M
)
ROLE = re.compile(r"\{[\w:+-]+\}`([^`<]+?)(?: ?<[^`]*>)?`")
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")

PARSER = MarkdownIt("commonmark", {"xhtmlOut": True}).use(deflist_plugin).use(dollarmath_plugin)
PARSER.add_render_rule("math_inline", lambda _, t, i, *rest: f"\\({escape(t[i].content)}\\)")
PARSER.add_render_rule("math_block", lambda _, t, i, *rest: f"<p>\\[{escape(t[i].content)}\\]</p>")


@dataclass
class Answer:
    """An answer in XHTML, and what is replied to it."""

    text: str
    reply: str = ""
    right: bool = False


@dataclass
class Item:
    """A question of one of three kinds: choice, number, order."""

    kind: str
    name: str
    title: str
    text: str
    answers: list[Answer] = field(default_factory=list)
    within: float = 0.0

    @property
    def right(self) -> int:
        return next(place for place, answer in enumerate(self.answers) if answer.right)


def html(text: str) -> str:
    """Markdown as XHTML, without what only the book knows: links to its pages, and roles."""
    made: str = PARSER.render(LINK.sub(r"\1", ROLE.sub(r"\1", text)))
    return made.strip()


def inline(text: str) -> str:
    made: str = PARSER.renderInline(LINK.sub(r"\1", ROLE.sub(r"\1", text)))
    return made.strip()


def questions() -> Iterator[Item]:
    """Those of the pages, in the order of their files."""
    for page in sorted((ROOT / "book").rglob("*.ipynb")):
        number = 0
        for cell in nbformat.read(page, as_version=4).cells:
            for found in QUESTION.finditer(cell.source):
                number += 1
                yield question(f"{page.stem}-{number}", found[2], found[3])


def question(name: str, title: str, body: str) -> Item:
    options = dict(OPTION.findall(body))
    asked, answers = parts(OPTION.sub("", body))
    kind = "number" if "numeric" in options else "choice"
    within = float(options.get("within", 1e-9))
    item = Item(kind, name, title, html(asked), within=within)
    for term, reply in answers:
        shown = term.strip() if item.kind == "number" else inline(term)
        item.answers.append(Answer(shown, html(reply), reply.startswith(RIGHT)))
    return item


def programs() -> Iterator[tuple[str, str, list[str], str]]:
    """Title, task and lines of each program to put in order, and what checks it."""
    for found in PROBLEM.finditer(PARSONS.read_text(encoding="utf-8")):
        yield found[1], found[2], [line for line in found[3].split("\n") if line], found[4]


def problems() -> Iterator[Item]:
    for number, (title, task, lines, _) in enumerate(programs(), 1):
        answers = [Answer(f"<pre>{escape(line)}</pre>", right=True) for line in lines]
        yield Item("order", f"parsons-{number}", title, html(task), answers)


def pool() -> list[Item]:
    return [*questions(), *problems()]


# Moodle (question/format/xml/format.php of moodle/moodle).


def moodle(items: list[Item]) -> str:
    made = "\n".join(map(moodle_question, items))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
    category = (
        '<question type="category"><category><text>$course$/dualedu</text></category></question>'
    )
    return f"{head}{category}\n{made}\n</quiz>\n"


def text(tag: str, content: str, attributes: str = ' format="html"') -> str:
    """An element with a text in it; in Moodle, HTML is a text."""
    return f"<{tag}{attributes}><text>{escape(content)}</text></{tag}>"


def moodle_question(item: Item) -> str:
    kinds = {"choice": "multichoice", "number": "numerical", "order": "ordering"}
    lines = [
        f'<question type="{kinds[item.kind]}">',
        text("name", f"{item.title} ({item.name})", ""),
        text("questiontext", item.text),
        "<defaultgrade>1</defaultgrade>",
    ]
    if item.kind == "choice":
        lines += ["<single>true</single>", "<shuffleanswers>true</shuffleanswers>"]
        lines += ["<answernumbering>none</answernumbering>"]
    if item.kind == "order":
        lines += ["<layouttype>VERTICAL</layouttype>", "<selecttype>ALL</selecttype>"]
        lines += [f"<selectcount>{len(item.answers)}</selectcount>"]
        lines += ["<gradingtype>RELATIVE_ALL_PREVIOUS_AND_NEXT</gradingtype>"]
    for place, answer in enumerate(item.answers, 1):
        points = place if item.kind == "order" else 100 * answer.right
        other = item.kind == "number" and answer.text == "otherwise"
        shown = "*" if other else answer.text
        form = "" if item.kind == "number" else ' format="html"'
        lines.append(f'<answer fraction="{points}"{form}><text>{escape(shown)}</text>')
        if item.kind == "number":
            lines.append(f"<tolerance>{0 if other else item.within:g}</tolerance>")
        lines.append(f"{text('feedback', answer.reply)}</answer>")
    return "\n".join([*lines, "</question>"])


# QTI 2.1 (imsqti_v2p1.xsd).

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"


def qti(item: Item) -> str:
    """One item: an answer, its reply, and a point if it is right."""
    ids = [f"A{place}" for place in range(1, len(item.answers) + 1)]
    kinds = {
        "choice": ("single", "identifier", ids[item.right : item.right + 1]),
        "number": ("single", "float", [item.answers[item.right].text]),
        "order": ("ordered", "identifier", ids),
    }
    cardinality, base, right = kinds[item.kind]
    correct = "".join(f"<value>{escape(value)}</value>" for value in right)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<assessmentItem xmlns="{NAMESPACE}" identifier="{item.name}" '
        f'title={quoteattr(item.title)} adaptive="false" timeDependent="false">',
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" '
        f'baseType="{base}">',
        f"<correctResponse>{correct}</correctResponse></responseDeclaration>",
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float">'
        "<defaultValue><value>0</value></defaultValue></outcomeDeclaration>",
        '<outcomeDeclaration identifier="REPLY" cardinality="single" baseType="identifier"/>',
        f"<itemBody>{blocks(item.text)}{interaction(item, ids)}</itemBody>",
        f"<responseProcessing>{processing(item, ids)}</responseProcessing>",
    ]
    lines += [
        f'<modalFeedback outcomeIdentifier="REPLY" identifier="{name}" showHide="show">'
        f"{answer.reply}</modalFeedback>"
        for name, answer in zip(ids, item.answers, strict=True)
        if answer.reply
    ]
    return "\n".join([*lines, "</assessmentItem>", ""])


def blocks(content: str) -> str:
    return content or "<p/>"


def interaction(item: Item, ids: list[str]) -> str:
    if item.kind == "number":
        return '<p><textEntryInteraction responseIdentifier="RESPONSE" expectedLength="10"/></p>'
    name = "choiceInteraction" if item.kind == "choice" else "orderInteraction"
    most = ' maxChoices="1"' if item.kind == "choice" else ""
    made = "".join(
        f'<simpleChoice identifier="{name}">{answer.text}</simpleChoice>'
        for name, answer in zip(ids, item.answers, strict=True)
    )
    return f'<{name} responseIdentifier="RESPONSE" shuffle="true"{most}>{made}</{name}>'


def processing(item: Item, ids: list[str]) -> str:
    """Which point and which reply an answer brings."""
    answer, point = '<variable identifier="RESPONSE"/>', sets("SCORE", "float", "1")
    if item.kind == "order":
        right = f'<match>{answer}<correct identifier="RESPONSE"/></match>'
        return condition([(right, point)])
    cases = []
    for name, given in zip(ids, item.answers, strict=True):
        if item.kind == "choice":
            test = f'<match>{answer}<baseValue baseType="identifier">{name}</baseValue></match>'
        elif given.text != "otherwise":
            test = (
                f'<equal toleranceMode="absolute" tolerance="{item.within:g} {item.within:g}">'
                f'{answer}<baseValue baseType="float">{given.text}</baseValue></equal>'
            )
        else:
            test = f"<not><isNull>{answer}</isNull></not>"
        reply = sets("REPLY", "identifier", name)
        cases.append((test, (point if given.right else "") + reply))
    return condition(cases)


def sets(name: str, kind: str, value: str) -> str:
    base = f'<baseValue baseType="{kind}">{value}</baseValue>'
    return f'<setOutcomeValue identifier="{name}">{base}</setOutcomeValue>'


def condition(cases: list[tuple[str, str]]) -> str:
    (test, then), *rest = cases
    others = "".join(f"<responseElseIf>{t}{s}</responseElseIf>" for t, s in rest)
    return f"<responseCondition><responseIf>{test}{then}</responseIf>{others}</responseCondition>"


def manifest(items: list[Item]) -> str:
    """What is in the package (IMS Content Packaging 1.1)."""
    resources = "\n".join(
        f'<resource identifier="R-{item.name}" type="imsqti_item_xmlv2p1" href="{item.name}.xml">'
        f'<file href="{item.name}.xml"/></resource>'
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="dualedu">\n'
        "<metadata><schema>QTIv2.1 Package</schema>"
        "<schemaversion>1.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{resources}\n</resources>\n</manifest>\n"
    )


def main() -> int:
    items = pool()
    TO.mkdir(parents=True, exist_ok=True)
    (TO / "questions-moodle.xml").write_text(moodle(items), encoding="utf-8")
    with zipfile.ZipFile(TO / "questions-qti.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("imsmanifest.xml", manifest(items))
        for item in items:
            packed.writestr(f"{item.name}.xml", qti(item))
    kinds = [item.kind for item in items]
    print(
        f"{kinds.count('choice')} questions with choices, {kinds.count('number')} with a number, "
        f"{kinds.count('order')} programs to put in order: {TO.relative_to(ROOT)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
