"""Stacked training: from a config and the seeds of several runs to a trajectory for each run.

The runs train side by side, one a lane, and do not affect one another: a run's trajectory is the
same to the bit in any lane, with any neighbours, whenever it entered, and however often its state
was saved and restored. No files, no clock, no printing.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext

import torch

from grokseed.config import Config
from grokseed.early import EarlyRule
from grokseed.model.graft import initial_weights
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds, whole
from grokseed.training.evaluations import Evaluations
from grokseed.training.lanes import Lanes
from grokseed.training.moments import Moments, OnWeights
from grokseed.training.numerics import has_constant_width, matmul_kernels
from grokseed.training.run import Run, State, begin, go_on

PAUSE_STEPS = 25
"""Most steps between pauses, so that states can be saved even if evaluation points are rare."""


class _Training:
    """Runs that wait for a lane and runs in lanes, trained from one evaluation point to the
    next."""

    def __init__(
        self,
        config: Config,
        runs: Sequence[Seeds],
        lanes: Lanes,
        on_end: Callable[[int, Trajectory], None],
        saved: Callable[[int], State | None],
        rule: EarlyRule | None,
        on_weights: OnWeights | None,
    ) -> None:
        self.config, self.lanes, self.on_end = config, lanes, on_end
        self.saved, self.rule = saved, rule
        self.evaluations = Evaluations(config, lanes)
        self.moments = Moments(config, runs, lanes, on_weights)
        self.waiting = deque(enumerate(runs))

    def fill(self) -> None:
        """Put waiting runs into the empty lanes, each with its first point or its saved state."""
        while self.waiting and (empty := self.lanes.empty):
            entered = empty[: len(self.waiting)]
            new = [lane for lane in entered if self._enter(lane, *self.waiting.popleft())]
            self.point(new)  # a run that is complete before it trains leaves its lane again
        self.lanes.shrink()

    def _enter(self, lane: int, number: int, seeds: Seeds) -> bool:
        """Put a run into a lane; return whether it is at its beginning."""
        state = self.saved(number)
        if state is not None:
            run = go_on(self.config, seeds, number, state["run"], self.rule)
            if run is not None and self.moments.show_again(run, seeds):
                self.lanes.enter_again(lane, run, state)
                return False
        run = begin(self.config, seeds, number, self.rule)
        weights = initial_weights(self.config, seeds, run.generators.model)
        self.lanes.enter(lane, run, weights)
        self.moments.show("initial", lane)
        return True

    def advance(self) -> int:
        """Train up to the next pause or point of any run; return the number of run-steps taken."""
        busy = self.lanes.busy
        steps = min(self.evaluations.steps_to_next(), PAUSE_STEPS)
        self.lanes.advance(steps)
        return steps * len(busy)

    def point(self, lanes: list[int]) -> None:
        """Note an evaluation point of the runs in some lanes, and release runs that end here."""
        if lanes:
            for lane in self.evaluations.note(lanes):
                self.moments.keep(lane)
            self._let_go(lanes)

    def _let_go(self, lanes: list[int]) -> None:
        c = self.config
        ended = [lane for lane in lanes if self._ends(self.lanes.run(lane))]
        scored = [lane for lane in ended if c.n_test and self.lanes.run(lane).status == "done"]
        tests = [self.lanes.run(lane).test for lane in scored]
        for lane, correct in zip(scored, self.lanes.evaluate(scored, tests)[1], strict=True):
            self.lanes.run(lane).test_correct = correct
        for lane in ended:
            self.moments.show("last", lane)
            run = self.lanes.leave(lane)
            self.on_end(run.number, run.trajectory())

    def _ends(self, run: Run) -> bool:
        c = self.config
        if (
            run.step == c.max_steps
            or run.status == "diverged"
            or (c.stop_when == "completed" and run.completed)
            or (c.stop_when == "t98" and run.generalised)
        ):
            return True
        if run.judge and run.judge.stops(run.step, run.signals()):
            run.status = "stopped"
        return run.status == "stopped"


def train(
    config: Config,
    runs: Iterable[Seeds],
    *,
    device: str = "cpu",
    compiled: bool = False,
    lanes: int | None = None,
    on_point: Callable[[int], None] | None = None,
    on_end: Callable[[int, Trajectory], None] | None = None,
    saved: Callable[[int], State | None] = lambda number: None,
    on_pause: Callable[[Callable[[], Iterator[tuple[int, State]]]], None] | None = None,
    rule: EarlyRule | None = None,
    on_weights: OnWeights | None = None,
) -> list[Trajectory]:
    """Train some runs side by side, each from its own streams.

    Args:
        config: of all the runs, from `grokseed.preset` or `grokseed.Config`.
        runs: the seeds of each run.
        device: where the tensors live, `cpu` or a CUDA device.
        compiled: compile the whole step, once a process, for a third to a half more speed
            (results/speed). Its bits differ from those of eager steps: see `numerics.numerics`.
        lanes: runs to train at a time, by default all; where one ends, the next takes its lane. On
            a GPU all lanes train, empty or not, and their number is part of a run's numerics.
        on_point: called at every pause, which every evaluation point is, with the number of
            optimiser steps that all lanes together have taken since the last; it may raise to
            abandon the runs.
        on_end: called when a run ends, with its place in `runs` and its trajectory.
        saved: called with a run's place in `runs` as it enters; gives the state to go on from, of
            the same run under the same numerics, or None to begin.
        on_pause: called after `on_point` with a function that gives the place in `runs` and the
            whole state of each run in training, for `saved` of a later call; it may raise as well.
        rule: an early verdict that stops runs; those that go on are the same without it.
        on_weights: called before a run's first step, at its t98, and at its end before `on_end`.

    Returns:
        A trajectory a run, in the order of `runs`.

    Raises:
        TypeError: `config` is none, `runs` are no `Seeds`, `device` is no text, or `compiled` is
            neither True nor False.
        ValueError: no such device, or `lanes` is no whole number of at least 1.
    """
    runs = _checked(config, runs, device, compiled, lanes)
    ended: dict[int, Trajectory] = {}

    def end(number: int, trajectory: Trajectory) -> None:
        ended[number] = trajectory
        if on_end:
            on_end(number, trajectory)

    width = len(runs) if lanes is None else lanes
    if not has_constant_width(device):
        width = min(width, len(runs))
    current = torch.cuda.device(device) if device.startswith("cuda") else nullcontext()
    with current, matmul_kernels(config, device):
        places = Lanes(config, width, device, compiled)
        training = _Training(config, runs, places, end, saved, rule, on_weights)
        training.fill()
        while places.busy:
            trained = training.advance()
            training.point(training.evaluations.due())
            if on_point:
                on_point(trained)
            if on_pause:
                on_pause(places.states)
            training.fill()
    return [ended[number] for number in range(len(runs))]


def _checked(
    config: object, runs: Iterable[object], device: object, compiled: object, lanes: object
) -> list[Seeds]:
    """The runs, after a check of what Python's callers give."""
    if not isinstance(config, Config):
        raise TypeError(f"config must be a grokseed.Config, as of grokseed.preset, not {config!r}")
    several = list(runs) if isinstance(runs, Iterable) else [None]
    seeds = [run for run in several if isinstance(run, Seeds)]
    if len(seeds) < len(several):
        raise TypeError(f"runs must be a list of grokseed.Seeds, not {runs!r:.200}")
    if lanes is not None and whole("lanes", lanes) < 1:
        raise ValueError(f"lanes must be at least 1, not {lanes}")
    if not isinstance(device, str):
        raise TypeError(f"device must be text, not {device!r}")
    if not isinstance(compiled, bool):
        raise TypeError(f"compiled must be True or False, not {compiled!r}")
    if device == "cpu":
        return seeds
    if not re.fullmatch(r"cuda(:\d+)?", device):
        raise ValueError(f"device must be cpu, or like cuda:0, not {device!r}")
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(device.partition(":")[2] or 0) >= there:
        raise ValueError(f"device {device} is not there: torch sees {there} GPUs")
    return seeds
