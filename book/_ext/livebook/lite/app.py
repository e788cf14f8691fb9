"""JupyterLite's app: built once by `jupyter lite`, made small, and set up for the book.

What it loads of Pyodide lies in the folder of the pages, under a lock file of its own. Its service
worker is left out: the book's keeps the app for readers without a network, and the files that
notebooks read come as a package.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from livebook import build
from livebook.build import Absent, once, put
from livebook.lite import contents, kernel
from livebook.lite.plain import Plain
from livebook.python import stage
from livebook.python.lock import as_json, finished
from livebook.settings import Settings
from livebook.site import policy
from livebook.site.folder import Site

HERE = Path(__file__).parent
FOLDER = "lite"
APPS = ("notebooks", "tree")
EXTENSIONS = {
    kernel.EXTENSION: "jupyterlite-pyodide-kernel",
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab-widgets",
    "anywidget": "anywidget",
}
SHARED = re.compile(r'(shareKey:"([^"]+)",import:null,requiredVersion:)"([^"]*)"')

DISABLED = (
    "@jupyterlab/mermaid-extension",
    "@jupyterlab/terminal-extension",
    "@jupyterlab/vega5-extension",
    "@jupyterlite/application-extension:service-worker-manager",
    "@jupyterlite/application-extension:share-file",
)
OUT = (
    "*.LICENSE.txt",
    "*.map",
    "bootstrap.js",
    "build/fa-*.eot",
    "build/fa-*.svg",
    "build/fa-*.ttf",
    "build/fa-*.woff",
    "build/schemas/@*",
    "doc/*",
    "extensions/*/package.json",
    "extensions/*/schemas/*",
    "extensions/*/static/pypi/*",
    "icon-*",
    "jupyterlite.schema*",
    "*/package.json",
    "manifest.webmanifest",
    "notebooks/build/*",
    "package.json",
    "service-worker.js",
    "tree/build/*",
)
"""Fonts in formats of old browsers, schemas that stand in all.json too, sources, icons."""

LICENCES = "third-party-licenses.json"

# Every cell stays in the page: it is found by a search, and its widgets keep their place. The menu
# loses what needs a server, and has the download that JupyterLite offers in its larger app alone.
# Dark where the reader's system is.
FILE_MENU = [
    {"command": "docmanager:download", "rank": 6},
    {"command": "filemenu:logout", "disabled": True},
    {"command": "filemenu:shutdown", "disabled": True},
]
OVERRIDES = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/mainmenu-extension:plugin": {
        "menus": [{"id": "jp-mainmenu-file", "items": FILE_MENU}]
    },
}

PathTo = Callable[..., str]
"""Sphinx's way from a page to another or to a file."""


@dataclass(frozen=True)
class Lite:
    """The staged app, and its `jupyter-lite.json`."""

    app: Path
    settings: bytes


# --- the app --------------------------------------------------------------------------------------


def build_app(folder: Path) -> None:
    """The app without notebooks, by JupyterLite's own builder, made small."""
    extensions = Path(sys.prefix, "share", "jupyter", "labextensions")
    settings = {
        "output_dir": "app",
        "apps": list(APPS),
        "federated_extensions": [str(extensions / name) for name in EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}))
        done = subprocess.run(
            [sys.executable, "-m", "jupyterlite_core", "build"],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Absent((done.stdout.strip().splitlines() or ["jupyter lite stopped"])[-1])
        app = place / "app"
        for path in sorted(app.rglob("*")):
            within = path.relative_to(app)
            left_out = any(fnmatchcase(within.as_posix(), pattern) for pattern in OUT)
            if path.is_file() and not left_out:
                (folder / within).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / within)
    for name in EXTENSIONS:
        for entrance in (folder / "extensions" / name).glob("static/remoteEntry.*.js"):
            about = extensions / name / "package.json"
            text = entrance.read_text(encoding="utf-8")
            entrance.write_text(as_declared(text, json.loads(about.read_text(encoding="utf-8"))))


def as_declared(entrance: str, package: dict[str, Any]) -> str:
    """An extension that asks for what its package declares. Its builder writes the newest versions
    there were, and a browser warns of each that JupyterLite's is not."""
    wanted = package.get("dependencies", {})
    return SHARED.sub(lambda m: f'{m[1]}"{wanted.get(m[2], m[3])}"', entrance)


def pages(app: Path) -> dict[str, bytes]:
    """The app's pages under the policy of the book's: the book's own files, nothing else."""
    parts = {path.name: path.read_text(encoding="utf-8") for path in (HERE / "page").iterdir()}
    own = f"<style>{parts['style.css']}</style>\n    "
    own += f"<script>{parts['worker.js']}{parts['links.js']}</script>"
    made = {"index.html": parts["index.html"].encode()}
    for name in APPS:
        page = (app / name / "index.html").read_text(encoding="utf-8")
        head = page.index("<script")
        page = f"{page[:head]}{own}\n    {page[head:]}"
        # Settings are checked by functions that the checker writes while it runs.
        rules = policy.policy(page, "").replace("script-src", "script-src 'unsafe-eval'")
        tag = f'<meta http-equiv="Content-Security-Policy" content="{rules}">'
        tag += '\n    <link rel="icon" href="favicon.ico">'
        page = page.replace("<head>", f"<head>\n    {tag}", 1)
        made[f"{name}/index.html"] = page.encode()
    return made


def configuration(app: Path, lock: str, loaded: list[str]) -> bytes:
    """`jupyter-lite.json`: the pages' Python, and no plugin that a book has no use for."""
    made = json.loads((app / "jupyter-lite.json").read_text(encoding="utf-8"))
    options = {
        "pyodideUrl": "./../_static/live/pyodide/pyodide.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": f"../_static/live/{lock}",
            "packages": loaded,
            "env": {"HOME": "/home/pyodide", "PYTHONDONTWRITEBYTECODE": "1"},
        },
    }
    made["jupyter-config-data"] |= {
        "appName": "The notebooks of this book",
        "disabledExtensions": list(DISABLED),
        "faviconUrl": "./notebooks/favicon.ico",
        "litePluginSettings": {f"{kernel.EXTENSION}:kernel": options},
        "settingsOverrides": OVERRIDES,
    }
    return as_json(made)


def prepare(settings: Settings, staged: stage.Staged) -> Lite:
    """The app and the kernel's packages, which go beside what the pages load."""
    if staged.manifest["pyodide"]["elsewhere"]:
        raise Absent("it needs Pyodide's files in the site")
    recipe = [Path(__file__).read_bytes()]
    versions = [f"{name} {version(name)}" for name in ("jupyterlite-core", *EXTENSIONS.values())]
    recipe.append(json.dumps([versions, sys.prefix]).encode())
    app = once(settings.cache, "lite", build.key(*recipe), build_app)
    packages = kernel.prepare(settings, staged, recipe)
    listed = kernel.lock_file(packages, staged, settings)
    name = f"pyodide/lite-{hashlib.sha256(listed).hexdigest()[:8]}.json"
    staged.files[name] = listed
    for value in finished(packages)[0].values():
        staged.files[f"pyodide/{value['file_name']}"] = packages / value["file_name"]
    return Lite(app, configuration(app, name, kernel.loaded(settings)))


# --- the site -------------------------------------------------------------------------------------


def begin(app: Sphinx) -> None:
    """Stage the app and the kernel's packages, beside what the pages stage."""
    here = build.of(app)
    if here.python is None or not here.settings.lite:
        return
    try:
        here.lite = prepare(here.settings, here.python)
    except (Absent, PackageNotFoundError, StopIteration, OSError) as error:
        here.say(f"The notebooks will not open in JupyterLite: {error}")


def outdated(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> set[str]:
    """All pages, if an older build had the app and this one has not, or the other way round."""
    there = Path(app.outdir, FOLDER).is_dir()
    if app.builder.format != "html" or there == bool(build.of(app).lite):
        return set()
    return set(env.found_docs)


def write(site: Site) -> None:
    """Write the app and the notebooks of this book into the site, and nothing of an older build."""
    target = site.folder / FOLDER
    lite = site.build.lite
    if lite is None:
        shutil.rmtree(target, ignore_errors=True)
        return
    found = {path.relative_to(lite.app).as_posix(): path for path in lite.app.rglob("*")}
    files: dict[str, Path | bytes] = {
        name: path for name, path in found.items() if path.is_file() and not name.endswith(LICENCES)
    }
    env = site.app.env
    opened = [page for page in sorted(env.found_docs) if opens(site.app, page)]
    notebooks = {f"{page}.ipynb": Path(env.doc2path(page)) for page in opened}
    files |= contents.files(notebooks, Plain(site.app)) | pages(lite.app)
    files["jupyter-lite.json"] = lite.settings
    put(files, target)


def opens(app: Sphinx, page: str) -> bool:
    """Whether a page is a notebook that the book lets open."""
    patterns = build.of(app).settings.lite
    notebook = Path(app.env.doc2path(page)).suffix == ".ipynb"
    return notebook and any(fnmatchcase(page, pattern) for pattern in patterns)


def address(app: Sphinx, page: str, pathto: PathTo) -> str | None:
    """Where the notebook of a page opens, from that page."""
    if build.of(app).lite is None or not opens(app, page):
        return None
    entrance = pathto(f"{FOLDER}/notebooks/index.html", resource=True)
    return f"{entrance}?path={quote(page)}.ipynb"


def offer(app: Sphinx, page: str, context: dict[str, Any]) -> None:
    """A rocket in the header of each notebook's page."""
    url = address(app, page, context["pathto"])
    if url:
        launch = {
            "type": "group",
            "label": "launch-buttons",
            "icon": "fas fa-rocket",
            "tooltip": "Run this chapter elsewhere",
            "buttons": [
                {
                    "type": "link",
                    "text": "Open in JupyterLite",
                    "tooltip": "The chapter as a notebook, in this browser",
                    "icon": "fas fa-book-open",
                    "url": url,
                }
            ],
        }
        context["header_buttons"].insert(0, launch)
