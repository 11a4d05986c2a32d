"""Chunks of runs over worker processes, in any order; a worker that dies costs its chunk alone."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from joblib.externals.loky import BrokenProcessPool, ProcessPoolExecutor

from grokseed.config import Config
from grokseed.seeds import Seeds
from grokseed.trajectory import Trajectory

POLL_SECONDS = 0.2

ALLOCATOR = {
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{name}={value}"
        for name, value in (
            ("hugetlb", 1),
            ("mmap_threshold", 2**25),
            ("trim_threshold", 2**40),
            ("top_pad", 2**26),
        )
    )
}
"""Workers' environment: glibc keeps freed memory, in huge pages. A training step asks for the same
few megabytes over and over, and to map them anew costs 8 to 14 % of it."""

ENVIRONMENT = {**ALLOCATOR, "TORCHINDUCTOR_COMPILE_THREADS": "1"}
"""A worker compiles by itself: its core is the one it has, and a helper would outlive it."""


class Train(Protocol):
    """What trains a chunk: `trainer.train`."""

    def __call__(
        self,
        config: Config,
        runs: Sequence[Seeds],
        *,
        device: str,
        on_point: Callable[[int], None],
    ) -> list[Trajectory]: ...


class Outcome(NamedTuple):
    """What became of one run: a trajectory, or the reason why there is none (it crashed).

    `seconds` is the run's share of the time its worker took.
    """

    seeds: Seeds
    trajectory: Trajectory | None
    error: str
    seconds: float


class _Task(NamedTuple):
    runs: list[Seeds]
    failures: int = 0


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
    device: str = "cpu",
    on_steps: Callable[[int], None] = lambda steps: None,
) -> Iterator[list[Outcome]]:
    """Train all runs in `jobs` processes of one thread each, and yield chunks as they finish.

    A chunk whose worker dies or raises is tried once more, then its runs one at a time; what
    still fails comes back without a trajectory. Each process is a pool of its own: in a shared
    one a death takes all chunks in flight with it and does not tell which of them was to blame.
    Closing the generator, or an exception at a yield, kills the workers.

    Args:
        on_steps: called a few times a second with the run-steps done so far in the chunks in hand.
    """
    tasks = deque(_Task(chunk) for chunk in plan(runs, jobs, lanes))
    pools: dict[int, ProcessPoolExecutor] = {}
    busy: dict[Future, tuple[int, _Task]] = {}
    with tempfile.TemporaryDirectory(prefix="grokseed-") as folder:
        path = Path(folder) / "steps"
        steps = np.memmap(path, np.int64, "w+", shape=(jobs,))
        try:
            while tasks or busy:
                for slot in set(range(jobs)) - {slot for slot, _ in busy.values()}:
                    if tasks:
                        task = tasks.popleft()
                        steps[slot] = 0
                        work = (_work, train, config, task.runs, device, path, slot)
                        busy[_submit(pools, slot, *work)] = slot, task
                finished, _ = wait(busy, POLL_SECONDS, FIRST_COMPLETED)
                for future in finished:
                    slot, task = busy.pop(future)
                    result, error, seconds = _result(pools, slot, future)
                    share = seconds / len(task.runs)
                    if result is not None:
                        done = zip(task.runs, result, strict=True)
                        yield [Outcome(seeds, t, "", share) for seeds, t in done]
                    elif task.failures == 0:
                        tasks.appendleft(_Task(task.runs, 1))
                    elif len(task.runs) > 1:
                        tasks.extendleft(_Task([seeds], 1) for seeds in reversed(task.runs))
                    else:
                        yield [Outcome(task.runs[0], None, error, share)]
                on_steps(sum(int(steps[slot]) for slot, _ in busy.values()))
        finally:
            for pool in pools.values():
                pool.shutdown(kill_workers=True)


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
    pools: dict[int, ProcessPoolExecutor], slot: int, future: Future
) -> tuple[list[Trajectory] | None, str, float]:
    try:
        return future.result()
    except Exception as error:  # a dead process, or what could not be sent to or from it
        pools.pop(slot).shutdown(kill_workers=True)
        return None, f"{type(error).__name__}: {' '.join(str(error).split())}", 0.0


def _work(
    train: Train, config: Config, runs: list[Seeds], device: str, path: Path, slot: int
) -> tuple[list[Trajectory] | None, str, float]:
    """In a worker: trajectories or None, the reason for None, and the seconds it took."""
    torch.set_num_threads(1)
    steps = np.memmap(path, np.int64, "r+")
    coordinator = os.getppid()

    def on_point(run_steps: int) -> None:
        steps[slot] += run_steps
        if os.getppid() != coordinator:  # killed outright: leave no orphan that trains for nobody
            os._exit(1)

    start = time.perf_counter()
    try:
        trajectories = train(config, runs, device=device, on_point=on_point)
        if len(trajectories) != len(runs):
            raise ValueError(f"{len(trajectories)} trajectories for {len(runs)} runs")
        return trajectories, "", time.perf_counter() - start
    except Exception as error:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return None, text, time.perf_counter() - start
