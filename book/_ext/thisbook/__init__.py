"""What this book alone has: its reference pages, questions, slides, assignments and pictures."""

from __future__ import annotations

from typing import Any

PARTS = (
    "assignments",
    "line_breaks",
    "pairs",
    "questions",
    "reference",
    "slides",
    "typeface",
    "words",
)


def setup(app: Any) -> dict[str, bool]:
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
