"""Train a network on handwritten digits from the command line: python -m dualedu.training --help"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dualedu import mnist
from dualedu.nn import MLP
from dualedu.training import Diverged, exact_gradient, forward_gradient, train
from dualedu.training.distributed import Workers
from dualedu.training.history import History
from dualedu.training.progress import note
from dualedu.training.recipes import DIRECTIONS, RATES, default_rate, gradient_options

PROGRAM = "python -m dualedu.training"


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Train a 784-128-10 network on MNIST without a backward pass. Writes "
        "PREFIX.json (the history), PREFIX.png (its curves) and PREFIX.npz (the checkpoint, with "
        "the parameters).",
    )
    data = parser.add_argument_group("data")
    data.add_argument(
        "--full",
        action="store_true",
        help="all 60,000 + 10,000 images instead of the embedded 10,000 + 2,000",
    )
    data.add_argument(
        "--root", metavar="DIR", help="folder with MNIST/raw (else DUALEDU_MNIST names it)"
    )
    data.add_argument("--download", action="store_true", help="fetch the full set if it is missing")
    data.add_argument("--shift", action="store_true", help="move images by up to a pixel at random")
    way = parser.add_argument_group("gradient")
    way.add_argument(
        "--method",
        choices=list(RATES),
        default="exact",
        help="exact: unit seeds of activations (default); activities, weights: random directions "
        "over pre-activations or over all weights",
    )
    way.add_argument(
        "--directions",
        type=count,
        metavar="K",
        help="random directions a step (default: 64 for activities, 1 for weights)",
    )
    steps = parser.add_argument_group("training")
    steps.add_argument("--epochs", type=count, default=10, metavar="N", help="default 10")
    steps.add_argument("--batch-size", type=count, default=64, metavar="B", help="default 64")
    steps.add_argument(
        "--learning-rate", type=rate, metavar="R", help="default: by method and directions"
    )
    steps.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    many = parser.add_argument_group("many workers")
    where = many.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=processes,
        metavar="N",
        help="share each step among N processes of this machine; 0: cut the steps in the same "
        "parts, without other processes",
    )
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="share each step among the workers of a Dask scheduler, such as tcp://10.0.0.1:8786; "
        "each must find the data where this machine does",
    )
    many.add_argument(
        "--shards",
        type=count,
        metavar="S",
        help="shares of each batch, with directions of their own (default: 1 for weights, else 4)",
    )
    files = parser.add_argument_group("files")
    files.add_argument("--save", metavar="PREFIX", type=Path, help="default: runs/METHOD-DATE-TIME")
    files.add_argument(
        "--resume",
        action="store_true",
        help="continue the run that --save names, with the same settings",
    )
    return parser


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return value


def processes(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is not 0 or more")
    return value


def rate(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    parser = arguments()
    given = parser.parse_args(argv)
    if given.method == "exact" and given.directions:
        parser.error("--directions is for --method activities or weights; exact has its own")
    where = given.scheduler if given.workers is None else given.workers
    if given.shards and where is None:
        parser.error("--shards is for --workers N or --scheduler ADDRESS")
    if given.resume and not given.save:
        parser.error("--resume needs --save PREFIX, the run to continue")
    prefix = given.save or Path("runs") / f"{given.method}-{time.strftime('%Y%m%d-%H%M%S')}"
    files = {end: prefix.with_name(prefix.name + end) for end in (".json", ".png", ".npz")}
    present = [str(path) for path in files.values() if path.exists()]
    if present and not given.resume:
        parser.error(
            f"{' and '.join(present)} would be overwritten: choose another --save, or continue "
            "that run with --resume"
        )
    load = functools.partial(mnist.load, given.full, given.root, normalised=True)
    try:
        digits = load(download=given.download)
    except (OSError, ValueError, ImportError) as error:
        return failed(error)

    model = MLP(rng=given.seed)
    directions = given.directions or DIRECTIONS[given.method]
    options = gradient_options(given.method, directions, model.sizes[1])
    learning_rate = given.learning_rate or default_rate(given.method, directions)
    print(
        f"{given.method} gradient"
        + (f", {', '.join(f'{k} {v}' for k, v in options.items())}" if options else "")
        + f"; {len(digits.train_labels):,} images, {given.epochs} epochs, batch "
        f"{given.batch_size}, learning rate {learning_rate:g}, seed {given.seed}"
    )
    try:
        with shared(where, given.shards, load) as workers:
            history = train(
                model,
                digits,
                forward_gradient if options else exact_gradient,
                epochs=given.epochs,
                batch_size=given.batch_size,
                learning_rate=learning_rate,
                shift=given.shift,
                rng=given.seed,
                checkpoint=files[".npz"],
                resume=given.resume,
                workers=workers,
                **options,
            )
    except Diverged as error:
        keep(error.history, files)
        return failed(error)
    except (OSError, ValueError, ImportError) as error:
        return failed(error)
    keep(history, files)
    if history.epochs:
        last = history.epochs[-1]
        print(
            f"test accuracy {100 * last['test_accuracy']:.2f} % after {last['epoch']} "
            f"epoch{'s' if last['epoch'] > 1 else ''}, "
            f"{sum(history['seconds']):.1f} s of training"
        )
    if history.interrupted:
        argv = sys.argv[1:] if argv is None else argv
        again = [*argv, *([] if given.save else ["--save", str(prefix)])]
        again += [] if given.resume else ["--resume"]
        print(f"interrupted; to continue:\n  {PROGRAM} {shlex.join(again)}")
        return 130
    return 0


@contextlib.contextmanager
def shared(where: int | str | None, shards: int | None, load: Callable[[], Any]) -> Iterator[Any]:
    """The workers that were asked for, or None: how many there are, and where to watch them."""
    if where is None:
        yield None
        return
    with Workers(where, shards=shards, data=load, told=note) as workers:
        if workers.dashboard:
            print(f"the workers can be watched at {workers.dashboard}", flush=True)
        yield workers


def keep(history: History, files: dict[str, Path]) -> None:
    """Write the history and its picture, and say so."""
    history.save(files[".json"])
    written = [files[".json"]]
    os.environ.setdefault("MPLBACKEND", "agg")
    try:
        history.plot().savefig(files[".png"])
        written.append(files[".png"])
    except ImportError:
        print("no picture: matplotlib is not installed (pip install matplotlib)", file=sys.stderr)
    if files[".npz"].exists():
        written.append(files[".npz"])
    print(f"wrote {', '.join(map(str, written))}")


def failed(error: Exception) -> int:
    print(f"{PROGRAM}: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
