"""How fast a page comes alive: touch to first live redraw, against bare Pyodide with NumPy.

    python benchmarks/page.py SITE [CHAPTER]     SITE: the folder of the built book

Both run in the same browser, in turns, each with an empty cache and then with a full one. Times of
one run differ by a fifth; the ratios hold better. Then a slider is moved 500 times.
"""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROUNDS = 3
MOVES = 500

BARE = """<!doctype html><script>
const base = new URL("_static/live/pyodide/", location.href).href;
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

MOVE = """async (moves) => {
  const picture = document.querySelector(".live-output .explore-picture");
  const handle = document.querySelector(".live-output .noUi-handle");
  const times = [];
  for (let move = 0; move < moves; move++) {
    const start = performance.now();
    const drawn = new Promise((done) => {
      const watch = new MutationObserver(() => { watch.disconnect(); done(); });
      watch.observe(picture, { childList: true, subtree: true });
      setTimeout(done, 2000);
    });
    const key = move % 20 < 10 ? "ArrowRight" : "ArrowLeft";
    handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await drawn;
    times.push(performance.now() - start);
  }
  return times;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    bare = b""

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != "/bare.html":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.bare)


def took(page: Page) -> float:
    while (found := page.evaluate("window.took")) is None:
        time.sleep(0.05)
    return found / 1000


def bare(page: Page, address: str, chapter: str) -> float:
    page.goto(f"{address}/bare.html")
    return took(page)


def live(page: Page, address: str, chapter: str) -> float:
    page.goto(f"{address}/{chapter}")
    page.wait_for_load_state("networkidle")
    page.evaluate(TOUCH)
    return took(page)


def main() -> None:
    site = Path(sys.argv[1])
    chapter = sys.argv[2] if len(sys.argv) > 2 else "book/2-diagnosis/softmax.html"
    manifest = json.loads((site / "_static/live/manifest.json").read_text(encoding="utf-8"))
    Quiet.bare = BARE.replace("LOCK", Path(manifest["lock"]).name).encode()
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    times: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        for _ in range(ROUNDS):
            for name, visit in (("bare", bare), ("live", live)):
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                page = browser.new_context().new_page()
                for cache in ("cold", "warm"):
                    times.setdefault(f"{name} {cache}", []).append(visit(page, address, chapter))
                if name == "live":
                    page.wait_for_timeout(1000)
                    last = page
                    if len(times["live cold"]) == ROUNDS:
                        report_moves(last)
                browser.close()
    server.shutdown()
    for name, seconds in times.items():
        print(f"{name:10} {statistics.median(seconds):5.2f} s")
    for cache in ("cold", "warm"):
        pairs = zip(times[f"live {cache}"], times[f"bare {cache}"], strict=True)
        print(f"live / bare, {cache}: {statistics.median(a / b for a, b in pairs):.2f}")


def report_moves(page: Page) -> None:
    heap = "performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0"
    before = page.evaluate(heap)
    moves = page.evaluate(MOVE, MOVES)
    tenth = MOVES // 10
    first, last = statistics.median(moves[:tenth]), statistics.median(moves[-tenth:])
    print(f"slider to picture: median {statistics.median(moves):.0f} ms")
    print(f"first {tenth} of {MOVES}: {first:.0f} ms, last {tenth}: {last:.0f} ms")
    print(f"the page's heap: {before:.0f} MB before, {page.evaluate(heap):.0f} MB after")


if __name__ == "__main__":
    main()
