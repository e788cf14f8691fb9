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
from urllib.parse import urlsplit

from livebook.site.folder import Site

INLINE = re.compile(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", re.S)
HANDLER = re.compile(r'\son[a-z]+="([^"]*)"')
OLD = re.compile(r'\s*<meta http-equiv="Content-Security-Policy"[^>]*>')
CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>')


def protect(site: Site) -> None:
    runtime = host(site.static / "live" / "manifest.json")
    site.change(lambda file, page: protected(page, runtime))


def protected(page: str, runtime: str) -> str:
    """The page with the policy for what is in it, in place of an older one."""
    page = OLD.sub("", page)
    head = CHARSET.search(page)
    if not head:
        return page
    tag = f'\n    <meta http-equiv="Content-Security-Policy" content="{policy(page, runtime)}">'
    return page[: head.end()] + tag + page[head.end() :]


def host(manifest: Path) -> str:
    """Where Pyodide comes from, if not from the site: a source to allow, with a space before it."""
    if not manifest.is_file():
        return ""
    pyodide = json.loads(manifest.read_text(encoding="utf-8")).get("pyodide", {})
    base = urlsplit(pyodide.get("elsewhere", ""))
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
            # A frame of a file without a policy would have none.
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


def sha256(code: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"
