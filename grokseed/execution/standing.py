"""How far a command's runs are: those that have a result, and those that are to be trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from grokseed.records.row import Row
from grokseed.seeds import Seeds


class Standing(NamedTuple):
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
    def of(cls, runs: Sequence[Seeds], rows: Iterable[Row], rule: str = "") -> Standing:
        """Where some runs stand; no row is kept.

        Args:
            runs: asked for, each once.
            rows: that are stored, others too.
            rule: of the early verdict that these runs are to have.
        """
        missing = set(runs)
        failed = timed = 0
        seconds = 0.0
        for row in rows:
            if row.seeds not in missing:
                continue
            if row.is_result(rule):
                missing.discard(row.seeds)
                seconds += row.seconds
                timed += row.seconds > 0
            else:
                failed += row.status == "crashed"
        left = [seeds for seeds in runs if seeds in missing]
        return cls(len(runs) - len(left), left, failed, seconds / timed if timed else 0.0)
