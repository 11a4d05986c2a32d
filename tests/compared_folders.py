"""Folders of scans to compare, made of times alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from grokseed.config import Config
from grokseed.records.asked import Asked
from grokseed.records.export import table
from grokseed.records.folder import FORMAT
from grokseed.records.measure import SCALARS
from grokseed.records.provenance import Made
from grokseed.records.row import Row
from grokseed.seeds import Seeds


def folder(
    path: Path,
    times,
    steps=20_000,
    first: ArrayLike = 0,
    split: ArrayLike = 0,
    graft: str | Sequence[str] = "",
    early: str = "",
    status: str = "done",
    loader: ArrayLike = 8,
    asked: int = 0,
    **config,
) -> Path:
    """A scan's tables with such times to t98, NaN where a run never got there; `asked` are runs
    that it was asked for, if they are more."""
    n, made = len(times), Config(**config)  # type: ignore[arg-type]
    rows = []
    model = np.asarray(first) + (0 if np.ndim(first) else np.arange(n))
    seeds = np.broadcast_arrays(split, model, loader, np.full(n, 9))
    grafts = np.broadcast_to(graft, n)
    for time, grafted, *own in zip(times, grafts, *seeds, strict=True):
        reached = {"t98_step": round(time) if time < steps else None, "steps": steps}
        scalars = dict.fromkeys(SCALARS) | (reached if status != "crashed" else {})
        digest = "0" * 64 if status != "crashed" else ""
        run = Seeds(*map(int, own), graft=str(grafted))
        rows.append(Row(run, status, scalars, Made("cpu"), digest, early=early))
    path.mkdir(parents=True)
    rows.sort(key=lambda row: row.seeds)
    (path / "runs.csv").write_text(table(rows, made.key()))
    seen = 0 if status == "crashed" else n
    points = {"run": np.repeat(np.arange(seen), 2), "step": np.tile([0, steps], seen)}
    np.savez(path / "trajectories.npz", **points)
    about = {"format": FORMAT, "config": asdict(made), "config_key": made.key()}
    about |= {"asked": Asked(asked or n)._asdict(), "seeds": {}}
    (path / "config.json").write_text(json.dumps(about))
    return path
