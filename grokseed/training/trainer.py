"""Stacked training: a config and the seeds of several runs in, a trajectory a run out.

The runs train side by side, one a lane, and never touch one another: a run's trajectory is the
same to the bit in any lane, with any neighbours, whenever it entered, and however often its state
was taken out and put back. No files, no clock, no printing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.early import EarlyRule
from grokseed.model.graft import initial_weights
from grokseed.records.trajectory import NEARLY, ONSET, Trajectory
from grokseed.records.weights import Moment
from grokseed.seeds import Seeds
from grokseed.training.batches import draw_val_pass
from grokseed.training.lanes import Lanes
from grokseed.training.numerics import has_constant_width, matmul_kernels
from grokseed.training.run import Run, State, begin, go_on

OnWeights = Callable[[Seeds, Moment, int, Mapping[str, Tensor]], None]
"""Gets a run's seeds, a moment of it, its step, and its weights by name, views to be copied."""

NOT_RUN = np.nan, -1
"""Loss and right answers of the whole validation set where it was not run."""

PAUSE_STEPS = 25
"""Steps after which there is a pause at the latest: where points are rare, a state is not."""

SAMPLE_ARMS = 0.95
"""Accuracy on the validation sample from which on the whole set may show t98 or be all right."""


def onset_arms(n_sample: int) -> float:
    """The same for t50: five standard errors of the sample's accuracy below a half."""
    return ONSET - 2.5 / n_sample**0.5


class _Training:
    """Runs that wait for a lane and runs in lanes, from one evaluation point to the next."""

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
        self.runs, self.on_weights = runs, on_weights
        self.waiting = deque(enumerate(runs))

    def fill(self) -> None:
        """Let waiting runs into the empty lanes, each with its first point or as it was."""
        while self.waiting and (empty := self.lanes.empty):
            entered = empty[: len(self.waiting)]
            new = [lane for lane in entered if self._enter(lane, *self.waiting.popleft())]
            self.point(new)  # one that is right before it trains makes room again
        self.lanes.shrink()

    def _enter(self, lane: int, number: int, seeds: Seeds) -> bool:
        """Let a run in; whether it is at its beginning."""
        state = self.saved(number)
        if state is not None:
            run = go_on(self.config, seeds, number, state["run"], self.rule)
            if run is not None and self._show_again(run, seeds):
                self.lanes.enter_again(lane, run, state)
                return False
        run = begin(self.config, seeds, number, self.rule)
        weights = initial_weights(self.config, seeds, run.generators.model)
        self.lanes.enter(lane, run, weights)
        self._show("initial", lane)
        return True

    def advance(self) -> int:
        """Train up to the next pause or point of any run; the steps that all took together."""
        c, busy = self.config, self.lanes.busy
        taken = [self.lanes.run(lane).step for lane in busy]
        to_point = min(min(c.sample_every - s % c.sample_every, c.max_steps - s) for s in taken)
        steps = min(to_point, PAUSE_STEPS)
        self.lanes.advance(steps)
        return steps * len(busy)

    def due(self) -> list[int]:
        """The lanes whose runs have a point here."""
        return [lane for lane in self.lanes.busy if self._is_due(self.lanes.run(lane).step)]

    def _is_due(self, step: int) -> bool:
        return step % self.config.sample_every == 0 or step == self.config.max_steps

    def point(self, lanes: list[int]) -> None:
        """Note an evaluation point of the runs in some lanes, and let go of those that end here."""
        c, runs = self.config, [self.lanes.run(lane) for lane in lanes]
        if not runs:
            return
        losses, corrects = self.lanes.evaluate(lanes, [run.val[: c.n_sample] for run in runs])
        for run, loss, correct, train_loss, train_correct, norms in zip(
            *(runs, losses, corrects, *self.lanes.sums(lanes), self.lanes.norms(lanes)), strict=True
        ):
            run.note(
                step=run.step,
                train_loss=train_loss / run.seen if run.step else np.nan,
                train_correct=train_correct,
                train_seen=run.seen,
                sample_loss=loss,
                sample_correct=correct,
                **norms,
            )
            run.armed |= correct >= SAMPLE_ARMS * c.n_sample
            if run.step and not np.isfinite(train_loss + loss):
                run.status = "diverged"
            if self._is_scheduled(run) and c.scheme == "shared":
                draw_val_pass(run.generators.val, c.val_shuffle)
            run.seen = 0
        self._point_of_whole_set(lanes, losses, corrects)
        self._let_go(lanes)

    def _point_of_whole_set(
        self, lanes: list[int], losses: list[float], corrects: list[int]
    ) -> None:
        """Note what the whole validation set says, of the runs for which it may say something new.

        Args:
            losses, corrects: what the sample said.
        """
        c, runs = self.config, [self.lanes.run(lane) for lane in lanes]
        noted = [
            self._is_scheduled(run) or self._wants_whole(run, correct) or c.n_sample == c.n_val
            for run, correct in zip(runs, corrects, strict=True)
        ]
        # These evaluations are in no column: they would change every digest from before t50.
        onset = [
            run.t50 < 0 and correct >= onset_arms(c.n_sample) * c.n_sample
            for run, correct in zip(runs, corrects, strict=True)
        ]
        found = list(zip(losses, corrects, strict=True))
        if c.n_sample < c.n_val:
            some = [i for i in range(len(lanes)) if noted[i] or onset[i]]
            rows = [runs[i].val for i in some]
            results = zip(*self.lanes.evaluate([lanes[i] for i in some], rows), strict=True)
            whole = dict(zip(some, results, strict=True))
            found = [whole.get(i, NOT_RUN) for i in range(len(lanes))]
        for lane, run, (loss, correct), in_columns in zip(lanes, runs, found, noted, strict=True):
            if run.t50 < 0 and correct >= ONSET * c.n_val:
                run.t50 = run.step
            if not in_columns:
                loss, correct = NOT_RUN
            run.note(val_loss=loss, val_correct=correct)
            if not run.enough and correct >= NEARLY * c.n_val:
                run.enough = True
                self._generalised(lane)
            run.confirmed |= correct == c.n_val

    def _is_scheduled(self, run: Run) -> bool:
        """Whether the whole validation set is run at this point in any case."""
        c, step = self.config, run.step
        return step in (c.max_steps, c.screen_step) or step % c.val_every == 0 < step

    def _wants_whole(self, run: Run, sample_correct: int) -> bool:
        """Whether the whole validation set may show a landmark that this run has not reached.

        The sample is part of the whole: while it is not all right, the whole cannot be.
        """
        all_right = sample_correct == self.config.n_sample
        return run.armed and not run.confirmed and (all_right or not run.enough)

    def _let_go(self, lanes: list[int]) -> None:
        c = self.config
        ended = [lane for lane in lanes if self._ends(self.lanes.run(lane))]
        scored = [lane for lane in ended if c.n_test and self.lanes.run(lane).status == "done"]
        tests = [self.lanes.run(lane).test for lane in scored]
        for lane, correct in zip(scored, self.lanes.evaluate(scored, tests)[1], strict=True):
            self.lanes.run(lane).test_correct = correct
        for lane in ended:
            self._show("last", lane)
            run = self.lanes.leave(lane)
            self.on_end(run.number, run.trajectory())

    def _ends(self, run: Run) -> bool:
        c = self.config
        if (
            run.step == c.max_steps
            or run.status == "diverged"
            or (c.stop_when == "completed" and run.confirmed)
            or (c.stop_when == "t98" and run.enough)
        ):
            return True
        if run.judge and run.judge.stops(run.step, run.signals()):
            run.status = "stopped"
        return run.status == "stopped"

    def _show(self, moment: Moment, lane: int) -> None:
        if self.on_weights:
            run = self.lanes.run(lane)
            self.on_weights(self.runs[run.number], moment, run.step, self.lanes.weights(lane))

    def _generalised(self, lane: int) -> None:
        """Show the weights at t98, and keep them: a run that goes on must be able to again."""
        if self.on_weights:
            run, weights = self.lanes.run(lane), self.lanes.weights(lane)
            run.t98 = run.step
            run.generalised = {
                name: value.detach().cpu().clone() for name, value in weights.items()
            }
            self._show("generalised", lane)

    def _show_again(self, run: Run, seeds: Seeds) -> bool:
        """Show the moments that a run has passed, as nobody here has seen them; false if it cannot.

        The initial weights are drawn once more, those at t98 are in the run's state.
        """
        if self.on_weights:
            if run.enough and not run.generalised:  # until now nobody wanted weights
                return False
            fresh = begin(self.config, seeds, run.number)
            weights = initial_weights(self.config, seeds, fresh.generators.model)
            self.on_weights(seeds, "initial", 0, weights)
            if run.enough:
                self.on_weights(seeds, "generalised", run.t98, run.generalised)
        return True


def train(
    config: Config,
    runs: Sequence[Seeds],
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
        runs: the seeds of each run.
        device: where the tensors live, `cpu` or a CUDA device.
        compiled: compile the whole step, about a minute once a process for a quarter to a half more
            speed. Its bits are other ones: see `numerics.numerics`.
        lanes: runs to train at a time, by default all; where one ends, the next takes its lane. On
            a GPU all of so many lanes train, empty or not, and their number is part of a run's
            numerics.
        on_point: called at every pause, which every evaluation point is, with the number of
            optimiser steps that all lanes together have taken since the last; it may raise to
            abandon the runs.
        on_end: called for every run that ends, as it does: its place in `runs`, its trajectory.
        saved: called with a run's place in `runs` as it enters; gives the state to go on from, of
            the same run under the same numerics, or None to begin.
        on_pause: called after `on_point` with a function that gives the place in `runs` and the
            whole state of each run in hand, for `saved` of a later call; it may raise likewise.
        rule: an early verdict that stops runs; those that go on are the same without it.
        on_weights: called before a run's first step, at its t98, and at its end before `on_end`.

    Returns:
        A trajectory a run, in the order of `runs`.
    """
    ended: dict[int, Trajectory] = {}

    def end(number: int, trajectory: Trajectory) -> None:
        ended[number] = trajectory
        if on_end:
            on_end(number, trajectory)

    width = lanes or len(runs)
    if not has_constant_width(device):
        width = min(width, len(runs))
    current = torch.cuda.device(device) if device.startswith("cuda") else nullcontext()
    with current, matmul_kernels(config, device):
        places = Lanes(config, width, device, compiled)
        training = _Training(config, runs, places, end, saved, rule, on_weights)
        training.fill()
        while places.busy:
            trained = training.advance()
            training.point(training.due())
            if on_point:
                on_point(trained)
            if on_pause:
                on_pause(places.states)
            training.fill()
    return [ended[number] for number in range(len(runs))]
