"""The moving picture of the README: a widget of the site, alive, moved by the keyboard.

`make living-picture` takes it again, from the site of `make book`, in the Chromium that is there.
It plays once and stands still after five seconds, so that nothing moves beside what is read.
"""

from __future__ import annotations

import functools
import http.server
import io
import shutil
import threading
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "_build" / "html"
TARGET = ROOT / ".github" / "living-page.gif"
FRAMES = 40
LASTS = 120  # milliseconds that each is shown
PATIENCE = 300_000
LABEL = "document.querySelector('.live-output .dualedu-explore svg').getAttribute('aria-label')"


def frames(site: Path) -> list[Image.Image]:
    """The widget of the first page as its point moves to the right, picture by picture."""
    from playwright.sync_api import sync_playwright

    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 760, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.get_by_role("button", name="Make this page live").click()
        page.wait_for_selector('.live-bar[data-state="live"]')
        page.get_by_role("button", name="Run cell 1").click()
        page.wait_for_selector(".cell[data-ran]")
        widget = page.locator(".live-output .dualedu-explore").first
        widget.scroll_into_view_if_needed()
        slider = widget.get_by_role("slider").first
        slider.focus()
        slider.press("Home")
        for _ in range(FRAMES):
            before = page.evaluate(LABEL)
            slider.press("ArrowRight")
            page.wait_for_function(f"before => {LABEL} !== before", arg=before)
            taken.append(Image.open(io.BytesIO(widget.screenshot())).convert("RGB"))
        browser.close()
    server.shutdown()
    return taken


def write(taken: list[Image.Image], target: Path) -> None:
    """One palette for all frames, without dots between its colours."""
    palette = taken[-1].quantize(32, dither=Image.Dither.NONE)
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in taken]
    target.parent.mkdir(exist_ok=True)
    flat[0].save(target, save_all=True, append_images=flat[1:], duration=LASTS, optimize=True)


def main() -> None:
    if not (SITE / "index.html").is_file():
        raise SystemExit(f"no book in {SITE}: `make book` builds it")
    write(frames(SITE), TARGET)
    print(f"{TARGET} ({TARGET.stat().st_size / 1e6:.2f} MB)")


if __name__ == "__main__":
    main()
