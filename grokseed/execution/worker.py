"""What a worker process does with a chunk: it trains, counts steps, hands runs back as they end."""

from __future__ import annotations

import itertools
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from grokseed.execution.executor import Chunk
from grokseed.records.provenance import Made, made_here
from grokseed.records.trajectory import Trajectory
from grokseed.training.numerics import numerics

STEPS = "steps"
"""The file in which workers count."""

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

ENVIRONMENT = {
    **ALLOCATOR,
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
    "TORCHINDUCTOR_DETERMINISTIC": "1",
    "TORCHINDUCTOR_SHAPE_PADDING": "0",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""A worker compiles by itself: its core is the one it has, and a helper would outlive it. On a GPU
the compiler must not choose kernels by timing them, or workers would choose unlike ones (older
versions of torch know padding alone by name). cuBLAS keeps its scratch memory in place, without
which its products may differ from call to call."""


def train_chunk(
    chunk: Chunk,
    device: str,
    count: Callable[[int], None],
    hand_back: Callable[[list[tuple[int, Trajectory]], float, Made], None],
) -> tuple[str, float]:
    """Train some runs in this process, on one thread.

    Args:
        count: called with the run-steps that were just taken; may raise to end the chunk.
        hand_back: called with runs that ended, [(place in `chunk.runs`, trajectory)], the seconds
            each took, and what this worker says of itself.

    Returns:
        Why runs are missing, if some are, and the seconds since any were handed back.
    """
    torch.set_num_threads(1)
    ended: list[tuple[int, Trajectory]] = []
    handed, since = 0, time.perf_counter()

    def hand_over() -> None:
        nonlocal handed, since
        if ended:
            now = time.perf_counter()
            made = made_here(numerics(chunk.config, device, chunk.compiled, chunk.lanes))
            hand_back(ended, (now - since) / len(ended), made)
            handed, since = handed + len(ended), now
            ended.clear()

    def on_point(run_steps: int) -> None:
        count(run_steps)
        hand_over()

    try:
        chunk.train(
            *(chunk.config, chunk.runs),
            device=device,
            compiled=chunk.compiled,
            lanes=chunk.lanes,
            on_point=on_point,
            on_end=lambda number, trajectory: ended.append((number, trajectory)),
        )
        hand_over()
        short = f"ValueError: {handed} trajectories for {len(chunk.runs)} runs"
        error = short if handed < len(chunk.runs) else ""
    except Exception as raised:
        error = f"{type(raised).__name__}: {' '.join(str(raised).split())}"
    return error, time.perf_counter() - since


def work(chunk: Chunk, device: str, folder: Path, slot: int) -> tuple[str, float]:
    """Train some runs, and leave those that end in a folder for the coordinator, with the steps.

    Args:
        folder: gets a pickle of what `train_chunk` hands back, in files named `slot-number.runs`;
            its file `STEPS` counts the run-steps.
        slot: which worker this is.

    Returns:
        As `train_chunk` does.
    """
    steps = np.memmap(folder / STEPS, np.int64, "r+")
    names = (folder / f"{slot}-{number:08}.part" for number in itertools.count())

    def count(run_steps: int) -> None:
        steps[slot] += run_steps

    def hand_back(*runs: object) -> None:
        path = next(names)
        path.write_bytes(pickle.dumps(runs))
        path.rename(path.with_suffix(".runs"))  # whole, or not there

    return train_chunk(chunk, device, count, hand_back)
