"""How far a scan is, on stderr: a bar over all its steps, or lines where that is no terminal."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from grokseed.analysis.classify import CLASSES, classify
from grokseed.cli.command import warn
from grokseed.execution.observer import Observer
from grokseed.records.row import Row
from grokseed.seeds import Seeds

LINE_SECONDS = 30.0

RATE_SECONDS = 2.0
"""Seconds of training that must have been seen before a rate is shown."""

BY_SCREEN = ("t98_step", "screen_val_accuracy")
"""What the screen rule reads of a run's scalars."""

BAR = "{percentage:3.0f}% {desc}|{bar}|"
WORDS = "{percentage:3.0f}% {desc}"
BESIDE_BAR, WIDEST = 60, 74
"""Characters of the words beside a bar, and without one, so that all fit in 80 columns."""


class Progress(Observer):
    """Runs done and classes found by the screen rule, the best run so far, and the time left.

    The rate counts only steps of this process, from its first ones on. So the time left is right
    after a resume, and time spent on compiling does not distort it.

    Args:
        out: the folder of results, for the first line.
        runs: number of runs that the command asks for.
        max_steps: steps that a run takes at most; until one has ended, all are assumed to need as
            many.
    """

    def __init__(self, out: Path | str, runs: int, max_steps: int) -> None:
        self._out, self._all_runs, self._max_steps = out, runs, max_steps
        self._counts: Counter[str] = Counter()
        self._finished = self._ended = self._in_hand = self._runs = self._missing = 0
        self._best: int | None = None
        self._begun = False
        self._first: tuple[float, int] | None = None
        self._bar: tqdm | None = None
        self._resumed: dict[Seeds, int] = {}

    def stored(self, rows: Sequence[Row]) -> None:
        """Count runs that were stored before."""
        self._count(rows)

    def begin(
        self, missing: int, jobs: int, devices: Sequence[str], steps: Mapping[Seeds, int]
    ) -> None:
        """Say what is missing, what continues at which step, and that workers start."""
        self._resumed, self._begun = dict(steps), True
        self._finished += sum(steps.values())
        self._missing, self._line_at = missing, time.monotonic()
        if self._runs:
            self.say(f"{self._out}: {self._runs:,} of {self._all_runs:,} runs stored")
        if not missing:
            return
        if steps:
            self.say(resumes(steps))
        workers = f"{jobs} worker{'s' * (jobs > 1)}"
        what = f"{missing:,}"
        if not self._runs:  # no line has named the folder
            what = f"{self._out}: {missing:,} run{'s' * (missing > 1)}"
        self.say(f"{what} to train: starting {workers} on {','.join(devices)} …")
        if sys.stderr.isatty():
            looks = {"bar_format": BAR, "dynamic_ncols": True}
            self._bar = tqdm(total=self._total(), initial=self._finished, **looks)

    def finish(self, rows: Sequence[Row]) -> None:
        """Count runs that are stored now."""
        self._count(rows)
        self._missing -= len(rows)
        self._finished -= sum(self._resumed.pop(row.seeds, 0) for row in rows)

    def steps(self, in_hand: int) -> None:
        """Show the steps of finished runs and of those in training."""
        now, self._in_hand = time.monotonic(), in_hand
        steps = self._finished + in_hand
        if self._first is None and in_hand:
            self._first = now, steps
        if self._bar is not None:
            self._bar.total = max(self._total(), steps)
            line = self._line(steps, now)
            self._bar.bar_format = BAR if len(line) <= BESIDE_BAR else WORDS
            self._bar.set_description_str(f"{line} ", refresh=False)
            self._bar.update(steps - self._bar.n)
        elif now - self._line_at >= LINE_SECONDS:
            self._line_at = now
            self.say(f"{steps / max(self._total(), steps, 1):.1%} {self._line(steps, now)}")

    def say(self, line: str) -> None:
        """Print a line, above the bar where there is one."""
        if self._bar is None:
            warn(line)
        else:
            tqdm.write(line, file=sys.stderr)

    def close(self) -> None:
        """Leave the last state on the screen."""
        if self._bar is not None:
            self._bar.close()

    def kept(self, saved: int) -> None:
        """Say what a scan that was stopped has kept, below the bar.

        Before it began, not all runs that are stored have been counted, and it says nothing.

        Args:
            saved: runs that go on from checkpoints.
        """
        if not self._begun:
            return
        said = f"{self._out}: {self._runs:,} of {self._all_runs:,} runs stored"
        if saved:
            said += f", {saved:,} saved in the middle of training"
        warn(f"\n{said}")

    def _line(self, steps: int, now: float) -> str:
        found = " ".join(f"{self._counts[name]:,} {name}" for name in CLASSES)
        parts = [f"{self._runs:,}/{self._all_runs:,} runs: {found}"]
        best = [] if self._best is None else [f"best {self._best:,}"]
        if self._first and now - self._first[0] >= RATE_SECONDS and steps > self._first[1]:
            rate = (steps - self._first[1]) / (now - self._first[0])
            left = (max(self._total(), steps) - steps) / rate
            parts.append(f"{tqdm.format_interval(left)} left")
        line = ", ".join([parts[0], *best, *parts[1:]])
        return line if len(line) <= WIDEST else ", ".join(parts)

    def _count(self, rows: Sequence[Row]) -> None:
        self._runs += len(rows)
        self._counts.update(_labels(rows))
        lengths = _known(rows, "steps")
        earlier = [] if self._best is None else [self._best]
        self._best = min([*_known(rows, "t98_step"), *earlier], default=None)
        self._finished += sum(lengths)
        self._ended += len(lengths)

    def _total(self) -> int:
        """Steps of all runs: those that ended, and those missing at the mean length of a run.

        The mean is all steps taken, over the number of runs that have ended. The mean length of the
        ended runs would be too low, as the shortest end first.
        """
        taken, ended = self._finished + self._in_hand, self._finished - sum(self._resumed.values())
        each = min(self._max_steps, taken / self._ended) if self._ended else self._max_steps
        return ended + round(self._missing * each)


def resumes(steps: Mapping[Seeds, int]) -> str:
    """A line about runs that go on from checkpoints, and at which steps."""
    first, last = min(steps.values()), max(steps.values())
    at = f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"
    return f"{len(steps):,} go{'es' * (len(steps) == 1)} on from checkpoints, at {at}"


def _known(rows: Sequence[Row], name: str) -> list[int]:
    return [int(value) for row in rows if (value := row.scalars[name]) is not None]


def _labels(rows: Sequence[Row]) -> list[str]:
    """The class of each run that has one."""
    if not rows:
        return []
    table = pd.DataFrame({name: [row.scalars[name] for row in rows] for name in BY_SCREEN})
    table["status"] = [row.status for row in rows]
    return [str(label) for label in classify(table, "screen").dropna()]
