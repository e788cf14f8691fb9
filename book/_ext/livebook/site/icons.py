"""A font of the icons that a site shows: the theme's own has two thousand, pages some thirty."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from fontTools import subset

WIDGETS = {f"fa-{name}" for name in ("play", "pause", "stop", "repeat", "upload")}
"""What widgets may ask for once a page is live: Play and FileUpload."""

FONT = "vendor/fontawesome/webfonts/fa-solid-900"
GLYPH = re.compile(r"""["'](?:\\([ef][0-9a-f]{3})|([\ue000-\uf8ff]))["']""")
"""An icon as a style sheet writes it: by its number, or as the character itself."""


def face(static: Path, sheet: str) -> str:
    """Write the font of the icons that a style sheet names, and return its rule. For any other icon
    the browser loads the whole font."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    found = GLYPH.findall(sheet)
    codes = sorted({int(code, 16) if code else ord(character) for code, character in found})
    options = subset.Options(flavor="woff", layout_features=[])
    font = subset.load_font(str(static / f"{FONT}.woff2"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    subset.save_font(font, str(static / "icons.woff"), options)
    ranges = ",".join(f"U+{code:X}" for code in codes)
    return (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;'
        f'font-weight:900;src:url(icons.woff) format("woff");unicode-range:{ranges}}}\n'
    )
