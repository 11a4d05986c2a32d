"""A run's weights in a safetensors file of its own, as `--save-weights` leaves them. No torch.

A file holds the weights at one or more moments: at the start (`initial`), at t98 (`generalised`),
and at the end (`last`). A tensor's name is its moment and its parameter: `last/head.weight`. The
header holds the config, the seeds, and the step of each moment.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from grokseed.config import Config
from grokseed.records.export import write_atomically
from grokseed.seeds import STREAMS, Seeds

FOLDER = "weights"
"""Where the files of a scan are in its folder."""

Moment = Literal["initial", "generalised", "last"]
Weights = Mapping[str, np.ndarray]
"""Parameters by the names of `model.layout`."""


def weights_file(folder: str | Path, seeds: Seeds) -> Path:
    """Where a run's weights are in a scan's folder: `weights/split0_model1_loader8_val9` and so on.

    A graft is added as far as a file name can spell it, with six digits that tell grafts apart.
    """
    name = "_".join(f"{stream}{getattr(seeds, stream)}" for stream in STREAMS)
    if seeds.graft:
        digits = hashlib.sha256(seeds.graft.encode()).hexdigest()[:6]
        name += f"_{re.sub(r'[^a-zA-Z0-9.+-]+', '-', seeds.graft)[:60]}-{digits}"
    return Path(folder) / FOLDER / f"{name}.safetensors"


def write_weights(
    path: Path, config: Config, seeds: Seeds, moments: Mapping[Moment, tuple[int, Weights]]
) -> None:
    """Write a run's weights, whole or not at all.

    Args:
        path: its folder is made where it is missing, but not what holds that one.
        moments: the step of each moment, and the weights then.

    Raises:
        OSError: it cannot be written.
    """
    tensors = {
        f"{moment}/{name}": np.ascontiguousarray(value)
        for moment, (_, weights) in moments.items()
        for name, value in weights.items()
    }
    about = {
        "config": json.dumps(asdict(config)),
        "seeds": json.dumps(asdict(seeds)),
        "steps": json.dumps({moment: step for moment, (step, _) in moments.items()}),
    }
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, save(tensors, about))


def steps_of(path: str | Path) -> dict[Moment, int]:
    """The moments whose weights a file holds, with their steps, by its header alone; none where it
    cannot be read."""
    try:
        with safe_open(path, "numpy") as file:
            return json.loads(file.metadata()["steps"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return {}


def read_weights(path: str | Path) -> dict[Moment, dict[str, np.ndarray]]:
    """The weights of each moment that a file holds, float32, by the names of `model.layout`.

    Raises:
        OSError: there is no such file.
        safetensors.SafetensorError: it is no such file.
    """
    moments: dict[Moment, dict[str, np.ndarray]] = {}
    with safe_open(path, "numpy") as file:
        for key in file.keys():  # noqa: SIM118 (no dict)
            moment, _, name = key.partition("/")
            moments.setdefault(moment, {})[name] = file.get_tensor(key)
    return moments
