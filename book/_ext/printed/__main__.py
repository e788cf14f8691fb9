"""python -m printed [pdf] [epub]"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from frontdoor.packages import ROOT
from livebook import settings

from printed import answers, epub, pages, pdf

KINDS: dict[str, tuple[Callable[[pages.Book, Path], int], str]] = {
    "epub": (epub.write, "chapters"),
    "pdf": (pdf.write, "pages"),  # last, as it needs a browser
}


def main(kinds: list[str]) -> None:
    if strange := sorted({*kinds} - {*KINDS}):
        raise SystemExit(f"the book is printed as {' or '.join(KINDS)}, and not as {strange[0]}")
    made, _ = settings.read(ROOT)
    for kind in kinds or KINDS:
        book = pages.read(ROOT)
        book.pages.append(answers.move(book.pages))
        write, counted = KINDS[kind]
        target = ROOT / "_build" / f"{made.archive}.{kind}"
        number = write(book, target)
        print(f"{target} ({number} {counted}, {target.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main(sys.argv[1:])
