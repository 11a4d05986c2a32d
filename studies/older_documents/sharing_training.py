"""One cell of studies/sharing.py: its runs side by side, and where they stood at two moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

import grokseed
from grokseed.model.layout import parameter_shapes
from grokseed.records.measure import measure
from grokseed.records.provenance import commit
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import STREAMS, Seeds
from grokseed.training.buffer import views
from grokseed.training.numerics import numerics
from older_documents.minimal_pairs import of_run
from older_documents.sharing_grid import LONG, SHORT, config_of

Record = dict[str, Any]
"""A line of the table of trainings."""

TIMES = ("steps", "memorised_step", "t50_step", "t98_step")


def train_cell(model: str, cell: str, runs: Sequence[Seeds]) -> list[Record]:
    """A record a run: where it stood at the short and at the long training's end."""
    config, threads = config_of(model, cell), torch.get_num_threads()
    shapes, short, long = parameter_shapes(config), {}, {}

    def on_pause(states: Callable[[], Iterator[tuple[int, Mapping[str, Any]]]]) -> None:
        for number, state in states():
            if state["run"]["step"] != SHORT:
                return
            weights = {n: w[0] for n, w in views(state["weights"][None], shapes).items()}
            short[runs[number]] = of_run(config, runs[number], weights)

    def on_weights(seeds: Seeds, moment: str, step: int, weights: Mapping[str, Tensor]) -> None:
        if moment == "last":
            long[seeds] = of_run(config, seeds, weights)

    torch.set_num_threads(1)  # a core a process, as a scan's workers
    try:
        found = grokseed.train(config, runs, on_pause=on_pause, on_weights=on_weights)
    finally:
        torch.set_num_threads(threads)
    made = {"numerics": numerics(config, "cpu"), "commit": commit() or ""}
    return [
        {"model": model, "cell": cell, "config": config.key()}
        | {f"{stream}_seed": getattr(seeds, stream) for stream in STREAMS}
        | standing(config, trajectory, SHORT, short[seeds], "short")
        | standing(config, trajectory, LONG, long[seeds], "long")
        | {name: measure(config, trajectory)[name] for name in TIMES}
        | {"status": trajectory.status, **made, "digest": trajectory.digest()}
        for seeds, trajectory in zip(runs, found, strict=True)
    ]


def standing(
    config: grokseed.Config,
    trajectory: Trajectory,
    step: int,
    pairs: Mapping[str, float],
    training: str,
) -> dict[str, float]:
    """Accuracy and loss on the whole validation set, and minimal pairs, at the end of a training.

    A run that diverged stands where it was last seen.
    """
    c = trajectory.columns
    at = np.flatnonzero(c["step"] <= step)[-1]
    found = {"accuracy": c["val_correct"][at] / config.n_val, "loss": c["val_loss"][at], **pairs}
    return {f"{name}_{training}": float(value) for name, value in found.items()}
