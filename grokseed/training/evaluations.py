"""Evaluation points: when runs have one, and what is measured of them there."""

from __future__ import annotations

import numpy as np

from grokseed.config import Config
from grokseed.records.trajectory import NEARLY, ONSET
from grokseed.training.batches import draw_val_pass
from grokseed.training.lanes import Lanes
from grokseed.training.run import Run

NOT_RUN = np.nan, -1
"""Loss and right answers of the whole validation set where it was not run."""

SAMPLE_ARMS = 0.95
"""A run must reach this accuracy on the validation sample before the whole set is run for t98."""


def onset_arms(n_sample: int) -> float:
    """The same limit for t50: a half minus five standard errors of the sample's accuracy."""
    return ONSET - 2.5 / n_sample**0.5


class Evaluations:
    """The evaluation points of the runs in lanes."""

    def __init__(self, config: Config, lanes: Lanes) -> None:
        self.config, self.lanes = config, lanes

    def steps_to_next(self) -> int:
        """Steps up to the next point of any run."""
        c = self.config
        taken = [self.lanes.run(lane).step for lane in self.lanes.busy]
        return min(min(c.sample_every - s % c.sample_every, c.max_steps - s) for s in taken)

    def due(self) -> list[int]:
        """The lanes whose runs have a point here."""
        return [lane for lane in self.lanes.busy if self._is_due(self.lanes.run(lane).step)]

    def _is_due(self, step: int) -> bool:
        return step % self.config.sample_every == 0 or step == self.config.max_steps

    def note(self, lanes: list[int]) -> list[int]:
        """Note a point of the runs in some lanes; the lanes whose runs have their t98 here."""
        c, runs = self.config, [self.lanes.run(lane) for lane in lanes]
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
        return self._note_whole_set(lanes, losses, corrects)

    def _note_whole_set(
        self, lanes: list[int], losses: list[float], corrects: list[int]
    ) -> list[int]:
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
        generalised = []
        for lane, run, (loss, correct), in_columns in zip(lanes, runs, found, noted, strict=True):
            if run.t50 < 0 and correct >= ONSET * c.n_val:
                run.t50 = run.step
            if not in_columns:
                loss, correct = NOT_RUN
            run.note(val_loss=loss, val_correct=correct)
            if not run.generalised and correct >= NEARLY * c.n_val:
                run.generalised = True
                generalised.append(lane)
            run.completed |= correct == c.n_val
        return generalised

    def _is_scheduled(self, run: Run) -> bool:
        """Whether the whole validation set is run at this point in any case."""
        c, step = self.config, run.step
        return step in (c.max_steps, c.screen_step) or step % c.val_every == 0 < step

    def _wants_whole(self, run: Run, sample_correct: int) -> bool:
        """Whether the whole validation set may show a landmark that this run has not reached.

        The sample is part of the whole: while it is not all right, the whole cannot be.
        """
        all_right = sample_correct == self.config.n_sample
        return run.armed and not run.completed and (all_right or not run.generalised)
