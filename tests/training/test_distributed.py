"""Many workers: real schedulers and workers, processes on this machine's loopback."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cloudpickle import register_pickle_by_value
from distributed import Client
from in_parts import DATA, KINDS, alone, at, run

from dualedu.training import distributed, exact_gradient
from dualedu.training.distributed import Workers

register_pickle_by_value(sys.modules[__name__])  # workers cannot import a file of tests


# --- processes -----------------------------------------------------------------------------------


def wait(condition, patience=60):
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


class Cluster:
    """A scheduler, and workers that can be killed, stopped and started one by one."""

    def __init__(self, folder):
        self.folder, self.processes = folder, {}
        self.scheduler, self.address = self.started(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"
        )
        self.client = Client(self.address)

    def started(self, kind, *arguments, **environment):
        said = self.folder / f"{kind}-{time.monotonic_ns()}"
        with said.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *arguments],
                stdout=file, stderr=file, cwd=self.folder, env=os.environ | environment,
            )  # fmt: skip
        pattern = r"Scheduler at: +(tcp://\S+)" if kind == "scheduler" else r"worker at: +(tcp\S+)"
        until = time.monotonic() + 60
        while not (found := re.search(pattern, said.read_text())):
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            time.sleep(0.05)
        return process, found[1]

    def start(self, **environment):
        worker, address = self.started(
            "worker", self.address, "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1",
            "--no-dashboard", **environment,
        )  # fmt: skip
        self.processes[address] = worker
        wait(lambda: address in self.client.nthreads())
        return address

    def signal(self, address, number):
        self.processes[address].send_signal(number)

    def kill(self, address):
        self.signal(address, signal.SIGKILL)
        self.processes.pop(address).wait()

    def have(self, count):
        """Exactly so many workers, and their addresses."""
        while len(self.processes) > count:
            self.kill(next(iter(self.processes)))
        while len(self.processes) < count:
            self.start()
        wait(lambda: {*self.client.nthreads()} == {*self.processes})
        return list(self.processes)

    def close(self):
        self.client.close()
        for process in (*self.processes.values(), self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture(autouse=True)
def looked_at_each_step(monkeypatch):
    monkeypatch.setattr(distributed, "LOOK", 0.0)


def crew(cluster, kind=Workers, **options):
    """All workers of the cluster, with patience: this machine may be busy."""
    return kind(cluster.client, **{"patience": 60.0, "wait": 60.0} | options)


def told(workers, address):
    return [event.what for event in workers.events if event.worker == address]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_numbers_are_those_of_one_process_whatever_the_number_of_workers(cluster, count):
    cluster.have(count)
    for kind, (gradient, options, cut) in KINDS.items():
        workers = crew(cluster, **cut)
        assert run(workers, gradient, **options) == alone(gradient, **options, **cut), kind
        assert [event.what for event in workers.events] == ["joins"] * count
        assert workers.sent > 0 < workers.received


def test_one_number_a_direction_comes_back(cluster):
    cluster.have(1)
    received = {}
    for directions in (8, 108):
        with Workers(cluster.address, groups=1) as workers:
            run(workers, directions=directions)
        received[directions] = workers.received
        assert workers.answers == 15
    assert received[108] - received[8] == pytest.approx(15 * 100 * 4, abs=15 * 4)


def test_the_numbers_of_the_images_are_sent_once(cluster):
    cluster.have(1)
    sent = []
    for groups in (1, 8):
        workers = crew(cluster, groups=groups)
        run(workers, directions=8)
        sent.append(workers.sent)
    assert sent[1] - sent[0] < 15 * 7 * 30  # 7 more parts a step, with fewer bytes than 32 images


class Watched(Workers):
    """Workers whose steps can be looked at during a run."""

    def steps(self, *arguments):
        self.shared = super().steps(*arguments)
        return self.shared

    def hired(self):
        """Wait until those that came are ready to join."""
        wait(lambda: all(task.done() for task in [*self.shared.joining.values()]))

    def answered(self, address):
        """Wait until a worker has done what it was asked for."""
        wait(lambda: self.shared.hands[address].call.done())


def test_a_worker_killed_between_steps_and_one_that_joins_change_no_number(cluster):
    first, second = cluster.have(2)
    new = []
    workers = crew(cluster, Watched)
    schedule = at(
        {
            4: lambda: cluster.kill(first),
            9: lambda: new.append(cluster.start()),
            11: workers.hired,
        }
    )
    assert run(workers, directions=6, schedule=schedule) == alone(directions=6)
    assert told(workers, first) == ["joins", "was lost: its parts go to others"]
    assert told(workers, second) == ["joins"]
    assert told(workers, *new) == ["joins"]


def killing(model, images, labels, marker):
    """An exact gradient whose first computation with the marker there ends its process."""
    try:
        Path(marker).unlink()
    except FileNotFoundError:
        return exact_gradient(model, images, labels)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_killed_in_the_middle_of_a_part_changes_no_number(cluster, tmp_path):
    addresses = cluster.have(2)
    marker = tmp_path / "marker"
    workers = crew(cluster)
    got = run(workers, killing, schedule=at({5: marker.touch}), marker=str(marker))
    assert got == alone(exact_gradient)
    assert not marker.exists()
    assert sorted(len(told(workers, address)) for address in addresses) == [1, 2]
    cluster.processes = {a: p for a, p in cluster.processes.items() if p.poll() is None}


def test_a_paused_worker_costs_time_and_catches_up(cluster):
    first, second = cluster.have(2)
    workers = crew(cluster, Watched, patience=0.5)

    def wake():
        cluster.signal(first, signal.SIGCONT)
        workers.answered(first)

    schedule = at({3: lambda: cluster.signal(first, signal.SIGSTOP), 10: wake})
    assert run(workers, directions=6, schedule=schedule) == alone(directions=6)
    late = "does not answer: its parts go to others too"
    # A busy machine may make others late, and nobody lost.
    assert {*told(workers, first)} == {"joins", late, "answers again"}
    assert {*told(workers, second)} <= {"joins", late, "answers again"}


def spoil(dask_worker):
    for actor in dask_worker.state.actors.values():
        actor.model.parameters[0][0, 0] += 1.0


def test_a_worker_whose_weights_have_changed_is_found_and_mended(cluster):
    first, _ = cluster.have(2)
    workers = crew(cluster)
    schedule = at({6: lambda: cluster.client.run(spoil, workers=[first]) and None})
    assert run(workers, directions=6, schedule=schedule) == alone(directions=6)
    assert told(workers, first) == ["joins", "has come to other weights: it is sent them anew"]


def test_a_worker_that_has_missed_too_much_is_sent_the_weights(cluster, monkeypatch):
    monkeypatch.setattr(distributed, "REMEMBERED", 2)
    test_a_paused_worker_costs_time_and_catches_up(cluster)


@pytest.fixture
def another_version(tmp_path):
    """The environment of a process where NumPy's version seems to be another."""
    info = tmp_path / "numpy-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0.0\n")
    return {"PYTHONPATH": str(tmp_path)}


def test_a_worker_of_another_version_is_refused(cluster, another_version):
    (first,) = cluster.have(1)
    strange = []
    workers = crew(cluster, Watched)
    schedule = at({5: lambda: strange.append(cluster.start(**another_version)), 9: workers.hired})
    assert run(workers, directions=6, schedule=schedule) == alone(directions=6)
    assert told(workers, first) == ["joins"]
    (refusal,) = told(workers, *strange)
    said = rf"is refused: worker {strange[0]} has numpy 1\.0\.0 \(here {np.__version__}\): with"
    assert re.match(said, refusal)
    # One that is there from the start is no surprise to live with: it ends the run.
    with pytest.raises(ValueError, match=r"has numpy 1\.0\.0 .*Install the same versions"):
        run(crew(cluster), directions=6)
    cluster.kill(*strange)


def test_a_scheduler_of_another_version_is_refused(cluster, another_version):
    scheduler, address = cluster.started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", **another_version
    )
    try:
        said = r"scheduler .* numpy 1\.0"
        with Workers(address) as workers, pytest.raises(ValueError, match=said):
            run(workers)
    finally:
        scheduler.kill()
        scheduler.wait()


def missing():
    raise FileNotFoundError("there is no folder /data/MNIST/raw")


def test_data_are_found_by_each_worker_and_must_be_the_same(cluster):
    (address,) = cluster.have(1)
    images, labels = DATA
    found = run(crew(cluster, data=lambda: (images, labels)), directions=6)
    assert found == alone(directions=6)
    with pytest.raises(FileNotFoundError, match=rf"worker {address} cannot get its data: .*/data"):
        run(crew(cluster, data=missing))
    with pytest.raises(ValueError, match=rf"worker {address} has found other training images"):
        run(crew(cluster, data=lambda: (images, labels[::-1].copy())))


def unlucky(model, images, labels):
    raise ZeroDivisionError("no luck today")


def test_an_error_of_the_gradient_is_raised_here(cluster):
    (address,) = cluster.have(1)
    with pytest.raises(ZeroDivisionError, match="no luck today") as caught:
        run(crew(cluster), unlucky)
    assert caught.value.__notes__ == [f"raised on worker {address}"]


def test_a_scheduler_without_workers_is_said(cluster):
    cluster.have(0)
    with pytest.raises(TimeoutError, match=rf"no worker .* `dask worker {cluster.address}`"):
        run(crew(cluster, wait=0.5))


def test_a_run_whose_last_worker_is_lost_says_at_which_step(cluster):
    (only,) = cluster.have(1)
    workers = crew(cluster)

    def lose():
        workers.wait = 0.5
        cluster.kill(only)

    with pytest.raises(TimeoutError, match=r"to take step 7; .*what the steps before have learned"):
        run(workers, schedule=at({6: lose}))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tcp://nowhere.invalid:1", "nonsense"])
def test_a_dead_scheduler_is_said(address):
    with pytest.raises(ConnectionError, match="Start one there with `dask scheduler`") as caught:
        Workers(address, wait=0.5)
    assert address in str(caught.value)


def test_a_negative_number_of_workers_is_refused():
    with pytest.raises(ValueError, match="-2 workers cannot be started"):
        Workers(-2)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"pip install \"dualedu\[distributed\]\""):
        Workers(2)
    assert alone(directions=2)[1]


def test_the_command_line_starts_workers_and_gets_the_same_weights(tmp_path):
    quick = ["--method", "weights", "--directions", "4", "--epochs", "1", "--batch-size", "2500"]
    said = {}
    for count in (0, 2):
        done = subprocess.run(
            [
                sys.executable, "-m", "dualedu.train", *quick,
                "--workers", f"{count}", "--save", f"{count}",
            ],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said[count] = done.stdout + done.stderr
    assert len(re.findall(r"^step 0: tcp://127\.0\.0\.1:\d+ joins$", said[2], re.M)) == 2
    assert re.search(r"can be watched at http://127\.0\.0\.1:\d+/", said[2])
    with np.load(tmp_path / "0.npz") as ours, np.load(tmp_path / "2.npz") as theirs:
        names = [name for name in ours.files if name != "state"]
        assert [ours[n].tobytes() for n in names] == [theirs[n].tobytes() for n in names]
    assert len(names) == 8
