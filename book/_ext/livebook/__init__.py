"""A Jupyter Book whose pages run Python in the browser, all of it from the book's own folder.

    sphinx:
      extra_extensions: [livebook]

`settings` says what else a book can tell it, `finish` what is done to a site and in which order.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config

from livebook import finish, licences, pages, scripts, settings, weights
from livebook.lite import app as lite
from livebook.python import stage
from livebook.site import formulas, mathjax, offline, scriptless, sheets


def setup(app: Sphinx) -> dict[str, bool]:
    for part in (settings, licences, weights):
        part.setup(app)
    app.connect("config-inited", configure)
    app.connect("builder-inited", begin)
    app.connect("env-get-outdated", lite.outdated)
    app.connect("html-page-context", pages.context, priority=700)  # after the theme's
    app.connect("build-finished", finish.run, priority=900)  # after all other extensions
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def configure(app: Sphinx, config: Config) -> None:
    for part in (formulas, mathjax, scriptless, sheets):
        part.configure(config)
    pages.configure(app, config)


def begin(app: Sphinx) -> None:
    """What pages are written with is made before they are."""
    offline.register(app)
    scripts.begin(app)
    stage.begin(app)
    lite.begin(app)
