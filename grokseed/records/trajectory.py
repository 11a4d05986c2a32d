"""What one training leaves behind: numbers at every evaluation point, their digest. No torch."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Literal

import numpy as np

DIGEST_NAMES = {"sample_loss": "probe_loss", "sample_correct": "probe_correct"}
"""What digests and stored bytes call two columns: an earlier name, kept so that they stay valid."""

Status = Literal["done", "diverged", "crashed"]

NEARLY = 0.98
"""Whole validation accuracy of the landmark `t98_step`: the trainer looks for it, `measure` reads
it off."""


@dataclass(frozen=True)
class Trajectory:
    """The evaluation points of one run, in order of steps; the first is step 0, before training.

    Attributes:
        status: `done`, or `diverged` where a train loss was no longer finite.
        columns: arrays of equal length, one entry a point:
            `step` int32, optimiser steps taken;
            `train_loss` float64, `train_correct` and `train_seen` int64: over the batches since
            the last point (NaN and 0 at step 0);
            `sample_loss` float64, `sample_correct` int64: over the validation sample;
            `val_loss` float64 (NaN where not run), `val_correct` int64 (-1 where not run): over
            the whole validation set;
            `norm` float64: L2 over all parameters but the embeddings;
            `norm.<group>` float64: L2 over one layer group.
        test_correct: right answers on the test set at the end, or None without a test set.
    """

    status: Status
    columns: dict[str, np.ndarray]
    test_correct: int | None = None

    def digest(self) -> str:
        """SHA-256 over the canonical bytes: names, dtypes, little-endian values, in name order."""
        h = hashlib.sha256(f"{self.status} {self.test_correct}".encode())
        columns = {DIGEST_NAMES.get(k, k): v for k, v in self.columns.items()}
        for name in sorted(columns):
            column = columns[name]
            column = np.ascontiguousarray(column, column.dtype.newbyteorder("<"))
            h.update(f"|{name} {column.dtype.str} {column.shape}|".encode())
            h.update(column.tobytes())
        return h.hexdigest()

    def to_bytes(self) -> bytes:
        """The trajectory as a compressed npz."""
        buffer = io.BytesIO()
        extra = {} if self.test_correct is None else {"test_correct": np.array(self.test_correct)}
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            **{f"column.{DIGEST_NAMES.get(k, k)}": v for k, v in self.columns.items()},
            **{"status": np.array(self.status), **extra},
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> Trajectory:
        """The inverse of `to_bytes`.

        Raises:
            ValueError: the bytes are no trajectory.
        """
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
                names = [k.removeprefix("column.") for k in arrays.files if "column." in k]
                today = {old: new for new, old in DIGEST_NAMES.items()}
                columns = {today.get(k, k): arrays[f"column.{k}"] for k in names}
                test = int(arrays["test_correct"]) if "test_correct" in arrays.files else None
                return cls(str(arrays["status"]), columns, test)  # type: ignore[arg-type]
        except Exception as error:  # zipfile, numpy and zlib each raise their own
            raise ValueError(f"damaged trajectory: {error}") from error
