"""Chunks over a real cluster of processes: what one machine gives, whatever dies on the way."""

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from commands import SMALL
from distributed import LocalCluster
from local_clusters import local_cluster
from made_up import CONFIG, Failing, sleepy, train, trajectory

from grokseed import scan
from grokseed.cli import results
from grokseed.execution import fleet, scanner
from grokseed.execution.cluster import ClusterError, ClusterExecutor
from grokseed.execution.executor import Chunk, Ended, Stopped
from grokseed.execution.remote import Report
from grokseed.execution.worker import ENVIRONMENT
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

RUNS = [Seeds(0, model, 8, 9) for model in range(20)]
HERE = partial(numerics, CONFIG, "cpu")


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, whose environment is their nannies' work alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ENVIRONMENT:
            patch.delenv(name)
        preload = ["grokseed.execution.nanny"]
        with local_cluster(2, processes=True, preload_nanny=preload) as made:
            yield made


def executor_of(
    cluster,
    device="cpu",
    named: Callable[[], str] = HERE,
    expected: str | None = HERE(),
    say=print,
) -> ClusterExecutor:
    return ClusterExecutor(cluster.scheduler_address, device, named, expected, say)


def outcomes(executor, train, runs=RUNS, **how) -> list[fleet.Outcome]:
    chunks = fleet.run(CONFIG, runs, train, executor, **{"lanes": 4, **how})
    return [outcome for chunk in chunks for outcome in chunk]


def executor_in_time(cluster) -> ClusterExecutor:
    """As soon as one worker answers: those that an earlier test killed may still be listed."""
    end = time.monotonic() + 120
    while True:
        try:
            return executor_of(cluster)
        except ValueError:
            assert time.monotonic() < end
            time.sleep(0.2)


def both_workers(cluster) -> None:
    """Wait until both are there: nannies start others for those that die."""
    end = time.monotonic() + 120
    while len(cluster.scheduler.workers) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)


def idle(cluster, seconds: float) -> bool:
    """Whether no worker computes any more after so long at most."""
    end = time.monotonic() + seconds
    with cluster.get_client() as client:
        while time.monotonic() < end:
            if not any(client.run(lambda dask_worker: dask_worker.state.tasks).values()):
                return True
            time.sleep(0.1)
    return False


class Killed:
    """`train`, but the first chunk tried hands half of its runs back, and SIGKILL comes."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __call__(self, config, runs, *, on_point, on_end, **how):
        if self.mark.exists():
            return train(config, runs, on_point=on_point, on_end=on_end, **how)
        self.mark.touch()
        for number, seeds in enumerate(runs[: len(runs) // 2]):
            on_end(number, trajectory(config, seeds))
        on_point(0)
        return os.kill(os.getpid(), signal.SIGKILL)


def test_a_scan_with_a_worker_killed_leaves_the_bytes_of_one_machine(
    cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "report", lambda *_: "")  # figures would take most of the time
    monkeypatch.setattr(scanner, "train", Killed(tmp_path / "mark"))
    many = [*SMALL, "--model-seeds=0:40", "--compile=no"]
    there = ["--executor=dask", f"--scheduler={cluster.scheduler_address}"]
    assert scan.main([*many, *there, "--out=cluster"]) == 0
    assert (tmp_path / "mark").exists()
    monkeypatch.setattr(scanner, "train", train)
    assert scan.main([*many, "--jobs=1", "--out=local"]) == 0
    for name in ("runs.csv", "trajectories.npz"):
        found, expected = (tmp_path / where / name for where in ("cluster", "local"))
        assert found.read_bytes() == expected.read_bytes()
    assert cluster.scheduler_address not in (tmp_path / "cluster" / "config.json").read_text()


def test_a_run_that_raises_or_kills_its_worker_costs_itself_alone(cluster):
    both_workers(cluster)
    found = {o.seeds.model: o for o in outcomes(executor_of(cluster), Failing({3}, {12}))}
    assert sorted(found) == list(range(20))
    errors = {m: o.error for m, o in found.items() if o.trajectory is None}
    assert errors == {3: "RuntimeError: out of memory", 12: "LostWorker: its worker is gone"}
    for outcome in found.values():
        if outcome.trajectory is not None:
            assert outcome.trajectory.digest() == trajectory(CONFIG, outcome.seeds).digest()
            assert outcome.made.numerics == HERE()


def test_a_worker_of_other_numerics_gets_no_runs_and_one_line(cluster, tmp_path: Path):
    both_workers(cluster)

    with cluster.get_client() as client:
        mine = min(client.run(os.getpid).values())

    def named() -> str:
        return "mine" if os.getpid() == mine else "another's"

    log, said = tmp_path / "log", []
    executor = executor_of(cluster, named=named, expected="mine", say=said.append)
    assert executor.slots == 1
    found = outcomes(executor, Failing(log=log))
    assert sorted(o.seeds for o in found if o.trajectory) == RUNS
    assert {line.split()[-1] for line in log.read_text().splitlines()} == {str(mine)}
    (line,) = said
    assert line.endswith("gets no runs: its numerics are another's, not mine")

    mixed = executor_of(cluster, named=named, expected=None)
    assert mixed.slots == 2
    mixed.close(cancel=False)
    with pytest.raises(ValueError, match=r"no worker of tcp.* its numerics are .*, not a third's"):
        executor_of(cluster, named=named, expected="a third's")


def test_a_worker_without_a_workers_environment_gets_no_runs(cluster):
    both_workers(cluster)
    name = "CUBLAS_WORKSPACE_CONFIG"
    with cluster.get_client() as client:
        client.run(lambda: os.environ.update({name: ":16:8"}))
        with pytest.raises(ValueError, match=f"its environment lacks {name}; start dask worker"):
            executor_of(cluster)
        client.run(lambda: os.environ.update({name: ENVIRONMENT[name]}))


@pytest.mark.parametrize("cancel", [True, False])
def test_workers_stop_when_a_chunk_is_cancelled_or_nobody_waits_for_it(cluster, cancel: bool):
    """A coordinator that dies cancels nothing: it is just there no more."""
    both_workers(cluster)
    executor = executor_of(cluster)
    for slot in range(2):
        executor.submit(slot, Chunk(CONFIG, RUNS[:2], sleepy, lanes=2))
    while not all(executor.steps(slot) for slot in range(2)):
        assert not list(executor.events())
    executor.close(cancel)
    assert idle(cluster, 10)  # they would sleep for a minute


def until_stopped(executor) -> list[Ended | Stopped]:
    found: list[Ended | Stopped] = []
    while not any(isinstance(event, Stopped) for event in found):
        found += executor.events()
    return found


def test_what_a_worker_given_up_still_says_is_not_heard(cluster):
    both_workers(cluster)
    executor = executor_of(cluster)
    executor.submit(0, Chunk(CONFIG, RUNS[:1], train, lanes=1))
    late = Report("of another chunk", 5, [(0, trajectory(CONFIG, RUNS[1]))], error="late")
    executor._queue.put(pickle.dumps(late))
    ended, stopped = until_stopped(executor)
    assert isinstance(ended, Ended)
    assert ended.trajectory.digest() == trajectory(CONFIG, RUNS[0]).digest()
    assert isinstance(stopped, Stopped)
    assert stopped.error == ""
    executor.close(cancel=False)


def test_a_process_that_took_a_workers_address_is_asked_before_it_trains(cluster):
    both_workers(cluster)
    executor = executor_of(cluster)
    executor._usable = dict.fromkeys(executor._usable, "the process before")
    executor.submit(0, Chunk(CONFIG, RUNS[:1], train, lanes=1))
    (stopped,) = until_stopped(executor)
    assert stopped.error == "LostWorker: RuntimeError: its worker was started again"  # type: ignore[union-attr]
    list(executor.events())
    assert sorted(executor._usable.values()) != ["the process before"] * 2
    executor.close(cancel=False)


def test_after_an_error_a_gpu_gets_a_new_process(cluster, tmp_path: Path):
    both_workers(cluster)
    log = tmp_path / "log"
    executor = executor_of(cluster, "cuda:0", named=lambda: "a GPU's", expected="a GPU's")
    (outcome,) = outcomes(executor, Failing({1}, log=log), RUNS[1:2])
    assert outcome.error == "RuntimeError: out of memory"
    tried = [line.rpartition(" ")[2] for line in log.read_text().splitlines()]
    assert len(tried) == len(set(tried)) == 2


def test_a_client_that_has_closed_itself_is_a_scheduler_that_is_gone(cluster):
    """As it does after some seconds without one: what is asked of it then is another error."""
    executor = executor_in_time(cluster)
    executor._client.sync(executor._client._close)
    with pytest.raises(ClusterError, match="is gone"):
        executor.submit(0, Chunk(CONFIG, RUNS[:1], train, lanes=1))
    executor.close(cancel=True)
