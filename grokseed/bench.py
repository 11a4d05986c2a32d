"""Timing by turns: contenders each in processes of their own, a turn of one after one of the next.

What else the machine does then meets all of them alike, and no allocator's state leaks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from grokseed.config import Config
from grokseed.execution.worker import ENVIRONMENT
from grokseed.model.decoder import Decoder
from grokseed.model.reference import PlainDecoder, plain_loop, tokens, vmap_loop
from grokseed.model.weights import stack
from grokseed.seeds import Seeds
from grokseed.task import equations
from grokseed.training.numerics import matmul_kernels
from grokseed.training.trainer import train

Loop = Callable[[Config, int, str, Callable[[float], None]], object]
"""Works for ever on a config, a number of lanes and a device; after each turn it calls with the
amount of work done, in whatever unit is timed."""

PRODUCTS = ((1, 2048, 2048, 2048), (1, 4096, 1024, 1024), (4, 1024, 1024, 1024), (8, 512, 512, 512))
GPU_PRODUCTS = ((1, 8192, 8192, 8192), (1, 4096, 4096, 4096), (64, 1024, 1024, 1024))
"""Lanes, rows, inner and columns of products large enough to show a machine's peak."""

TURN_GFLOP, GPU_TURN_GFLOP = 40, 4000
"""Work of a turn of them, some tens of milliseconds at least."""

ROW = "| {:24} | {:>19} | {:>5} | {:>26} | {:>11} | {:>13} | {:>6} |"


@dataclass(frozen=True)
class Contender:
    """A loop, and what its turns have cost.

    Args:
        name: what a table calls it.
        loop: runs at the `sample_every` of its config.
        processes: how many do the same side by side.
        threads: torch threads of each process.
        kernels: whether to run under `matmul_kernels`; the engine does so by itself.
        environment: variables that its processes start with.

    Attributes:
        seconds: for every turn, of one unit of work, with all processes working.
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
    """Fill in every contender's seconds and memory. The first turn warms up and is not counted."""
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
            for connection in connections:
                connection.send("go")
            seconds, done, held = zip(*(c.recv() for c in connections), strict=True)
            contender.memory[:] = [sum(held)]
            if turn:
                contender.seconds.append(max(seconds) / sum(done))
    for connection in (c for connections in pipes for c in connections):
        connection.close()


def _work(contender: Contender, device: str, connection: Connection) -> None:
    """One process of a contender: a turn whenever the other end says so, until it hangs up."""
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
    """The most that this process has ever held: on the GPU, or resident (Linux's own count)."""
    if device != "cpu":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def engine(
    config: Config,
    lanes: int,
    device: str,
    on_point: Callable[[float], None],
    compiled: bool = False,
) -> None:
    """A loop: this package's own training, its work counted in run-steps.

    Compiled, the turns in which it compiles are few and far from the median.
    """
    runs = [Seeds(i, i, i, i) for i in range(lanes)]
    train(config, runs, device=device, compiled=compiled, lanes=lanes, on_point=on_point)


def products(config: Config, _: int, device: str, on_point: Callable[[float], None]) -> None:
    """A loop of large products, another shape each turn, counted in GFLOP."""
    dtype = torch.bfloat16 if config.precision == "bf16" else torch.float32
    shapes, work = (PRODUCTS, TURN_GFLOP) if device == "cpu" else (GPU_PRODUCTS, GPU_TURN_GFLOP)
    while True:
        for lanes, n, k, m in shapes:
            gflop = 2e-9 * lanes * n * k * m
            x = torch.ones(lanes, n, k, dtype=dtype, device=device)
            y = torch.ones(lanes, k, m, dtype=dtype, device=device)
            repeats = max(1, round(work / gflop))
            for _ in range(repeats):
                torch.bmm(x, y) if lanes > 1 else torch.mm(x[0], y[0])
            on_point(repeats * gflop)


def gflop_of_a_run_step(config: Config) -> tuple[float, float]:
    """All products' here and in the plain decoder, having seen that their logits agree."""
    a, b, _ = (t[: config.batch_size] for t in equations(config.operation, config.p))
    plain = PlainDecoder(config)
    ours = stack([{k: v.detach() for k, v in plain.named().items()}])
    ours = {k: v.requires_grad_() for k, v in ours.items()}
    with FlopCounterMode(display=False) as here, matmul_kernels(config, "cpu"):
        logits = Decoder(config).logits(ours, a[None], b[None])
        logits.sum().backward()
    with FlopCounterMode(display=False) as there:
        expected = plain(tokens(config, a, b))
        expected.sum().backward()
    error = ((logits[0] - expected).norm() / expected.norm()).item()
    assert error < (2e-2 if config.precision == "bf16" else 1e-5), f"logits differ by {error}"
    return here.get_total_flops() / 1e9, there.get_total_flops() / 1e9


def contenders(
    timed: list[Config], compile: bool, lanes: int, cores: int, gpu: bool
) -> list[Contender]:
    """Everything that is timed together, large products for the peak among it.

    Args:
        timed: the config, and the same in another precision; on a GPU one alone.
        compile: whether compiled steps are timed too.
        lanes: runs side by side, here and in torch.func.
        cores: processes of this engine, threads of the others.
    """
    plain, rows = timed[0], []
    ours = {"lanes": lanes, "processes": cores, "environment": ENVIRONMENT}
    for c in timed:
        name, many = c.precision, {"processes": cores, "kernels": True}
        rows.append(Contender(f"{name} products", products, c, **many))
        rows.append(Contender(f"this engine, {name}", engine, c, **ours))
        if compile:
            rows.append(Contender(f"compiled, {name}", partial(engine, compiled=True), c, **ours))
    rows.append(Contender("plain loop", plain_loop, plain, threads=cores, kernels=gpu))
    if not gpu:
        same = Contender("plain, engine's kernels", plain_loop, plain, threads=cores, kernels=True)
        rows += [same, Contender("torch.func", vmap_loop, plain, lanes, threads=cores)]
    if cores > 1:
        rows.append(Contender("plain, a run a core", plain_loop, plain, processes=cores))
    return rows


def print_table(rows: Sequence[Contender], plain_name: str, gflop: float) -> None:
    """One row a contender; the share counts this engine's products whoever the contender is.

    Args:
        rows: contenders that took turns, `products` among them for the peak of each precision.
        plain_name: the contender that the others are compared with.
        gflop: this engine's products in a run-step.
    """
    peak = {c.config.precision: 1 / min(c.seconds) for c in rows if c.loop is products}
    plain = next(c for c in rows if c.name == plain_name)
    print("\npeak: " + ", ".join(f"{v:.0f} GFLOP/s in {k}" for k, v in peak.items()) + "\n")
    names = ("processes x threads", "lanes", "ms a run-step (quartiles)")
    print(ROW.format("", *names, "times plain", "share of peak", "MiB"))
    print("|---" * 7 + "|")
    for c in (c for c in rows if c.loop is not products):
        low, middle, high = 1e3 * np.quantile(c.seconds, (0.25, 0.5, 0.75))
        times = np.median(np.divide(plain.seconds, c.seconds))
        share = gflop / c.median / peak[c.config.precision]
        spread = f"{middle:.2f} ({low:.2f} to {high:.2f})"
        cells = (c.lanes, spread, f"{times:.2f}", f"{share:.0%}", c.memory[0] >> 20)
        print(ROW.format(c.name, f"{c.processes} x {c.threads}", *cells), flush=True)
