"""How far a scan is, on stderr: a bar over all its steps, or lines where that is no terminal."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence

import pandas as pd
from tqdm import tqdm

from grokseed.analysis.classify import CLASSES, classify
from grokseed.records.store import Row

LINE_SECONDS = 30.0


class Progress:
    """Steps done and classes found, by the screen rule, with the time left.

    The rate counts the steps of this sitting alone, so the time left is right after a resume.

    Args:
        before: the runs of this scan that were stored already.
        missing: number of runs to train.
        max_steps: steps that a run takes at most, and each is taken to need until one has ended.
    """

    def __init__(self, before: Sequence[Row], missing: int, max_steps: int) -> None:
        self._max_steps, self._missing = max_steps, missing
        self._counts: Counter[str] = Counter()
        self._finished = self._ended = self._in_hand = 0
        self._count(before)
        self._initial = self._finished
        self._runs, self._all_runs = len(before), len(before) + missing
        self._start = self._line_at = time.monotonic()
        self._bar = tqdm(
            total=self._total(),
            initial=self._initial,
            unit="step",
            unit_scale=True,
            smoothing=0,  # the mean rate: chunks report in bursts
            dynamic_ncols=True,
            disable=not sys.stderr.isatty(),
        )
        self._bar.set_postfix_str(self._found())

    def finish(self, rows: Sequence[Row]) -> None:
        """Count runs that are stored now."""
        self._count(rows)
        self._runs += len(rows)
        self._missing -= len(rows)
        self._bar.set_postfix_str(self._found(), refresh=False)

    def steps(self, in_hand: int) -> None:
        """Show the steps of the finished runs and of the chunks in hand."""
        now = time.monotonic()
        self._in_hand = in_hand
        steps = self._finished + in_hand
        if not self._bar.disable:
            self._bar.total = max(self._total(), steps)
            self._bar.update(steps - self._bar.n)
        elif now - self._line_at >= LINE_SECONDS:
            self._line_at = now
            print(self._line(steps, now - self._start), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the last state standing."""
        self._bar.close()

    def _line(self, steps: int, elapsed: float) -> str:
        rate = (steps - self._initial) / elapsed
        total = max(self._total(), steps, 1)
        left = tqdm.format_interval((total - steps) / rate) if rate > 0 else "unknown"
        return (
            f"{steps / total:.1%} of steps, {self._runs:,} of {self._all_runs:,} runs"
            f" ({self._found()}), {rate:,.0f} steps/s, {left} left"
        )

    def _count(self, rows: Sequence[Row]) -> None:
        self._counts.update(_labels(rows))
        lengths = [int(row.scalars["steps"]) for row in rows if row.scalars["steps"] is not None]
        self._finished += sum(lengths)
        self._ended += len(lengths)

    def _total(self) -> int:
        """Steps of all runs: those that ended, and those missing at the mean length of a run.

        That is all steps over the runs that have ended: the mean of these alone would be too low,
        as the first to end are the shortest.
        """
        taken = self._finished + self._in_hand
        each = min(self._max_steps, taken / self._ended) if self._ended else self._max_steps
        return self._finished + round(self._missing * each)

    def _found(self) -> str:
        return ", ".join(f"{name} {self._counts[name]:,}" for name in ("done", *CLASSES))


def _labels(rows: Sequence[Row]) -> list[str]:
    """`done` for each run that is, and its class where it has one."""
    if not rows:
        return []
    table = pd.DataFrame([{"status": row.status, **row.scalars} for row in rows])
    classes = classify(table, "screen").dropna()
    return [*("done" for row in rows if row.status == "done"), *map(str, classes)]
