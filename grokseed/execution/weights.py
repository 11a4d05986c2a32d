"""`--save-weights`: the trainer's weights, kept until a run ends and then written, a file a run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from torch import Tensor

from grokseed.config import Config
from grokseed.execution.how import How, SaveWeights
from grokseed.records.measure import Scalar
from grokseed.records.row import Row
from grokseed.records.weights import (
    FOLDER,
    Moment,
    Weights,
    steps_of,
    weights_file,
    write_weights,
)
from grokseed.seeds import Seeds

NOT_WRITTEN = "weights cannot be written"
"""In a worker's error: it says nothing about the run, which would train once they can be."""

MOMENTS: dict[SaveWeights, tuple[Moment, ...]] = {
    "no": (),
    "last": ("last",),
    "generalised": ("generalised",),
    "all": ("initial", "generalised", "last"),
}


class WeightFiles:
    """Called by the trainer at each moment of a run; writes the run's file as it ends.

    Each worker has a copy of this object. The file is written before the run is stored, and again
    if the run is trained again.

    Args:
        folder: the scan's.
        save: which moments to keep.
    """

    def __init__(self, folder: Path, config: Config, save: SaveWeights) -> None:
        self.folder, self.config, self.moments = folder.absolute(), config, MOMENTS[save]
        self._kept: dict[Seeds, dict[Moment, tuple[int, Weights]]] = {}

    def __call__(
        self, seeds: Seeds, moment: Moment, step: int, weights: Mapping[str, Tensor]
    ) -> None:
        if moment == "initial":  # weights that a failed chunk kept of this run are dropped
            self._kept[seeds] = {}
        if moment in self.moments:
            arrays = {name: value.cpu().numpy().copy() for name, value in weights.items()}
            self._kept[seeds][moment] = step, arrays
        if moment == "last" and (kept := self._kept.pop(seeds)):
            try:
                write_weights(weights_file(self.folder, seeds), self.config, seeds, kept)
            except OSError as error:
                raise OSError(f"{NOT_WRITTEN}: {error}") from None

    def missing(self, rows: Iterable[Row]) -> int:
        """How many stored runs lack weights of a moment that they reached."""
        lack = 0
        for row in rows:
            reached, held = _reached(row), steps_of(weights_file(self.folder, row.seeds))
            lack += any(reached[m] is not None and held.get(m) != reached[m] for m in self.moments)
        return lack


def remove_stale(folder: Path, rows: Iterable[Row]) -> None:
    """Delete files of weights at steps that are not those of the run that is stored.

    A run that an early verdict stopped leaves such a file if it is trained again and saves none.
    """
    if not (folder / FOLDER).is_dir():
        return
    for row in rows:
        reached, path = _reached(row), weights_file(folder, row.seeds)
        if any(reached.get(moment) != step for moment, step in steps_of(path).items()):
            with suppress(OSError):  # `missing` tells of it
                path.unlink()


def _reached(row: Row) -> dict[Moment, Scalar]:
    """The step of each moment of a stored run; None if it was not reached."""
    scalars = row.scalars
    return {"initial": 0, "generalised": scalars.get("t98_step"), "last": scalars.get("steps")}


def lacking(n: int) -> str:
    """A line about stored runs that lack weights that are asked for."""
    return (
        f"stored without these weights, and not trained again: {n:,} run{'s' * (n > 1)}; "
        "use another --out to save theirs"
    )


def weight_files(how: How, config: Config, out: Path) -> WeightFiles | None:
    """The object that saves the weights asked for; None if none are.

    Raises:
        ValueError: workers that may not share the folder's disk, or a folder that cannot be
            written.
    """
    if how.save_weights == "no":
        return None
    if how.executor == "dask":
        raise ValueError(
            "--save-weights is for this machine: a cluster's workers share no disk with it"
        )
    for place in (out / FOLDER, out):
        if os.path.lexists(place):
            if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
                raise ValueError(f"--save-weights: {place} is no folder that can be written")
            break
    return WeightFiles(out, config, how.save_weights)
