"""Widgets in the pages of Voilà, as tests see them: a page, and a twin of the widget in Python."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from html import unescape
from pathlib import Path

import pytest
from playwright import sync_api as playwright

from dualedu import explore
from dualedu.explore.kit.controls import Choice, Line, Name, Number, Numbers, Passage, Switch

ROOT = Path(__file__).parents[2]

# Voilà's page asks a CDN for the font of icons that other people's buttons may show.
VOILAS_OWN = r"/npm/@fortawesome/fontawesome-free@"


@contextlib.contextmanager
def served(folder):
    """Voilà, with a notebook for each widget in a folder and one for all of them: its address."""
    for name in explore.ROOMS:
        write(folder / f"{name}.ipynb", [name])
    write(folder / "all.ipynb", explore.ROOMS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "voila", str(folder), "--no-browser", "--Voila.ip=127.0.0.1"]
    # The front ends of whatever else is installed would be loaded too, and complain.
    kinds = [
        "anywidget",
        "@jupyter-widgets/jupyterlab-manager",
        "@voila-dashboards/widgets-manager8",
    ]
    options = [f"--VoilaConfiguration.extension_allowlist={kind}" for kind in kinds]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    log = folder / "voila.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [*command, f"--port={port}", *options], env=environment, stdout=file, stderr=file
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def write(path, names):
    """A notebook with a cell for each of the widgets."""
    cells = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"from dualedu.explore import {name}\n{name}()",
        }
        for name in names
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    path.write_text(json.dumps(notebook | {"cells": cells}))


def wait_for(address, server, log):
    for _ in range(1200):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"Voilà does not answer at {address}:\n{log.read_text()[-2000:]}")


class View:
    """A widget in the page, and its twin in this process."""

    def __init__(self, page, name, place=0):
        self.page, self.name = page, name
        self.root = page.locator(".dualedu-explore").nth(place)
        self.twin = getattr(explore, name)()
        self.picture = self.root.locator(".explore-picture > svg")
        self.words = self.root.locator(".explore-words")
        self.message = self.root.locator(".explore-message")

    def row(self, name, part=0):
        return self.root.locator(f".explore-row.explore-{name}").nth(part)

    def agrees(self):
        """Wait until the page says what the twin says: sentence, message, controls."""
        playwright.expect(self.words).to_have_text(self.twin.words)
        playwright.expect(self.message).to_have_text(self.twin.message)
        playwright.expect(self.picture).to_have_attribute("aria-label", label(self.twin))
        for name, trait in shown(self.twin):
            value = getattr(self.twin, name)
            for part, single in enumerate(value if isinstance(trait, Numbers) else [value]):
                self.shows(trait, name, part, single)

    def shows(self, trait, name, part, value):
        row = self.row(name, part)
        if isinstance(trait, Choice):
            chosen = next(key for key, own in trait.options.items() if own == value)
            playwright.expect(row.locator("option:checked")).to_have_text(chosen)
        elif isinstance(trait, Switch):
            playwright.expect(row.locator("input")).to_be_checked(checked=value)
        elif isinstance(trait, Line):
            playwright.expect(row.locator("input")).to_have_value(value)
        elif isinstance(trait, Passage):
            playwright.expect(row.locator("textarea")).to_have_value(value)
        elif isinstance(trait, Name):
            playwright.expect(row.locator("option:checked")).to_have_text(value)
        else:
            # How many digits of a float a box writes is the browser's affair.
            near = "([box, value]) => Math.abs(box.value - value) <= 1e-9 * Math.abs(value)"
            arguments = [row.locator("input").element_handle(), value]
            self.page.wait_for_function(near, arg=arguments)


def label(widget):
    """The text that is read in the picture's stead."""
    return unescape(re.search(r'aria-label="([^"]*)"', widget.picture.svg)[1])


def shown(widget):
    """The traits that have a control: a few are only drawn anew by a button."""
    return [(name, trait) for name, trait in widget.public().items() if name in widget.controls]


def numbers(widget):
    """(name, part, control) of each number that has a box and a slider."""
    for name, trait in shown(widget):
        if isinstance(trait, Number):
            yield name, 0, trait
        elif isinstance(trait, Numbers):
            for part in range(len(trait.labels)):
                yield name, part, trait.parts[part]


def give(widget, name, part, value):
    """Set one number of the twin."""
    if isinstance(widget.public()[name], Numbers):
        values = list(getattr(widget, name))
        values[part] = value
        value = tuple(values)
    widget.update(**{name: value})


def opened(page, address):
    page.goto(address, wait_until="commit")
    page.locator(".dualedu-explore .explore-picture > svg").last.wait_for()
    return page


def touch(page, start, places):
    """A finger put down, moved and lifted; the page must not scroll under it."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    scrolled = page.evaluate("scrollY")

    def send(kind, *points):
        touches = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", start)
    for place in places:
        send("touchMove", place)
    send("touchEnd")
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()
    assert page.evaluate("scrollY") == scrolled
