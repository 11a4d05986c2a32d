"""Train stored runs once more, each as its numerics say, as far as possible on this machine."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from grokseed.config import Config
from grokseed.early import read_verdict, spelled_rule
from grokseed.execution.how import How
from grokseed.execution.scanner import Scanner
from grokseed.records.row import Row
from grokseed.records.trajectory import Trajectory
from grokseed.training.numerics import compiler


class Retrained(NamedTuple):
    """A stored run, and the result of training it again: a trajectory, or why there is none.

    `numerics` are those of the second training.
    """

    row: Row
    trajectory: Trajectory | None
    numerics: str
    error: str = ""


def retrain(config: Config, rows: Sequence[Row], jobs: int | None = None) -> Iterator[Retrained]:
    """Train runs again, in any order.

    Args:
        config: of all of them.
        rows: of runs that did not crash.
        jobs: worker processes; by default one a core, or one a GPU.

    Raises:
        ValueError: this machine cannot train such a config at all.
    """
    groups: defaultdict[tuple[How, str], list[Row]] = defaultdict(list)
    for row in rows:
        rule = read_verdict(row.early)[1] if row.status == "stopped" else ""
        groups[how_made(row.made.numerics, jobs), rule].append(row)
    for (how, text), some in groups.items():
        runs = [row.seeds for row in some]
        rule = spelled_rule(text) if text else None
        scanner = Scanner(config, runs, Path(), how, rule=rule)
        by_seeds = {row.seeds: row for row in some}
        for outcomes in scanner.train(runs, lambda steps: None):
            for seeds, trajectory, error, _, made in outcomes:
                yield Retrained(by_seeds[seeds], trajectory, made.numerics, error)


def how_made(numerics: str, jobs: int | None = None) -> How:
    """How a run of some numerics is trained again: compiled or eager, and on a GPU with which
    lanes.

    Without a GPU, runs of a GPU are trained on the CPU; without a C++ compiler, compiled runs are
    trained eagerly. If no numerics were noted, CPU and eager are assumed.
    """
    on_gpu = numerics.startswith("cuda ") and torch.cuda.is_available()
    lanes = re.search(r" lanes (\d+)", numerics) if on_gpu else None
    compiled = " compiled" in numerics and (on_gpu or compiler() is not None)
    return How(
        device="cuda" if on_gpu else "cpu",
        jobs=jobs,
        lanes=int(lanes[1]) if lanes else None,
        compile="yes" if compiled else "no",
    )
