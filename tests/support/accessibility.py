"""What axe finds wrong on a page by the rules of WCAG that a program can check, light and dark."""

import pytest

AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
RULES = {"light": AA, "dark": CONTRAST}  # the dark has other colours, and nothing else

THEMED = "theme => [theme, undefined].includes(document.documentElement.dataset.theme)"
"""Whether the theme has followed; slides have none."""


def violations(page):
    """Theme, rule and element of each, on the whole of a page; it is left dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = []
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(THEMED, arg=theme)
        said = axe.run(page, options=rules | {"resultTypes": ["violations"]}).response
        found += [
            (theme, fault["id"], node["html"])
            for fault in said["violations"]
            for node in fault["nodes"]
        ]
    return found
