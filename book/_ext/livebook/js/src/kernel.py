"""Python's side of a living page: an IPython shell whose messages go to the page as JSON."""

import builtins
import difflib
import inspect
import json
import linecache
import logging
import os
import sys
import traceback
import types
import warnings

import page  # the worker's functions
import pyodide_kernel
from imports import imports
from IPython.core.completer import provisionalcompleter, rectify_completions
from pyodide.ffi import to_js
from pyodide_kernel.jsonutil import encode_images, json_clean

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # "building the font cache"

SHOWN = 4  # lines of an error
LONGEST = 2000  # letters of such a line
CELL = "<ipython-input-"

kernel = pyodide_kernel.kernel_instance
shell = kernel.interpreter
shell.run_line_magic("colors", "NoColor")


def send(kind, content, metadata=None, buffers=()):
    text = json.dumps({"content": content, "metadata": metadata or {}}, default=str)
    page.send(kind, text, to_js([bytes(buffer) for buffer in buffers or ()]))


def output(kind):
    def publish(data, metadata=None, transient=None):
        send(
            "output",
            {
                "output_type": kind,
                "data": json_clean(encode_images(data)),
                "metadata": json_clean(metadata or {}),
                "transient": json_clean(transient or {}),
            },
        )

    return publish


def result(count, data, metadata):
    content = {"output_type": "execute_result", "execution_count": count}
    send("output", content | {"data": data, "metadata": json_clean(metadata or {})})


def comm(kind, content, metadata, topic, buffers):
    send(kind, content, metadata, buffers)


def place(error):
    """The line of the reader's own code at which it went wrong."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(CELL):
            code = frame.line or linecache.getline(frame.filename, frame.lineno).strip()
            return [f"line {frame.lineno}: {code}"]
    return []


def cause(error):
    """What an error was raised from: often the sentence that says what to do."""
    if error.__cause__ is None:
        return []
    said = traceback.format_exception_only(error.__cause__)[-1].rstrip("\n")
    return [f"because of {said}", *cause(error.__cause__)]


def unread(error):
    """The line that cannot be read as Python, marked where reading ended."""
    line = (error.text or "").rstrip()
    code = line.lstrip()
    lines = [f"line {error.lineno}: {code}"]
    if code and error.offset and not isinstance(error, IndentationError):
        first = max(0, error.offset - 1 - (len(line) - len(code)))
        last = error.end_offset - error.offset if error.end_lineno == error.lineno else 0
        lines.append(" " * (len(lines[0]) - len(code) + first) + "^" * max(1, last or 0))
    return lines


def absent(error):
    """Where a module can be had that is not here."""
    name = (error.name or "").partition(".")[0]
    here = list(page.packages())
    if not name or name in here or name in sys.modules:
        return []
    for known in (here, sys.stdlib_module_names):  # the page's own packages before the rest
        if near := difflib.get_close_matches(name, known, 1, 0.75):
            return [f"Did you mean {near[0]}?"]
    return [
        f"This page's Python has {', '.join(here)} and the standard library, but not {name}. "
        "Take the page as a notebook, with “Download with your changes” above, to a Python that "
        "has it."
    ]


def show_error(kind, error, stack):
    """What went wrong and where, in a few lines: the whole stack is about other people's code."""
    name = getattr(kind, "__name__", str(kind))
    if hasattr(error, "_render_traceback_"):  # IPython's way to say how an error wants to be shown
        lines = list(error._render_traceback_())
    elif isinstance(error, SyntaxError):
        lines = [*unread(error), f"{name}: {error.msg}"]
    else:
        # With its traceback, for the names among which Python looks for the one that was meant.
        known = traceback.TracebackException(kind, error, error.__traceback__, compact=True)
        said = list(known.format_exception_only())[0 if name != "ExceptionGroup" else -1]
        lines = [*place(error), *said.rstrip("\n").split("\n"), *cause(error)]
    if isinstance(error, ModuleNotFoundError):
        lines += absent(error)
    if len(lines) > 2 * SHOWN:
        lines = [*lines[:SHOWN], "…", *lines[-SHOWN:]]
    lines = [line if len(line) <= LONGEST else f"{line[:LONGEST]} …" for line in lines]
    shell._last_traceback = {"ename": name, "evalue": str(error), "traceback": lines}
    send("output", {"output_type": "error", **shell._last_traceback})


def no_input(prompt=""):
    raise RuntimeError("input() cannot wait in a page: write the value into the code instead")


def no_exit(*status):
    raise RuntimeError("a page's Python is ended by its buttons, Stop and Restart Python")


def no_shell(command, *rest, **options):
    raise RuntimeError(f"there is no shell in a page, and so no {command.split()[0]}")


def no_installing():
    """`%pip` asks this module what to do."""

    async def get_transformed_code(arguments):
        has = ", ".join(page.packages())
        refusal = (
            f"Nothing can be installed here: a page asks no other host. Its Python has {has} "
            "and the standard library; import what you need."
        )
        return f"print({refusal!r})"

    piplite = types.ModuleType("piplite")
    piplite.cli = types.ModuleType("piplite.cli")
    piplite.cli.get_transformed_code = get_transformed_code
    return {"piplite": piplite, "piplite.cli": piplite.cli}


async def execute(code, message):
    """Run a cell, and say "ok" or "error"."""
    receive(message)
    try:
        await page.load(to_js(imports(code)))
        return (await kernel.run(code))["status"]
    except BaseException:
        # The kernel lets pass what goes wrong before the code runs, as where it cannot be read.
        shell.showtraceback()
        return "error"


def receive(message):
    kernel._parent_header = {"header": {"msg_id": message}}


def complete(before, after):
    """The names that fit between two parts of code; private ones where one has begun."""
    code = before + after
    with provisionalcompleter():
        found = shell.Completer.completions(code, len(before))
        found = list(rectify_completions(code, found))
    replaces = code[found[0].start : len(before)] if found else ""
    begun = replaces.rpartition(".")[2].startswith("_")
    names = [
        each.text
        for each in found
        if begun or not each.text.rpartition(".")[2].startswith(("_", "%"))
    ]
    return json.dumps({"replaces": replaces, "names": names[:500]})


def describe(name):
    """What is called by a name: how, and the first paragraph of what is written of it."""
    first, *rest = name.split(".")
    found = shell.user_ns.get(first, getattr(builtins, first, None))
    for attribute in rest:
        found = getattr(found, attribute, None)
    doc = (inspect.getdoc(found) or "") if callable(found) else ""
    try:
        parameters = inspect.signature(found).parameters.values()
        bare = [each.replace(annotation=each.empty) for each in parameters]
        signature = f"{name}{inspect.Signature(bare)}"
    except (TypeError, ValueError):  # it is not called, or is compiled and has it in its first line
        signature, _, doc = doc.partition("\n") if "(" in doc.partition("\n")[0] else ("", "", doc)
    paragraph = " ".join(doc.strip().partition("\n\n")[0].split())
    return json.dumps({"signature": signature, "doc": paragraph})


def handle(kind, message, text, buffers):
    """A comm message of the widgets in the page."""
    receive(message)
    content = json.loads(text) | {"buffers": [memoryview(b.to_bytes()) for b in buffers]}
    getattr(kernel.comm_manager, kind)(None, None, content)


pyodide_kernel.stdout_stream.publish_stream_callback = page.stream
pyodide_kernel.stderr_stream.publish_stream_callback = page.stream
shell.display_pub.display_data_callback = output("display_data")
shell.display_pub.update_display_data_callback = output("update_display_data")
shell.display_pub.clear_output_callback = lambda wait=False: send("clear", {"wait": bool(wait)})
shell.displayhook.publish_execution_result = result
shell.send_comm = comm
# Before IPython has laid out the whole stack, which takes it a while.
shell.showtraceback = lambda given=None, **kwargs: show_error(*(given or sys.exc_info()))
shell.showsyntaxerror = lambda *args, **kwargs: show_error(*sys.exc_info())
builtins.input = no_input
shell.Completer.use_jedi = False
shell.ask_exit = os._exit = os.abort = no_exit
shell.system = shell.getoutput = no_shell
sys.modules |= no_installing()
warnings.formatwarning = lambda message, category, *place: f"{category.__name__}: {message}\n"
