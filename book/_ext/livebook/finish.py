"""What is done to a site once Sphinx has written it, step by step: STEPS is the order.

Whatever other extensions write when a build is finished is there before the first step. Pages are
read when the first step asks for them, changed in memory, and written once, by `write_pages`.
"""

from __future__ import annotations

from collections.abc import Callable

from sphinx.application import Sphinx

from livebook import licences
from livebook.lite import app as lite
from livebook.python import stage
from livebook.site import budget, formulas, markup, mathjax, offline, policy, scriptless, sheets
from livebook.site.folder import Site

Step = Callable[[Site], None]

STEPS: tuple[Step, ...] = (
    # Files beside the pages.
    mathjax.copy,
    stage.write,
    lite.write,
    licences.write,
    # The pages.
    formulas.write,
    markup.search_text,
    markup.mend,
    scriptless.add_inline,
    scriptless.choose_colours,
    sheets.drop_scripts,
    sheets.merge,
    policy.protect,  # by the hashes of what is in a page by now
    Site.write_pages,
    # What looks at the whole.
    budget.report,
    offline.write_worker,  # by the hashes of all files
)


def run(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        site = Site(app)
        for step in STEPS:
            step(site)
        site.build.keep_report()
