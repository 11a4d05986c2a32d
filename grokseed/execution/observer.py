"""What a scan reports while it trains: the interface of progress bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grokseed.records.row import Row
from grokseed.seeds import Seeds


class Observer:
    """Watches a scan; this one says nothing."""

    def stored(self, rows: Sequence[Row]) -> None:
        """Runs asked for that were stored before; called with some of them at a time."""

    def begin(
        self, missing: int, jobs: int, devices: Sequence[str], steps: Mapping[Seeds, int]
    ) -> None:
        """Training starts, after all runs stored before were reported.

        Args:
            steps: at which some of the missing runs go on.
        """

    def steps(self, in_hand: int) -> None:
        """The run-steps done so far by the runs in training, a few times a second."""

    def finish(self, rows: Sequence[Row]) -> None:
        """Runs that were just stored."""

    def say(self, line: str) -> None:
        """A message of the executor, or a GPU's first error."""

    def close(self) -> None:
        """The scan ended, or was stopped."""
