"""How time and memory grow: a fitted exponent for each size that a user can choose.

    python benchmarks/growth.py                    every sweep, writes growth.json and growth.md
    python benchmarks/growth.py --sweep depth      one sweep only, prints and writes nothing
    python benchmarks/growth.py --rounds 3         fewer rounds than five

The first file goes to book/results, as a chapter reads it; the second is for people.

Each size of each sweep is measured in a process of its own, in rounds, all sizes once a round.
Time is processor time of one thread, and of all runs and rounds the fastest counts: other programs
only ever add to it. Memory is the largest in use at any moment, as tracemalloc sees it, beside what
the caller holds.

An exponent is the slope of a straight line through the logarithms: cost ~ size^exponent. Its spread
is the range of the slopes when any one of the sizes is left out. Beside it stands the exponent that
the count of operations has over the same sizes: 1 + K runs, for instance, is no pure power of K.
The answer of each size is compared with a formula, where there is one; one sweep cuts the same
gradient into passes of other sizes, and compares its bytes.
"""

import argparse
import datetime
import hashlib
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import timeit
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from dualedu import derivative, gradient, jacobian, jets, jvp, nn, training
from dualedu.core import transforms
from dualedu.training.history import versions

HERE = Path(__file__).parent
RESULTS = HERE.parent / "book" / "results"
BATCH = 64
PASSES_OF = 4000

Task = tuple[Callable[[], Any], Any]
"""A function without arguments, and its right answer, or None where no formula has it."""


@dataclass(frozen=True)
class Sweep:
    """One size is varied. `count` is the cost by theory, in any unit, as a function of the size;
    `held` the exponent of memory by theory. The fits begin at `since`: before, overhead reigns."""

    title: str
    size: str
    sizes: tuple[int, ...]
    since: int
    prepare: Callable[[int], Task]
    count: Callable[[int], float] | None = None
    held: float | None = None
    of: Callable[[int], float] = float
    """What the fits take for the size: 2ᵐ for m derivatives in each other."""


# --- networks ------------------------------------------------------------------------------------


def network(*widths: int, batch: int = BATCH) -> tuple[nn.MLP, Any, Any]:
    rng = np.random.default_rng(0)
    model = nn.MLP((*widths, 10), "relu", rng=0)
    images = rng.standard_normal((batch, widths[0]), dtype=np.float32)
    return model, images, rng.integers(0, 10, batch)


def along(widths: tuple[int, ...], batch: int = BATCH, directions: int | None = None) -> Task:
    """The jvp of a network's loss over all parameters."""
    model, images, labels = network(*widths, batch=batch)
    rng = np.random.default_rng(1)
    lead = () if directions is None else (directions,)
    seeds = [rng.choice([-1, 1], lead + p.shape).astype(np.float32) for p in model.parameters]
    primals, tangents = tuple(model.parameters), tuple(seeds)
    return lambda: jvp(lambda *p: model.loss(images, labels, p), primals, tangents), None


def exact(depth: int, width: int) -> Task:
    model, images, labels = network(*[width] * (depth + 1))
    return lambda: training.exact_gradient(model, images, labels), None


def products(layers: list[tuple[int, int]], directions: int = 1, batch: int = BATCH) -> float:
    """Multiplications of a loss and its tangents: a product a layer for the value, and along each
    direction one with the weights' tangent and one with the activations', which data have not."""
    sizes = [n * m for n, m in layers]
    return float(batch * (sum(sizes) + directions * (2 * sum(sizes) - sizes[0])))


def products_exact(depth: int, width: int) -> float:
    """Of an exact gradient. The unit directions of each hidden layer but the last pass the layers
    behind it: in the first of them they are the rows of its weights, with no product, and in the
    others one for each sample."""
    square, last = width * width, width * 10
    total = BATCH * (depth * square + last)  # the values
    total += (width + 10) * (last + BATCH * 10)  # of the last hidden layer and the logits
    for layer in range(1, depth):
        behind = depth - layer
        total += BATCH * (behind * square + last)  # the values again
        total += width * BATCH * ((behind - 1) * square + last + 10)
    return float(total + BATCH * (depth * square + last))  # aᵀ δ


# --- functions of n numbers ----------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_by_hand(x: Any) -> Any:
    slope = np.zeros_like(x)
    slope[1:] += 200 * (x[1:] - x[:-1] ** 2)
    slope[:-1] -= 400 * x[:-1] * (x[1:] - x[:-1] ** 2) + 2 * (1 - x[:-1])
    return slope


def points(n: int) -> Any:
    return np.linspace(-1, 1, n)


def of_gradient(n: int) -> Task:
    x = points(n)
    return lambda: gradient(rosenbrock)(x), rosenbrock_by_hand(x)


def in_passes(size: int) -> Task:
    transforms.LARGEST_PASS = size
    return of_gradient(PASSES_OF)


def ten_sums(x: Any) -> Any:
    return np.sum(np.sin(x).reshape(10, -1), axis=1)


def of_sums(n: int) -> Task:
    x = points(n)
    right = np.kron(np.eye(10), np.ones(n // 10)) * np.cos(x)
    return lambda: jacobian(ten_sums)(x), right


def of_neighbours(n: int) -> Task:
    x = points(n)
    return lambda: jacobian(lambda x: np.sin(x * x))(x), np.diag(2 * x * np.cos(x * x))


# --- high derivatives ----------------------------------------------------------------------------


def nested(order: int) -> Task:
    """Begun at several depths of the stack. Python keeps it in pieces of 16 KB, and where recursion
    goes to and fro over the end of one, its calls cost several times as much."""
    f: Any = np.sin
    for _ in range(order):
        f = derivative(f)
    depths = itertools.cycle((0, 20, 40, 60))

    def run(depth: int) -> Any:
        return run(depth - 1) if depth else f(1.0)

    return lambda: run(next(depths)), np.sin(1 + order * np.pi / 2)


def by_jet(order: int) -> Task:
    k = np.arange(order + 1)
    right = np.sin(1 + k * np.pi / 2) / np.cumprod(np.maximum(k, 1.0))
    return lambda: jets.jet(np.sin, 1.0, order), right


INPUTS = (10, 30, 100, 300, 1000, 2000, 5000, 10000, 20000)
SWEEPS = {
    "directions": Sweep(
        "jvp of a loss, 784-128-10, batch 64",
        "directions K",
        (1, 2, 4, 8, 16, 32, 64, 128, 256),
        8,
        lambda k: along((784, 128), directions=k),
        lambda k: products([(784, 128), (128, 10)], k),
        held=1,
    ),
    "batch": Sweep(
        "jvp of a loss, 784-128-10, one direction",
        "batch",
        (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
        128,
        lambda batch: along((784, 128), batch),
        lambda batch: products([(784, 128), (128, 10)], batch=batch),
        held=1,
    ),
    "width": Sweep(
        "jvp of a loss, two layers of this width, batch 64",
        "width",
        (16, 32, 64, 128, 256, 512, 1024, 2048),
        256,
        lambda width: along((width, width)),
        lambda width: products([(width, width), (width, 10)]),
        held=1,
    ),
    "depth": Sweep(
        "jvp of a loss, width 128, batch 64, one direction",
        "hidden layers",
        (1, 2, 4, 8, 16, 32, 64),
        2,
        lambda depth: along((128,) * (depth + 1)),
        lambda depth: products([(128, 128)] * depth + [(128, 10)]),
        held=0,
    ),
    "exact": Sweep(
        "exact gradient, width 64, batch 64",
        "hidden layers",
        (1, 2, 4, 8, 16, 32),
        4,
        lambda depth: exact(depth, 64),
        lambda depth: products_exact(depth, 64),
    ),
    "nesting": Sweep(
        "sin, derivatives of derivatives",
        "order m, fitted over 2ᵐ",
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
        7,
        nested,
        lambda order: order * 2.0**order,
        of=lambda order: 2.0**order,
    ),
    "jet": Sweep(
        "sin, Taylor coefficients by a jet",
        "order n",
        (2, 4, 8, 16, 32, 64, 128),
        16,
        by_jet,
        lambda order: float(order * (order + 1)),
    ),
    "gradient": Sweep(
        "gradient of Rosenbrock's function",
        "inputs n",
        INPUTS,
        1000,
        of_gradient,
        lambda n: float(n * (n + 1)),
        held=0,
    ),
    "jacobian": Sweep(
        "jacobian of ten sums of sines",
        "inputs n",
        INPUTS,
        1000,
        of_sums,
        lambda n: float(n * (n + 1)),
        held=0,
    ),
    "square": Sweep(
        "jacobian of sin x², entry by entry: n² results",
        "inputs n",
        INPUTS[:-1],  # of 20,000 the result alone is 3 GB
        1000,
        of_neighbours,
        lambda n: float(n * (n + 1)),
        held=2,
    ),
    "passes": Sweep(
        f"gradient of Rosenbrock's function, {PASSES_OF:,} inputs",
        "numbers in the seeds of a pass",
        tuple(2**p for p in range(15, 25)),
        0,
        in_passes,
    ),
}


# --- measuring -----------------------------------------------------------------------------------


def measure(name: str, size: int, first: bool) -> dict[str, Any]:
    """In the child: seconds, and in the first round bytes, the largest error beside the largest
    entry, and a digest of the answer."""
    step, right = SWEEPS[name].prepare(size)
    answer = step()
    timer = timeit.Timer(step, timer=process_time)
    once = timer.timeit(1)
    count = max(1, round(0.005 / max(once, 1e-7)))
    repeats = min(40, round(0.3 / (count * max(once, 1e-7))))
    found: dict[str, Any] = {
        "seconds": min([once, *(t / count for t in timer.repeat(repeats, count))])
    }
    if first:
        if right is not None:
            found["error"] = float(np.max(np.abs(answer - right)) / np.max(np.abs(right)))
            found["digest"] = hashlib.sha256(np.ascontiguousarray(answer)).hexdigest()
        del answer, right
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        step()
        found["bytes"] = tracemalloc.get_traced_memory()[1] - before
    return found


def child(name: str, size: int, first: bool) -> dict[str, Any]:
    """One measurement in a process of its own, with one thread."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    command = [sys.executable, __file__, "--child", json.dumps([name, size, first])]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | one)
    if done.returncode:
        raise RuntimeError(f"{name} {size} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def exponent(sizes: list[float], costs: list[float]) -> dict[str, float]:
    """p of the law cost = c · sizeᵖ that fits best in the logarithms, and its range when any one of
    the sizes is left out."""

    def slope(left_out: int | None = None) -> float:
        kept = [i for i in range(len(sizes)) if i != left_out]
        return float(
            np.polyfit(np.log([sizes[i] for i in kept]), np.log([costs[i] for i in kept]), 1)[0]
        )

    others = [slope(i) for i in range(len(sizes))]
    return {"fitted": slope(), "least": min(others), "most": max(others)}


def summary(sweep: Sweep, rounds: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """What is stored of a sweep; `rounds[r][i]` was measured for size i in round r."""
    seconds = [[found["seconds"] for found in column] for column in zip(*rounds, strict=True)]
    first = rounds[0]
    record: dict[str, Any] = {
        "title": sweep.title,
        "size": sweep.size,
        "sizes": list(sweep.sizes),
        "seconds": {
            name: [of(column) for column in seconds]
            for name, of in {"least": min, "median": statistics.median}.items()
        },
        "bytes": [found["bytes"] for found in first],
    }
    if "error" in first[0]:
        record["largest error"] = max(found["error"] for found in first)
    if sweep.count is None:
        record["equal bytes"] = len({found["digest"] for found in first}) == 1
        return record
    kept = [i for i, size in enumerate(sweep.sizes) if size >= sweep.since]
    at = [sweep.of(sweep.sizes[i]) for i in kept]
    counts = [sweep.count(sweep.sizes[i]) for i in kept]
    record["since"] = sweep.since
    record["time"] = exponent(at, [min(seconds[i]) for i in kept])
    record["time"]["counted"] = exponent(at, counts)["fitted"]
    record["memory"] = exponent(at, [float(first[i]["bytes"]) for i in kept])
    record["memory"]["expected"] = sweep.held
    return record


def table(record: dict[str, Any]) -> str:
    """The exponents in one table, and the sizes of each sweep in one of its own."""

    def spread(found: dict[str, float]) -> str:
        return f"{found['fitted']:.2f} ({found['least']:.2f} to {found['most']:.2f})"

    lines = [
        "| what | over | from | time ~ | counted | memory ~ | expected |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for sweep in record["sweeps"].values():
        if "time" in sweep:
            time, memory = sweep["time"], sweep["memory"]
            expected = "" if memory["expected"] is None else f"{memory['expected']:g}"
            lines.append(
                f"| {sweep['title']} | {sweep['size']} | {sweep['since']:,} | {spread(time)} "
                f"| {time['counted']:.2f} | {spread(memory)} | {expected} |"
            )
    for sweep in record["sweeps"].values():
        lines += ["", f"| {sweep['title']}: {sweep['size']} | ms | median | MB |"]
        lines += ["|---|---:|---:|---:|"]
        seconds = sweep["seconds"]
        for size, *times, held in zip(
            sweep["sizes"], seconds["least"], seconds["median"], sweep["bytes"], strict=True
        ):
            least, median = (f"{1e3 * t:,.3g}" for t in times)
            lines.append(f"| {size:,} | {least} | {median} | {held / 1e6:,.3g} |")
        said = []
        if "largest error" in sweep:
            said.append(f"Largest error beside the formula: {sweep['largest error']:.0e}.")
        if "equal bytes" in sweep:
            said.append(
                "All answers are equal, byte for byte."
                if sweep["equal bytes"]
                else "The answers differ."
            )
        lines += ["", " ".join(said)] if said else []
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sweep", choices=SWEEPS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(*json.loads(options.child))))
        return
    names = [options.sweep] if options.sweep else list(SWEEPS)
    rounds: dict[str, list[Any]] = {name: [] for name in names}
    for i in range(options.rounds):
        for name in names:
            rounds[name].append([child(name, size, i == 0) for size in SWEEPS[name].sizes])
    record = {
        "command": "python benchmarks/growth.py",
        "machine": f"{platform.machine()}, shared; processor time of one thread",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": versions(),
        "rounds": options.rounds,
        "sweeps": {name: summary(SWEEPS[name], rounds[name]) for name in names},
    }
    text = table(record)
    print(text)
    if options.sweep is None:
        stored = json.dumps(record, indent=1, ensure_ascii=False)
        (RESULTS / "growth.json").write_text(f"{stored}\n", encoding="utf-8")
        intro = (
            "# How time and memory grow\n\nWritten by `python benchmarks/growth.py`: "
            f"{options.rounds} rounds, {record['machine']}, {record['date']}. The fastest of all "
            "runs counts. In brackets: the exponent's range when any one of the sizes is left out; "
            "counted: that of the operations; expected: that of memory, by theory.\n"
        )
        (HERE / "growth.md").write_text(f"{intro}\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
