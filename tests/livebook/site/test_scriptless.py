"""Scripts that come before all others."""

from pathlib import Path
from types import SimpleNamespace

from livebook.site import scriptless


def test_scripts_that_come_first_come_after_the_charset_and_once():
    page = '<html><head>\n<meta charset="utf-8" /><script src="theme.js"></script></head></html>'
    site = SimpleNamespace(pages={Path("a.html"): page})

    def change(edit):
        site.pages = {file: edit(file, text) for file, text in site.pages.items()}

    site.change = change
    scriptless.add_inline(site)
    once = site.pages[Path("a.html")]
    assert once.index("charset") < once.index("localStorage") < once.index("theme.js")
    scriptless.add_inline(site)
    assert site.pages[Path("a.html")] == once
