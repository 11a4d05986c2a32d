"""A run-step here, in a plain loop, in torch.func and in JAX: python studies/speed --preset mini.

The baselines stay in fp32 on a CPU, and have --precision on a GPU. JAX is asked for with --jax
true, needs `pip install .[peers]`, and is timed on a CPU alone.
"""

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from jsonargparse import auto_cli
from loky import cpu_count

from grokseed import config as configs
from grokseed.cli.command import BAD_INPUT, FAILED
from grokseed.config import Precision
from grokseed.execution.devices import devices
from grokseed.records.provenance import recorded
from grokseed.training.lane_counts import default_lanes, has_room
from grokseed.training.numerics import numerics

sys.path.insert(0, str(Path(__file__).parents[1]))  # python studies/speed puts this folder alone
from speed.decoders import decoders, print_decoders
from speed.table import contenders, fastest_in_jax, gflop_of_a_run_step, print_table
from speed.timing import take_turns

SEARCH_TURNS = 3
"""Turns in which JAX's number of lanes is searched; those in the table come after."""


GPU_LANES = 64
"""Runs side by side on a GPU in the table of decoders."""


def main(
    preset: Literal["diary", "mini"] = "diary",
    precision: Precision = "fp32",
    compile: bool = False,
    jax: bool = False,
    decoder_rows: bool = False,
    lanes: int | None = None,
    device: str = "cpu",
    steps: int = 20,
    turns: int = 9,
) -> None:
    """Print a table for one core and one for all; on a GPU, one for each number of lanes.

    Args:
        preset: the config whose steps are timed.
        precision: on a CPU, any but fp32 adds a row of this engine in that precision.
        compile: adds a row of this engine with compiled steps, for each precision.
        jax: adds a row of JAX, with the number of lanes that is best for it among a few.
        decoder_rows: adds a table of this engine with 4 layers: unshared, shared, full attention.
        lanes: runs side by side; by default as many as a scan takes, or 1 to 1024 on a GPU.
        device: cpu or cuda.
        steps: optimiser steps a turn.
        turns: of each contender.
    """
    try:
        (device,) = devices(device)
        if min(steps, turns, 1 if lanes is None else lanes) < 1:
            raise ValueError("steps, turns and lanes must be at least 1")
        if jax and (device != "cpu" or find_spec("jax") is None):
            raise ValueError("--jax needs --device cpu, and JAX: pip install .[peers]")
    except ValueError as error:  # not there, or several
        print(f"speed: error: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    end, gpu = steps * (turns + 2), device != "cpu"
    schedule = {"sample_every": steps, "val_every": end, "screen_step": end, "max_steps": end}
    # The engine's turn ends in an evaluation: one too small to count, too large to pass by luck.
    config = configs.preset(preset, **schedule, sample_size=64)
    timed = [config, replace(config, precision=precision)][: 1 + (precision != "fp32")]
    here, there = gflop_of_a_run_step(config)
    command = recorded(["python", "studies/speed", *sys.argv[1:]]).shown()
    print(f"# A run-step at preset {preset}\n\n`{command}`\n")
    print(f"products of a run-step: {here:.3f} GFLOP here, {there:.3f} in the plain decoder")
    widths = (1, 8, 64, 256, 512, 1024) if gpu else ()
    engines = 1 + compile  # all take turns, and stay in memory
    widths = [n for n in widths if has_room(config, n * engines, device)]
    timed_rows = []
    if decoder_rows:
        rows = decoders(timed[-1 if gpu else 0], lanes or (GPU_LANES if gpu else None))
        take_turns(rows, device, turns)
        print_decoders(rows)
        timed_rows += rows
    for n in [lanes] if lanes else widths or [default_lanes(config)]:
        for cores in [1] if gpu else sorted({1, cpu_count()}):
            rows = contenders(timed[-1:] if gpu else timed, compile, n, cores, gpu)
            if jax:
                rows.append(fastest_in_jax(config, cores, SEARCH_TURNS))
            print(f"\non {numerics(timed[-1 if gpu else 0], device, lanes=n)}", flush=True)
            take_turns(rows, device, turns)
            print_table(rows, "plain, a run a core" if cores > 1 else "plain loop", here)
            timed_rows += rows
    if not all(row.seconds for row in timed_rows):
        sys.exit(FAILED)


if __name__ == "__main__":
    auto_cli(main)
