"""Configs and seeds of runs that take seconds, and what holds of any of them."""

from typing import Any

from grokseed.config import Config, preset
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.trainer import train

RUNS = [Seeds(1, 2, 3, 4), Seeds(0, 0, 0, 0), Seeds(1, 7, 3, 5), Seeds(6, 9, 8, 4)]

SEVEN_RUNS = [Seeds(i % 3, 7 * i % 10, i, 4) for i in range(7)]

TINY: dict[str, object] = {"p": 11, "d_model": 16, "heads": 2, "batch_size": 16, "max_steps": 8}
TINY |= {"sample_every": 5, "val_every": 10, "screen_step": 5, "sample_size": 20, "lr": 3e-3}

GROKS = {"operation": "x^2+y^2", "d_model": 32, "heads": 4, "layers": 1, "weight_decay": 0.5}
GROKS |= {"p": 11, "train_fraction": 0.95, "lr": 2e-2, "batch_size": 64, "max_steps": 60}
"""Runs that generalise within seconds, each at its own step."""

SLOWLY: dict[str, Any] = {**GROKS, "p": 23, "d_model": 64, "lr": 3e-3, "train_fraction": 0.85}
SLOWLY |= {"batch_size": 128, "max_steps": 180, "sample_size": 40, "screen_step": 180}
"""Runs whose last few examples come well after their t98."""

EXPLODES = {"operation": "x+y", "p": 7, "layers": 1, "lr": 1e5, "warmup_steps": 0}
EXPLODES |= {"weight_decay": 0.0, "sample_every": 1, "max_steps": 20}
"""Runs whose loss overflows, each at its own step."""

ROTE = {"task": "rote", "examples": 60, "length": 12, "d_model": 16, "heads": 2, "batch_size": 16}
ROTE |= {"max_steps": 8, "sample_every": 3, "val_every": 6, "screen_step": 6, "sample_size": 20}


def tiny(**changes: object) -> Config:
    return preset("diary", **{**TINY, **changes})


def rote(**changes: object) -> Config:
    return Config(**{**ROTE, **changes})  # type: ignore[arg-type]


def digests(config: Config, runs: list[Seeds]) -> list[str]:
    return [trajectory.digest() for trajectory in train(config, runs)]


def ends(trajectories: list[Trajectory]) -> list[int]:
    return [int(t.columns["step"][-1]) for t in trajectories]


def assert_lanes_do_not_touch(config: Config) -> None:
    """Four runs in two companies, in other lanes of another number, and two of them alone."""
    found: dict[int, set[str]] = {run: set() for run in range(len(RUNS))}
    for places in ([3, 2, 1, 0], [2, 0, 3, 2, 1], [0], [2]):
        for run, digest in zip(places, digests(config, [RUNS[i] for i in places]), strict=True):
            found[run].add(digest)
    assert [len(of_one) for of_one in found.values()] == [1] * len(RUNS)
    assert len(set.union(*found.values())) == len(RUNS)
