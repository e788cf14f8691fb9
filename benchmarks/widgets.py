"""How fast each widget answers: the redraw in Python, and a key press in Chromium.

    python benchmarks/widgets.py

prints medians in milliseconds. "redraw": one change of a trait, from Python. "key to picture": an
arrow key on the first slider until the picture has changed, against a live kernel behind Voilà;
where there is no slider, a click on the first switch or choice in the menu.
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import sync_playwright

from dualedu import explore
from dualedu.explore.kit.controls import Choice, Number, Numbers, Switch

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ALONE = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
TURNS = 40

PRESS = """({ control, picture, key }) => new Promise(done => {
    const watcher = new MutationObserver(() => {
        watcher.disconnect();
        requestAnimationFrame(() => done(performance.now() - start));
    });
    watcher.observe(picture, { childList: true });
    setTimeout(() => { watcher.disconnect(); done(null); }, 1500);  // nothing to draw
    const start = performance.now();
    if (control.tagName === 'SELECT') {
        control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
        control.dispatchEvent(new Event('change', { bubbles: true }));
    } else if (control.type === 'checkbox') control.click();
    else control.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
})"""


def values(trait):
    """Values that lie far apart, two for each trait."""
    if isinstance(trait, Numbers):
        low, high = trait.slides or trait.limits
        return [(v,) * len(trait.labels) for v in (0.5 * low, 0.4 * high)]
    if isinstance(trait, Number):
        low, high = trait.slides
        pair = [low + part * (high - low) for part in (0.4, 0.6)]
        return [type(trait.default_value)(v) for v in pair]
    if isinstance(trait, Choice):
        return list(trait.options.values())
    return [False, True] if isinstance(trait, Switch) else []


def redraw(name):
    widget = getattr(explore, name)()
    took = []
    for key, trait in widget.public().items():
        for value in islice(cycle(values(trait)), TURNS if values(trait) else 0):
            before, start = widget.picture.svg, time.perf_counter()
            setattr(widget, key, value)
            passed = time.perf_counter() - start
            if widget.picture.svg != before:
                took.append(1e3 * passed)
    return statistics.median(took)


def press(page, address):
    page.goto(address)
    root = page.locator(".dualedu-explore")
    root.locator(".explore-picture > svg").wait_for()
    control = root.locator(".noUi-handle, input[type=checkbox], select").first
    picture = root.locator(".explore-picture")
    took = []
    for turn in range(TURNS):
        arguments = {
            "control": control.element_handle(),
            "picture": picture.element_handle(),
            "key": "ArrowRight" if turn % 2 else "ArrowLeft",
        }
        took.append(page.evaluate(PRESS, arguments))
        page.wait_for_timeout(30)
    return statistics.median(t for t in took if t is not None)


def notebook(name):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": []}
    cell["source"] = f"from dualedu.explore import {name}\n{name}()"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [cell],
    }


def main():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for name in explore.ROOMS:
            Path(folder, f"{name}.ipynb").write_text(json.dumps(notebook(name)))
        command = [sys.executable, "-m", "voila", folder, "--no-browser", f"--port={port}"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen([*command, "--Voila.ip=127.0.0.1"], env=environment, **quiet)
        try:
            wait_for(f"http://127.0.0.1:{port}")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ALONE)
            page = browser.new_page()
            print(f"{'':20}{'redraw':>8}{'key to picture':>16}   (ms, median)")
            for name in explore.ROOMS:
                keys = press(page, f"http://127.0.0.1:{port}/voila/render/{name}.ipynb")
                print(f"{name:20}{redraw(name):8.2f}{keys:16.0f}", flush=True)
        finally:
            server.terminate()
            server.wait()


def wait_for(address):
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    raise SystemExit(f"Voilà does not answer at {address}")


if __name__ == "__main__":
    main()
