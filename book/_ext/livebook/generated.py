"""Lines of MyST that a function writes, in place of a directive."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


class Generated(SphinxDirective):
    """A directive that stands for the lines of its method `lines`."""

    def lines(self) -> Iterable[str]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        holder = nodes.Element()
        made = StringList([*self.lines()], source=self.name)
        self.state.nested_parse(made, self.content_offset, holder)
        return holder.children
