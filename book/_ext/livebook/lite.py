"""JupyterLite: each chapter and exercise as a notebook, on the Python that the pages run.

The app is built once by `jupyter lite` and made small; what it loads of Pyodide lies in the folder
of the pages, under a lock file of its own. JupyterLite's service worker is left out: the book's
keeps the app for readers without a network, and the results that notebooks read come as a package.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import nbformat

from livebook import policy, pyodide, wheels
from livebook.plain import Plain

HERE = Path(__file__).parent
FOLDER = "lite"
RECIPE = ("lite.py", "piplite/__init__.py", "piplite/cli.py", "piplite/piplite.py")
APPS = ("notebooks", "tree")
EXTENSIONS = {
    "@jupyterlite/pyodide-kernel-extension": "jupyterlite-pyodide-kernel",
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab-widgets",
    "anywidget": "anywidget",
}
KERNEL = "@jupyterlite/pyodide-kernel-extension"
SHARED = re.compile(r'(shareKey:"([^"]+)",import:null,requiredVersion:)"([^"]*)"')

# What the kernel would install piece by piece if it were not loaded at once, by its own names.
LOADED = ("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi",
          "ipython", "numpy", "dualedu")  # fmt: skip
ABSENT = ("jedi", "micropip", "sqlite3", "ssl")
"""Of these, what it does without: 4 MB for completion by type, histories and installations."""

DISABLED = (
    "@jupyterlab/mermaid-extension",
    "@jupyterlab/terminal-extension",
    "@jupyterlab/vega5-extension",
    "@jupyterlite/application-extension:service-worker-manager",
    "@jupyterlite/application-extension:share-file",
)
# Chunks of the release named by VERSION that only DISABLED asks for, and a word in each of them.
VERSION = "0.6.4"
UNASKED = {
    "142": "vega",
    "4406": "mermaid",
    "4708": "xterm",
    "5095": "elk",
    "644": "vega",
    "6607": "vega",
}
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

# A worker from a file of its own would be free of the page's policy; one from a blob has it.
SAFE_WORKER = """
const Plain = Worker;
self.Worker = class extends Plain {
  constructor(url, options) {
    const code = `importScripts(${JSON.stringify(new URL(url, location.href).href)})`;
    super(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options);
  }
};
"""

# JupyterLab takes a relative link for a file in its list; the book's pages are not in it.
LINKS = """
const files = new URL("../files/", location.href).href;
const lead = ({ target }) => {
  const link = target.closest?.(".jp-RenderedMarkdown a");
  if (!link?.href.startsWith(files)) return;
  link.href = new URL("../../", location.href).href + link.href.slice(files.length);
  link.target = "_blank";
  delete link.dataset.commandlinkerCommand;
};
for (const kind of ["pointerover", "focusin", "click"]) addEventListener(kind, lead, true);
"""

# A wide formula can be moved; a small screen's width is for the text.
STYLE = """
.jp-RenderedMarkdown mjx-container[display] { min-width: 0 !important; overflow: auto hidden; }
.jp-RenderedMarkdown.jp-RenderedHTMLCommon blockquote { margin-inline: 0; }
@media (width < 600px) { .jp-RenderedMarkdown.jp-RenderedHTMLCommon { padding-right: 0; } }
.jp-RenderedMarkdown summary { cursor: pointer; margin-block: 0.3em; }
"""

# JupyterLite reads its settings from a script of each page up to the topmost one.
ENTRANCE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="refresh" content="0; url=tree/index.html">
    <title>The notebooks of this book</title>
    <script id="jupyter-config-data" type="application/json">{}</script>
  </head>
  <body><a href="tree/index.html">The notebooks of this book</a></body>
</html>
"""


class Unbuilt(Exception):
    """Why there is no JupyterLite, in one line."""


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
            raise Unbuilt((done.stdout.strip().splitlines() or ["jupyter lite stopped"])[-1])
        app = place / "app"
        unasked = unasked_chunks(app / "build")
        for path in sorted(app.rglob("*")):
            within = path.relative_to(app)
            left_out = any(fnmatchcase(within.as_posix(), pattern) for pattern in OUT)
            if path.is_file() and path not in unasked and not left_out:
                (folder / within).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / within)
    for name in EXTENSIONS:
        for entrance in (folder / "extensions" / name).glob("static/remoteEntry.*.js"):
            about = extensions / name / "package.json"
            text = entrance.read_text(encoding="utf-8")
            entrance.write_text(as_declared(text, json.loads(about.read_text(encoding="utf-8"))))
    (folder / wheels.ENTRIES).write_text("{}")


def as_declared(entrance: str, package: dict[str, Any]) -> str:
    """An extension that asks for what its package declares. Its builder writes the newest versions
    there were, and a browser warns of each that JupyterLite's is not."""
    wanted = package.get("dependencies", {})
    return SHARED.sub(lambda m: f'{m[1]}"{wanted.get(m[2], m[3])}"', entrance)


def unasked_chunks(build: Path) -> set[Path]:
    """The scripts that are reached through UNASKED alone."""
    if version("jupyterlite-core") != VERSION:
        return set()
    chunks = {path.name.split(".")[0]: path for path in build.glob("*.js")}
    texts = {name: path.read_text(encoding="utf-8") for name, path in chunks.items()}
    asked = {name: set(re.findall(r"\.e\((\d+)\)", text)) for name, text in texts.items()}
    if any(word not in texts[name].lower() for name, word in UNASKED.items()):
        raise Unbuilt(f"its scripts are not those of JupyterLite {VERSION}")
    waiting = ["jlab_core"]
    for bundle in build.glob("*/bundle.js"):
        waiting += re.findall(r"\.e\((\d+)\)", bundle.read_text(encoding="utf-8"))
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached and name not in UNASKED:
            reached.add(name)
            waiting += asked.get(name, ())
    return {path for name, path in chunks.items() if name not in reached}


def pages(app: Path) -> dict[str, bytes]:
    """The app's pages under the policy of the book's: the book's own files, nothing else."""
    made = {}
    for name in APPS:
        page = (app / name / "index.html").read_text(encoding="utf-8")
        head = page.index("<script")
        own = f"<style>{STYLE}</style>\n    <script>{SAFE_WORKER}{LINKS}</script>"
        page = f"{page[:head]}{own}\n    {page[head:]}"
        # Settings are checked by functions that the checker writes while it runs.
        rules = policy.policy(page, "").replace("script-src", "script-src 'unsafe-eval'")
        tag = f'<meta http-equiv="Content-Security-Policy" content="{rules}">'
        tag += '\n    <link rel="icon" href="favicon.ico">'
        page = page.replace("<head>", f"<head>\n    {tag}", 1)
        made[f"{name}/index.html"] = page.encode()
    made["index.html"] = ENTRANCE.encode()
    return made


# --- the kernel's packages ------------------------------------------------------------------------


def build_packages(folder: Path, engine: Path, root: Path) -> None:
    """The wheels that JupyterLite's kernel needs beside those of the pages."""
    labextension = Path(sys.prefix, "share", "jupyter", "labextensions", *KERNEL.split("/"))
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        for package in ("ipykernel", "pyodide_kernel"):
            wheel = next(labextension.glob(f"static/pypi/{package}-*.whl"))
            with (
                zipfile.ZipFile(wheel) as old,
                zipfile.ZipFile(source / wheel.name, "w", zipfile.ZIP_DEFLATED) as new,
            ):
                for member in old.namelist():
                    new.writestr(member, edited(member, old.read(member)))
        with zipfile.ZipFile(source / "piplite-0-py3-none-any.whl", "w") as own:
            for path in sorted((HERE / "piplite").glob("*.py")):
                own.write(path, f"piplite/{path.name}")
            for path in sorted(root.glob("book/results/*.json")):
                own.write(path, f"piplite/results/{path.name}")
            own.writestr("piplite/imports.json", pyodide.as_json(pyodide.imports(root)))
            about = "Metadata-Version: 2.1\nName: piplite\nVersion: 0\n"
            own.writestr("piplite-0.dist-info/METADATA", about)
        note = wheels.shrink(source, folder, engine)
    with zipfile.ZipFile(folder / "absent-0.zip", "w") as absent:
        absent.writestr("absent.txt", "Stands in for a package that the kernel does without.\n")
    wheels.finish(folder, wheels.entries(folder), note)


def edited(member: str, data: bytes) -> bytes:
    """The kernel, which finds the packages of a cell by the names of whole modules only, asks
    `piplite.load`, which knows those of their parts."""
    if member != "pyodide_kernel/kernel.py":
        return data
    old = b"from pyodide_js import loadPackagesFromImports as _load_packages_from_imports\n"
    if data.count(old) != 1:
        raise Unbuilt(f"{member} does not load packages as expected")
    return data.replace(old, b"from piplite.piplite import load as _load_packages_from_imports\n")


def lock_of(folder: Path, staged: pyodide.Staged) -> bytes:
    """The pages' lock file, with the kernel that JupyterLite brings and stands-in for what it
    names and does without."""
    made = json.loads((folder / wheels.ENTRIES).read_text(encoding="utf-8"))["packages"]
    absent = made.pop("absent")
    made |= {name: absent | {"name": name, "imports": []} for name in ABSENT}
    packages = staged.packages | made
    pyodide.closure(LOADED, packages)
    return pyodide.as_json({"info": pyodide.RELEASE["info"], "packages": packages})


# --- the site -------------------------------------------------------------------------------------


def contents(notebooks: dict[str, Path], plain: Plain) -> dict[str, Path | bytes]:
    """The notebooks, and a list of what is in each folder, where JupyterLite looks for them."""
    files: dict[str, Path | bytes] = {
        f"files/{name}": notebook(path, name.removesuffix(".ipynb"), plain)
        for name, path in notebooks.items()
    }
    items: dict[PurePosixPath, dict[str, Any]] = {}
    for name, path in notebooks.items():
        time = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
        size = pyodide.size(files[f"files/{name}"])
        items[PurePosixPath(name)] = item(name, "notebook", time, size)
        for folder in PurePosixPath(name).parents:
            items.setdefault(folder, item(folder.as_posix(), "directory", time))
    for folder, about in items.items():
        if about["type"] == "directory":
            inside = [i for p, i in sorted(items.items()) if p.parent == folder and p != folder]
            listed = pyodide.as_json(about | {"content": inside, "format": "json"})
            files[(PurePosixPath("api/contents") / folder / "all.json").as_posix()] = listed
    return files


def notebook(path: Path, page: str, plain: Plain) -> bytes:
    """A notebook whose stored outputs are shown: trusted, being the book's own, and in whole texts,
    for JupyterLite puts commas between the lines of a list. Its Markdown is Jupyter's."""
    made = nbformat.read(path, as_version=4)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.metadata["trusted"] = True
        elif cell.cell_type == "markdown":
            cell.source = plain.cell(cell.source, page)
    return (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode()


def item(path: str, kind: str, time: str, size: int | None = None) -> dict[str, Any]:
    """An entry of Jupyter's contents, without the content."""
    path = "" if path == "." else path
    return {
        "name": PurePosixPath(path).name,
        "path": path,
        "type": kind,
        "created": time,
        "last_modified": time,
        "content": None,
        "format": None,
        "mimetype": None,
        "size": size,
        "writable": True,
    }


def settings(app: Path, lock: str) -> bytes:
    """`jupyter-lite.json`: the pages' Python, and no plugin that a book has no use for."""
    made = json.loads((app / "jupyter-lite.json").read_text(encoding="utf-8"))
    kernel = {
        "pyodideUrl": "./../_static/live/pyodide/pyodide.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": f"../_static/live/{lock}",
            "packages": list(LOADED),
            "env": {"HOME": "/home/pyodide", "PYTHONDONTWRITEBYTECODE": "1"},
        },
    }
    made["jupyter-config-data"] |= {
        "appName": "The notebooks of this book",
        "disabledExtensions": list(DISABLED),
        "faviconUrl": "./notebooks/favicon.ico",
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        "settingsOverrides": OVERRIDES,
    }
    return pyodide.as_json(made)


def begin(app: Any) -> None:
    """Stage the app and the kernel's packages, beside what the pages stage."""
    app.lite = None
    staged = getattr(app, "living", None)
    if staged is None:
        return
    try:
        app.lite = stage(pyodide.CACHE, staged)
    except (Unbuilt, PackageNotFoundError, StopIteration, OSError) as error:
        print(f"The notebooks will not open in JupyterLite: {error}")


def outdated(app: Any, env: Any, *_: set[str]) -> set[str]:
    """All pages, if an older build had the app and this one has not, or the other way round."""
    if app.builder.format != "html" or Path(app.outdir, FOLDER).is_dir() == bool(app.lite):
        return set()
    return set(env.found_docs)


def stage(cache: Path, staged: pyodide.Staged, root: Path = pyodide.ROOT) -> dict[str, Any]:
    if staged.manifest["pyodide"]["base"] != "pyodide/":
        raise Unbuilt("it needs Pyodide's files in the site")
    recipe = [(HERE / name).read_bytes() for name in (*RECIPE, *pyodide.RECIPE)]
    versions = [f"{name} {version(name)}" for name in ("jupyterlite-core", *EXTENSIONS.values())]
    recipe.append(json.dumps([versions, sys.prefix]).encode())
    folder = pyodide.once(cache, "lite", pyodide.key(*recipe), build_app)
    results = [p.read_bytes() for p in sorted(root.glob("book/results/*.json"))]
    recipe += [pyodide.as_json(pyodide.imports(root)), *results]
    engine = staged.files["pyodide/pyodide.asm.wasm"].parent
    packages = pyodide.once(
        cache,
        "litekernel",
        pyodide.key(*recipe),
        lambda target: build_packages(target, engine, root),
    )
    lock = lock_of(packages, staged)
    name = f"pyodide/lite-{hashlib.sha256(lock).hexdigest()[:8]}.json"
    staged.files[name] = lock
    made = json.loads((packages / wheels.ENTRIES).read_text(encoding="utf-8"))["packages"]
    for value in made.values():
        staged.files[f"pyodide/{value['file_name']}"] = packages / value["file_name"]
    return {"app": folder, "settings": settings(folder, name)}


def finish(app: Any, error: Exception | None) -> None:
    """Write the app and the notebooks of this book into the site, and nothing of an older build."""
    target = Path(app.outdir, FOLDER)
    if error or app.builder.format != "html":
        return
    if app.lite is None:
        shutil.rmtree(target, ignore_errors=True)
        return
    source = app.lite["app"]
    found = {path.relative_to(source).as_posix(): path for path in source.rglob("*")}
    files: dict[str, Path | bytes] = {
        name: path
        for name, path in found.items()
        if path.is_file() and not name.endswith(("third-party-licenses.json", wheels.ENTRIES))
    }
    documents = {page: Path(app.env.doc2path(page)) for page in app.env.found_docs}
    notebooks = {f"{p}.ipynb": f for p, f in sorted(documents.items()) if f.suffix == ".ipynb"}
    files |= (
        contents(notebooks, Plain(app))
        | pages(source)
        | {"jupyter-lite.json": app.lite["settings"]}
    )
    pyodide.put(files, target)


def address(app: Any, page: str, pathto: Any) -> str | None:
    """Where the notebook of a page opens, from that page."""
    if getattr(app, "lite", None) is None or Path(app.env.doc2path(page)).suffix != ".ipynb":
        return None
    entrance = pathto(f"{FOLDER}/notebooks/index.html", resource=True)
    return f"{entrance}?path={quote(page)}.ipynb"


def offer(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """A rocket in the header of each notebook's page."""
    url = address(app, page, context["pathto"]) if doctree else None
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


def setup(app: Any) -> None:
    app.connect("builder-inited", begin, priority=600)  # after the pages' Python
    app.connect("env-get-outdated", outdated)
    app.connect("html-page-context", offer, priority=700)
    app.connect("build-finished", finish, priority=400)
