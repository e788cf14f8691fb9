"""Where a chapter can be run on somebody else's machine: once the project has an address.

Binder and Codespaces take the repository whole, with the environment that `.binder` and
`.devcontainer` describe. Colab and Kaggle open one notebook alone, in their own environment: theirs
come from a branch where each begins with a cell that fetches what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx

from frontdoor import place
from frontdoor.address import GITHUB

GROUP = "launch-buttons"
BRANCH = "launch"
"""It holds the notebooks of the newest release, as the site does."""


def context(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """The buttons beside those that other extensions offer for running a chapter."""
    if doctree is None or "header_buttons" not in context:
        return
    source = Path(app.env.doc2path(name))
    if source.suffix != ".ipynb":
        return
    here = place.of(app)
    buttons = offers(
        here.address.repository, here.version, source.relative_to(here.root).as_posix()
    )
    if not buttons:
        return
    groups = context["header_buttons"]
    group = next((each for each in groups if each.get("label") == GROUP), None)
    if group is None:
        group = {
            "type": "group",
            "label": GROUP,
            "icon": "fas fa-rocket",
            "tooltip": "Run this chapter elsewhere",
            "buttons": [],
        }
        groups.insert(0, group)
    group["buttons"] += buttons


def offers(repository: str, version: str, notebook: str) -> list[dict[str, str]]:
    """A button for each service, as the theme takes it; none without an address on GitHub."""
    found = GITHUB.fullmatch(repository)
    if not found:
        return []
    owner, name = found[1], found[2]
    # Binder keeps what it built for a tag; a codespace begins on a branch.
    tag = f"v{version}" if version else "HEAD"
    alone = f"{owner}/{name}/blob/{BRANCH}/{quote(notebook)}"
    return [
        {
            "type": "link",
            "text": "Open in Colab",
            "tooltip": "The chapter on Google Colab, with an account there",
            "icon": "fab fa-google",
            "url": f"https://colab.research.google.com/github/{alone}",
        },
        {
            "type": "link",
            "text": "Open on Kaggle",
            "tooltip": "The chapter on Kaggle, with an account there; switch Internet on beside it",
            "icon": "fab fa-kaggle",
            "url": f"https://kaggle.com/kernels/welcome?src=https://github.com/{alone}",
        },
        {
            "type": "link",
            "text": "Open on Binder",
            "tooltip": "The chapter in JupyterLab on mybinder.org, without an account",
            "icon": "fas fa-cloud",
            "url": f"https://mybinder.org/v2/gh/{owner}/{name}/{tag}?labpath={quote(notebook, '')}",
        },
        {
            "type": "link",
            "text": "Open in Codespaces",
            "tooltip": "The whole project in an editor on GitHub, with an account there",
            "icon": "fab fa-github",
            "url": f"https://codespaces.new/{owner}/{name}",
        },
    ]
