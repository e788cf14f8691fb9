"""Grade a class of thirty in each assignment, kill it on the way, resume, and store the times.

    python benchmarks/rehearsal.py            all assignments, writes rehearsal.json
    python benchmarks/rehearsal.py numbers    one of them, prints and writes nothing

The class is that of tests/classroom/course.py: good, wrong, deleted, stripped, empty,
endless, unreadable and missing. It is collected, graded, killed after nine, graded on, and gets its
feedback and its table of marks. Nothing is stored unless everyone is accounted for, nobody was
graded twice, and every original is kept. Each stage has the clock's seconds and those that a core
worked for it; the load is the mean number of programs that wanted a core in the five minutes before
its end, this one included."""

import json
import os
import platform
import sys
import tempfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests/support", "classroom", "book/_ext")]

import classwork  # noqa: E402
import course  # noqa: E402
from grading import preflight  # noqa: E402

# As in a course, and not as in a test, which has no time for an endless loop.
course.LIMIT = int(preflight.LIMIT)


def measure(assignment):
    with tempfile.TemporaryDirectory() as folder:
        rehearsal = course.rehearse(
            Path(folder), assignment, course.THIRTY, stop_after=9, whole=True
        )
        load = os.getloadavg()[1]
        course.hold(rehearsal)
        course.hold_handed_back(rehearsal)
    before, after = (text.count(": graded, ") for text in (rehearsal.first, rehearsal.second))
    row = {
        "submissions": len(rehearsal.expected),
        "graded_before_the_kill": before,
        "graded_after_it": after,
        "load": round(load, 1),
        "seconds": {
            stage: {kind: round(seconds, 1) for kind, seconds in took.items()}
            for stage, took in rehearsal.seconds.items()
        },
    }
    print(assignment, row, flush=True)
    return row


def main():
    names = sys.argv[1:] or classwork.ASSIGNMENTS
    rows = {name: measure(name) for name in names}
    if sys.argv[1:]:
        return
    record = {
        "command": "python benchmarks/rehearsal.py",
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "processes": {"preflight": os.cpu_count(), "grading": 1},
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("nbgrader", "nbclient", "ipykernel")},
        },
        "assignments": rows,
    }
    path = ROOT / "benchmarks" / "rehearsal.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
