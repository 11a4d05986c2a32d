"""Timing by turns: each contender has its own processes, and contenders take turns one by one.

Other load on the machine then affects all of them equally, and they share no allocator's state.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from grokseed.config import Config
from grokseed.training.numerics import matmul_kernels

Loop = Callable[[Config, int, str, Callable[[float], None]], object]
"""Works without end on a config, a number of lanes and a device; after each turn it calls with the
amount of work done, in the unit that is timed."""


DIED = "died"
"""In a table, in the place of a contender's time."""


@dataclass(frozen=True)
class Contender:
    """A loop, and the cost of its turns.

    Args:
        name: its name in tables.
        loop: runs at the `sample_every` of its config.
        processes: how many run side by side.
        threads: torch threads of each process.
        kernels: whether to run under `matmul_kernels`; the engine does so by itself.
        environment: variables that its processes start with.

    Attributes:
        seconds: for every turn, of one unit of work, with all processes working; none if a process
            died.
        memory: bytes that all processes together have added since they began.
    """

    name: str
    loop: Loop
    config: Config
    lanes: int = 1
    processes: int = 1
    threads: int = 1
    kernels: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of one unit of work."""
        return float(np.median(self.seconds))


def take_turns(contenders: Sequence[Contender], device: str, turns: int) -> None:
    """Fill in every contender's seconds and memory. The first turn warms up and is not counted.

    A contender whose process dies, as it may for lack of memory, takes no further turns.
    """
    context, pipes = get_context("spawn"), []
    for contender in contenders:
        ends = [context.Pipe() for _ in range(contender.processes)]
        with patch.dict(os.environ, contender.environment):
            for _, theirs in ends:
                context.Process(target=_work, args=(contender, device, theirs), daemon=True).start()
                theirs.close()
        pipes.append([ours for ours, _ in ends])
    for turn in range(turns + 1):
        for contender, connections in zip(contenders, pipes, strict=True):
            if turn and not contender.memory:
                continue
            try:
                for connection in connections:
                    connection.send("go")
                seconds, done, held = zip(*(c.recv() for c in connections), strict=True)
            except (EOFError, OSError):  # the pipe's other end is closed
                print(f"speed: a process of {contender.name} died", file=sys.stderr, flush=True)
                contender.seconds.clear()
                contender.memory.clear()
                continue
            contender.memory[:] = [sum(held)]
            if turn:
                contender.seconds.append(max(seconds) / sum(done))
    for connection in (c for connections in pipes for c in connections):
        connection.close()


def _work(contender: Contender, device: str, connection: Connection) -> None:
    """One process of a contender: does a turn at each request, until the connection closes."""
    torch.set_num_threads(contender.threads)
    before = _most_bytes(device)
    connection.recv()
    started = time.perf_counter()

    def on_point(done: float) -> None:
        nonlocal started
        if device != "cpu":
            torch.cuda.synchronize(device)
        connection.send((time.perf_counter() - started, done, _most_bytes(device) - before))
        connection.recv()
        started = time.perf_counter()

    kernels = matmul_kernels(contender.config, device) if contender.kernels else nullcontext()
    try:
        with kernels:
            contender.loop(contender.config, contender.lanes, device, on_point)
    except EOFError:
        return


def _most_bytes(device: str) -> int:
    """The peak memory of this process: on the GPU, or resident (as Linux counts it)."""
    if device != "cpu":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
