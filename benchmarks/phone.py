"""What a phone on a slow line waits for: the first page, a widget's first answer, Python.

    python benchmarks/phone.py SITE     SITE: the folder of the built book

The line is a server that sends 1.6 Mbit/s in all, each answer after 150 ms, text and WebAssembly
compressed by gzip. The phone is Chromium with 360 × 740 pixels and a main thread slowed to a
quarter, for the first answers to a sixth too; Python's worker keeps the machine's own speed, for
Chromium slows no workers. The figures go to phone.json and phone.md beside this file.
"""

from __future__ import annotations

import gzip
import http.server
import json
import shutil
import statistics
import sys
import threading
import time
from functools import cache, partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROUNDS, ANSWERS = 3, 5
RATE, DELAY, CHUNK = 1.6e6 / 8, 0.15, 8192
PACKED = (".html", ".js", ".css", ".json", ".svg", ".wasm")
FIRST = "book/intro.html"
CHAPTERS = ("book/2-diagnosis/softmax.html", "book/1-numbers/directions.html")
"""Whose widgets wait for Python: the first that a reader touches, and one after it."""
WIDGETS = {
    "TangentArrow": ".explore-x input[type=range]",
    "ProductArea": ".explore-eps input[type=range]",
    "TraceStepper": "button[data-action=back]",
    "BugSwitchboard": "input[type=checkbox]",
    "ForwardGradientLab": "input[type=range]",
}
"""Widgets that answer without Python, and what is touched in each."""

# From the key as the browser took it to the frame after the new picture.
WATCH = """(figure) => {
  const picture = figure.querySelector(".explore-picture");
  let begun = 0;
  window.took = null;
  for (const type of ["keydown", "keyup"]) {
    figure.addEventListener(type, (event) => { begun = event.timeStamp; }, true);
  }
  new MutationObserver((_, observer) => {
    observer.disconnect();
    const from = begun;
    requestAnimationFrame(() => setTimeout(() => { window.took = performance.now() - from; }));
  }).observe(picture, { childList: true });
}"""

SHOWN = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return { paint: paint.startTime / 1000, load: page.loadEventEnd / 1000 };
}"""


class Line:
    """What all answers of the server share: one rate, and a count of the bytes sent."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent, self.free = 0, 0.0

    def pass_on(self, size: int) -> None:
        with self.lock:
            self.sent += size
            self.free = max(self.free, time.monotonic()) + size / RATE
            wait = self.free - time.monotonic()
        time.sleep(max(0.0, wait))


@cache
def body(path: str) -> bytes:
    content = Path(path).read_bytes()
    return gzip.compress(content) if path.endswith(PACKED) else content


class Slow(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, line: Line | None, **keywords: Any) -> None:
        self.line = line
        super().__init__(*arguments, **keywords)

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = body(str(path))
        if self.line:
            time.sleep(DELAY)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        if path.name.endswith(PACKED):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        for start in range(0, len(content), CHUNK):
            part = content[start : start + CHUNK]
            if self.line:
                self.line.pass_on(len(part))
            self.wfile.write(part)


def serve(site: Path, line: Line | None) -> str:
    handler = partial(Slow, directory=str(site), line=line)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def phone(browser: Browser, slower: float) -> Page:
    page = browser.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    ).new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    return page


def took(page: Page, found: str) -> float:
    while (value := page.evaluate(found)) is None:
        time.sleep(0.02)
    return float(value)


def quiet(page: Page, line: Line) -> None:
    """Until nothing has been sent for two seconds."""
    before = -1
    while before != line.sent:
        before = line.sent
        page.wait_for_timeout(2000)


def answers(browser: Browser, address: str, slower: float) -> dict[str, float]:
    """Milliseconds to the first answer of each widget, on a page opened anew."""
    page = phone(browser, slower)
    page.goto(f"{address}/book/widgets.html", wait_until="networkidle")
    times = {}
    for name, control in WIDGETS.items():
        figure = page.locator(f"[data-widget={name}]")
        figure.scroll_into_view_if_needed()
        figure.locator(".explore-message").wait_for(state="attached")
        touched = figure.locator(control).first
        touched.focus()
        page.wait_for_timeout(1000)
        figure.evaluate(WATCH)
        page.keyboard.press("ArrowRight" if "range" in control else "Space")
        times[name] = took(page, "window.took")
    page.context.close()
    return times


def visit(browser: Browser, site: Path) -> dict[str, list[Any]]:
    """(megabytes, seconds) of what a reader waits for, one after the other.

    None for the bytes until something is shown: the server cannot tell which were there by then.
    """
    line = Line()
    address = serve(site, line)
    page = phone(browser, 4)
    found = {}

    page.goto(f"{address}/{FIRST}", wait_until="load", timeout=120_000)
    there = line.sent
    shown = page.evaluate(SHOWN)
    found["paint"] = [None, shown["paint"]]
    found["load"] = [there / 1e6, shown["load"]]
    quiet(page, line)
    for name, chapter in zip(("live", "next"), CHAPTERS, strict=True):
        page.goto(f"{address}/{chapter}", wait_until="load", timeout=120_000)
        page.wait_for_selector(".live-price", state="attached")
        quiet(page, line)
        before = line.sent
        page.evaluate(TOUCH)
        seconds = took(page, "window.took ?? null")
        found[name] = [(line.sent - before) / 1e6, seconds]
    page.context.close()
    return found


TOUCH = """() => {
  const slider = document.querySelector(".dualedu-standin:has(.live-price) input[type=range]");
  const started = performance.now();
  const look = () => {
    if (document.querySelector(".live-output .explore-picture svg")) {
      window.took = (performance.now() - started) / 1000;
    } else requestAnimationFrame(look);
  };
  look();
  slider.stepUp();
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""

WORDS = {
    "paint": "the first page, until something of it is shown",
    "load": "until all of it is there",
    "live": "a widget that needs Python, in a chapter: from a touch to its first live picture",
    "next": "the same in the next chapter, Python's files kept",
}


def main() -> None:
    site = Path(sys.argv[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        version = browser.version
        quick = serve(site, None)
        first = {
            slower: [answers(browser, quick, slower) for _ in range(ANSWERS)] for slower in (4, 6)
        }
        visits = [visit(browser, site) for _ in range(ROUNDS)]
        browser.close()
    record = {
        "command": "python benchmarks/phone.py SITE",
        "chromium": version,
        "first answers, milliseconds by slowdown": first,
        "megabytes and seconds": visits,
    }
    text = report(first, visits, version)
    (HERE / "phone.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (HERE / "phone.md").write_text(text, encoding="utf-8")
    print(text)


def report(
    first: dict[int, list[dict[str, float]]], visits: list[dict[str, list[Any]]], version: str
) -> str:
    lines = [
        f"| median of {ROUNDS}, Chromium {version.split('.')[0]}, 1.6 Mbit/s | MB | s |",
        "|---|---:|---:|",
    ]
    for name, words in WORDS.items():
        sizes, seconds = zip(*(v[name] for v in visits), strict=True)
        size = "" if None in sizes else f"{statistics.median(sizes):.2f}"
        lines.append(f"| {words} | {size} | {statistics.median(seconds):.1f} |")
    lines += [
        "",
        "| first answer without Python, median and longest of "
        f"{ANSWERS}, ms | a quarter of the speed | a sixth |",
        "|---|---:|---:|",
    ]
    for name in WIDGETS:
        cells = []
        for rounds in first.values():
            times = [times[name] for times in rounds]
            cells.append(f"{statistics.median(times):.0f}, {max(times):.0f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(
        [
            "# What a phone on a slow line waits for",
            "",
            "Written by `python benchmarks/phone.py`. Each answer comes after 150 ms, text and "
            "WebAssembly compressed; the main thread runs at a quarter of this machine's speed, "
            "Python's worker at all of it. First answers are from the key to the frame after the "
            "new picture, each on a page opened anew.",
            "",
            *lines,
            "",
        ]
    )


if __name__ == "__main__":
    main()
