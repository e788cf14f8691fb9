"""The site as its finishing steps see it: a folder, and its pages, read once and written once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import cast

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from livebook import build

OTHERS = ("index", "404", "search", "genindex", "py-modindex", "prf-prf")
"""Pages without a source."""


class Site:
    """What Sphinx has written."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.build = build.of(app)
        self.folder = Path(app.outdir)
        self.static = self.folder / "_static"

    @cached_property
    def pages(self) -> dict[Path, str]:
        """The text of each page, by its file; what steps put here is written at the end."""
        return dict(self._read)

    @cached_property
    def _read(self) -> dict[Path, str]:
        names = [*self.app.env.found_docs, *OTHERS]
        builder = cast(StandaloneHTMLBuilder, self.app.builder)
        files = {Path(builder.get_outfilename(name)) for name in names}
        return {f: f.read_text(encoding="utf-8") for f in sorted(files) if f.is_file()}

    def change(self, edit: Callable[[Path, str], str]) -> None:
        """Every page's text by what `edit(file, text)` makes of it."""
        for file, page in self.pages.items():
            self.pages[file] = edit(file, page)

    def write_pages(self) -> None:
        for file, page in self.pages.items():
            if page != self._read[file]:
                file.write_text(page, encoding="utf-8")
