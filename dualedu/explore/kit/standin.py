"""A widget on a page that has no kernel: its picture, its sentence, its controls in plain HTML.

The controls become live with the page. A Jupyter Book that names `dualedu.explore.kit.standin`
among its Sphinx extensions shows stand-ins: the package announces the MyST-NB renderer below, and
`setup` brings the style sheet and prefers the stand-in to a widget that has no kernel.
"""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path
from typing import Any

from dualedu.explore.kit import stored

MIME = "application/vnd.dualedu.explore+html"
SCRIPTS = ("expressions", "numerals", "refusals", "sound", "stored", "svg")


def figure(widget: Any) -> str:
    """The stand-in of a widget, as one HTML element."""
    state, public, actions = widget.state(), widget.public(), widget.actions()

    def control(name: str) -> str:
        if name in actions:
            label = escape(actions[name].label)
            names = f'data-action="{name}" class="explore-{name}"'
            return f'<button type="button" {names}>{label}</button>'
        return str(public[name].standin(state[name]))

    rows = []
    for names in widget._rows():
        parts = "".join(control(name) for name in names)
        rows.append(f'<div class="explore-group">{parts}</div>' if len(names) > 1 else parts)
    return (
        f'<figure class="dualedu-explore dualedu-standin" data-widget="{type(widget).__name__}">'
        f'<strong class="explore-title">{escape(widget.title)}</strong>'
        f"{''.join(rows)}"
        f'<div class="explore-picture">{widget.picture.svg}</div>'
        f'<p class="explore-words" role="status">{escape(widget.words)}</p>'
        "</figure>"
    )


class Renderer:
    """Puts the stored stand-in into a page that MyST-NB renders."""

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> Any:
        if data.mime_type != MIME or inline:
            return None
        from docutils import nodes

        return [nodes.raw("", data.string, format="html")]


def setup(app: Any) -> dict[str, bool]:
    app.add_css_file("explore.css")
    app.connect("config-inited", prefer)
    app.connect("html-page-context", hear)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def prefer(app: Any, config: Any) -> None:
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        ("*", MIME, 1),
        ("*", "application/vnd.jupyter.widget-view+json", None),
    ]


def hear(app: Any, page: str, template: str, context: Any, doctree: Any) -> None:
    """Where a picture has a slope, the script that makes it heard."""
    from docutils import nodes

    if doctree and any("data-slope=" in raw.astext() for raw in doctree.findall(nodes.raw)):
        app.add_js_file("explore/kit/sound.js", type="module")


def copy_files(app: Any, error: Exception | None) -> None:
    """The style sheet, and what some stand-ins answer by: `answers.js` names their scripts."""
    if error is None and app.builder.format == "html":
        from dualedu import explore

        kit, static = Path(__file__).parent, Path(app.outdir, "_static")
        shutil.copy2(kit / "explore.css", static)
        parts = [kit / f"{name}.js" for name in SCRIPTS]
        for file in (kit.parent / "answers.js", *parts, *kit.parent.glob("*/answer.js")):
            target = static / "explore" / file.relative_to(kit.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
        for name, room in explore.ROOMS.items():
            widget = getattr(explore, name)()
            if widget.stored:
                (static / "explore" / room).mkdir(parents=True, exist_ok=True)
                (static / "explore" / room / stored.FILE).write_bytes(stored.table(widget))
