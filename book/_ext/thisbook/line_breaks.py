"""A formula in a line keeps the punctuation behind it: on a phone no full stop stands alone."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PUNCTUATION = re.compile(r"[.,;:!?)\]”’]+")


class KeepPunctuation(SphinxPostTransform):
    """Browsers may break a line on both sides of a formula, which to them is a picture."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for formula in list(self.document.findall(nodes.math)):
            behind = formula.next_node(descend=False, siblings=True)
            found = isinstance(behind, nodes.Text) and PUNCTUATION.match(behind)
            if found:
                mark, rest = nodes.Text(found.group()), nodes.Text(behind[found.end() :])
                formula.parent.replace(behind, rest)
                formula.replace_self(
                    nodes.inline("", "", formula.deepcopy(), mark, classes=["kept"])
                )


def setup(app: Any) -> dict[str, bool]:
    app.add_post_transform(KeepPunctuation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
