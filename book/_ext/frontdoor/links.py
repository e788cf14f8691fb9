"""Every link to another site, asked by Sphinx: python -m frontdoor.links

What leads nowhere is listed in _build/links/broken.txt, with its page and line.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from frontdoor.packages import ROOT

FOLDER = ROOT / "_build" / "links"


def broken(report: Path) -> Iterator[str]:
    """A line for each link that leads nowhere, from the report of Sphinx's linkcheck."""
    for line in report.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        if found["status"] in ("broken", "timeout"):
            place = f"{found['filename']}:{found['lineno']}"
            yield f"{place}: {found['uri']} ({found['info'] or found['status']})"


def main() -> None:
    book = Path(sys.executable).with_name("jupyter-book")
    options = ["--quiet", "--builder", "linkcheck", "--path-output"]
    shutil.rmtree(FOLDER, ignore_errors=True)  # no report of an earlier time is to be read
    done = subprocess.run([book, "build", ROOT, *options, FOLDER], check=False)
    report = next(FOLDER.rglob("output.json"), None)
    if report is None:
        raise SystemExit(f"no link was asked: the build ended with {done.returncode}")
    lines = list(broken(report))
    (FOLDER / "broken.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print("\n".join(lines) or "Every link leads somewhere.")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
