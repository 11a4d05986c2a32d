"""The result of one training: numbers at every evaluation point, and their digest. No torch."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from grokseed.records.packed import pack_columns, unpack_columns

DIGEST_NAMES = {"sample_loss": "probe_loss", "sample_correct": "probe_correct"}
"""Earlier names of two columns, used in digests and stored bytes so that these stay valid."""

ABOUT = ("status", "test_correct", "t50", "early")
"""Names of the further values in stored bytes."""

Status = Literal["done", "diverged", "stopped", "crashed"]

ONSET, NEARLY = 0.5, 0.98
"""Accuracies on the whole validation set that define t50 and t98."""


@dataclass(frozen=True)
class Trajectory:
    """The evaluation points of one run, in order of steps; the first is step 0, before training.

    Attributes:
        status: `done`; `diverged` if a loss was not finite; or `stopped` by an early verdict.
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
        t50: step of the first evaluation of the whole validation set with accuracy of at least
            `ONSET`; -1 if there was none, None if it was not recorded (by earlier versions). It is
            not in the digest, as some of its evaluations are in no column.
        early: the verdict of an early rule and the rule, such as `kept norm<44@800`; empty without
            one. It is not in the digest, as a run that goes on is the same run without the rule.
    """

    status: Status
    columns: dict[str, np.ndarray]
    test_correct: int | None = None
    t50: int | None = None
    early: str = ""

    def stopped_at(self, step: int) -> Trajectory:
        """The trajectory as if an early verdict had stopped the run at one of its points."""
        within = self.columns["step"] <= step
        return Trajectory("stopped", {name: v[within] for name, v in self.columns.items()})

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
        """The trajectory as compressed bytes."""
        columns = {DIGEST_NAMES.get(k, k): v for k, v in self.columns.items()}
        about = {name: getattr(self, name) for name in ABOUT}
        return pack_columns(columns, about)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Trajectory:
        """The inverse of `to_bytes`. It also reads the npz files of earlier versions.

        Raises:
            ValueError: the bytes are no trajectory.
        """
        try:
            columns, about = (_from_npz if blob[:2] == b"PK" else unpack_columns)(blob)
            today = {old: new for new, old in DIGEST_NAMES.items()}
            columns = {today.get(k, k): column for k, column in columns.items()}
            return cls(columns=columns, **{name: about[name] for name in ABOUT})
        except Exception as error:  # zipfile, numpy and zlib raise different errors
            raise ValueError(f"damaged trajectory: {error}") from error


def _from_npz(blob: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
        names = [k.removeprefix("column.") for k in arrays.files if "column." in k]
        columns = {name: arrays[f"column.{name}"] for name in names}
        about: dict[str, Any] = {
            name: int(arrays[name]) if name in arrays.files else None
            for name in ("test_correct", "t50")
        }
        about["early"] = str(arrays["early"]) if "early" in arrays.files else ""
        return columns, about | {"status": str(arrays["status"])}
