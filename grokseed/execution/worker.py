"""A worker process trains a chunk, counts steps, and hands back runs as they end."""

from __future__ import annotations

import itertools
import os
import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tqdm import tqdm

from grokseed.execution.checkpoints import Keeper
from grokseed.execution.executor import Chunk
from grokseed.records.provenance import Made, made_here, own_commit
from grokseed.records.trajectory import Trajectory
from grokseed.training.numerics import numerics

STEPS = "steps"
"""The file in which workers count steps, an int64 a slot. The last one is not 0 if they must
end."""

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
"""Workers' environment: glibc keeps freed memory, in huge pages. Every training step allocates the
same few megabytes, and mapping them again costs 8 to 14 % of its time."""

ENVIRONMENT = {
    **ALLOCATOR,
    "TORCHINDUCTOR_COMPILE_THREADS": os.environ.get("TORCHINDUCTOR_COMPILE_THREADS", "1"),
    "TORCHINDUCTOR_DETERMINISTIC": "1",
    "TORCHINDUCTOR_SHAPE_PADDING": "0",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""A worker compiles in its own process: it has one core, and a helper process would outlive it.
With cores to spare beside a GPU, more threads may be set. There the compiler must not choose
kernels by timing them, or workers would choose different ones (older versions of torch have this
option for padding alone). cuBLAS keeps its scratch memory in one place; otherwise its products may
differ from call to call."""


class Handed(NamedTuple):
    """Runs that ended.

    Attributes:
        ended: for each run its place in the chunk, and its trajectory.
        seconds: time that each took.
        made: this worker's numerics and commit.
    """

    ended: list[tuple[int, Trajectory]]
    seconds: float
    made: Made


class Rest(NamedTuple):
    """A worker's last message about a chunk.

    Attributes:
        error: why runs are missing, if some are.
        seconds: the time since runs were last left in the folder.
        ended: runs that the folder had no room for, in the form of its files.
    """

    error: str
    seconds: float
    ended: Handed | None


def train_chunk(
    chunk: Chunk,
    device: str,
    count: Callable[[int], None],
    hand_back: Callable[[Handed], None],
    asked: Callable[[], bool] = lambda: False,
) -> Rest:
    """Train some runs in this process, on one thread.

    Args:
        count: called with the number of run-steps that were just taken. When a run that went on
            from a checkpoint is handed back, it is also called with the steps before that
            checkpoint. It may raise an error, which ends the chunk.
        hand_back: called with runs that ended. If it raises an OSError, the disk is full: these
            runs are kept and handed back at a later call or at the end, so none is lost.
        asked: returns whether the worker has to end. If so, it writes the chunk's checkpoints at
            the next pause and ends. It is not called for a chunk without checkpoints.
    """
    torch.set_num_threads(1)
    # The compiler makes a progress bar, whose lock would be a semaphore that a kill leaves behind.
    tqdm.set_lock(threading.RLock())
    ended: list[tuple[int, Trajectory]] = []
    handed, since = 0, time.perf_counter()
    named = ""

    keeper = Keeper(chunk.checkpoints, chunk.runs, asked) if chunk.checkpoints else None
    hooks = {"saved": keeper.saved, "on_pause": keeper.on_pause} if keeper else {}

    def packed() -> Handed | None:
        if not ended:
            return None
        nonlocal named
        named = named or numerics(chunk.config, device, chunk.compiled, chunk.lanes)
        seconds = (time.perf_counter() - since) / len(ended)
        return Handed(list(ended), seconds, made_here(named))

    def hand_over() -> None:
        nonlocal handed, since
        some = packed()
        if some is None:
            return
        with suppress(OSError):
            hand_back(some)
            if keeper and (before := keeper.steps_before(number for number, _ in ended)):
                count(before)
            handed, since = handed + len(ended), time.perf_counter()
            ended.clear()

    def on_point(run_steps: int) -> None:
        count(run_steps)
        hand_over()

    try:
        own_commit()  # before it trains for hours: the environment may name no commit
        chunk.train(
            *(chunk.config, chunk.runs),
            device=device,
            compiled=chunk.compiled,
            lanes=chunk.lanes,
            on_point=on_point,
            on_end=lambda number, trajectory: ended.append((number, trajectory)),
            **hooks,
        )
        error = ""
    except Exception as raised:
        error = f"{type(raised).__name__}: {' '.join(str(raised).split())}"
    hand_over()
    if not error and (found := handed + len(ended)) < len(chunk.runs):
        error = f"ValueError: {found} trajectories for {len(chunk.runs)} runs"
    return Rest(error, time.perf_counter() - since, packed())


def work(chunk: Chunk, device: str, folder: Path, slot: int) -> Rest:
    """Train some runs, and leave those that end in a folder for the coordinator, with the steps.

    Args:
        folder: gets a pickle of ended runs (`Handed`) in files named `slot-number.runs`; its file
            `STEPS` counts the run-steps.
        slot: which worker this is.
    """
    steps = np.memmap(folder / STEPS, np.int64, "r+")
    names = (folder / f"{slot}-{number:08}.part" for number in itertools.count())

    def count(run_steps: int) -> None:
        steps[slot] += run_steps

    def hand_back(handed: Handed) -> None:
        path = next(names)
        try:
            path.write_bytes(pickle.dumps(handed))
            path.rename(path.with_suffix(".runs"))  # whole, or not there
        except OSError:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise

    return train_chunk(chunk, device, count, hand_back, asked=lambda: bool(steps[-1]))
