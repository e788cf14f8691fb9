"""The picture of a page that a chat shows beside its link, drawn when the site is built.

Title, book and authors stand on it, and what `frontdoor_motif` draws. They are PNG, because nobody
who shows cards takes SVG.
"""

from __future__ import annotations

import hashlib
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

from frontdoor.place import Page, Place

SIZE = (1200, 630)
FOLDER = "_static/cards"
INK, FAINT, PAPER = "#1a1a1a", "#5f5f5f", "#ffffff"


def words(here: Place, page: Page) -> str:
    """What is on the card, for those who do not see it."""
    return f"{page.title}. {here.book}, by {here.authors}."


def draw(here: Place, page: Page) -> str:
    """Draw the card of a page, unless it is there; its path in the site."""
    motif = here.app.config.frontdoor_motif
    source = Path(__file__).read_bytes() + motif_source(motif)
    told = "\0".join([page.title, page.number, page.description, here.book, here.authors])
    key = hashlib.sha256(told.encode() + source).hexdigest()[:10]
    stem = page.name.replace("/", "-")
    target = Path(here.app.outdir, FOLDER, f"{stem}-{key}.png")
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        for old in target.parent.glob(f"{stem}-??????????.png"):
            old.unlink()
        write(here, page, target, motif)
    return f"{FOLDER}/{target.name}"


def motif_source(motif: str) -> bytes:
    """The code of the motif: a card is drawn anew when it changes."""
    if not motif:
        return b""
    return Path(str(import_module(motif.partition(":")[0]).__file__)).read_bytes()


def write(here: Place, page: Page, target: Path, motif: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = SIZE
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor=PAPER)
    FigureCanvasAgg(figure)
    # A dollar would begin a formula.
    plain: dict[str, Any] = {"ha": "left", "parse_math": False, "color": INK}
    title = textwrap.wrap(page.title, 14)[:4]
    size = 42 if len(title) < 4 else 36
    figure.text(
        0.06, 0.90, "" if page.root else here.book, size=22, va="top", **plain | {"color": FAINT}
    )
    figure.text(0.06, 0.78, "\n".join(title), size=size, va="top", weight="bold", **plain)
    said = "\n".join(textwrap.wrap(page.description, 44)[:4])
    figure.text(0.06, 0.13, said, size=18, va="bottom", **plain | {"color": FAINT})
    figure.text(0.06, 0.06, here.authors, size=16, va="bottom", **plain | {"color": FAINT})
    if motif:
        module, _, function = motif.partition(":")
        getattr(import_module(module), function)(figure.add_axes((0.56, 0.10, 0.40, 0.80)))
    # A style of figures may save them with more dots; what is announced is SIZE.
    figure.savefig(target, dpi=figure.dpi, metadata={"Software": None})
