"""The points of trajectories that git keeps, about 40 a run, rounded; how their file is read.

No torch.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import pairwise
from typing import IO, BinaryIO

import numpy as np

from grokseed.records.trajectory import Trajectory
from grokseed.records.upgrade import COLUMNS as TODAY

MOST_POINTS = 40
KEPT_BITS = 13
"""Bits kept of the mantissa of a loss or norm: four digits, and files of half the size."""

ALWAYS = ("step", "train_loss", "train_accuracy", "sample_accuracy", "sample_loss", "norm")

AT_ONCE = 1 << 16
"""Points of all runs that are read at a time."""

Points = Mapping[str, np.ndarray]
"""Columns of one run's thinned points, each (points,)."""


class PointsError(ValueError):
    """A file that holds no points, or those of other runs."""


def thinned(trajectory: Trajectory, n_sample: int) -> Points:
    """Evenly spaced points of one run, always including the first and the last.

    Columns: `step` int32; float32 `train_loss` and `train_accuracy` (NaN at step 0), over the
    batches since the evaluation point before; `sample_loss` and `sample_accuracy`, over the
    validation sample; `norm`, and `norm.<group>` of each layer group. A number that is too large
    for float32, such as the norm of a run that diverges, is infinite.
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
    with np.errstate(over="ignore"):
        return {"step": c["step"], **{name: v.astype(np.float32) for name, v in values.items()}}


def unpack(file: BinaryIO, n: int) -> Iterator[Points]:
    """The points of `n` runs, in order: the inverse of `Packer.write`. Few are in memory at a time.

    Raises:
        PointsError: the file does not hold the points of this many runs. This may be found only
            after some were yielded.
    """
    try:
        with zipfile.ZipFile(file) as archive, ExitStack() as opened:
            columns: dict[str, _Column] = {}
            for member in archive.namelist():
                name = member.removesuffix(".npy")
                columns[TODAY.get(name, name)] = _Column(opened.enter_context(archive.open(member)))
            if len({column.length for column in columns.values()}) != 1 or "step" not in columns:
                raise PointsError("columns of different lengths")
            yield from _runs(columns, n)
    except PointsError:
        raise
    except Exception as error:  # zipfile, numpy and zlib raise different errors
        raise PointsError(f"no trajectories ({type(error).__name__})") from None


def _runs(columns: Mapping[str, _Column], n: int) -> Iterator[Points]:
    left, given = columns["run"].length, 0
    waiting = {name: np.empty(0, column.dtype) for name, column in columns.items()}
    while left:
        some = min(left, AT_ONCE)
        left -= some
        waiting = {k: np.concatenate([v, columns[k].read(some)]) for k, v in waiting.items()}
        run = waiting.pop("run")
        if run[0] < given or np.any(np.diff(run) < 0):
            raise PointsError("its runs are out of order")
        if run[-1] >= n:
            raise PointsError(f"it holds more runs than the table, which has {n:,}")
        whole = int(run[-1]) + (left == 0)  # the last run may continue in the next piece
        bounds = np.searchsorted(run, np.arange(given, whole + 1)).tolist()
        for low, high in pairwise(bounds):
            yield _points(waiting, low, high)
        waiting = {"run": run, **waiting}
        if whole > given:
            waiting = {name: column[bounds[-1] :] for name, column in waiting.items()}
        given = max(given, whole)
    for column in columns.values():
        column.close()
    yield from ({} for _ in range(given, n))


def _points(columns: Points, low: int, high: int) -> Points:
    if low == high:
        return {}
    some = {name: column[low:high] for name, column in columns.items()}
    # Two points at least: at step 0 alone there is no train loss yet.
    return {k: v for k, v in some.items() if high - low < 2 or not np.isnan(v).all()}


class _Column:
    """A column of an npz file, read piece by piece.

    Raises:
        PointsError: it is no column of numbers.
    """

    def __init__(self, member: IO[bytes]) -> None:
        self._member = member
        version = np.lib.format.read_magic(member)
        header = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            raise PointsError("an array of another version")
        shape, _, self.dtype = header(member)
        if len(shape) != 1 or self.dtype.kind not in "iuf":
            raise PointsError("no column of numbers")
        self.length: int = shape[0]

    def read(self, n: int) -> np.ndarray:
        """The next `n` numbers."""
        return np.frombuffer(self._member.read(n * self.dtype.itemsize), self.dtype, n)

    def close(self) -> None:
        """Raise PointsError if there are more; at the end zipfile checks the column's checksum."""
        if self._member.read(1):
            raise PointsError("more numbers than it says")


def _rounded(values: np.ndarray) -> np.ndarray:
    fraction, exponent = np.frexp(np.asarray(values, np.float64))
    return np.ldexp(np.round(np.ldexp(fraction, KEPT_BITS)), exponent - KEPT_BITS)
