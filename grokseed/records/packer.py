"""The points of all runs in one npz file, written run by run: no more than a few are in memory.

An npz file holds column after column, and runs come one after another: each column waits in a file
of its own until all runs are there. The bytes are those of `numpy.savez_compressed`. No torch.
"""

from __future__ import annotations

import zipfile
from contextlib import ExitStack
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

import numpy as np

from grokseed.records.points import ALWAYS, Points

RUNS_AT_ONCE = 1000
"""Runs whose points wait in memory, to be written together."""

IN_MEMORY = 1 << 20
"""Bytes of a column that may wait in memory; beyond, they wait in an unnamed file."""

PIECE = 1 << 24
"""Bytes of a column that are compressed at a time."""


class Packer:
    """Collects the points of runs. Use it in a `with` statement, which deletes temporary files.

    Args:
        folder: for columns that are too large for memory; None for the system's temporary folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._place = None if folder is None else str(folder)
        self._opened = ExitStack()
        self._columns: dict[str, SpooledTemporaryFile] = {"run": self._column()}
        self._waiting: list[Points] = []
        self._runs = self._points = 0

    def __enter__(self) -> Packer:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def add(self, points: Points) -> None:
        """Add the points of the next run; it may have none."""
        self._waiting.append(points)
        if len(self._waiting) >= RUNS_AT_ONCE:
            self._spool()

    def write(self, file: BinaryIO) -> None:
        """Write the npz file: `run` is each run's place, from 0.

        A column that some runs lack is NaN there.
        """
        self._spool()
        names = self._columns if len(self._columns) > 1 else ("run", *ALWAYS)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                header = {
                    "descr": np.lib.format.dtype_to_descr(_dtype(name)),
                    "fortran_order": False,
                    "shape": (self._points,),
                }
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array_header_1_0(member, header)
                    if name in self._columns:
                        column = self._columns[name]
                        column.seek(0)
                        while piece := column.read(PIECE):
                            member.write(piece)

    def _spool(self) -> None:
        some, self._waiting = self._waiting, []
        lengths = [len(points["step"]) if points else 0 for points in some]
        places = np.arange(self._runs, self._runs + len(some), dtype=_dtype("run"))
        self._columns["run"].write(np.repeat(places, lengths).tobytes())
        for name in dict.fromkeys(name for points in some for name in points):
            if name not in self._columns:
                self._columns[name] = self._column()
                self._fill(name, self._points)
        for name in list(self._columns)[1:]:
            if all(name in points for points in some if points):
                parts = [points[name] for points in some if points]
                whole = np.concatenate([np.empty(0, _dtype(name)), *parts])
                self._columns[name].write(whole.astype(_dtype(name), copy=False).tobytes())
                continue
            for points, n in zip(some, lengths, strict=True):
                if name in points:
                    self._columns[name].write(np.asarray(points[name], _dtype(name)).tobytes())
                else:
                    self._fill(name, n)
        self._runs += len(some)
        self._points += sum(lengths)

    def _fill(self, name: str, n: int) -> None:
        for start in range(0, n, PIECE):
            absent = np.full(min(PIECE, n - start), np.nan, _dtype(name))
            self._columns[name].write(absent.tobytes())

    def _column(self) -> SpooledTemporaryFile:
        return self._opened.enter_context(SpooledTemporaryFile(IN_MEMORY, dir=self._place))


def _dtype(name: str) -> np.dtype:
    return np.dtype("<i4" if name in ("run", "step") else "<f4")
