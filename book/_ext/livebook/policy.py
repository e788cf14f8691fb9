"""The content-security policy of every page, as a meta tag: the book's own files, nothing else.

Scripts are named one by one: files of the site, and the theme's inline scripts by their hash. The
Python worker is made from a blob, so it inherits the policy: Python reaches no other host either.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from livebook.light import written

INLINE = re.compile(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", re.S)
HANDLER = re.compile(r'\son[a-z]+="([^"]*)"')
OLD = re.compile(r'\s*<meta http-equiv="Content-Security-Policy"[^>]*>')
CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>')


def setup(app: Any) -> None:
    app.connect("build-finished", protect, priority=900)  # when nothing changes the pages any more


def protect(app: Any, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    runtime = host(Path(app.outdir, "_static", "live", "manifest.json"))
    for file in written(app):
        page = OLD.sub("", file.read_text(encoding="utf-8"))
        tag = f'\n    <meta http-equiv="Content-Security-Policy" content="{policy(page, runtime)}">'
        head = CHARSET.search(page)
        if head:
            file.write_text(page[: head.end()] + tag + page[head.end() :], encoding="utf-8")


def host(manifest: Path) -> str:
    """Where Pyodide comes from, if not from the site: a source to allow, with a space before it."""
    if not manifest.is_file():
        return ""
    base = urlsplit(json.loads(manifest.read_text(encoding="utf-8"))["pyodide"]["base"])
    return f" {base.scheme}://{base.netloc}" if base.netloc else ""


def policy(page: str, runtime: str) -> str:
    scripts = [code for attributes, code in INLINE.findall(page) if "json" not in attributes]
    handlers = [unescape(code) for code in HANDLER.findall(page)]
    hashes = "".join(f" '{sha256(code)}'" for code in dict.fromkeys(scripts + handlers))
    return "; ".join(
        [
            "default-src 'self'",
            # blob: the worker, its files once their sums are checked, the front end of anywidget.
            # wasm-unsafe-eval: Python. unsafe-hashes: the theme's two onclick handlers.
            f"script-src 'self' blob: 'wasm-unsafe-eval' 'unsafe-hashes'{hashes}{runtime}",
            # MathJax, CodeMirror and the widgets write their styles into the page.
            "style-src 'self' 'unsafe-inline'",
            # Pictures that Python made.
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{runtime}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


def sha256(code: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"
