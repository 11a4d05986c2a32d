"""What a scan tells while it trains: the interface of progress bars and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from grokseed.records.row import Row
from grokseed.seeds import Seeds


class Observer(Protocol):
    """Who watches a scan."""

    def stored(self, rows: Sequence[Row]) -> None:
        """Runs asked for that were stored before; called with some of them at a time."""
        ...

    def begin(
        self, missing: int, jobs: int, devices: Sequence[str], steps: Mapping[Seeds, int]
    ) -> None:
        """Training starts, once all that were stored before have been told.

        Args:
            steps: at which some of the missing runs go on.
        """
        ...

    def steps(self, in_hand: int) -> None:
        """The run-steps done so far by the runs in hand, a few times a second."""
        ...

    def finish(self, rows: Sequence[Row]) -> None:
        """Runs that are stored now."""
        ...

    def say(self, line: str) -> None:
        """What the executor has to tell."""
        ...

    def close(self) -> None:
        """It ended, or was stopped."""
        ...
