"""What a book says about itself: the `livebook_…` values of its configuration.

    livebook_wheel: .                     the project whose wheel pages load (default: none)
    livebook_archives:                    parts of that wheel that come only with the imports that
      my-data: [mine/data.npz]            need them, each as a package of its own
    livebook_packages: [numpy]            packages that every page loads
    livebook_imports:                     packages that code needs besides, by what it imports
      mine.plots: [matplotlib]
    livebook_first: import mine           code as most pages run it: what it needs is sent first
    livebook_data: [results/*.json]       files that cells read, by their paths in the project
    livebook_standin:                     classes of what stands for a widget until Python runs:
      figure: mine-standin                of its HTML,
      widget: mine-widget                 of the widget itself,
      picture: mine-picture               of the drawing in both,
      control: mine-                      and how the class of each control begins
    livebook_formulas: (?P<unit>kg|cm)    of formulas: each named group of this pattern of TeX gets
                                          a class of its name, which a style sheet can colour
    livebook_answer: Your answer here.    a line of an exercise that readers write over
    livebook_environment: pip install …   how to get what the notebooks run in, elsewhere
    livebook_lite: ["*"]                  the pages that open in JupyterLite ([]: none)
    livebook_archive: my-book             the name of the archive to read without a network
    livebook_pyodide: ${MY_PYODIDE}       a folder with Pyodide's files (default: from its address)
    livebook_cache: …                     where what was made is kept (default: _build/livebook)

Variables of the environment stand for what they hold; a value with one that is not set is none.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from livebook.python.slim import normalised

DEFAULTS: dict[str, Any] = {
    "wheel": "",
    "archives": {},
    "packages": ["numpy"],
    "imports": {},
    "first": "",
    "data": [],
    "standin": {},
    "formulas": "",
    "answer": "",
    "environment": "",
    "lite": ["*"],
    "archive": "book",
    "pyodide": "",
    "cache": "_build/livebook",
}
STANDIN = {"figure", "widget", "picture", "control"}

SHIPPED = {
    "anywidget": ["anywidget"],
    "ipywidgets": ["ipywidgets"],
    "matplotlib": ["matplotlib"],
    "mpl_toolkits": ["matplotlib"],
}
"""What every book's code may import, and the packages behind it."""

KERNEL = "pyodide-kernel"


@dataclass(frozen=True)
class Wheel:
    """The book's own project, whose wheel is built from the tree."""

    project: Path
    name: str
    archives: Mapping[str, Sequence[str]]

    @property
    def packages(self) -> tuple[str, ...]:
        return (self.name, *self.archives)

    def sources(self) -> Iterator[Path]:
        """The files that the wheel is made from: a folder named like the project."""
        module = self.name.replace("-", "_")
        folder = next(
            (f for f in (self.project / "src" / module, self.project / module) if f.is_dir()), None
        )
        if folder is None:
            raise ConfigError(
                f"livebook_wheel: {self.project} has neither a folder {module} nor src/{module}"
            )
        yield self.project / "pyproject.toml"
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


@dataclass(frozen=True)
class Settings:
    """A book's values, checked. `root` is the folder of its `_config.yml`."""

    root: Path
    cache: Path
    wheel: Wheel | None = None
    packages: tuple[str, ...] = ("numpy",)
    imports: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict(SHIPPED))
    first: str = ""
    data: tuple[str, ...] = ()
    standin: Mapping[str, str] = field(default_factory=dict)
    formulas: re.Pattern[str] | None = None
    answer: str = ""
    environment: str = ""
    lite: tuple[str, ...] = ("*",)
    archive: str = "book"
    pyodide: str | None = None
    pyodide_setting: str = "livebook_pyodide"
    """What to set for it: the variable that the book names, or the value itself."""

    @property
    def own(self) -> tuple[str, ...]:
        """The packages that are built from the tree."""
        return self.wheel.packages if self.wheel else ()

    @property
    def core(self) -> tuple[str, ...]:
        """What every page loads."""
        return (*self.packages, KERNEL, *self.own[:1])

    def behind(self, imported: Iterable[str]) -> list[str]:
        """The packages that code needs which imports these modules."""
        found = {
            package
            for module, packages in self.imports.items()
            if any(name == module or name.startswith(f"{module}.") for name in imported)
            for package in packages
        }
        return sorted(found)

    def data_files(self) -> dict[str, Path]:
        """The files that cells read, by their paths in the project."""
        found = [path for pattern in self.data for path in self.root.glob(pattern)]
        return {path.relative_to(self.root).as_posix(): path for path in sorted(found)}


def settings(root: Path, value: Callable[[str], Any]) -> Settings:
    """The settings of the book at `root`, from `value(name)` of its configuration."""
    standin = dict(value("standin"))
    if standin and set(standin) - {"answers"} != STANDIN:
        raise ConfigError(
            f"livebook_standin has {', '.join(sorted(standin))}; it needs all of "
            f"{', '.join(sorted(STANDIN))}, may have answers, and nothing else"
        )
    table = dict(SHIPPED)
    for name, packages in value("imports").items():
        table[name] = sorted({*table.get(name, ()), *packages})
    return Settings(
        root=root,
        cache=root / (expanded(value("cache")) or DEFAULTS["cache"]),
        wheel=own_wheel(root, value("wheel"), value("archives")),
        packages=tuple(value("packages")),
        imports=dict(sorted(table.items())),
        first=value("first"),
        data=tuple(value("data")),
        standin=standin,
        formulas=pattern(value("formulas")),
        answer=value("answer"),
        environment=value("environment"),
        lite=tuple(value("lite")),
        archive=value("archive"),
        pyodide=expanded(value("pyodide")),
        pyodide_setting=variable(value("pyodide")) or "livebook_pyodide",
    )


def pattern(value: str) -> re.Pattern[str] | None:
    try:
        return re.compile(value) if value else None
    except re.error as error:
        raise ConfigError(f"livebook_formulas is no regular expression: {error}") from error


def own_wheel(root: Path, project: str, archives: Mapping[str, Sequence[str]]) -> Wheel | None:
    if not project:
        if archives:
            raise ConfigError("livebook_archives are parts of livebook_wheel, which is not set")
        return None
    file = root / project / "pyproject.toml"
    try:
        name = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, KeyError) as error:
        raise ConfigError(
            f"livebook_wheel: {file} names no project, so there is no wheel to build ({error})"
        ) from error
    parts = {normalised(part): tuple(files) for part, files in archives.items()}
    return Wheel(root / project, normalised(name), parts)


def expanded(value: str) -> str | None:
    """The value with its variables filled in; None where one of them is not set."""
    filled = os.path.expandvars(value)
    return None if not filled or variable(filled) else filled


def variable(value: str) -> str | None:
    """The variable that a value names."""
    found = re.search(r"\$\{(\w+)\}", value)
    return found[1] if found else None


def read(root: Path) -> tuple[Settings, str]:
    """The settings and the title of the book at `root`, for commands that are no build."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    values = config.get("sphinx", {}).get("config", {})
    made = settings(root, lambda name: values.get(f"livebook_{name}", DEFAULTS[name]))
    return made, str(config.get("title", "The book"))


def of(app: Sphinx) -> Settings:
    return settings(Path(app.confdir), lambda name: app.config[f"livebook_{name}"])


def setup(app: Sphinx) -> None:
    for name, default in DEFAULTS.items():
        app.add_config_value(f"livebook_{name}", default, "html", [type(default)])
