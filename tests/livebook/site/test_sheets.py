"""What a page does not use it does not load."""

from pathlib import Path
from types import SimpleNamespace

from livebook.site import sheets

SCRIPTS = """
  <script src="_static/scripts/fontawesome.js?digest=1"></script>
  <script src="_static/searchtools.js"></script>
  <script defer="defer" src="_static/design-tabs.js?v=2"></script>
  <script src="_static/doctools.js"></script>"""


def left(name, body):
    """The scripts that a page still loads."""
    found = []
    site = SimpleNamespace(change=lambda change: found.append(change(Path(name), SCRIPTS + body)))
    sheets.drop_scripts(site)
    return [script for script in ("fontawesome", "searchtools", "tabs", "doctools")
            if f"{script}.js" in found[0]]  # fmt: skip


def test_a_page_without_tabs_loads_no_script_for_them():
    assert left("page.html", "<p>words</p>") == ["doctools"]


def test_a_page_with_tabs_does():
    assert left("page.html", '<div class="sd-tab-set">…</div>') == ["tabs", "doctools"]


def test_the_page_of_the_search_keeps_its_tools():
    assert left("search.html", "") == ["searchtools", "doctools"]
