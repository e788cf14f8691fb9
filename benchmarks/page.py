"""How fast a page comes alive: touch to first live redraw, against bare Pyodide with NumPy.

    python benchmarks/page.py SITE     SITE: the folder of the built book

Bare is Pyodide's official files, from the folder in DUALEDU_PYODIDE, with NumPy imported; alike is
the same with the book's own, smaller files. All run in the same browser, in turns, each with an
empty cache and then with a full one. Times of one run differ by a fifth; the ratios hold better.
Then a slider is moved 500 times. The figures go to page.json and page.md beside this file.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Page, sync_playwright

ROUNDS = 5
MOVES = 500
CHAPTERS = ("book/2-diagnosis/softmax.html", "book/1-numbers/algebra.html")
"""Where a reader first makes a page live, and the page after it."""
HERE = Path(__file__).parent

BARE = """<!doctype html><script>
const base = new URL("FOLDER/", location.href).href;
const source = `importScripts("${base}pyodide.js");
loadPyodide({indexURL: "${base}", lockFileURL: "${base}LOCK", packages: ["numpy"]}).then((py) => {
  py.runPython("import numpy as np; np.sin(1.0)"); postMessage("done"); });`;
const start = performance.now();
const worker = new Worker(URL.createObjectURL(new Blob([source])));
worker.onmessage = () => { window.took = performance.now() - start; };
</script>"""

TOUCH = """() => {
  const slider = document.querySelector(".dualedu-standin input[type=range]");
  window.started = performance.now();
  const look = () => {
    if (document.querySelector(".live-output .explore-picture svg")) {
      window.took = performance.now() - window.started;
    } else requestAnimationFrame(look);
  };
  look();
  slider.stepUp();
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""

# From a key on the slider until Python has answered with this very value, and its picture is shown.
MOVE = """async (moves) => {
  const widget = document.querySelector(".live-output .dualedu-explore");
  const picture = widget.querySelector(".explore-picture");
  const handle = widget.querySelector(".noUi-handle");
  const box = handle.closest(".explore-row").querySelector("input");
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const times = [];
  for (let move = 0; move < moves; move++) {
    const before = picture.innerHTML;
    const start = performance.now();
    const key = move % 20 < 10 ? "ArrowRight" : "ArrowLeft";
    handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const wanted = Number(handle.getAttribute("aria-valuenow"));
    while (picture.innerHTML === before || Math.abs(Number(box.value) - wanted) > 0.001) {
      if (performance.now() - start > 5000) throw new Error(`no picture for ${wanted}`);
      await frame();
    }
    times.push(performance.now() - start);
    await frame();
  }
  return times;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    official = ""
    pages: ClassVar[dict[str, str]] = {}

    def log_message(self, *arguments: object) -> None:
        pass

    def translate_path(self, path: str) -> str:
        if path.startswith("/official/"):
            return str(Path(self.official, Path(path).name))
        return super().translate_path(path)

    def do_GET(self) -> None:
        if self.path not in self.pages:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.pages[self.path].encode())


def took(page: Page) -> float:
    while (found := page.evaluate("window.took")) is None:
        time.sleep(0.05)
    return float(found) / 1000


def visit(page: Page, address: str) -> float:
    """Seconds until Python has answered, on a page that starts it by itself or by a touch."""
    page.goto(address)
    if not page.evaluate("'livePage' in window"):
        return took(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)  # a reader has read; the service worker has kept what it keeps
    page.evaluate(TOUCH)
    return took(page)


def moved(page: Page) -> dict[str, float]:
    heap = "performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0"
    page.wait_for_timeout(2000)
    before = page.evaluate(heap)
    moves = page.evaluate(MOVE, MOVES)
    tenth = MOVES // 10
    return {
        "median": statistics.median(moves),
        "first tenth": statistics.median(moves[:tenth]),
        "last tenth": statistics.median(moves[-tenth:]),
        "heap before": before,
        "heap after": page.evaluate(heap),
    }


def main() -> None:
    site = Path(sys.argv[1])
    Quiet.official = os.environ.get("DUALEDU_PYODIDE", "")
    if not Quiet.official:
        raise SystemExit("DUALEDU_PYODIDE must name the folder of Pyodide's official files")
    lock = json.loads((site / "_static/live/manifest.json").read_text(encoding="utf-8"))["lock"]
    own = {"FOLDER": "_static/live/pyodide", "LOCK": Path(lock).name}
    for name, words in (
        ("/bare.html", {"FOLDER": "official", "LOCK": "pyodide-lock.json"}),
        ("/alike.html", own),
    ):
        Quiet.pages[name] = re.sub("FOLDER|LOCK", lambda found, w=words: w[found[0]], BARE)
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    places = {"bare": ("bare.html",) * 2, "alike": ("alike.html",) * 2, "live": CHAPTERS}
    times: dict[str, list[float]] = {f"{n} {c}": [] for c in ("cold", "warm") for n in places}
    with sync_playwright() as playwright:
        for turn in range(ROUNDS):
            for name, visited in places.items():
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                page = browser.new_context().new_page()
                for cache, place in zip(("cold", "warm"), visited, strict=True):
                    times[f"{name} {cache}"].append(visit(page, f"{address}/{place}"))
                    if place == CHAPTERS[0] and turn == ROUNDS - 1:
                        moves = moved(page)
                version = browser.version
                browser.close()
    server.shutdown()
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratios = {
        f"{name} {cache}": statistics.median(
            a / b for a, b in zip(times[f"{name} {cache}"], times[f"bare {cache}"], strict=True)
        )
        for name in places
        for cache in ("cold", "warm")
    }
    record = {
        "command": "python benchmarks/page.py SITE",
        "chapters": CHAPTERS,
        "chromium": version,
        "rounds": ROUNDS,
        "seconds": times,
        "ratios": ratios,
        "slider, milliseconds and megabytes": moves,
    }
    text = report(medians, ratios, moves, version)
    (HERE / "page.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (HERE / "page.md").write_text(text, encoding="utf-8")
    print(text)


WORDS = {
    "bare": "Pyodide's official files, NumPy imported",
    "alike": "the same with the book's smaller files",
    "live": "a chapter: from a touch to the widget's first live picture",
}


def report(
    medians: dict[str, float], ratios: dict[str, float], moves: dict[str, float], version: str
) -> str:
    lines = [
        f"| median of {ROUNDS}, Chromium {version.split('.')[0]} | cold, s | × | warm, s | × |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, words in WORDS.items():
        cells = " | ".join(
            f"{medians[f'{name} {cache}']:.2f} | {ratios[f'{name} {cache}']:.2f}"
            for cache in ("cold", "warm")
        )
        lines.append(f"| {words} | {cells} |")
    return "\n".join(
        [
            "# How fast a page comes alive",
            "",
            "Written by `python benchmarks/page.py`. Cold: an empty cache; warm: the next page.",
            "The ratios are medians of the ratios within each round.",
            "",
            *lines,
            "",
            f"A slider was moved {MOVES} times, each move from the key to the picture of that very "
            f"value: median {moves['median']:.0f} ms; {moves['first tenth']:.0f} ms in the first "
            f"tenth, {moves['last tenth']:.0f} ms in the last. The page's heap grew from "
            f"{moves['heap before']:.0f} to {moves['heap after']:.0f} MB.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
