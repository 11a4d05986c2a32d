"""What a run-step costs in this engine, in a plain torch.nn loop and in torch.func, side by side.

python studies/speed.py --preset mini

The baselines stay in fp32 whatever --precision says. They gather batches from tensors, which is
faster than a DataLoader, and use AdamW as it comes (foreach and fused time the same on a CPU). This
engine's processes get the allocator settings that a scan's workers get.
"""

import shlex
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Literal

from joblib import cpu_count
from jsonargparse import auto_cli

from grokseed import config as configs
from grokseed.baselines import plain_loop, vmap_loop
from grokseed.bench import Contender, engine, gflop_of_a_run_step, print_table, products, take_turns
from grokseed.config import Config
from grokseed.fleet import ENVIRONMENT
from grokseed.kernels import default_lanes, numerics


def contenders(configs: list[Config], compile: bool, lanes: int, cores: int) -> list[Contender]:
    """Everything that is timed on so many cores, large products for the peak among it."""
    plain, rows = configs[0], []
    ours = {"lanes": lanes, "processes": cores, "environment": ENVIRONMENT}
    for c in configs:
        name, many = c.precision, {"processes": cores, "kernels": True}
        rows.append(Contender(f"{name} products", products, c, **many))
        rows.append(Contender(f"this engine, {name}", engine, c, **ours))
        if compile:
            rows.append(Contender(f"compiled, {name}", partial(engine, compiled=True), c, **ours))
    rows += [
        Contender("plain loop", plain_loop, plain, threads=cores),
        Contender("plain, engine's kernels", plain_loop, plain, threads=cores, kernels=True),
        Contender("torch.func", vmap_loop, plain, lanes, threads=cores),
    ]
    processes = Contender("plain, a run a core", plain_loop, plain, processes=cores)
    return [*rows, processes] if cores > 1 else rows


def main(
    preset: Literal["diary", "mini"] = "diary",
    precision: Literal["fp32", "bf16"] = "fp32",
    compile: bool = False,
    lanes: int | None = None,
    device: str = "cpu",
    steps: int = 20,
    turns: int = 9,
) -> None:
    """Print the table, for one core and for all.

    Args:
        preset: the config whose steps are timed.
        precision: bf16 adds a row of this engine in that precision.
        compile: adds a row of this engine with compiled steps, for each precision.
        lanes: runs side by side, here and in torch.func; by default as many as a scan takes.
        device: where the tensors live.
        steps: optimiser steps a turn.
        turns: turns of each contender.
    """
    end = steps * (turns + 2)
    schedule = {"probe_every": steps, "val_every": end, "screen_step": end, "max_steps": end}
    # The engine's turn ends in an evaluation: one too small to count, too large to pass by luck.
    config = configs.preset(preset, {**schedule, "probe_size": 64, "stop_when_generalised": False})
    timed = [config, replace(config, precision="bf16")][: 1 + (precision == "bf16")]
    (here, there), *_ = [gflop_of_a_run_step(c) for c in timed]
    print(f"# A run-step at preset {preset}, {date.today()}\n")
    print(f"`{shlex.join(['python', *sys.argv])}` on {numerics(config, device)}\n")
    print(f"products of a run-step: {here:.3f} GFLOP here, {there:.3f} in the plain decoder")
    lanes = lanes or default_lanes(config, device)
    for cores in sorted({1, cpu_count() if device == "cpu" else 1}):
        rows = contenders(timed, compile, lanes, cores)
        take_turns(rows, device, turns)
        print_table(rows, "plain, a run a core" if cores > 1 else "plain loop", here)


if __name__ == "__main__":
    auto_cli(main)
