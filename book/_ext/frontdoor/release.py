"""Whether a tag may be published: python -m frontdoor.release v1.2.3"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from frontdoor.address import address
from frontdoor.packages import ROOT


def stated(root: Path) -> tuple[Path, str]:
    """The file that names the project's version, and the version; "" if it names none."""
    file = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    source = root / file["tool"]["hatch"]["version"]["path"]
    found = re.search(r'^__version__ = "(.+)"$', source.read_text(encoding="utf-8"), re.M)
    return source, found[1] if found else ""


def obstacles(root: Path, tag: str) -> Iterator[str]:
    """What has to be done first, a sentence each."""
    source, version = stated(root)
    version = version or "none"
    if tag != f"v{version}":
        yield f"the tag is {tag or 'not given'}, and {source.name} says {version}: they must agree"
    here = address(root)
    if not here.repository:
        yield "the project has no address: set repository in [tool.frontdoor] of pyproject.toml"
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$", changes, re.M):
        yield f"CHANGELOG.md has no heading '## {version} - YYYY-MM-DD'"
    if re.search(r"^## Unreleased\s+(?!## )\S", changes, re.M):
        yield "CHANGELOG.md has entries under Unreleased: they belong under the version"


def main() -> None:
    found = list(obstacles(ROOT, " ".join(sys.argv[1:])))
    for sentence in found:
        print(f"Not to be published: {sentence}", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
