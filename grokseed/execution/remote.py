"""The dask worker's side of a cluster's executor: it reports its numerics, and trains chunks."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from distributed import Queue, Worker, get_worker

from grokseed.execution.executor import Chunk
from grokseed.execution.worker import ENVIRONMENT, Handed, train_chunk
from grokseed.records.provenance import Made, own_commit
from grokseed.records.trajectory import Trajectory

REPORT_SECONDS = 1.0

START = "dask worker ADDRESS --nthreads 1 --preload-nanny grokseed.execution.nanny"
"""How a worker is started."""


class About(NamedTuple):
    """A worker's process, its numerics, and the reason if it cannot train."""

    process: str
    numerics: str = ""
    error: str = ""


class Report(NamedTuple):
    """A worker's message about a chunk: steps so far, runs that ended, and why it stopped, if it
    did.

    `seconds` is as in `Ended` or, with an error, as in `Stopped`.
    """

    key: str
    steps: int
    ended: Sequence[tuple[int, Trajectory]] = ()
    seconds: float = 0.0
    made: Made = Made()
    error: str | None = None


def about(numerics: Callable[[], str], dask_worker: Worker) -> About:
    """On a worker: its process and numerics."""
    lacking = [name for name, value in ENVIRONMENT.items() if os.environ.get(name) != value]
    if lacking:
        return About(
            dask_worker.id, error=f"its environment lacks {', '.join(lacking)}; start {START}"
        )
    try:
        own_commit()
        return About(dask_worker.id, numerics())
    except Exception as error:  # as text: not every exception can be sent
        return About(dask_worker.id, error=str(error) or type(error).__name__)


def work_remotely(chunk: Chunk, device: str, process: str, queue_name: str) -> None:
    """On a worker: train a chunk, and report to the coordinator by the queue."""
    worker = get_worker()
    if worker.id != process:
        raise RuntimeError("its worker was started again")
    key, queue = str(worker.get_current_task()), Queue(queue_name)
    steps, told = 0, time.monotonic()

    def tell(**news: object) -> None:
        nonlocal told
        queue.put(pickle.dumps(Report(key, steps, **news)))  # type: ignore[arg-type]
        told = time.monotonic()

    def count(run_steps: int) -> None:
        nonlocal steps
        steps += run_steps
        # The scheduler has dropped the task: it was cancelled, or the scan is gone.
        task = worker.state.tasks.get(key)
        if task is None or task.state != "executing":
            raise RuntimeError("cancelled")
        if time.monotonic() - told >= REPORT_SECONDS:
            tell()

    def hand_back(handed: Handed) -> None:
        tell(**handed._asdict())

    rest = train_chunk(chunk, device, count, hand_back)
    if rest.ended:
        tell(**rest.ended._asdict())
    tell(error=rest.error, seconds=rest.seconds)
    queue.close()
    if rest.error and device != "cpu":
        os._exit(1)  # its nanny starts another
