"""Finished runs on their way to the store: one transaction for all that end within a moment."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from grokseed.execution.checkpoints import Checkpoints
from grokseed.execution.fleet import Outcome
from grokseed.execution.weights import remove_stale
from grokseed.records.database import NondeterminismError, StoreError
from grokseed.records.row import Row
from grokseed.records.store import Store

MOMENT = 0.2
"""Seconds between two transactions. Each transaction waits some 5 ms for the disk. A run that ends
alone is stored at once. Of runs that end in quick succession, a kill loses those of the last moment
at most."""


class Commits:
    """What stores runs as they end.

    Args:
        checkpoints: those of a run are removed once it is stored.
        stored: called with rows once they are stored.

    Attributes:
        errors: why runs crashed, the first reason first, and how many did for it. Those that leave
            an earlier result in the store are among them.
    """

    def __init__(
        self, store: Store, checkpoints: Checkpoints | None, stored: Callable[[list[Row]], None]
    ) -> None:
        self._store, self._checkpoints, self._stored = store, checkpoints, stored
        self._waiting: list[Outcome] = []
        self._last = float("-inf")
        self.errors = Counter[str]()

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Store some runs, now or within a moment.

        Raises:
            StoreError: as `flush` does.
        """
        self._waiting += outcomes
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Store what has waited for a moment."""
        if self._waiting and time.monotonic() - self._last >= MOMENT:
            self.flush()

    def flush(self) -> None:
        """Store all that waits, on the disk at the return.

        Raises:
            NondeterminismError: a run gave other numbers than those stored; the runs before it are
                stored.
            StoreError: they cannot be stored, or the folder was moved or removed meanwhile.
        """
        if not self._waiting:
            return
        rows: list[Row] = []
        wrong: NondeterminismError | None = None
        try:
            with self._store.at_once():
                for outcome in self._waiting:
                    try:
                        rows.append(self._add(outcome))
                    except NondeterminismError as error:
                        wrong = error
                        break
        except StoreError:
            self._waiting = []
            self._store.check_place()  # a better reason, where it is one
            raise
        self._waiting = []  # not before: what an interrupt rolls back is stored by the next call
        self._last = time.monotonic()
        self.errors.update(row.error or "" for row in rows if row.status == "crashed")
        ended = [row for row in rows if row.status != "crashed"]
        remove_stale(self._store.folder, ended)
        for row in ended:
            if self._checkpoints:
                self._checkpoints.remove(row.seeds)
        self._store.check_place()
        if wrong:
            raise wrong
        self._stored(rows)

    def _add(self, outcome: Outcome) -> Row:
        seeds, trajectory, error, seconds, made = outcome
        if trajectory is None:
            return self._store.add_crashed(seeds, error, seconds, made)
        return self._store.add(seeds, trajectory, seconds, made)
