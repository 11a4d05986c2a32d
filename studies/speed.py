"""What a run-step costs in this engine, in a plain torch.nn loop and in torch.func, side by side.

python studies/speed.py --preset mini

The baselines stay in fp32 whatever --precision says. They gather batches from tensors, which is
faster than a DataLoader, and use AdamW as it comes (foreach and fused time the same on a CPU).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from joblib import cpu_count
from jsonargparse import auto_cli
from torch.utils.flop_counter import FlopCounterMode

from grokseed import config as configs
from grokseed.baselines import PlainDecoder, plain_loop, tokens, vmap_loop
from grokseed.bench import Contender, products, take_turns
from grokseed.config import Config
from grokseed.decoder import Decoder, stack
from grokseed.kernels import default_lanes, matmul_kernels, numerics
from grokseed.seeds import Seeds
from grokseed.task import equations
from grokseed.trainer import train

ROW = "| {:24} | {:>19} | {:>5} | {:>26} | {:>11} | {:>13} | {:>6} |"


def engine(config: Config, lanes: int, device: str, on_point: Callable[[float], None]) -> None:
    train(config, [Seeds(i, i, i, i) for i in range(lanes)], device=device, on_point=on_point)


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


def contenders(config: Config, bf16: bool, lanes: int, cores: int) -> list[Contender]:
    """Everything that is timed on so many cores, large products for the peak among it."""
    rows = []
    for c in (config, replace(config, precision="bf16"))[: 1 + bf16]:
        rows += [
            Contender(f"{c.precision} products", products, c, processes=cores, kernels=True),
            Contender(f"this engine, {c.precision}", engine, c, lanes, processes=cores),
        ]
    rows += [
        Contender("plain loop", plain_loop, config, threads=cores),
        Contender("plain, engine's kernels", plain_loop, config, threads=cores, kernels=True),
        Contender("torch.func", vmap_loop, config, lanes, threads=cores),
    ]
    processes = Contender("plain, a run a core", plain_loop, config, processes=cores)
    return [*rows, processes] if cores > 1 else rows


def print_table(rows: list[Contender], gflop: float) -> None:
    """One row a contender; the share counts this engine's products whoever the contender is."""
    peak = {c.config.precision: 1 / min(c.seconds) for c in rows if c.loop is products}
    plain = next(c for c in rows if c.loop is plain_loop)
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


def main(
    preset: Literal["diary", "mini"] = "diary",
    precision: Literal["fp32", "bf16"] = "fp32",
    lanes: int | None = None,
    device: str = "cpu",
    steps: int = 20,
    turns: int = 9,
) -> None:
    """Print the table, for one core and for all.

    Args:
        preset: the config whose steps are timed.
        precision: bf16 adds a row of this engine in that precision.
        lanes: runs side by side, here and in torch.func; by default as many as a scan takes.
        device: where the tensors live.
        steps: optimiser steps a turn.
        turns: turns of each contender.
    """
    end = steps * (turns + 2)
    timed = {"probe_every": steps, "val_every": end, "screen_step": end, "max_steps": end}
    # The engine's turn ends in an evaluation: one too small to count, too large to pass by luck.
    config = configs.preset(preset, {**timed, "probe_size": 64, "stop_when_generalised": False})
    here, there = gflop_of_a_run_step(config)
    if precision == "bf16":
        gflop_of_a_run_step(replace(config, precision="bf16"))
    print(f"{preset}: {numerics(config, device)}")
    print(f"products of a run-step: {here:.3f} GFLOP here, {there:.3f} in the plain decoder")
    lanes = lanes or default_lanes(config, device)
    for cores in sorted({1, cpu_count() if device == "cpu" else 1}):
        rows = contenders(config, precision == "bf16", lanes, cores)
        take_turns(rows, device, turns)
        print_table(rows, here)


if __name__ == "__main__":
    auto_cli(main)
