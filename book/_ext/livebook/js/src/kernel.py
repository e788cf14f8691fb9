"""Python's side of a living page: an IPython shell whose messages go to the page as JSON."""

import builtins
import json
import linecache
import logging
import os
import sys
import traceback
import warnings

import page  # the worker's functions
import pyodide_kernel
from imports import imports
from pyodide.ffi import to_js
from pyodide_kernel.jsonutil import encode_images, json_clean

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # "building the font cache"

SHOWN = 4  # lines of an error
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


def show_error(kind, error, stack):
    """What went wrong and where, in a few lines: the whole stack is about other people's code."""
    name = getattr(kind, "__name__", str(kind))
    if hasattr(error, "_render_traceback_"):  # IPython's way to say how an error wants to be shown
        lines = list(error._render_traceback_())
    elif isinstance(error, SyntaxError):
        lines = [f"line {error.lineno}: {(error.text or '').strip()}", f"{name}: {error.msg}"]
    else:
        said = traceback.format_exception_only(error)[0 if name != "ExceptionGroup" else -1]
        lines = [*place(error), *said.rstrip("\n").split("\n"), *cause(error)]
    if len(lines) > 2 * SHOWN:
        lines = [*lines[:SHOWN], "…", *lines[-SHOWN:]]
    shell._last_traceback = {"ename": name, "evalue": str(error), "traceback": lines}
    send("output", {"output_type": "error", **shell._last_traceback})


def no_input(prompt=""):
    raise RuntimeError("input() cannot wait in a page: write the value into the code instead")


async def execute(code, message):
    """Run a cell, and say "ok" or "error"."""
    receive(message)
    await page.load(to_js(imports(code)))
    return (await kernel.run(code))["status"]


def receive(message):
    kernel._parent_header = {"header": {"msg_id": message}}


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
warnings.formatwarning = lambda message, category, *place: f"{category.__name__}: {message}\n"
