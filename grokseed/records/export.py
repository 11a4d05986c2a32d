"""The files of a scan that git keeps, from its store: the same runs always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import asdict, astuple
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grokseed.records.measure import SCALARS, measure
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import STREAMS, spell_seeds

if TYPE_CHECKING:
    from grokseed.records.store import Store

THINNED_POINTS = 40
THINNED = {
    "run": np.int32,
    "step": np.int32,
    "sample_accuracy": np.float32,
    "sample_loss": np.float32,
    "norm": np.float32,
}


def export(store: Store) -> None:
    """Write `runs.csv`, `trajectories.npz` and `config.json` into the store's folder.

    Every run is measured again, so that a table is always of one version of `measure`. A row of
    the table is a run, sorted by its seeds; it has a column for grafts where there are any. `run`
    in the trajectories is its row number, from 0, and their points are thinned to about 40 a run.

    Raises:
        StoreError: the store is damaged.
        OSError: a file cannot be written.
    """
    table: list[list[object]] = []
    thinned = {name: [np.empty(0, dtype)] for name, dtype in THINNED.items()}
    used: dict[str, set[int]] = {stream: set() for stream in STREAMS}
    for number, (seeds, trajectory, digest) in enumerate(store.trajectories()):
        crashed = trajectory.status == "crashed"
        scalars = dict.fromkeys(SCALARS) if crashed else measure(store.config, trajectory)
        cells = (_cell(scalars[name]) for name in SCALARS)
        table.append([*astuple(seeds), trajectory.status, *cells, digest])
        for stream, values in used.items():
            values.add(getattr(seeds, stream))
        for name, column in _thinned(number, trajectory, store.config.n_sample).items():
            thinned[name].append(column.astype(THINNED[name]))
    header = [*(f"{stream}_seed" for stream in STREAMS), "graft", "status", *SCALARS, "digest"]
    if not any(row[len(STREAMS)] for row in table):  # a scan without grafts has no column of them
        header, *table = [row[: len(STREAMS)] + row[len(STREAMS) + 1 :] for row in [header, *table]]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *table])
    packed = io.BytesIO()
    arrays = {name: np.concatenate(parts) for name, parts in thinned.items()}
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    about = {
        "config": asdict(store.config),
        "config_key": store.config.key(),
        "numerics": store.numerics,
        "seeds": {stream: spell_seeds(values) for stream, values in used.items()},
    }
    write_atomically(store.folder / "trajectories.npz", packed.getvalue())
    write_atomically(store.folder / "runs.csv", written.getvalue().encode())
    write_atomically(store.folder / "config.json", (json.dumps(about, indent=2) + "\n").encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file at once: a reader, or a crash, sees the old bytes or the new ones."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")  # two may be at it: a scan, an export
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _thinned(number: int, trajectory: Trajectory, n_sample: int) -> dict[str, np.ndarray]:
    """Evenly spaced points of one run, first and last always among them."""
    columns = trajectory.columns
    n = len(columns.get("step", ()))
    if n == 0:
        return {}
    kept = np.unique(np.linspace(0, n - 1, min(n, THINNED_POINTS)).round().astype(int))
    return {
        "run": np.full(len(kept), number),
        "step": columns["step"][kept],
        "sample_accuracy": columns["sample_correct"][kept] / n_sample,
        "sample_loss": columns["sample_loss"][kept],
        "norm": columns["norm"][kept],
    }


def _cell(value: int | float | bool | None) -> str:
    if value is None:
        return ""
    return format(value, ".10g") if isinstance(value, float) else str(value)
