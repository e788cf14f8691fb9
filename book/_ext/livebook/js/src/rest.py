"""What a start does without: modules of the standard library and of packages, brought on demand."""

import hashlib
import io
import json
import linecache
import sys
import zipfile
from importlib import invalidate_caches
from importlib.machinery import PathFinder
from pathlib import Path

import page  # the worker's functions

LIB = Path("/lib")
LIBRARY = LIB / "python312.zip"
SITE = LIB / "python3.12/site-packages"


class Rest:
    """Looks for modules after all others have, and brings the rest where it has one."""

    def __init__(self, told):
        self.sum = told["sum"]
        self.modules = {*told["modules"]}
        self.sources = {str(SITE / name) for name in told["sources"]}
        self.lines = linecache.updatecache
        linecache.updatecache = self.updatecache
        sys.meta_path.append(self)

    def find_spec(self, name, path=None, target=None):
        if name not in self.modules:
            return None
        self.bring(name)
        return PathFinder.find_spec(name, path, target)

    def updatecache(self, filename, module_globals=None):
        if filename in self.sources:
            self.bring(filename)
        return self.lines(filename, module_globals)

    def bring(self, wanted):
        found = page.rest()
        if isinstance(found, str):
            raise ImportError(f"{wanted} could not be had: {found}")
        data = found.to_bytes()
        if hashlib.sha256(data).hexdigest() != self.sum:
            raise ImportError(f"{wanted} is not the one this book was built with: reload the page")
        sys.meta_path.remove(self)
        linecache.updatecache = self.lines
        self.modules, self.sources = set(), set()
        unpack(zipfile.ZipFile(io.BytesIO(data)))
        refresh()


def unpack(archive):
    """Every member where it would be if it had come with the start."""
    inside = f"{LIBRARY.name}/"
    with zipfile.ZipFile(LIBRARY, "a") as library:
        for name in archive.namelist():
            if name.startswith(inside):
                library.writestr(zipfile.ZipInfo(name[len(inside) :]), archive.read(name))
            else:
                archive.extract(name, LIB)
                tidy(LIB / name)


def tidy(path):
    """Byte code that came without its source goes to where Python looks for that of a source."""
    alone = path.with_suffix(".pyc")
    if path.suffix == ".py" and alone.exists():
        cached = path.parent / "__pycache__"
        cached.mkdir(exist_ok=True)
        alone.rename(cached / f"{path.stem}.{sys.implementation.cache_tag}.pyc")


def refresh():
    """Importers of the library's parts have lists of their own of what it holds."""
    for place in [*sys.path_importer_cache]:
        if place.startswith(f"{LIBRARY}/"):
            del sys.path_importer_cache[place]
    invalidate_caches()


def begin(told):
    return Rest(json.loads(told))
