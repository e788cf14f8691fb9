"""Runs the checks of a notebook where nothing that the notebook did can reach them.

This text is run in the student's kernel, before anything else is; `supervised` sends it there.
It remembers what the libraries are. Before each check it makes them so again, and the check runs
among names of its own: those that it defines or imports, those of the given cells, and of the
student's only those that the exercise asks for. So `score = 0.9` costs nothing, and
`np.allclose = ...` earns nothing.

A program that goes for this object by name gets past it: both live in one process.
"""

import builtins
import hashlib
import importlib
import sys
import types
from typing import Any

LIBRARIES = ("dualedu", "numpy", "contextlib", "copy", "functools", "hashlib", "itertools", "math",
             "operator", "random", "builtins", "traceback", "warnings")  # fmt: skip
LOADED = ("dualedu.mnist", "dualedu.nn", "dualedu.training", "dualedu.core.check",
          "dualedu.teaching.checks", "dualedu.teaching.cost", "numpy", "contextlib", "copy",
          "hashlib", "itertools", "random")  # fmt: skip
SETTINGS = ("ast_transformers", "input_transformers_cleanup", "input_transformers_post")
LOOKERS = "inspect", "traceback", "IPython.utils.frame"
FRAMES = "tb_frame", "gi_frame", "cr_frame", "ag_frame"
REFUSED = ("sys._getframe", "sys._current_frames", "sys._current_exceptions",
           "gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys.settrace",
           "sys.setprofile")  # fmt: skip
CHANGING = "exit", "quit"
"""IPython's own, which it puts into builtins for each cell."""
STREAMS = "stdout", "stderr", "displayhook"
ABSENT = object()
EVENTS = "pre_execute", "pre_run_cell", "post_execute", "post_run_cell"


def stay(*_: object) -> None:
    """In place of exit() and its like, which would end the kernel and all other answers with it."""
    raise SystemExit("Python goes on: exit() and its like are not heeded while this is graded")


def seal(secret: str, cell: str, value: str) -> str:
    """What is printed where a check came to its end with this value, and by nobody else."""
    return hashlib.sha256(f"{secret} {cell} {value}".encode()).hexdigest()


class Replaced(Exception):
    """What a check relies on was exchanged while it ran."""


class Judge:
    """What the libraries were before the student's first line, and the names of the checks."""

    def __init__(self, shell: Any, secret: str) -> None:
        self.secret = secret
        for names in (vars(builtins), shell.user_ns):
            names["exit"] = names["quit"] = stay
        self.shell = shell
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        for name in LOADED:
            importlib.import_module(name)
        self.run = sys.modules["dualedu.teaching.checks"].run
        self.modules = {
            module: dict(vars(module))
            for name, module in list(sys.modules.items())
            if isinstance(module, types.ModuleType) and name.partition(".")[0] in LIBRARIES
        }
        self.loaded = {
            name: module
            for name, module in sys.modules.items()
            if name.partition(".")[0] in LIBRARIES
        }
        self.classes: dict[type, dict[str, Any]] = {}
        self.functions: dict[types.FunctionType, tuple[Any, ...]] = {}
        self.kinds = {module: type(module) for module in self.modules}
        for names in list(self.modules.values()):
            for value in names.values():
                self.remember(value)
        self.settings = {
            name: list(getattr(shell, name)) for name in SETTINGS if hasattr(shell, name)
        }
        self.streams = {name: getattr(sys, name) for name in STREAMS}
        self.depth, self.path = sys.getrecursionlimit(), list(sys.path)
        sys.stdout.close = sys.stderr.close = stay  # type: ignore[method-assign]
        self.kernel(shell)
        self.events = {name: list(shell.events.callbacks[name]) for name in EVENTS}
        self.judging = False
        sys.addaudithook(self.audit)

    def kernel(self, shell: Any) -> None:
        """A cell that starts its kernel anew, as after an installation, goes on like `quit()`."""
        kernel = getattr(shell, "kernel", None)
        if kernel is None:
            return
        shutdown = kernel.do_shutdown

        def do_shutdown(*arguments: Any, **options: Any) -> Any:
            if sys._getframe(1).f_globals is shell.user_ns:
                stay()
            return shutdown(*arguments, **options)

        kernel.do_shutdown = do_shutdown

    def remember(self, value: Any) -> None:
        """The parts of a function or a class that can be replaced in place."""
        value = getattr(value, "_implementation", value)  # what NumPy's dispatch calls
        if isinstance(value, types.FunctionType):
            for f in (value, getattr(value, "__wrapped__", None)):
                if isinstance(f, types.FunctionType):
                    keywords = f.__kwdefaults__ and dict(f.__kwdefaults__)
                    self.functions[f] = f.__code__, f.__defaults__, keywords
        elif isinstance(value, type) and value not in self.classes:
            if not str(value.__module__).startswith("dualedu"):
                return
            self.classes[value] = dict(vars(value))
            for part in vars(value).values():
                for f in (part, *(getattr(part, name, None) for name in ("fget", "__func__"))):
                    if isinstance(f, types.FunctionType):
                        self.remember(f)

    def restore(self) -> None:
        """Make everything what it was."""
        sys.settrace(None)
        sys.setprofile(None)
        sys.setrecursionlimit(max(self.depth, sys.getrecursionlimit()))
        sys.path += [place for place in self.path if place not in sys.path]
        sys.modules.update(self.loaded)
        for name, value in self.streams.items():
            if getattr(sys, name, None) is not value:
                setattr(sys, name, value)
        for module, names in self.modules.items():
            if type(module) is not self.kinds[module]:
                module.__class__ = self.kinds[module]
            now = vars(module)
            for name, value in names.items():
                if now.get(name, ABSENT) is not value:
                    now[name] = value
        for function, (code, defaults, keywords) in self.functions.items():
            if function.__code__ is not code:
                function.__code__ = code
            if function.__defaults__ is not defaults:
                function.__defaults__ = defaults
            if function.__kwdefaults__ != keywords:
                function.__kwdefaults__ = keywords and dict(keywords)
        for cls, names in self.classes.items():
            for name, value in names.items():
                if cls.__dict__.get(name, ABSENT) is not value and name not in (
                    "__dict__", "__weakref__", "__doc__", "__abstractmethods__", "_abc_impl",
                ):  # fmt: skip
                    setattr(cls, name, value)
            for name in set(cls.__dict__) - set(names):
                if name in (
                    "__eq__",
                    "__hash__",
                    "__init__",
                    "__getattribute__",
                    "__array_ufunc__",
                ):
                    delattr(cls, name)
        for name, value in self.settings.items():
            getattr(self.shell, name)[:] = value
        for name, value in self.events.items():
            self.shell.events.callbacks[name][:] = value
        self.shell.ast_node_interactivity = "last_expr"

    def replaced(self) -> list[str]:
        """The parts of the libraries that are no longer what they were."""
        owners: list[tuple[Any, dict[str, Any]]] = [*self.modules.items(), *self.classes.items()]
        found = [
            f"{owner.__name__}.{name}"
            for owner, names in owners
            for name, value in names.items()
            if name not in CHANGING
            and (callable(value) or isinstance(value, float))
            and (now := vars(owner).get(name, ABSENT)) is not value
            and not (isinstance(now, types.MethodType) and now == value)  # such as input's
        ]
        found += [
            f"{function.__module__}.{function.__qualname__}"
            for function, (code, defaults, keywords) in self.functions.items()
            if function.__code__ is not code
            or function.__defaults__ is not defaults
            or function.__kwdefaults__ != keywords
        ]
        return found + [
            f"the class of {module.__name__}"
            for module in self.modules
            if type(module) is not self.kinds[module]
        ]

    def given(self, names: list[str]) -> None:
        """Take over what a given cell has just defined."""
        for name in names:
            if name in self.shell.user_ns:
                self.names[name] = self.shell.user_ns[name]

    def __call__(self, source: str, cell: str, answers: list[str]) -> Any:
        """Run a check; the value of its last line, if that is an expression."""
        for name in answers:
            self.names.pop(name, None)
            if name in self.shell.user_ns:
                self.names[name] = self.shell.user_ns[name]
        self.judging = True
        try:
            value = self.run(source, self.names, cell)
        finally:
            self.judging = False
        if replaced := self.replaced():
            more = f" and {len(replaced) - 1} more" if len(replaced) > 1 else ""
            raise Replaced(
                f"while this check ran, {replaced[0]}{more} became something else, so it shows "
                "nothing; what an answer calls leaves the libraries as they are"
            )
        print(f"\n{seal(self.secret, cell, repr(value))} {value!r}")
        return value

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """While a check runs, a student's function does not look at who called it, and how."""
        if not self.judging or not (
            event in REFUSED or (event == "object.__getattr__" and arguments[1] in FRAMES)
        ):
            return
        self.judging = False
        try:
            frame = sys._getframe(1)
            # Of logging's functions, one hands a frame on; the others look for a line to name.
            if frame.f_globals.get("__name__") == "logging" and frame.f_back:
                frame = frame.f_back
            while frame.f_globals.get("__name__") in LOOKERS and frame.f_back:
                frame = frame.f_back
            if frame.f_globals is self.shell.user_ns:
                raise RuntimeError("a function cannot look into the check that calls it")
        finally:
            self.judging = True
