"""The pool of questions: all of them, with their replies, as Moodle and readers of QTI take it."""

import itertools
import re
import xml.etree.ElementTree as ET

import nbformat
import numpy as np
import pytest
from thisbook import pool

from dualedu import jvp, nn

ITEMS = pool.pool()
NAMES = [item.name for item in ITEMS]
QTI = {"q": pool.NAMESPACE}


def test_all_questions_of_the_pages_are_in_it():
    pages = sorted((pool.ROOT / "book").rglob("*.ipynb"))
    cells = [cell.source for page in pages for cell in nbformat.read(page, as_version=4).cells]
    there = sum(len(re.findall(r"^:{3,}\{question\}", source, re.MULTILINE)) for source in cells)
    assert sum(item.kind != "order" for item in ITEMS) == there > 50
    problems = pool.PARSONS.read_text(encoding="utf-8").count("\n## ")
    assert sum(item.kind == "order" for item in ITEMS) == problems
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("item", ITEMS, ids=NAMES)
def test_nothing_of_the_books_own_is_left(item):
    for text in [
        item.title,
        item.text,
        *(part for a in item.answers for part in (a.text, a.reply)),
    ]:
        plain = re.sub(r"<(code|pre)>.*?</\1>|\\[(\[].*?\\[)\]]", "", text, flags=re.DOTALL)
        assert not re.search(r"\{[\w:]+\}`|\]\(|\.ipynb|:::|(?<!\\)\$", plain), plain
    assert sum(answer.right for answer in item.answers) == 1 or item.kind == "order"


def test_moodle_reads_each_question():
    """By the rules of question/format/xml: one full mark, numbers as text, order by its place."""
    tree = ET.fromstring(pool.moodle(ITEMS))
    found = [q for q in tree.findall("question") if q.get("type") != "category"]
    assert len(found) == len(ITEMS)
    for item, made in zip(ITEMS, found, strict=True):
        fractions = [float(answer.get("fraction")) for answer in made.findall("answer")]
        if item.kind == "order":
            assert made.get("type") == "ordering"
            assert fractions == list(range(1, len(item.answers) + 1))
            continue
        assert sorted(set(fractions)) == [0, 100]
        assert fractions.count(100) == 1
        right = made.findall("answer")[fractions.index(100)]
        assert re.sub("<[^>]+>", "", right.findtext("feedback/text")).startswith("Right")
        for answer in made.findall("answer"):
            assert answer.findtext("feedback/text")
            ET.fromstring(f"<x>{answer.findtext('feedback/text')}</x>")
        if item.kind == "number":
            assert made.get("type") == "numerical"
            numbers = [answer.findtext("text") for answer in made.findall("answer")]
            assert numbers[-1] == "*"
            assert [float(number) for number in numbers[:-1]]


def answered(tree, response):
    """Points and reply by the item's own rules, for an answer; a little of QTI's processing."""
    for case in tree.find(".//q:responseCondition", QTI):
        test = case[0]
        tag = test.tag.partition("}")[2]
        value = test.findtext(".//q:baseValue", namespaces=QTI)
        if tag == "match" and value is None:
            correct = [v.text for v in tree.findall(".//q:correctResponse/q:value", QTI)]
            holds = response == correct
        elif tag == "match":
            holds = response == value
        elif tag == "equal":
            holds = abs(response - float(value)) <= float(test.get("tolerance").split()[0])
        else:
            holds = response is not None
        if holds:
            sets = case.findall("q:setOutcomeValue", QTI)
            return {s.get("identifier"): s.findtext("q:baseValue", namespaces=QTI) for s in sets}
    return {}


@pytest.mark.parametrize("item", ITEMS, ids=NAMES)
def test_each_qti_item_gives_the_point_and_the_reply(item):
    tree = ET.fromstring(pool.qti(item))
    replies = {f.get("identifier"): f for f in tree.findall("q:modalFeedback", QTI)}
    if item.kind == "order":
        ids = [c.get("identifier") for c in tree.findall(".//q:simpleChoice", QTI)]
        assert answered(tree, ids) == {"SCORE": "1"}
        assert answered(tree, ids[::-1]) == {}
        return
    for place, answer in enumerate(item.answers, 1):
        if item.kind == "choice":
            response = f"A{place}"
        else:
            response = 12345.0 if answer.text == "otherwise" else float(answer.text)
        said = answered(tree, response)
        assert said == ({"SCORE": "1"} if answer.right else {}) | {"REPLY": f"A{place}"}
        shown = "".join(replies[said["REPLY"]].itertext())
        assert shown.startswith("Right") == answer.right


def test_the_manifest_names_each_file():
    tree = ET.fromstring(pool.manifest(ITEMS))
    files = [node.get("href") for node in tree.iter() if node.tag.endswith("}file")]
    assert files == [f"{name}.xml" for name in NAMES]


PROBLEMS = [pytest.param(lines, check, id=title) for title, _, lines, check in pool.programs()]


@pytest.mark.parametrize(("lines", "check"), PROBLEMS)
def test_a_program_works_in_one_order_alone(lines, check):
    works = []
    for order in itertools.permutations(range(len(lines))):
        names = {"np": np, "jvp": jvp, "nn": nn}
        try:
            exec("\n".join(lines[place] for place in order), names)
            fine = bool(eval(check, names))
        except Exception:
            continue
        if fine:
            works.append(order)
    assert works == [tuple(range(len(lines)))]
