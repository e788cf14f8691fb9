"""Wheel and source distribution, built twice from what git has and compared byte by byte.

python -m frontdoor.packages FOLDER     both in FOLDER, conda-forge's recipe, checksums of all
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from frontdoor import conda
from frontdoor.sums import checksums, digest

ROOT = Path(__file__).resolve().parents[3]


def run(*command: str | Path, **options: str | Path | dict[str, str]) -> str:
    """What a command says; if it fails, nothing goes on."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        **options,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(str(part) for part in command)} failed:\n{done.stdout}")
    return str(done.stdout)


def clone(target: Path) -> None:
    """What git has of this project, and no file beside it."""
    run("git", "clone", "--quiet", "--no-hardlinks", ROOT, target)


def build(source: Path, target: Path) -> list[Path]:
    """The packages of this clone: the wheel is made from the source distribution."""
    made = run("git", "log", "-1", "--format=%ct", cwd=source).strip()
    environment = os.environ | {"SOURCE_DATE_EPOCH": made}
    options = ["--no-isolation", "--outdir"]
    run(sys.executable, "-m", "build", *options, target, source, env=environment)
    return sorted(target.iterdir())


def twice(target: Path) -> list[Path]:
    """The packages in `target`, if two builds in two places and with other rights on new files give
    the same bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        sums = []
        for name, mask in (("one", 0o022), ("the-other", 0o077)):
            place = Path(scratch, name)
            before = os.umask(mask)
            try:
                clone(place / "source")
                built = build(place / "source", place / "built")
            finally:
                os.umask(before)
            sums.append({path.name: digest(path) for path in built})
        if sums[0] != sums[1]:
            raise SystemExit(f"two builds of the same sources differ: {sums}")
        target.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(path, target)) for path in built]


def main(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    made = twice(target)
    (sdist,) = (path for path in made if path.name.endswith(".tar.gz"))
    made.append(target / "recipe.yaml")
    made[-1].write_text(conda.written(sdist), encoding="utf-8", newline="\n")
    for pattern in ("*.zip", "*.pdf", "*.epub"):
        made += [Path(shutil.copy(path, target)) for path in (ROOT / "_build").glob(pattern)]
    checksums(made, target)
    for path in sorted(target.iterdir()):
        print(f"{path} ({path.stat().st_size / 1e6:.2f} MB)")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
