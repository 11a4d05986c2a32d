"""What a worker process does with a chunk: it trains, counts steps, hands runs back as they end."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import numpy as np
import torch

from grokseed.execution.executor import Chunk
from grokseed.records.provenance import made_here
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


def work(chunk: Chunk, device: str, folder: Path, slot: int) -> tuple[str, float]:
    """Train some runs, and leave those that end in a folder for the coordinator, with the steps.

    Args:
        folder: gets a pickle of ended runs, [(place in `runs`, trajectory)], the seconds each
            took, and what this worker says of itself, in files named `slot-number.runs`; its file
            `STEPS` counts the run-steps.
        slot: which worker this is.

    Returns:
        Why runs are missing, if some are, and the seconds since any were left.
    """
    torch.set_num_threads(1)
    steps = np.memmap(folder / STEPS, np.int64, "r+")
    ended: list[tuple[int, Trajectory]] = []
    handed, since = 0, time.perf_counter()

    def hand_back() -> None:
        nonlocal handed, since
        if ended:
            path, now = folder / f"{slot}-{handed:08}.part", time.perf_counter()
            made = made_here(numerics(chunk.config, device, chunk.compiled, chunk.lanes))
            path.write_bytes(pickle.dumps((ended, (now - since) / len(ended), made)))
            path.rename(path.with_suffix(".runs"))  # whole, or not there
            handed, since = handed + len(ended), now
            ended.clear()

    def on_point(run_steps: int) -> None:
        steps[slot] += run_steps
        hand_back()

    try:
        chunk.train(
            *(chunk.config, chunk.runs),
            device=device,
            compiled=chunk.compiled,
            lanes=chunk.lanes,
            on_point=on_point,
            on_end=lambda number, trajectory: ended.append((number, trajectory)),
        )
        hand_back()
        error = f"ValueError: {handed} trajectories for {len(chunk.runs)} runs"
    except Exception as raised:
        error = f"{type(raised).__name__}: {' '.join(str(raised).split())}"
    return error, time.perf_counter() - since
