"""The reference pages, written by the library itself when the book is built.

    ```{rule-table} NAME```   NumPy's functions, and the traits of widgets: the names are in TABLES
    glossary.md#term-NAME     leads to that term

Docstrings are in numpydoc's form, and numpydoc prints them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from inspect import cleandoc
from typing import Any

import numpy as np
from docutils import nodes
from livebook.generated import Generated
from numpydoc.docscrape import NumpyDocString

from dualedu import Dual, nn
from dualedu.internals.registry import Kind, find, of_kind, qualified
from dualedu.numpy_rules.coverage import numpy_functions

# --- every rule ----------------------------------------------------------------------------------

NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.{}.html"
SCIPY = "https://docs.scipy.org/doc/scipy/reference/generated/{}.html"

KINKS = (
    ("np.absolute(x)", "x = 0", {"x": (0.0, 1.0)}, "halfway between the slopes −1 and 1"),
    ("relu(x)", "x = 0", {"x": (0.0, 1.0)}, "the slope on the left"),
    ("np.maximum(x, y)", "x = y", {"x": (2.0, 1.0), "y": (2.0, 0.0)}, "a tie is shared equally"),
    ("np.minimum(x, y)", "x = y", {"x": (2.0, 1.0), "y": (2.0, 0.0)}, "a tie is shared equally"),
    ("np.clip(x, 0, 1)", "x = 1", {"x": (1.0, 1.0)}, "a tie of x and the bound"),
    ("np.sign(x)", "x = 0", {"x": (0.0, 1.0)}, "constant between its jumps"),
    ("np.floor(x)", "x = 1", {"x": (1.0, 1.0)}, "constant between its jumps"),
    ("np.sqrt(x)", "x = 0", {"x": (0.0, 1.0)}, "the slope has no bound"),
    ("np.sqrt(x)", "x = 0", {"x": (0.0, 0.0)}, "x does not move, so neither does its root"),
    ("np.hypot(x, y)", "x = y = 0", {"x": (0.0, 1.0), "y": (0.0, 0.0)}, "the tip of a cone"),
    ("x**0", "x = 0", {"x": (0.0, 1.0)}, "x⁰ is 1 for every x"),
    ("np.sinc(x)", "x = 0", {"x": (0.0, 1.0)}, "no kink at all: the gap is closed"),
    (
        "np.where(x > 0, x, 0)",
        "x = 0",
        {"x": (0.0, 1.0)},
        "comparisons look at the primal, and choose a branch as for floats",
    ),
)
"""Expression, point, (primal, tangent) of each variable, reason."""

NO_BREAK = "\N{NO-BREAK SPACE}"


def kinks() -> Iterable[str]:
    yield "| function | at | $\\dot x$ | its tangent | because |"
    yield "|---|---|---|---|---|"
    for expression, point, numbers, reason in KINKS:
        duals = {key: Dual(*parts) for key, parts in numbers.items()}
        with np.errstate(divide="ignore"):
            z = eval(expression, {"np": np, "relu": nn.relu, **duals})
        tangent = z.tangent if isinstance(z, Dual) else 0.0
        cells = (number(numbers["x"][1]), number(tangent), escaped(reason))
        yield f"| `{expression}` | {point.replace(' ', NO_BREAK)} | {' | '.join(cells)} |"


def number(value: Any) -> str:
    return {0.5: "½", np.inf: "∞"}.get(float(value), f"{float(value) + 0.0:g}")


def ufuncs() -> Iterable[str]:
    yield "| $z$ | its tangent $\\dot z$ |"
    yield "|---|---|"
    for ufunc, rule in of_kind("elementwise").items():
        arguments = "x, n" if ufunc is np.ldexp else "x, y"[: 3 * len(rule.partials) - 2]
        yield f"| {linked(qualified(ufunc), f'({arguments})')} | ${rule.formula}$ |"


def special() -> Iterable[str]:
    """scipy.special's, in the order of their table."""
    import_module("dualedu.scipy_rules")
    yield "| $z$ | its tangent $\\dot z$ |"
    yield "|---|---|"
    for ufunc, rule in of_kind("elementwise", "formula", library="scipy").items():
        arguments = ", ".join("xywv"[: len(rule.partials) or min(ufunc.nin, 2)])
        key = qualified(ufunc)
        address = SCIPY.format(key)
        yield f"| [`{key.removeprefix('scipy.')}({arguments})`]({address}) | ${rule.formula}$ |"


def functions() -> Iterable[str]:
    return grouped("linear", "bilinear", "composed", "formula", "creation", "assignment")


def constants() -> Iterable[str]:
    return grouped("constant")


def refused() -> Iterable[str]:
    return grouped("unsupported")


def grouped(*kinds: Kind) -> Iterable[str]:
    """Functions of some kinds, those with the same text together, large families first: a
    definition list, which a phone shows as well as a desk. Ufuncs of one formula have their own
    table."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key, function in numpy_functions().items():
        found = find(function)
        if found and found.kind in kinds:
            named = f"{found.kind}: " if found.kind in ("linear", "bilinear", "composed") else ""
            groups[named + found.formula].append(linked(key) if found.call else f"`{key}`")
    for text, names in sorted(groups.items(), key=lambda group: -len(group[1])):
        yield from (escaped(text), f": {', '.join(names)}", "")


def linked(key: str, arguments: str = "") -> str:
    return f"[`{key}{arguments}`]({NUMPY.format(key.removeprefix('np.'))})"


def escaped(text: str) -> str:
    """Text that stands for itself in MyST. An f-string is code: its quotes stay straight."""
    marked = re.sub(r"([\\`*_|<\[\]$])", r"\\\1", text)
    return re.sub(r"(f'[^']*')", r"`\1`", marked)


# --- widgets --------------------------------------------------------------------------------------


def traits() -> Iterable[str]:
    """What can be set on each widget: a definition list."""
    from dualedu import explore
    from dualedu.explore.kit.controls import Control

    def told(key: str, trait: Control) -> str:
        default = repr(trait.default_value)
        begins = f", at first `{default}`" if len(default) < 40 else ""
        about = f": {trait.help}" if trait.help else ""
        return f"  - `{key}`, {trait.takes()}{escaped(about)}{begins}"

    for room in explore.ROOMS:
        widget = getattr(explore, room)
        said = NumpyDocString(cleandoc(widget.__doc__))
        words = " ".join(said["Summary"] + said["Extended Summary"])
        yield from (f"`{room}`", f": {escaped(words)}", "")
        yield from (told(*trait) for trait in widget.public().items())
        yield ""


def faults() -> Iterable[str]:
    """What the gradient doctor can name, and a teacher's question for it: a definition list."""
    from dualedu.doctor.hypotheses import TABLE
    from dualedu.doctor.pages import TITLES

    for kind in TABLE:
        page = kind.page.removeprefix("book/").replace(".html", ".ipynb")
        forbids = f" ({escaped(kind.predicts)})" if len(kind.predicts) > 1 else ""
        yield escaped(kind.name)
        yield f": {escaped(kind.says[:1].upper() + kind.says[1:])}{forbids}."
        yield f"  *{escaped(kind.ask)}* [{TITLES[kind.page]}](../{page})"
        yield ""


TABLES = {
    t.__name__: t for t in (ufuncs, special, functions, constants, refused, kinks, traits, faults)
}


class RuleTable(Generated):
    """One of TABLES."""

    required_arguments = 1

    def lines(self) -> Iterable[str]:
        if self.arguments[0] not in TABLES:
            raise self.error(f"no table {self.arguments[0]!r}; there are {', '.join(TABLES)}")
        return TABLES[self.arguments[0]]()


# --- the glossary --------------------------------------------------------------------------------


def name_terms(app: Any, doctree: nodes.document) -> None:
    """Let [seed](../reference/glossary.md#term-Seed) find its term. Such a link is one for every
    viewer of notebooks too, but myst looks for the part after the # among headings alone."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for term in doctree.findall(nodes.term):
        slugs |= {key: (None, key, term.astext()) for key in term["ids"]}


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("rule-table", RuleTable)
    app.connect("doctree-read", name_terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
