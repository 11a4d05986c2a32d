"""Chunks of runs over worker processes, in any order; a worker that dies costs the runs that it
had in hand alone."""

from __future__ import annotations

import pickle
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib.externals.loky import BrokenProcessPool, ProcessPoolExecutor

from grokseed.config import Config
from grokseed.execution.worker import ENVIRONMENT, STEPS, Train, work
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

POLL_SECONDS = 0.2


class Outcome(NamedTuple):
    """What became of one run: a trajectory, or the reason why there is none (it crashed).

    `seconds` is the run's share of the time that its worker took since it last handed runs back.
    """

    seeds: Seeds
    trajectory: Trajectory | None
    error: str
    seconds: float


class _Task(NamedTuple):
    runs: list[Seeds]
    failures: int = 0


@dataclass
class _Job:
    """A task in a slot's worker: the runs it still owes, by number, and the steps of the others."""

    slot: int
    task: _Task
    owed: dict[int, Seeds]
    steps: int = 0

    def collect(self, folder: Path) -> list[Outcome]:
        """The runs that the worker has handed back since last time."""
        outcomes: list[Outcome] = []
        for path in sorted(folder.glob(f"{self.slot}-*.runs")):
            ended, seconds = pickle.loads(path.read_bytes())
            path.unlink()
            for number, trajectory in ended:
                self.steps += int(trajectory.columns["step"][-1])
                outcomes.append(Outcome(self.owed.pop(number), trajectory, "", seconds))
        return outcomes


def plan(runs: Sequence[Seeds], jobs: int, lanes: int) -> list[list[Seeds]]:
    """Cut runs into chunks of at most `lanes`, as equal as can be, the same number for every job.

    With several rounds, each job's last chunk is halved, so that workers that drifted apart end
    together.

    Raises:
        ValueError: jobs or lanes below 1.
    """
    if jobs < 1 or lanes < 1:
        raise ValueError(f"jobs and lanes must be at least 1, not {jobs} and {lanes}")
    rounds = -(-len(runs) // (jobs * lanes))
    n_chunks = min(len(runs), rounds * jobs)
    bounds = [len(runs) * i // max(n_chunks, 1) for i in range(n_chunks + 1)]
    if rounds > 2 and jobs > 1 and lanes > 1:
        last = bounds[-jobs - 1 :]
        middles = [(low + high) // 2 for low, high in pairwise(last)]
        bounds = sorted(bounds + middles)
    return [list(runs[low:high]) for low, high in pairwise(bounds) if low < high]


def run(
    config: Config,
    runs: Sequence[Seeds],
    train: Train,
    *,
    jobs: int,
    lanes: int,
    rounds: int = 1,
    devices: Sequence[str] = ("cpu",),
    on_steps: Callable[[int], None] = lambda steps: None,
) -> Iterator[list[Outcome]]:
    """Train all runs in `jobs` processes of one thread each, and yield them as they end.

    What a chunk still owes when its worker dies or raises is tried once more, then its runs one at
    a time; what still fails comes back without a trajectory. Each process is a pool of its own: in
    a shared one a death takes all chunks in flight with it and does not tell which of them was to
    blame. A GPU's process is replaced after any error. Closing the generator, or an exception at a
    yield, kills the workers that are busy.

    Args:
        lanes: runs that a worker trains at a time.
        rounds: runs of a chunk, in units of `lanes`: those of a chunk take over from one another.
        devices: where the workers train, in turn.
        on_steps: called a few times a second with the run-steps done so far by the runs in hand.
    """
    tasks = deque(_Task(chunk) for chunk in plan(runs, jobs, lanes * rounds))
    pools: dict[int, ProcessPoolExecutor] = {}
    busy: dict[Future, _Job] = {}
    with tempfile.TemporaryDirectory(prefix="grokseed-") as name:
        folder = Path(name)
        steps = np.memmap(folder / STEPS, np.int64, "w+", shape=(jobs,))
        try:
            while tasks or busy:
                for slot in set(range(jobs)) - {job.slot for job in busy.values()}:
                    if tasks:
                        task = tasks.popleft()
                        steps[slot] = 0
                        job = _Job(slot, task, dict(enumerate(task.runs)))
                        how = train, config, task.runs, lanes, devices[slot % len(devices)]
                        busy[_submit(pools, slot, work, *how, folder, slot)] = job
                finished, _ = wait(busy, POLL_SECONDS, FIRST_COMPLETED)
                for future, job in list(busy.items()):
                    device = devices[job.slot % len(devices)]
                    error, seconds = "", 0.0
                    if future in finished:
                        error, seconds = _result(pools, job.slot, device, future)
                    if outcomes := job.collect(folder):
                        yield outcomes
                    if future in finished:
                        del busy[future]
                        owed = list(job.owed.values())
                        if len(owed) == 1 and job.task.failures:
                            yield [Outcome(owed[0], None, error, seconds)]
                        elif job.task.failures:
                            tasks.extendleft(_Task([seeds], 1) for seeds in reversed(owed))
                        elif owed:
                            tasks.appendleft(_Task(owed, 1))
                on_steps(sum(int(steps[job.slot]) - job.steps for job in busy.values()))
        finally:
            for pool in pools.values():
                pool.shutdown(kill_workers=bool(busy))  # the others clear up


def _submit(pools: dict[int, ProcessPoolExecutor], slot: int, *work: object) -> Future:
    """Hand work to a slot's process, a new one where there is none or it died while it was idle."""
    if slot in pools:
        try:
            return pools[slot].submit(*work)
        except BrokenProcessPool:
            pools.pop(slot).shutdown(kill_workers=True)
    # Workers never see Ctrl-C: the coordinator alone decides, and ends them.
    deaf = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    pools[slot] = ProcessPoolExecutor(max_workers=1, env=ENVIRONMENT, **deaf)
    return pools[slot].submit(*work)


def _result(
    pools: dict[int, ProcessPoolExecutor], slot: int, device: str, future: Future
) -> tuple[str, float]:
    """Why a finished worker owes runs, if it does, and its seconds since it handed any back."""
    usable = device == "cpu"  # after some errors a GPU fails whatever its process asks of it
    try:
        error, seconds = future.result()
    except Exception as raised:  # a dead process, or what could not be sent to or from it
        error, seconds = f"{type(raised).__name__}: {' '.join(str(raised).split())}", 0.0
        usable = False
    if error and not usable:
        pools.pop(slot).shutdown(kill_workers=True)
    return error, seconds
