"""Many workers train one network, on Dask: `train(..., workers=Workers(4))`.

Each worker holds the weights in an actor. It draws its directions from a seed and sends back one
number a direction; from the numbers of all, each takes the step by itself. What the parts of a step
are does not depend on the workers (`dualedu.training.parts`), so neither does any number: a worker
that is lost costs time. Its parts are computed again by others, from the same seeds.

Needs the extra: pip install "dualedu[distributed]". `Workers(0)` needs nothing.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import itertools
import logging
import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dualedu.nn import MLP
from dualedu.training.batches import Batch
from dualedu.training.parts import Found, Parts, Replica, Together, checksum
from dualedu.training.sgd import SGD

REMEMBERED = 64
"""How many steps a worker may have missed and still catch up from the numbers of each; one that has
missed more is sent the weights."""

LOOK = 1.0
"""Seconds between two looks at who has come and gone."""

SAME = ("dualedu", "numpy")
"""Packages whose versions decide over numbers: random streams, roundings, what a part is."""

DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Run in each process that is started here: Ctrl-C in a terminal reaches all, and only the one that
trains is to hear it. Then the step under way can end."""


class Event(NamedTuple):
    """What happened to a worker during a run.

    Parameters
    ----------
    step : int
        The step under way, counted from 0.
    worker : str
        The worker's address.
    what : str
        That it joins, was lost, does not answer, answers again, is refused or is mended.
    """

    step: int
    worker: str
    what: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.worker} {self.what}"


class Workers:
    """Processes that share each step of `train`, started here or found by a scheduler's address.

    Parameters
    ----------
    where : int, str or distributed.Client, optional
        How many processes to start on this machine (without it, one for each processor); the
        address of a Dask scheduler; a client of one; or 0 for no other process, which computes the
        same parts one after the other and needs no Dask.
    shards : int, optional
        Into how many shares the images of each batch go. Every share has directions of its own, so
        this changes the numbers, and the number of workers does not. Without it, 1 for directions
        of the weights and 4 for all other gradients.
    groups : int, optional
        How many seeds the directions of a share are drawn from: each is a part that one worker
        computes. Without it, one for each direction of the weights, but at most 8.
    data : callable, optional
        Called on each worker for the training images and labels, which must be those given to
        `train`: where each machine has its own copy, nothing is sent. Without it they are sent.
    patience : float, optional
        Seconds until the parts of a worker that does not answer are given to others too.
    wait : float, optional
        Seconds to wait for a scheduler, or for a worker where there is none.
    told : callable, optional
        Called with each `Event`.

    Attributes
    ----------
    events : list of Event
        Workers that joined, were lost, did not answer or were refused.
    sent, received : int
        Bytes of the messages to and from all workers so far, without those of Dask around them and
        without the data.
    answers : int
        How many came back, each with a checksum of the worker's weights.

    Raises
    ------
    ImportError
        Dask's `distributed` is not installed.
    ConnectionError
        No scheduler answers at the address.
    TimeoutError
        The scheduler has no workers.
    ValueError
        A number of processes is negative, or the address is none.

    Notes
    -----
    Equal bits of a slope need the same arithmetic: processors of one kind, with as many threads for
    matrix products here as there (Dask gives each worker one: OPENBLAS_NUM_THREADS=1). Where they
    differ, the weights stay equal all the same: each answer brings a checksum, and a worker whose
    weights have come to differ is sent them anew, its answer thrown away.

    Where processes are started, a script needs `if __name__ == "__main__":` around what it runs.

    Examples
    --------
    >>> from dualedu.training import forward_gradient, train
    >>> data = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8) % 2
    >>> with Workers(0) as workers:
    ...     history = train(
    ...         MLP((2, 3, 2)), data, forward_gradient, directions=4, workers=workers,
    ...         epochs=2, batch_size=4, progress=False,
    ...     )
    >>> len(history.steps)
    4
    """

    def __init__(
        self,
        where: Any = None,
        *,
        shards: int | None = None,
        groups: int | None = None,
        data: Callable[[], Any] | None = None,
        patience: float = 10.0,
        wait: float = 30.0,
        told: Callable[[Event], object] | None = None,
    ) -> None:
        self.shards, self.groups, self.data = shards, groups, data
        self.patience, self.wait, self.told = patience, wait, told
        self.events: list[Event] = []
        self.sent = self.received = self.answers = 0
        self.client: Any = None
        self.closing: list[Any] = []
        if where is None:
            where = os.cpu_count() or 1
        if isinstance(where, int) and where < 0:
            raise ValueError(f"{where} workers cannot be started; 0 or more can")
        if where != 0:
            self.connect(where)

    def connect(self, where: Any) -> None:
        try:
            dask: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise ImportError(
                f"many workers run on Dask's distributed, which does not import ({error}): "
                'pip install "dualedu[distributed]"; Workers(0) needs no other process'
            ) from error
        if isinstance(where, dask.Client):
            self.client = where
        elif isinstance(where, int):
            cluster = dask.LocalCluster(
                n_workers=where,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                preload=DEAF,
                silence_logs=logging.CRITICAL,  # what happens to workers, the events tell
            )
            self.client = dask.Client(cluster, direct_to_workers=True)
            self.closing = [self.client, cluster]
        else:
            try:
                self.client = dask.Client(where, timeout=self.wait)
            except (OSError, ValueError, TypeError) as error:
                raise ConnectionError(
                    f"no scheduler answers at {where!r} within {self.wait:g} seconds ({error}). "
                    "Start one there with `dask scheduler`, which prints its address, or leave the "
                    "address out: Workers(4) starts four processes on this machine"
                ) from error
            self.closing = [self.client]

    @property
    def dashboard(self) -> str | None:
        """The address where a browser shows what the workers do, a str; None without Dask.

        It is Dask's dashboard, or the scheduler's plain pages where bokeh is not installed.
        """
        if self.client is None:
            return None
        link = str(self.client.dashboard_link)
        if importlib.util.find_spec("bokeh"):
            return link
        return link.removesuffix("/status") + "/info/main/workers.html"

    def steps(
        self,
        gradient: Callable[..., Any],
        options: dict[str, Any],
        model: MLP,
        optimizer: SGD,
        data: Any,
        rng: np.random.Generator,
    ) -> Together:
        """The steps of one run: what `train` calls.

        Parameters
        ----------
        gradient : callable
            As for `train`.
        options : dict
            Its options.
        model : MLP
            The network.
        optimizer : SGD
            Of its parameters.
        data : tuple of ndarray
            Training images and labels.
        rng : numpy.random.Generator
            Draws one number for each step.

        Returns
        -------
        steps : Together
            Their parts are computed by the workers.
        """
        parts = Parts(model, gradient, options, self.shards, self.groups)
        if self.client is None:
            return Together(parts, model, optimizer, data, rng)
        return Shared(self, parts, model, optimizer, data, rng)

    def tell(self, event: Event) -> None:
        """Keep an event, and pass it on."""
        self.events.append(event)
        if self.told is not None:
            self.told(event)

    def close(self) -> None:
        """End what was started: the processes, or the connection to a scheduler."""
        for each in self.closing:
            each.close()
        self.closing = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Hand:
    """A worker's actor, as it is seen from here."""

    def __init__(self, address: str, future: Any, actor: Any) -> None:
        self.address, self.future, self.actor = address, future, actor
        self.steps: int | None = None  # how many it has taken; None before it has the weights
        self.call: Any = None
        self.asked: list[int] = []
        self.asked_in = 0
        self.since = 0.0
        self.late = False


class Shared(Together):
    """The steps of a training run, whose parts the workers compute."""

    def __init__(self, workers: Workers, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.workers, self.client = workers, workers.client
        self.hands: dict[str, Hand] = {}
        self.joining: dict[str, Any] = {}
        self.refused: set[str] = set()
        self.taken = 0
        self.remembered: deque[Any] = deque(maxlen=REMEMBERED if self.parts.by_slopes else 1)
        self.looked = 0.0
        self.begun = self.closed = False

    # --- a step, from here -----------------------------------------------------------------------

    def found(self, batch: Batch) -> list[Found]:
        """The results of all parts, by whoever computes them."""
        found: list[Found] = self.client.sync(self.gather, batch)
        return found

    def step(self, gradients: Sequence[Any], learning_rate: float) -> None:
        """Take the step here, and remember how the others can."""
        super().step(gradients, learning_rate)
        numbers = [n.tobytes() for n in self.numbers] if self.parts.by_slopes else list(gradients)
        self.remembered.append((self.samples, self.base, learning_rate, numbers))
        self.taken += 1

    def close(self) -> None:
        """Let the actors go."""
        if self.client.status == "running":
            self.client.sync(self.dismiss)

    async def dismiss(self) -> None:
        self.closed = True
        waiting = [*self.joining.values(), *(hand.call for hand in self.hands.values())]
        for task in filter(None, waiting):
            task.cancel()
        self.hands.clear()

    @functools.cached_property
    def given(self) -> bytes:
        """What goes to each worker as it is: a function of a script or notebook is no module's."""
        pickled: bytes = importlib.import_module("cloudpickle").dumps(
            (self.parts, self.workers.data)
        )
        return pickled

    @functools.cached_property
    def data_checksum(self) -> int:
        return checksum(self.data)

    # --- a step, from within Dask's loop ---------------------------------------------------------

    async def gather(self, batch: Batch) -> list[Found]:
        parts = self.parts.of(self.samples)
        found: dict[int, Found] = {}
        own = checksum(self.model.parameters)
        await self.look()
        while len(found) < len(parts):
            idle = [hand for hand in self.hands.values() if hand.call is None]
            shares = np.array_split(self.waiting(len(parts), found), max(1, len(idle)))
            for hand, share in zip(idle, shares, strict=False):
                if len(share):
                    self.ask(hand, batch, [int(i) for i in share])
            pending = [hand.call for hand in self.hands.values() if hand.call is not None]
            pending += self.joining.values()
            if pending:
                await asyncio.wait(
                    pending,
                    timeout=min(1.0, self.workers.patience),
                    return_when=asyncio.FIRST_COMPLETED,
                )
            for hand in [*self.hands.values()]:
                if hand.call is not None:
                    self.heard(hand, found, own)
            if self.closed:  # from here, where nobody waits any more
                raise asyncio.CancelledError
            await self.look()
        return [found[i] for i in range(len(parts))]

    def waiting(self, count: int, found: dict[int, Found]) -> list[int]:
        """The parts that nobody computes who is expected to answer."""
        under_way = {
            i
            for hand in self.hands.values()
            if hand.call is not None and not hand.late and hand.asked_in == self.taken
            for i in hand.asked
        }
        return [i for i in range(count) if i not in found and i not in under_way]

    def ask(self, hand: Hand, batch: Batch, numbers: list[int]) -> None:
        """Send a worker what it has missed, and the parts it is to compute."""
        parts = self.parts.of(self.samples)
        missed = self.taken - hand.steps if hand.steps is not None else len(self.remembered) + 1
        state = None
        if missed > len(self.remembered):
            state, missed = [*self.model.parameters, *self.optimizer.velocities], 0
        steps = list(itertools.islice(self.remembered, len(self.remembered) - missed, None))
        images: dict[int, Any] = {}  # of each shard, once: pickle sends an object once
        for i in numbers:
            if parts[i].rows.start in images:
                continue
            chosen, moves = batch.rows(parts[i].rows)
            moves = None if moves is None else moves.astype(np.uint8).tobytes()
            images[parts[i].rows.start] = chosen.astype(np.uint32).tobytes(), moves
        asked = [(i, parts[i].directions, *images[parts[i].rows.start]) for i in numbers]
        message = pickle.dumps((state, steps, self.base, asked))
        self.workers.sent += len(message)
        hand.asked, hand.asked_in, hand.steps = numbers, self.taken, self.taken
        hand.since, hand.late = time.monotonic(), False
        hand.call = asyncio.ensure_future(call(hand.actor.work, message))

    def heard(self, hand: Hand, found: dict[int, Found], own: int) -> None:
        """Take what a worker has answered, or lose patience with it, or lose it."""
        if not hand.call.done():
            if not hand.late and time.monotonic() - hand.since >= self.workers.patience:
                hand.late = True
                self.tell(hand, "does not answer: its parts go to others too")
            return
        task, hand.call = hand.call, None
        try:
            answer = task.result()
        except (Exception, asyncio.CancelledError):
            self.lose(hand)
            return
        self.workers.received += len(answer)
        self.workers.answers += 1
        mine, results = opened(answer, hand.address)
        if hand.late:
            self.tell(hand, "answers again")
        if hand.asked_in < self.taken:
            return  # late, and done by others since
        if mine != own:
            hand.steps = None
            self.tell(hand, "has come to other weights: it is sent them anew")
            return
        for i, (loss, numbers) in results:
            if self.parts.by_slopes:
                numbers = np.frombuffer(numbers, self.model.parameters[0].dtype)
            found[i] = loss, numbers

    def lose(self, hand: Hand) -> None:
        if self.hands.pop(hand.address, None) is not None:
            self.tell(hand, "was lost: its parts go to others")

    def tell(self, hand: Hand, what: str) -> None:
        self.workers.tell(Event(self.taken, hand.address, what))

    # --- who is there ----------------------------------------------------------------------------

    async def look(self) -> None:
        """See which workers came and went. At first, wait until all that are there have joined; an
        error then ends the run, and later refuses one worker."""
        now = time.monotonic()
        if self.begun and self.hands and now - self.looked < LOOK:
            return
        self.looked = now
        until = now + self.workers.wait
        if not self.begun:
            await self.scheduled()
        while True:
            there = await self.there()
            for address in self.hands.keys() - there:
                hand = self.hands[address]
                if hand.call is not None:
                    hand.call.cancel()
                else:
                    self.lose(hand)
            for address in there - self.hands.keys() - self.joining.keys() - self.refused:
                self.joining[address] = asyncio.ensure_future(self.hire(address))
            if self.joining and not (self.begun and self.hands):
                waits = asyncio.ALL_COMPLETED if not self.begun else asyncio.FIRST_COMPLETED
                await asyncio.wait(
                    [*self.joining.values()],
                    timeout=max(0.1, until - time.monotonic()),
                    return_when=waits,
                )
            for address, task in [*self.joining.items()]:
                if task.done():
                    del self.joining[address]
                    self.join(address, task)
            if self.hands:
                self.begun = True
                return
            if time.monotonic() > until:
                raise TimeoutError(
                    f"there is no worker to take step {self.taken}; none came in "
                    f"{self.workers.wait:g} seconds. Start one with `dask worker "
                    f"{self.client.scheduler.address}`, then run again"
                    + (": the network holds what the steps before have learned" * bool(self.taken))
                )
            await asyncio.sleep(0.2)

    async def there(self) -> set[str]:
        """The addresses of all workers that the scheduler knows."""
        try:
            return set(await asyncio.wait_for(self.client.nthreads(), max(30, self.workers.wait)))
        except (OSError, TimeoutError) as error:
            raise ConnectionError(
                f"the scheduler was lost in step {self.taken} ({error}); the network holds what "
                "the steps before have learned"
            ) from error

    async def hire(self, address: str) -> Hand:
        """Start an actor on a worker, and give it its data."""
        await self.alike(address)
        parameters = self.model.parameters
        blueprint = (
            self.model.sizes,
            self.model.activation,
            parameters[0].dtype,
            self.optimizer.momentum,
            len(self.data[0]),
        )
        data = None
        if self.workers.data is None:
            data = await self.client.scatter(self.data, workers=[address], hash=False)
        future = self.client.submit(
            Replica, blueprint, self.given, data, actor=True, pure=False, workers=[address]
        )
        hand = Hand(address, future, await future)
        theirs = opened(await call(hand.actor.begin), address)
        if theirs != self.data_checksum:
            raise ValueError(
                f"worker {address} has found other training images or labels than those given to "
                "train: let `data` return the same, or leave it out and have them sent"
            )
        return hand

    async def alike(self, address: str) -> None:
        """Refuse a worker whose versions may give other numbers."""
        from distributed.versions import get_versions

        answers = await self.client.run(get_versions, packages=SAME, workers=[address])
        if differ := differing(answers[address]["packages"], get_versions(SAME)["packages"]):
            raise ValueError(
                f"worker {address} has {', '.join(differ)}: with other versions its numbers may "
                "differ. Install the same versions on both sides, and start it again"
            )

    async def scheduled(self) -> None:
        """Refuse a scheduler that cannot pass on what it is given."""
        from distributed.versions import get_versions

        theirs = await self.client.run_on_scheduler(get_versions, packages=SAME)
        if differ := differing(theirs["packages"], get_versions(SAME)["packages"]):
            raise ValueError(
                f"the scheduler {self.client.scheduler.address} has {', '.join(differ)}. Install "
                "the same versions on both sides, and start it again"
            )

    def join(self, address: str, task: Any) -> None:
        """Take a worker in whose hiring is over, or refuse it."""
        try:
            hand = task.result()
        except (OSError, asyncio.CancelledError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                self.refuse(address, error)
            return  # gone before it began; if it is there still, it is hired again
        except Exception as error:
            self.refuse(address, error)
            return
        self.hands[address] = hand
        self.tell(hand, "joins")

    def refuse(self, address: str, error: Exception) -> None:
        if not self.begun:
            raise error
        self.refused.add(address)
        self.workers.tell(Event(self.taken, address, f"is refused: {error}"))


def differing(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """Which packages are of another version there than here, in words."""
    python, here = (".".join(each["python"].split(".")[:2]) for each in (theirs, ours))
    return [
        f"{package} {theirs.get(package) or 'not installed'} (here {ours[package]})"
        for package in SAME
        if theirs.get(package) != ours[package]
    ] + [f"Python {python} (here {here})"] * (python != here)


async def call(method: Callable[..., Any], *arguments: Any) -> Any:
    """Await an actor's method, whose mere name raises where its worker is known to be gone."""
    return await method(*arguments)


def opened(answer: bytes, address: str) -> Any:
    """What a worker has returned; what it has raised is raised here."""
    well, result = pickle.loads(answer)
    if well:
        return result
    if isinstance(result, OSError):  # of its data, and not of the line to it
        raise FileNotFoundError(f"worker {address} cannot get its data: {result}") from result
    result.add_note(f"raised on worker {address}")
    raise result


__all__ = ["Event", "Workers"]
