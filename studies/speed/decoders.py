"""Compares decoders of one depth: unshared, two sets of layers in a cycle, full attention.

Sharing sets of layers saves parameters, and so work and memory of moments and updates; the products
are those of the unshared decoder. Full attention cannot share prefixes: every position of every
example has a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from grokseed.config import Config
from grokseed.execution.memory import parameters
from grokseed.execution.worker import ENVIRONMENT
from grokseed.training.lane_counts import default_lanes
from speed.contenders import engine
from speed.timing import DIED, Contender

LAYERS, SETS = 4, 2

ROW = "| {:24} | {:>10} | {:>5} | {:>26} | {:>26} | {:>6} |"


def decoders(config: Config, lanes: int | None) -> list[Contender]:
    """This engine on each of them, the unshared one first; one process, one thread.

    Args:
        lanes: runs side by side; by default as many as a scan of the unshared one takes on a CPU.
    """
    deep = replace(config, layers=LAYERS)
    lanes = lanes or default_lanes(deep)
    kinds = {
        f"{LAYERS} layers": deep,
        f"{SETS} in a cycle of {LAYERS}": replace(deep, sharing="cycle", unique_layers=SETS),
        "full attention": replace(deep, attention="full"),
    }
    return [
        Contender(name, engine, kind, lanes, environment=ENVIRONMENT)
        for name, kind in kinds.items()
    ]


def print_decoders(rows: Sequence[Contender]) -> None:
    """One row a decoder; its time over the first one's is taken turn by turn."""
    names = ("parameters", "lanes", "ms a run-step (quartiles)", "times the first", "MiB")
    print("\n" + ROW.format("", *names) + "\n" + "|---" * 6 + "|")
    for c in rows:
        cells = (DIED, "", "")
        if c.seconds:
            first = rows[0].seconds
            ratios = _quartiles(np.divide(c.seconds, first)) if first else ""
            cells = (_quartiles(1e3 * np.array(c.seconds)), ratios, c.memory[0] >> 20)
        print(ROW.format(c.name, f"{parameters(c.config):,}", c.lanes, *cells), flush=True)


def _quartiles(values: np.ndarray) -> str:
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"
