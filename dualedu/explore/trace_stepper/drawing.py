"""The graph of a computation, the rule of the present line in numbers, and the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import wrap

from dualedu.explore.kit.svg import (
    GREY,
    INK,
    PAPER,
    PRIMAL,
    TANGENT,
    WIDTH,
    arrow,
    dot,
    element,
    line,
    path,
    picture,
    text,
)
from dualedu.explore.trace_stepper.model import NAMES, Line, Trace, brief, full

RADIUS = 17
SLOT = 54
ROW = 24
SIGNS = {"neg": "−", "abs": "| |", "/": "÷", "*": "×"}
LONGEST = 36
"""A rule with more letters than this goes on in the next line."""


def draw(model: Trace) -> str:
    graph = Graph(model)
    panel = graph.height + 4
    said = rule(model)
    table = panel + 22 * len(said) + 30
    height = table + 30 + ROW * len(model.lines)
    tables = (*framed(said, panel), *rows(model, table))
    return picture(height, model.words(), *graph.draw(), *tables)


@dataclass
class Graph:
    """Nodes in columns by depth; an edge that passes a column has a place of its own in it.

    Edges thus run between columns only, and never through a node.
    """

    model: Trace
    columns: list[list[tuple[str, str]]] = field(default_factory=list)
    depth: dict[str, int] = field(default_factory=dict)
    at: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.model.lines:
            before = [self.depth[part.name] for part in node.parts if not part.constant]
            self.depth[node.name] = 1 + max(before, default=-1 if not node.parts else 0)
        self.place()

    def reach(self, node: Line) -> int:
        """The column of the last line that takes this one."""
        users = [
            self.depth[other.name]
            for other in self.model.lines
            if any(part.name == node.name for part in other.parts)
        ]
        return max(users, default=self.depth[node.name])

    def place(self) -> None:
        """In each column the nodes and the edges that pass, near to what they come from."""
        last = max(self.depth.values())
        pitch = min(96.0, (WIDTH - 56) / max(1, last))
        left = (WIDTH - pitch * last) / 2
        order: list[list[str]] = []
        for column in range(last + 1):
            here = [
                node
                for node in self.model.lines
                if self.depth[node.name] == column
                or self.depth[node.name] < column < self.reach(node)
            ]
            ranks = {name: i for i, name in enumerate(order[-1])} if order else {}
            middle = (len(ranks) - 1) / 2

            def rank(
                node: Line, column: int = column, ranks: dict[str, int] = ranks, mid: float = middle
            ) -> float:
                if self.depth[node.name] < column:
                    return ranks.get(node.name, mid)
                before = [ranks[part.name] for part in node.parts if part.name in ranks]
                return sum(before) / len(before) if before else mid

            order.append([node.name for node in sorted(here, key=rank)])
        slots = max(map(len, order))
        self.height = 26.0 + SLOT * slots
        for column, names in enumerate(order):
            first = 22 + SLOT * (slots - len(names)) / 2 + SLOT / 2
            for i, name in enumerate(names):
                self.at[name, column] = left + pitch * column, first + SLOT * i

    def draw(self) -> Iterator[str]:
        for node in self.model.lines:  # what is bold lies on top
            if node is not self.model.current:
                yield from self.edges(node)
        if self.model.current:
            yield from self.edges(self.model.current)
        for node in self.model.lines:
            yield self.node(node)

    def edges(self, node: Line) -> Iterator[str]:
        """To each operand's side of the node, from above or from below as they lie."""
        x, y = self.at[node.name, self.depth[node.name]]
        column, now = self.depth[node.name], node is self.model.current
        moving = [part.name for part in node.parts if not part.constant]
        sources = sorted(moving, key=lambda name: self.way(name, column)[-1][1])
        for i, name in enumerate(sources):
            port = y + (10 * i - 5 if len(sources) == 2 else 0)
            # On a circle, the place at the height of the port.
            head = (x - (RADIUS**2 - (port - y) ** 2) ** 0.5 - 2, port)
            way = self.way(name, column)
            width, colour = (3.0, INK) if now else (1.6, GREY)
            dash = None if self.model.filled(node) else "3 4"
            if len(way) > 1:
                yield path(way, stroke=colour, stroke_width=width, stroke_dasharray=dash)
            yield arrow(way[-1], head, colour, width, stroke_dasharray=dash)

    def way(self, name: str, column: int) -> list[tuple[float, float]]:
        """From a node to a later column; level where it passes others, and so clear of them."""
        places = [self.at[name, k] for k in range(self.depth[name], column)]
        passed = [(x + side, y) for x, y in places for side in (-RADIUS, RADIUS)]
        return passed[1:]

    def node(self, node: Line) -> str:
        x, y = self.at[node.name, self.depth[node.name]]
        now, filled = node is self.model.current, self.model.filled(node)
        circle = dot(
            (x, y),
            PAPER,
            RADIUS,
            stroke=TANGENT if now else INK if filled else GREY,
            stroke_width=4.5 if now else 2 if filled else 1.5,
            stroke_dasharray=None if filled else "3 3",
        )
        sign = SIGNS.get(node.operation, NAMES.get(node.operation, node.operation))
        ink = INK if filled else GREY
        inside = text(x, y + 5, sign, fill=ink, text_anchor="middle", font_size="0.93em")
        if not node.parts:
            return circle + inside
        above = text(
            x,
            y - RADIUS - 6,
            node.name,
            fill=ink,
            text_anchor="middle",
            font_size="0.93em",
            font_weight=700 if now else None,
        )
        return circle + inside + above


def rule(model: Trace) -> list[tuple[str, str]]:
    """The present line, its primal and its tangent with the numbers they were made of.

    Each line of the text has a name, which is empty where it continues the one before.
    """
    now = model.current
    if now is None:
        inputs = ", ".join(f"{k} is {full(v)}" for k, v in model.used.items())
        return [
            (f"The start: {inputs or 'no input'}", ""),
            (f"The tangent of {model.seed} is 1: this is the seed.", ""),
            ("Each step does one operation.", ""),
        ]
    said = [(f"{now.name} = {now.formula}", "")]
    for name, how, value in (
        ("primal", now.primal_rule(brief), brief(now.primal)),
        ("tangent", now.tangent_rule(brief), brief(now.tangent)),
    ):
        whole = value if how == value else f"{how} = {value}"
        pieces = wrap(whole, LONGEST, break_long_words=False)
        said += [(name if not i else " ", piece) for i, piece in enumerate(pieces)]
    return said


def framed(said: list[tuple[str, str]], top: float) -> Iterator[str]:
    box = {"x": 8, "y": top, "width": WIDTH - 16, "height": 22 * len(said) + 14}
    yield element("rect", **box, rx=6, fill="none", stroke=GREY)
    for i, (name, piece) in enumerate(said):
        y = top + 23 + 22 * i
        if name in ("primal", "tangent"):
            yield mark(PRIMAL if name == "primal" else TANGENT, 20, y)
        if piece:
            yield text(38, y, name) + text(114, y, piece)
        else:
            yield text(20, y, name, font_weight=None if i else 600)


def mark(colour: str, x: float, y: float) -> str:
    """A square for primals, a diamond for tangents."""
    if colour == PRIMAL:
        return element("rect", x=x, y=y - 10, width=10, height=10, fill=colour)
    corners = [(x + 5, y - 11.5), (x + 11.5, y - 5), (x + 5, y + 1.5), (x - 1.5, y - 5)]
    return path(corners, closed=True, fill=colour, stroke="none")


def rows(model: Trace, top: float) -> Iterator[str]:
    """One row for each line; numbers appear as the steps are done."""
    y = top + 14
    yield text(28, y, "line", fill=GREY)
    for colour, name, end in ((PRIMAL, "primal", 330), (TANGENT, "tangent", 462)):
        yield mark(colour, end - 88, y)
        yield text(end, y, name, fill=GREY, text_anchor="end")
    yield line((10, y + 8), (WIDTH - 10, y + 8), stroke=GREY, stroke_width=1)
    for node in model.lines:
        y += ROW
        now, filled = node is model.current, model.filled(node)
        weight = 700 if now else None
        if now:
            yield element(
                "rect",
                x=8,
                y=y - 11,
                width=WIDTH - 16,
                height=ROW,
                rx=4,
                fill="none",
                stroke=TANGENT,
                stroke_width=2,
            )
        y6 = y + 6
        shown = f"{node.name} = {node.formula}" if node.parts else node.name
        if not node.parts:
            shown += "  (seeded)" if node.name == model.seed else "  (not seeded)"
        yield text(28, y6, shown, fill=INK if filled else GREY, font_weight=weight)
        for value, end in ((node.primal, 330), (node.tangent, 462)):
            told = full(value) if filled else "…"
            ink = INK if filled else GREY
            yield text(end, y6, told, fill=ink, text_anchor="end", font_weight=weight)
