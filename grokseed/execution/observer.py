"""What a scan tells while it trains: the interface of progress bars and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from grokseed.records.row import Row
from grokseed.seeds import Seeds


class Observer(Protocol):
    """Who watches a scan."""

    def begin(
        self,
        before: Iterable[Row],
        missing: int,
        jobs: int,
        devices: Sequence[str],
        steps: Mapping[Seeds, int],
    ) -> None:
        """Training starts; `before` are the runs asked for that are stored already, read once.

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
