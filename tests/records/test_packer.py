"""The points' file is written in pieces, and its bytes are numpy's own."""

import io
from typing import Any

import numpy as np
import pytest
from folder_tables import pack

from grokseed.records import packer
from grokseed.records.packer import Packer
from grokseed.records.points import ALWAYS, unpack


def points(n: int, *extra: str) -> dict[str, np.ndarray]:
    random = np.random.default_rng(n)
    step = 25 * np.arange(n, dtype=np.int32)
    others = {name: random.random(n).astype(np.float32) for name in (*ALWAYS[1:], *extra)}
    return {"step": step, **others} if n else {}


def by_numpy(runs: list[dict[str, np.ndarray]]) -> bytes:
    """As `numpy.savez_compressed` writes the same columns, each made in one piece."""
    names = list(dict.fromkeys(name for run in runs for name in run)) or ALWAYS
    lengths = [len(run.get("step", ())) for run in runs]
    columns: dict[str, Any] = {"run": np.repeat(np.arange(len(runs), dtype=np.int32), lengths)}
    for name in names:
        dtype = np.int32 if name == "step" else np.float32
        parts = [run.get(name, np.full(n, np.nan)) for run, n in zip(runs, lengths, strict=True)]
        columns[name] = np.concatenate([np.empty(0), *parts]).astype(dtype)
    file = io.BytesIO()
    np.savez_compressed(file, **columns)
    return file.getvalue()


RUNS = [points(3), {}, points(40, "norm.head"), points(1), points(17, "norm.head", "norm.a"), {}]


@pytest.mark.parametrize("runs", [RUNS, RUNS[:2], [{}, {}], [], 20 * RUNS], ids=len)
@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_the_bytes_are_numpys(monkeypatch, at_once, runs):
    monkeypatch.setattr(packer, "RUNS_AT_ONCE", at_once)
    monkeypatch.setattr(packer, "IN_MEMORY", 100)  # the columns wait on the disk
    monkeypatch.setattr(packer, "PIECE", 64)
    file = io.BytesIO()
    pack(runs, file)
    assert file.getvalue() == by_numpy(runs)
    back = list(unpack(file, len(runs)))
    for run, there in zip(runs, back, strict=True):
        for name, column in run.items():
            assert np.array_equal(there[name], column)


def test_what_waits_on_the_disk_is_gone_however_it_ends(monkeypatch, tmp_path):
    monkeypatch.setattr(packer, "IN_MEMORY", 0)
    waiting = Packer(tmp_path)
    for _ in range(2000):
        waiting.add(points(5))
    with pytest.raises(KeyboardInterrupt), waiting:
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
