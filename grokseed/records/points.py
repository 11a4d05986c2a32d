"""The points of trajectories that git keeps, about 40 a run, rounded; how their file is read.

No torch.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from grokseed.records.trajectory import Trajectory
from grokseed.records.upgrade import COLUMNS as TODAY

MOST_POINTS = 40
KEPT_BITS = 13
"""Bits kept of the mantissa of a loss or norm: four digits, and files of half the size."""

ALWAYS = ("step", "train_loss", "train_accuracy", "sample_accuracy", "sample_loss", "norm")

Points = Mapping[str, np.ndarray]
"""Columns of one run's thinned points, each (points,)."""


def thinned(trajectory: Trajectory, n_sample: int) -> Points:
    """Evenly spaced points of one run, first and last always among them.

    Columns: `step` int32; float32 `train_loss` and `train_accuracy` (NaN at step 0), over the
    batches since the evaluation point before; `sample_loss` and `sample_accuracy`, over the
    validation sample; `norm`, and `norm.<group>` of each layer group.
    """
    columns = trajectory.columns
    n = len(columns.get("step", ()))
    if n == 0:
        return {}
    kept = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
    c = {name: column[kept] for name, column in columns.items()}
    with np.errstate(invalid="ignore"):
        train_accuracy = c["train_correct"] / np.where(c["train_seen"], c["train_seen"], np.nan)
    values = {
        "train_loss": _rounded(c["train_loss"]),
        "train_accuracy": train_accuracy,
        "sample_accuracy": c["sample_correct"] / n_sample,
        "sample_loss": _rounded(c["sample_loss"]),
        **{name: _rounded(c[name]) for name in c if name.partition(".")[0] == "norm"},
    }
    return {"step": c["step"], **{name: v.astype(np.float32) for name, v in values.items()}}


def unpack(content: bytes, n: int) -> Iterator[Points]:
    """The points of `n` runs, in order: the inverse of `packer.pack`.

    Raises:
        ValueError: the bytes are no points of so many runs.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {TODAY.get(str(k), str(k)): file[k] for k in file.files}
        run = arrays.pop("run")
        if len(run) and (run[0] < 0 or run[-1] >= n or np.any(np.diff(run) < 0)):
            raise ValueError("runs that the table lacks")
        if {column.shape for column in arrays.values()} - {run.shape} or "step" not in arrays:
            raise ValueError("columns of unlike lengths")
    except Exception as error:  # zipfile, numpy and zlib each raise their own
        raise ValueError(f"no trajectories ({type(error).__name__})") from None
    bounds = np.searchsorted(run, np.arange(n + 1))
    for low, high in pairwise(bounds):
        some: dict[str, np.ndarray] = (
            {name: column[low:high] for name, column in arrays.items()} if low < high else {}
        )
        # Two points at least: at step 0 alone there is no train loss yet.
        yield {k: v for k, v in some.items() if high - low < 2 or not np.isnan(v).all()}


def _rounded(values: np.ndarray) -> np.ndarray:
    fraction, exponent = np.frexp(np.asarray(values, np.float64))
    return np.ldexp(np.round(np.ldexp(fraction, KEPT_BITS)), exponent - KEPT_BITS)
