"""What a store holds of a run that is added again, and which of the two is kept. No torch."""

from __future__ import annotations

from typing import NamedTuple

from grokseed.records.row import Row
from grokseed.records.trajectory import Trajectory


class There(NamedTuple):
    """A stored run, or the fact that there is none.

    Attributes:
        status: None if it is not stored.
        has_all: whether all its points are stored, not only some forty.
        early: as `Row.early`.
        steps: that it took.
        number: its place in the database; 0 if it is not stored.
    """

    status: str | None = None
    digest: str = ""
    numerics: str = ""
    has_all: bool = False
    early: str = ""
    steps: int = 0
    number: int = 0

    def gives_way_to(self, row: Row) -> bool:
        """Whether it was stopped, and `row` went on or was stopped by another rule."""
        return self.status == "stopped" and row.status != "crashed" and self.early != row.early

    def disagreement(self, row: Row, trajectory: Trajectory | None) -> str:
        """The other's digest if the two cannot be the same run under the same numerics, else empty.

        A run that was stopped must be the beginning of the run that was not, as far as points are
        stored.
        """
        if row.status == "crashed" or row.digest == self.digest:
            return ""
        if row.status != "stopped" and self.status != "stopped":
            return row.digest
        if row.early == self.early:
            return row.digest
        if self.status == "stopped" and trajectory and self.steps in trajectory.columns["step"]:
            head = trajectory.stopped_at(self.steps).digest()
            return "" if head == self.digest else head
        return ""
