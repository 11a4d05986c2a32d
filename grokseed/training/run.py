"""One run while it trains: its streams, its share of the equations, its points so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.early import EarlyRule, Judge
from grokseed.grafts import parse_graft
from grokseed.model.edits import relabelled_rows
from grokseed.model.graft import check_graft
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.streams import Generators, generators, loader_generator
from grokseed.task import Split, split

_COUNTS = ("train_correct", "train_seen", "sample_correct", "val_correct")

State = dict[str, Any]
"""The state of a run in training, made of tensors, plain values and dictionaries of them, which
`torch.load(weights_only=True)` reads."""

_DRAWN = {
    "number",
    "generators",
    "train",
    "val",
    "test",
    "n_sample",
    "branch",
    "trained_on",
    "judge",
}
"""Fields that `begin` makes from the seeds. Training changes all others."""


@dataclass
class Run:
    """One run's streams, equations, place in them, and evaluation points so far.

    Attributes:
        number: its place among the runs asked for.
        batches: rows of equations for the next steps, drawn ahead, one batch a row.
        n_sample: equations of the validation sample.
        step: optimiser steps taken.
        seen: train examples taken since the last point.
        points: the values so far of each column of the trajectory.
        armed: whether accuracy on the sample was high enough that the whole validation set may show
            t98.
        t50: step of the first whole evaluation with accuracy of at least 0.5; -1 if none yet.
        generalised: whether the whole validation set has reached t98's accuracy.
        completed: whether every answer on it was right.
        weights_at_t98: the weights at t98, if they are asked for.
        t98: the step of these weights; -1 if they are not asked for.
        judge: the early verdict on it; None if no rule applies.
        branch: step from which on batches come from another generator, and that generator.
        trained_on: whether each example is in the train set, bool (n_examples,), if the loader
            orders all examples; else None.
    """

    number: int
    generators: Generators
    train: Tensor
    val: Tensor
    test: Tensor
    batches: Tensor
    n_sample: int
    step: int = 0
    seen: int = 0
    points: dict[str, list[float]] = field(default_factory=dict)
    armed: bool = False
    generalised: bool = False
    completed: bool = False
    weights_at_t98: dict[str, Tensor] = field(default_factory=dict)
    t98: int = -1
    t50: int = -1
    branch: tuple[int, torch.Generator] | None = None
    trained_on: Tensor | None = None
    judge: Judge | None = None
    status: str = "done"
    test_correct: int | None = None

    @property
    def lacks_weights(self) -> bool:
        """Whether it has passed t98, and has no weights of that step to show."""
        return self.generalised and not self.weights_at_t98

    def note(self, **values: float) -> None:
        """Add to the current point."""
        for name, value in values.items():
            self.points.setdefault(name, []).append(value)

    def state(self) -> State:
        """A copy of all fields of the run that training has changed."""
        kept = {name: getattr(self, name) for name in changing_fields()}
        kept["batches"] = self.batches.clone()  # else the larger tensor that it is a view of
        kept["points"] = {
            name: torch.tensor(
                values, dtype=torch.int64 if name in ("step", *_COUNTS) else torch.float64
            )
            for name, values in self.points.items()
        }
        streams = {f.name: getattr(self.generators, f.name) for f in fields(self.generators)}
        return {**kept, "generators": {name: g.get_state() for name, g in streams.items()}}

    def trajectory(self) -> Trajectory:
        """The run's trajectory."""
        columns = {
            name: np.array(
                values,
                np.int32 if name == "step" else np.int64 if name in _COUNTS else np.float64,
            )
            for name, values in self.points.items()
        }
        early = str(self.judge) if self.judge else ""
        return Trajectory(self.status, columns, self.test_correct, self.t50, early)  # type: ignore[arg-type]

    def signals(self, at: int = -1) -> dict[str, float]:
        """The values that an early rule may read at a point, named as in `trajectories.npz`.

        Args:
            at: the point's index among those so far; by default the current one.
        """
        now = {name: values[at] for name, values in self.points.items()}
        norms = {name: value for name, value in now.items() if name.partition(".")[0] == "norm"}
        return {
            "train_loss": now["train_loss"],
            "train_accuracy": now["train_correct"] / max(now["train_seen"], 1),
            "sample_loss": now["sample_loss"],
            "sample_accuracy": now["sample_correct"] / self.n_sample,
            **norms,
        }


def begin(config: Config, seeds: Seeds, number: int, rule: EarlyRule | None = None) -> Run:
    """A run before its first step: its streams, and its share of the equations."""
    streams = generators(seeds, config.scheme, config.n_examples)
    sets, branch, trained_on = split(config, streams.split), None, None
    if seeds.graft:
        check_graft(config, seeds.graft)
        graft = parse_graft(seeds.graft)
        if graft.names == "weights-split":
            parts = (sets.train, sets.val, sets.test)
            sets = Split(*(relabelled_rows(config, graft.seed, rows) for rows in parts))
        if graft.kind == "branch":
            branch = graft.step, loader_generator(graft.seed, config.scheme)
        if graft.kind == "order":
            streams = replace(streams, loader=loader_generator(graft.seed, config.scheme))
            trained_on = torch.zeros(config.n_examples, dtype=torch.bool)
            trained_on[sets.train] = True
    val, none = sets.val, torch.empty(0, config.batch_size, dtype=torch.int64)
    if config.scheme != "shared":  # in scheme shared another draw here would change the training
        # The validation sample is the head of the set in an order of its own; order does not
        # affect counts.
        val = val[torch.randperm(config.n_val, generator=streams.val)]
    judge = Judge(rule, seeds) if rule and rule.judges(seeds) else None
    equations = sets.train, val, sets.test, none, config.n_sample
    return Run(number, streams, *equations, branch=branch, trained_on=trained_on, judge=judge)


def go_on(
    config: Config,
    seeds: Seeds,
    number: int,
    state: Mapping[str, Any],
    rule: EarlyRule | None = None,
) -> Run | None:
    """A run as it was when `Run.state` was called.

    None if an early rule stops it at a point that it has passed.
    """
    run = begin(config, seeds, number, rule)
    for name in changing_fields():
        setattr(run, name, state[name])
    run.points = {name: values.tolist() for name, values in state["points"].items()}
    for name, drawn in state["generators"].items():
        getattr(run.generators, name).set_state(drawn)
    if run.judge:
        for at, step in enumerate(run.points["step"]):
            if run.judge.stops(int(step), run.signals(at)):
                return None
    return run


def goes_on(
    config: Config, rule: EarlyRule | None, shown: bool, seeds: Seeds, state: State
) -> bool:
    """Whether a run goes on from a state, rather than begin anew.

    Args:
        shown: whether its weights are asked for.
    """
    run = go_on(config, seeds, 0, state["run"], rule)
    return run is not None and not (shown and run.lacks_weights)


def changing_fields() -> list[str]:
    """The names of the fields that a state holds, sorted, with the generators."""
    return sorted(f.name for f in fields(Run) if f.name not in _DRAWN)
