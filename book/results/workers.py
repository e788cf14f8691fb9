"""Many workers on this machine: what crosses the network in a step, and a worker that is killed.

    python book/results/workers.py

writes workers.json. A scheduler and 1, 2 or 4 workers, processes of their own, train a network for
digits. Counted are the messages of dualedu, and what the kernel sent and received in all TCP
connections of the process that trains (Linux), Dask's envelopes included; sending the data is not
counted. Then one of three workers is killed in mid-step, and the log says what became of it.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import struct
import sys
import threading
import time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from distributed import Client, LocalCluster
from distributed.deploy.subprocess import SubprocessCluster
from store import save

from dualedu import mnist
from dualedu.nn import MLP
from dualedu.training import exact_gradient, forward_gradient, train
from dualedu.training.distributed import Event, Workers
from dualedu.training.parts import checksum

WAYS: dict[str, tuple[Any, dict[str, Any]]] = {
    "slopes along 8 directions": (forward_gradient, {"directions": 8}),
    "exact gradients of 4 shards": (exact_gradient, {}),
}
DIGITS = mnist.load(normalised=True)
STEPS, BATCH = 40, 64
BEFORE = 10  # steps until all have joined and have the data


def tcp_bytes() -> int:
    """Sent and received so far in the TCP connections of this process that are open now."""
    total = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            own = os.dup(int(name))
        except OSError:  # closed meanwhile
            continue
        with socket.socket(fileno=own) as one:
            if one.family in (socket.AF_INET, socket.AF_INET6) and one.type == socket.SOCK_STREAM:
                info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 136)
                total += sum(struct.unpack_from("QQ", info, 120))
    return total


def trained(workers: Workers, way: str, each: Any = lambda: None) -> tuple[str, list[float]]:
    """The checksum of the weights after the run, and when each step began."""
    gradient, options = WAYS[way]
    model, began = MLP(rng=0), []

    def schedule(progress: float) -> float:
        if round(progress * STEPS) == len(began):
            began.append(time.perf_counter())
            each()
        return 1.0

    data = DIGITS.train_images[: STEPS * BATCH], DIGITS.train_labels[: STEPS * BATCH]
    train(
        model,
        data,
        gradient,
        epochs=1,
        batch_size=BATCH,
        learning_rate=1e-4,
        schedule=schedule,
        progress=False,
        workers=workers,
        **options,
    )
    return f"{checksum(model.parameters):08x}", began


def milliseconds(began: list[float]) -> float:
    steps = [1000 * (b - a) for a, b in zip(began[BEFORE:], began[BEFORE + 1 :], strict=False)]
    return round(statistics.median(steps), 1)


def crossing(way: str, workers: Workers) -> dict[str, Any]:
    """The bytes of a step, the mean of those after the first ones."""
    counted: list[tuple[int, int, int]] = []
    weights, began = trained(
        workers,
        way,
        lambda: counted.append((workers.sent, workers.received, tcp_bytes())),
    )
    first, last = counted[BEFORE], counted[-1]
    steps = len(counted) - 1 - BEFORE
    sent, received, tcp = (round((b - a) / steps) for a, b in zip(first, last, strict=True))
    assert not workers.events or all(event.what == "joins" for event in workers.events)
    return {
        "weights": weights,
        "milliseconds": milliseconds(began),
        "sent": sent,
        "received": received,
        "tcp": tcp,
    }


def measured() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for way in WAYS:
        weights, began = trained(Workers(0), way)
        found[way] = {"0": {"weights": weights, "milliseconds": milliseconds(began)}}
    for count in (1, 2, 4):
        with (
            SubprocessCluster(n_workers=count, worker_kwargs={"nthreads": 1}) as cluster,
            Client(cluster, direct_to_workers=True) as client,
        ):
            client.wait_for_workers(count)
            for way in WAYS:
                found[way][str(count)] = crossing(way, Workers(client))
    return found


def killed() -> dict[str, Any]:
    """Three workers, of whom one is killed while it computes; its keeper starts another."""
    way = "slopes along 8 directions"
    alone, _ = trained(Workers(0), way)
    log: list[Event] = []
    steps = iter(range(STEPS))
    with (
        LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster, direct_to_workers=True) as client,
    ):
        victim, pid = sorted(client.run(os.getpid).items())[0]
        workers = Workers(client, told=log.append)

        def each() -> None:
            step = next(steps)
            if step == 12:  # the next part begins within milliseconds
                threading.Timer(0.004, os.kill, (pid, signal.SIGKILL)).start()
            if step == 30:
                client.wait_for_workers(3)
                time.sleep(3)

        together, _ = trained(workers, way, each)
    names = {victim: "B"}
    for event in log:
        names.setdefault(event.worker, next(n for n in "ACDE" if n not in names.values()))
    return {
        "log": [[event.step, names[event.worker], event.what] for event in log],
        "steps": STEPS,
        "answers": workers.answers,
        "weights": {"one process": alone, "three workers, one killed": together},
    }


if __name__ == "__main__":
    began = time.perf_counter()
    result = {
        "sizes": [784, 128, 10],
        "batch": BATCH,
        "gradient_bytes": 4 * 101770,
        "crossing": measured(),
        "killed": killed(),
    }
    save(__file__, result, began)
    sys.exit(0)
