"""How far a command's runs are: those that have a result, and those that are to be trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from grokseed.early import EarlyRule
from grokseed.records.row import Row
from grokseed.seeds import Seeds

AT_ONCE = 1000
"""Rows that are in memory together."""


class Stored(NamedTuple):
    """What is stored of the runs asked for.

    Attributes:
        done: runs that have a result.
        missing: the runs that have none, in the order asked for.
        failed: how many of these crashed when they were last tried.
        seconds: what a stored run took on average, 0 where none says.
    """

    done: int
    missing: list[Seeds]
    failed: int
    seconds: float

    @classmethod
    def of(
        cls,
        runs: Sequence[Seeds],
        rows: Iterable[Row],
        rule: EarlyRule | None = None,
        on_done: Callable[[list[Row]], object] = len,
    ) -> Stored:
        """Where some runs stand; no row is kept.

        Args:
            runs: asked for, each once.
            rows: that are stored, others too.
            rule: of the early verdict that these runs are to have. One that it was fitted on is to
                have none, whatever stopped it before.
            on_done: called with the rows of these runs that have a result, some at a time.
        """
        missing, spelled = set(runs), str(rule or "")
        failed = timed = 0
        seconds = 0.0
        done: list[Row] = []
        for row in rows:
            if row.seeds not in missing:
                continue
            judged = rule is not None and rule.judges(row.seeds)
            if row.is_result(spelled if judged else ""):
                missing.discard(row.seeds)
                seconds += row.seconds
                timed += row.seconds > 0
                done.append(row)
                if len(done) == AT_ONCE:
                    on_done(done)
                    done = []
            else:
                failed += row.status == "crashed"
        on_done(done)
        left = [seeds for seeds in runs if seeds in missing]
        return cls(len(runs) - len(left), left, failed, seconds / timed if timed else 0.0)
