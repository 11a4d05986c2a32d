"""A trajectory's digest against bytes written by hand, and bytes of earlier versions."""

import hashlib
import io
import struct
from dataclasses import replace

import numpy as np
import pytest

from grokseed.records.trajectory import Trajectory

COLUMNS = {
    "step": np.array([0, 25], np.int32),
    "sample_loss": np.array([5.5, np.nan]),
    "norm": np.array([40.0, 39.25]),
    "val_correct": np.array([-1, 3]),
}
RUN = Trajectory("done", COLUMNS, test_correct=7, t50=25, early="kept norm<44@20")


def test_a_digest_is_that_of_bytes_written_by_hand() -> None:
    """In the order of names, of which one is an earlier name."""
    by_hand = b"done 7"
    by_hand += b"|norm <f8 (2,)|" + struct.pack("<dd", 40.0, 39.25)
    by_hand += b"|probe_loss <f8 (2,)|" + struct.pack("<dd", 5.5, np.nan)
    by_hand += b"|step <i4 (2,)|" + struct.pack("<ii", 0, 25)
    by_hand += b"|val_correct <i8 (2,)|" + struct.pack("<qq", -1, 3)
    assert RUN.digest() == hashlib.sha256(by_hand).hexdigest()
    swapped = {name: c.astype(c.dtype.newbyteorder(">")) for name, c in COLUMNS.items()}
    assert replace(RUN, columns=dict(reversed(swapped.items()))).digest() == RUN.digest()


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        ({"status": "stopped"}, False),
        ({"test_correct": 8}, False),
        ({"test_correct": None}, False),
        ({"columns": {**COLUMNS, "norm": np.array([40.0, np.nextafter(39.25, 40)])}}, False),
        ({"columns": {**COLUMNS, "step": COLUMNS["step"].astype(np.int64)}}, False),
        ({"columns": {**COLUMNS, "norm": COLUMNS["norm"][:, None]}}, False),
        ({"columns": {**COLUMNS, "norm.head": COLUMNS["norm"]}}, False),
        (
            {"columns": {"norms" if k == "norm" else k: v for k, v in COLUMNS.items()}},
            False,
        ),
        ({"t50": None}, True),
        ({"early": ""}, True),
    ],
)
def test_a_digest_is_of_all_but_t50_and_the_early_verdict(
    other: dict[str, object], equal: bool
) -> None:
    assert (replace(RUN, **other).digest() == RUN.digest()) == equal  # type: ignore[arg-type]


@pytest.mark.parametrize("test_correct", [7, None])
def test_an_earlier_versions_npz_is_read(test_correct: int | None) -> None:
    """It named the validation sample a probe, and knew neither t50 nor early rules."""
    arrays = {f"column.{name}": column for name, column in COLUMNS.items()}
    arrays["column.probe_loss"] = arrays.pop("column.sample_loss")
    if test_correct is not None:
        arrays["test_correct"] = np.array(test_correct)
    file = io.BytesIO()
    np.savez_compressed(file, status=np.array("diverged"), **arrays)
    found = Trajectory.from_bytes(file.getvalue())
    today = Trajectory("diverged", COLUMNS, test_correct)
    assert found.digest() == today.digest() == Trajectory.from_bytes(today.to_bytes()).digest()
    assert (found.status, found.test_correct) == ("diverged", test_correct)
    assert (found.t50, found.early) == (None, "")
    assert set(found.columns) == set(COLUMNS)
