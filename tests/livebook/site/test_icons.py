"""The font of a site's icons holds each icon that its style sheet names, in either spelling."""

import shutil
from pathlib import Path

import pydata_sphinx_theme
from fontTools.ttLib import TTFont
from livebook.site import icons

SHEET = """
.fa-play:before{content:"\\f04b"}
:root{--pst-icon-bell:"\uf0f3"}
"""


def test_icons_by_number_and_as_characters(tmp_path):
    font = next(Path(pydata_sphinx_theme.__file__).parent.rglob("fa-solid-900.woff2"))
    folder = (tmp_path / icons.FONT).parent
    folder.mkdir(parents=True)
    shutil.copy(font, folder)
    rule = icons.face(tmp_path, SHEET)
    assert "unicode-range:U+F04B,U+F0F3}" in rule
    assert {0xF04B, 0xF0F3} <= set(TTFont(tmp_path / "icons.woff").getBestCmap())
