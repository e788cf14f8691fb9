"""What a reader is to ask for, at the end of the document: solutions, hints, outputs to predict.

On a page they are folded, or come when something is pressed. On paper each leaves a line that says
where it is.
"""

from __future__ import annotations

import copy

from bs4 import BeautifulSoup, Tag

from printed.pages import Page, anchor, tagged, words

TITLE = "Answers"
NAME = "answers"
ASKED = ".admonition.dropdown, details.below-input, details:not([class]), .question"
"""All that is folded; folded code is not, `pages` has opened it."""
HEADINGS = ["h1", "h2", "h3", "h4"]


def move(pages: list[Page]) -> Page:
    """Take the answers out of all pages: the page at the end of the book that has them."""
    soup = BeautifulSoup(f'<article id="{NAME}"><h1>{TITLE}</h1></article>', "html.parser")
    article = soup.article
    assert article is not None
    for page in pages:
        folded = page.article.select(ASKED)
        found = [tag for tag in folded if not any(part in folded for part in tag.parents)]
        moved = [part for tag in found for part in taken(tag)]
        if not moved:
            continue
        heading = tagged("h2", "")
        heading.append(link(page.key, page.title))
        article.append(heading)
        for number, (place, said, question, answer) in enumerate(moved, start=1):
            here, away = anchor(page.key, f"asked-{number}"), anchor(page.key, f"answer-{number}")
            line = tagged("p", "printed-asked", id=here)
            line.append(link(away, said))
            line.append(tagged("span", "printed-page", **{"data-page": away}))
            place.replace_with(line)
            box = tagged("div", "printed-answer", id=away)
            title = tagged("p", "printed-question")
            title.append(link(here, question))
            box.append(title)
            box.extend(answer)
            article.append(box)
    return Page(NAME, "", article)


def taken(tag: Tag) -> list[tuple[Tag, str, str, list[Tag]]]:
    """Of something folded: what gives way to the line, the line, what was asked, the answer."""
    if "question" in tag.get_attribute_list("class"):
        return asked(tag)
    if title := tag.select_one(".admonition-title") if tag.name == "div" else None:
        said = "Solution" if "solution" in tag.get_attribute_list("class") else words(title)
        named = title.find("a") or exercise(tag) or tag.find_previous(HEADINGS)
        title.extract()
        return [(tag, said, words(named) if isinstance(named, Tag) else said, inside(tag))]
    summary = tag.find("summary", recursive=False)
    label = summary.select_one(".collapsed") or summary if isinstance(summary, Tag) else None
    said = words(label) if label else "Answer"
    if isinstance(summary, Tag):
        summary.extract()
    # One hint opens the next.
    for more in tag.find_all("details"):
        inner = more.find("summary")
        if isinstance(inner, Tag):
            inner.name = "p"
            inner["class"] = "printed-hint"
        more.unwrap()
    above = tag.find_previous(HEADINGS)
    return [(tag, said, words(above) if isinstance(above, Tag) else said, inside(tag))]


def exercise(tag: Tag) -> Tag | None:
    """The title of the exercise that a hint stands in."""
    within = tag.find_parent(class_="exercise")
    return within.select_one(".admonition-title") if within else None


def asked(question: Tag) -> list[tuple[Tag, str, str, list[Tag]]]:
    """A question to choose from keeps its choices, and gives away the right one with its reason."""
    title = question.select_one(".question-title")
    named = words(title) if title else "Question"
    replies = question.select("details.reply")
    right = question.select_one(".reply.right")
    answer: list[Tag] = []
    if right:
        summary = right.find("summary")
        if isinstance(summary, Tag):
            chosen = tagged("p", "printed-choice")
            chosen.extend(copy.copy(child) for child in summary.contents)
            answer.append(chosen)
        elif "data-answer" in right.attrs:
            chosen = tagged("p", "printed-choice")
            chosen.string = str(right["data-answer"])
            answer.append(chosen)
        answer += [part for part in inside(right) if part.name != "summary"]
    if replies:
        choices = tagged("ul", "printed-choices")
        for reply in replies:
            summary = reply.find("summary")
            item = tagged("li", "")
            if isinstance(summary, Tag):
                item.extend(list(summary.contents))
            choices.append(item)
            reply.extract()
        question.append(choices)
    if status := question.select_one("[role=status]"):
        status.extract()
    place = tagged("p", "")
    question.append(place)
    return [(place, "Answer", named, answer)]


def inside(tag: Tag) -> list[Tag]:
    return [child for child in list(tag.children) if isinstance(child, Tag)]


def link(target: str, text: str) -> Tag:
    made = tagged("a", "", href=f"#{target}")
    made.string = text
    return made
