"""Folders of scans to compare, made of times alone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from grokseed.config import Config
from grokseed.records.measure import SCALARS


def folder(path: Path, times, steps=20_000, first=0, split: object = 0, **config) -> Path:
    """A scan's tables with such times to t98, NaN where a run never got there."""
    n = len(times)
    blank: dict = {name: [None] * n for name in SCALARS}
    seeds = {"split_seed": split, "model_seed": range(first, first + n), "loader_seed": 8}
    seen = {"t98_step": np.where(np.array(times) < steps, times, np.nan), "steps": steps}
    path.mkdir(parents=True)
    table = pd.DataFrame({**seeds, "val_seed": 9, "status": "done", **blank, **seen})
    table.to_csv(path / "runs.csv", index=False)
    np.savez(path / "trajectories.npz", run=np.empty(0), step=np.empty(0))
    about = {"config": vars(Config()) | config, "seeds": {}}
    (path / "config.json").write_text(json.dumps(about))
    return path
