"""Measure dualedu beside its peers and print one table.

    python benchmarks/run.py                     every task, writes benchmarks.json and results.md
    python benchmarks/run.py --task jvp          one task only, prints and writes nothing

The first file goes to book/results, as a chapter reads it; the second is for people.

Each contestant runs in a process of its own, one after another, in several rounds: frameworks
that share a process share thread pools, and that alone has changed figures two- and threefold.
The C library keeps the memory it has (see ENVIRONMENT), as it does in a process that has once
freed a large block; the tables "as it comes" are without that. A figure is the median over the
rounds of the fastest of several repeats, with its range; a ratio compares two figures of the same
round. With one thread it is processor time, of which others on the machine take little; with all
threads it is the clock's.
Peers that are not installed are left out and named.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import timeit
from importlib import metadata
from pathlib import Path

import contestants
import numpy as np

HERE = Path(__file__).parent
RESULTS = HERE.parent / "book" / "results"
# Left alone, glibc hands arrays of a few 100 KB back to the system after every step in a process
# as small as these, and the page faults of taking them again cost up to a fifth of a step.
ENVIRONMENT = {"MALLOC_TRIM_THRESHOLD_": str(2**30), "MALLOC_MMAP_THRESHOLD_": str(2**30)}
BASELINE = {
    "jvp": "NumPy, the loss alone",
    "sigmoid": "NumPy, the loss alone",
    "gradient": "NumPy backpropagation, by hand",
    "rosenbrock": "NumPy, forward mode by hand",
}
ALL = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
ONE, AS_IT_COMES, ALL_THREADS = "", ", as it comes", f", {ALL} threads"
TITLES = {
    ("jvp", 64, None, ONE): "jvp of the loss, batch 64, one direction",
    ("jvp", 1024, None, ONE): "jvp of the loss, batch 1024, one direction",
    ("jvp", 64, 16, ONE): "jvp of the loss, batch 64, 16 directions",
    ("jvp", 1024, 16, ONE): "jvp of the loss, batch 1024, 16 directions",
    ("sigmoid", 64, None, ONE): "jvp of the loss with a sigmoid, batch 64",
    ("sigmoid", 1024, None, ONE): "jvp of the loss with a sigmoid, batch 1024",
    ("sigmoid", 64, None, AS_IT_COMES): "jvp of the loss with a sigmoid, batch 64",
    ("sigmoid", 1024, None, AS_IT_COMES): "jvp of the loss with a sigmoid, batch 1024",
    ("gradient", 64, None, ONE): "the whole gradient, batch 64",
    ("gradient", 128, None, ONE): "the whole gradient, batch 128",
    ("jvp", 1024, None, ALL_THREADS): "jvp of the loss, batch 1024, one direction",
    ("gradient", 128, None, ALL_THREADS): "the whole gradient, batch 128",
    ("scalar", None, None, ONE): "derivative of x sin x at 2",
    ("rosenbrock", None, None, ONE): "gradient of Rosenbrock's function of 100 numbers",
}


def measure(task, name, batch, directions):
    """In the child: the fastest of several repeats in seconds, and a digest of the answer."""
    if contestants.THREADS == 1 and hasattr(os, "sched_setaffinity"):
        # Whatever threads a library starts, they share one core.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    prepare, _ = contestants.CONTESTANTS[task, name]
    given = contestants.arrays(batch, directions) if batch else ()
    step, answer = prepare(*given)
    for _ in range(3):
        step()
    clock = time.process_time if contestants.THREADS == 1 else time.perf_counter
    timer = timeit.Timer(step, timer=clock)
    count, taken = timer.autorange()
    # Windows of a few milliseconds, and many of them: on a busy machine some are left alone.
    taken /= count
    count = max(1, round(0.004 / taken))
    repeat = min(60, max(3, round(0.5 / (count * taken))))
    seconds = min(timer.repeat(repeat=repeat, number=count)) / count
    return {"seconds": seconds, "answer": digest(answer)}


def digest(answer):
    """Two numbers that identify an answer: the sum of its entries and of their sizes."""
    if answer is None:
        return None
    parts = answer if isinstance(answer, list) else [answer]
    return [
        sum(float(np.sum(p, dtype=float)) for p in parts),
        sum(float(np.sum(np.abs(p), dtype=float)) for p in parts),
    ]


def child(task, name, batch, directions, how):
    """Start a process for one measurement; None if the peer is not installed."""
    settings = {} if how == AS_IT_COMES else ENVIRONMENT
    threads = {"BENCHMARK_THREADS": str(ALL)} if how == ALL_THREADS else {}
    request = json.dumps([task, name, batch, directions])
    done = subprocess.run(
        [sys.executable, __file__, "--child", request],
        capture_output=True,
        text=True,
        env=os.environ | settings | threads,
    )
    if done.returncode:
        if "ModuleNotFoundError" in done.stderr:
            return None
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def check(answers, title):
    """Every contestant must have computed the same thing."""
    given = {name: a for name, a in answers.items() if a}
    reference = next(iter(given.values()))
    for name, answer in given.items():
        if not np.allclose(answer, reference, rtol=2e-3, atol=2e-3):
            raise AssertionError(f"{title}: {name} answers {answer}, the first {reference}")


def lap(key, times, answers, absent):
    """One round of one table: the seconds of each contestant, after one another."""
    task, batch, directions, how = key
    for (of, name), (_, counts) in contestants.CONTESTANTS.items():
        if of != task or directions not in counts or name in absent:
            continue
        outcome = child(task, name, batch, directions, how)
        if outcome is None:
            absent.add(name)
        else:
            times.setdefault(name, []).append(outcome["seconds"])
            answers[name] = outcome["answer"]
    check(answers, TITLES[key] + how)


def rows(task, times):
    """{name: {"microseconds": median, "range": both ends, "ratio": median or None}}."""
    base = times.get(BASELINE.get(task))
    found = {}
    for name, taken in times.items():
        ratio = statistics.median(t / b for t, b in zip(taken, base, strict=True)) if base else None
        found[name] = {
            "microseconds": statistics.median(taken) * 1e6,
            "range": [min(taken) * 1e6, max(taken) * 1e6],
            "ratio": ratio,
        }
    return found


def table(title, task, rows):
    base = BASELINE.get(task)
    head = f"| {title} | µs | range |" + (f" × {base} |" if base else "")
    lines = [head, "|---|---:|---:|" + ("---:|" if base else "")]
    for name, row in sorted(rows.items(), key=lambda item: item[1]["microseconds"]):
        ratio = f" {row['ratio']:.2f} |" if base else ""
        low, high = row["range"]
        spread = f"{low:,.1f} to {high:,.1f}"
        lines.append(f"| {name} | {row['microseconds']:,.1f} | {spread} |{ratio}")
    return "\n".join(lines)


def versions():
    found = {"python": platform.python_version()}
    peers = ("torch", "jax", "autograd", "dualpy", "hyperjet", "num-dual", "casadi")
    for package in ("numpy", *peers):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def store(tables, rounds, text):
    found = versions()
    record = {
        "command": "python benchmarks/run.py",
        "machine": f"{platform.machine()}, {ALL} cores, shared with other programs",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": found,
        "rounds": rounds,
        "tables": tables,
    }
    (RESULTS / "benchmarks.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    named = ", ".join(f"{name} {version}" for name, version in found.items())
    intro = (
        "# Speed beside other libraries\n\nWritten by `python benchmarks/run.py`: rounds: "
        f"{rounds}, each contestant in a process of its own with one thread "
        f"where no other number stands, on {record['machine']}, {record['date']}; {named}. "
        "Times are this machine's; ratios travel better.\n"
    )
    (HERE / "results.md").write_text(f"{intro}\n{text}\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=sorted({task for task, *_ in TITLES}))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(*json.loads(options.child))))
        return
    keys = [key for key in TITLES if options.task in (None, key[0])]
    times, answers, absent = {key: {} for key in keys}, {key: {} for key in keys}, set()
    for done in range(1, options.rounds + 1):
        for key in keys:
            lap(key, times[key], answers[key], absent)
            print(f"round {done}: {TITLES[key]}{key[-1]}", file=sys.stderr, flush=True)
        tables = [
            {"title": TITLES[key] + key[-1], "rows": rows(key[0], times[key])} for key in keys
        ]
        text = "\n\n".join(
            table(found["title"], key[0], found["rows"])
            for key, found in zip(keys, tables, strict=True)
        )
        if options.task is None:  # after each round: what is measured is not lost
            store(tables, done, text)
    print(text)
    if absent:
        print("\nNot installed, left out:", ", ".join(sorted(absent)))


if __name__ == "__main__":
    main()
