"""The recipe that conda-forge takes, from what a source distribution says of itself.

python -m frontdoor.conda dualedu-0.1.0.tar.gz > recipe.yaml

The form is version 1 of recipes: https://rattler.build/latest/reference/recipe_file/. The address
is where PyPI will have the distribution.
"""

from __future__ import annotations

import re
import sys
import tarfile
import tomllib
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from frontdoor.address import GITHUB
from frontdoor.sums import digest

PYPI = "https://pypi.org/packages/source/{0[0]}/{0}/{0}-${{{{ version }}}}.tar.gz"


def read(sdist: Path, name: str) -> bytes:
    """A file at the top of a source distribution."""
    with tarfile.open(sdist) as archive:
        file = archive.extractfile(f"{sdist.name.removesuffix('.tar.gz')}/{name}")
        assert file is not None  # a folder has no bytes; these are files
        return file.read()


def needed(requirement: str) -> str:
    """A requirement of Python's packages as conda writes it: `numpy >=2.0`."""
    parsed = Requirement(requirement)
    return f"{parsed.name.lower()} {parsed.specifier}".strip()


def oldest(pythons: str) -> str:
    """The oldest Python of `>=3.11`: what a package for any Python is built and tested with."""
    for one in SpecifierSet(pythons):
        if one.operator == ">=":
            return one.version
    raise ValueError(
        f"Requires-Python is {pythons!r}, which names no oldest Python, as >=3.11 does"
    )


def about(said: Message) -> dict[str, Any]:
    links = dict(re.split(r",\s*", link, maxsplit=1) for link in said.get_all("Project-URL", []))
    found = {
        "summary": said["Summary"],
        "license": said["License-Expression"],
        "license_file": said.get_all("License-File"),
        "homepage": links.get("Homepage"),
        "documentation": links.get("Documentation"),
        "repository": links.get("Source"),
    }
    return {name: value for name, value in found.items() if value}


def recipe(sdist: Path) -> dict[str, Any]:
    """The recipe of a distribution for any Python that has no compiled code."""
    said = BytesParser().parsebytes(read(sdist, "PKG-INFO"))
    build = tomllib.loads(read(sdist, "pyproject.toml").decode())["build-system"]["requires"]
    required = [r for r in said.get_all("Requires-Dist", []) if not Requirement(r).marker]
    told = about(said)
    owner = GITHUB.fullmatch(told.get("repository", ""))
    python = "${{ python_min }}"
    return {
        "schema_version": 1,
        "context": {"version": said["Version"], "python_min": oldest(said["Requires-Python"])},
        "package": {"name": said["Name"], "version": "${{ version }}"},
        "source": {
            "url": PYPI.format(said["Name"]),
            "sha256": digest(sdist),
        },
        "build": {
            "number": 0,
            "noarch": "python",
            "script": "${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation",
        },
        "requirements": {
            "host": [f"python {python}.*", "pip", *map(needed, build)],
            "run": [f"python >={python}", *map(needed, required)],
        },
        "tests": [{"python": {"imports": [said["Name"]], "python_version": f"{python}.*"}}],
        "about": told,
        "extra": {"recipe-maintainers": [owner[1]] if owner else []},
    }


def written(sdist: Path) -> str:
    return str(yaml.safe_dump(recipe(sdist), sort_keys=False, width=1000))


if __name__ == "__main__":
    sys.stdout.write(written(Path(sys.argv[1])))
