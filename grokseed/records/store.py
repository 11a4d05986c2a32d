"""One scan's runs on disk, in SQLite: what is finished stays finished, whatever stops the scan."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import astuple
from pathlib import Path
from typing import NamedTuple

from grokseed.config import Config, difference
from grokseed.records.database import (
    DATABASE,
    NondeterminismError,
    StoreError,
    bring_up_to_date,
    connect,
    create,
    lock,
)
from grokseed.records.measure import SCALARS, Scalar, measure
from grokseed.records.provenance import Command
from grokseed.records.trajectory import Trajectory
from grokseed.records.upgrade import upgraded_config, upgraded_names
from grokseed.seeds import Seeds

SORTED = "FROM runs ORDER BY split, model, loader, val, graft"
THIS_RUN = "WHERE (split, model, loader, val, graft) = (?, ?, ?, ?, ?)"


class Row(NamedTuple):
    """A stored run; `seconds` is its share of its worker's time, `error` why it crashed."""

    seeds: Seeds
    status: str
    scalars: Mapping[str, Scalar]
    seconds: float
    error: str | None = None


class Store:
    """The runs of one scan: one config, one numerics, any number of seeds.

    A writer holds the folder's lock for as long as the store is open. Rows are inserted and never
    replaced, with one exception: a `crashed` row says that no result was had, so a later try of
    the same run takes its place.

    Args:
        folder: the scan's folder; made where it is missing.
        config: the scan's config; None takes the stored one.
        numerics: the scan's numerics (`kernels.numerics`); None takes the stored one.
        read_only: take no lock and write nothing; the store must exist. A writer may be at it.
        verify: read every record and trajectory once, to find damage before anything is done.

    Raises:
        StoreError: the folder cannot be written, another scan is writing it, it holds another
            config's or numerics' scan or none, or its database is damaged.
    """

    def __init__(
        self,
        folder: Path,
        config: Config | None = None,
        numerics: str | None = None,
        *,
        read_only: bool = False,
        verify: bool = True,
    ) -> None:
        self.folder = folder
        self._path = folder / DATABASE
        identity = config, numerics
        with ExitStack() as opened:
            if not read_only:
                if self._path.exists() or None in identity:  # if anything is wrong, write nothing
                    Store(folder, *identity, read_only=True).close()
                opened.callback(lock(folder).release)
                if not self._path.exists():
                    create(self._path, *identity)
            self._db = opened.enter_context(closing(connect(self._path, read_only)))
            if not read_only:
                self._all("PRAGMA journal_mode = WAL")
                self._all("PRAGMA synchronous = FULL")
            try:
                bring_up_to_date(self._db, read_only)
            except sqlite3.Error as error:
                raise self._damaged(error) from None
            self._check(*identity)
            if verify and read_only:  # a writer has had them read just now
                self.rows()
                for _ in self.trajectories():
                    pass
            self._opened = opened.pop_all()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and give the lock back. Safe to call twice."""
        self._opened.close()

    def rows(self) -> list[Row]:
        """All stored runs, sorted by their seeds, with the scalars they were stored with.

        Raises:
            StoreError: a record cannot be read.
        """
        columns = "split, model, loader, val, graft, status, scalars, seconds, error"
        found = self._all(f"SELECT {columns} {SORTED}")
        try:
            return [Row(Seeds(*r[:5]), r[5], _scalars(r[6]), float(r[7]), r[8]) for r in found]
        except (ValueError, TypeError) as error:
            raise self._damaged(f"a record cannot be read ({error})") from None

    def add(self, seeds: Seeds, trajectory: Trajectory, seconds: float = 0.0) -> Row:
        """Measure one run and commit its record and trajectory together.

        Raises:
            NondeterminismError: the run is stored with another digest.
            StoreError: the database cannot be written.
        """
        row = Row(seeds, trajectory.status, measure(self.config, trajectory), seconds)
        digest = trajectory.digest()
        status, stored = self._stored(seeds)
        if status in (None, "crashed"):
            self._insert(row, digest, trajectory.to_bytes())
        elif stored != digest:
            raise NondeterminismError(
                f"{self.folder}: {seeds} gave other numbers than those stored ({digest[:12]}, not "
                f"{stored[:12]}); stopped, as no run of this scan can be trusted"
            )
        return row

    def add_crashed(self, seeds: Seeds, error: str, seconds: float = 0.0) -> Row:
        """Commit a run that gave no result, with the reason. A stored result is left alone."""
        row = Row(seeds, "crashed", dict.fromkeys(SCALARS), seconds, error)
        if self._stored(seeds)[0] in (None, "crashed"):
            self._insert(row, "", None)
        return row

    def remember(self, command: Command) -> None:
        """Note a command that trains runs of this store."""
        there = {name for _, name, *_ in self._all("PRAGMA table_info(commands)")}
        for name in ("date", "code"):  # a store of an earlier version has neither
            if name not in there:
                self._write((f"ALTER TABLE commands ADD COLUMN {name} TEXT", ()))
        insert = "INSERT OR IGNORE INTO commands (command, date, code) VALUES (?, ?, ?)"
        self._write((insert, command))

    def commands(self) -> list[Command]:
        """The commands that made these runs, in order, each once."""
        found = self._all("SELECT * FROM commands ORDER BY number")
        return [Command(*values) for _, *values in found]

    def trajectories(self) -> Iterator[tuple[Seeds, Trajectory, str]]:
        """Every run's trajectory and digest in the order of `rows`; without points if crashed.

        Raises:
            StoreError: a trajectory does not match its digest or its record's status.
        """
        query = f"SELECT split, model, loader, val, graft, status, trajectory, digest {SORTED}"
        for *seeds, status, blob, digest in self._each(query):
            trajectory = Trajectory("crashed", {})
            if blob is not None:
                try:
                    trajectory = Trajectory.from_bytes(blob)
                except ValueError as error:
                    raise self._damaged(error) from None
                if trajectory.digest() != digest:
                    raise self._damaged(f"{Seeds(*seeds)} does not match its digest")
            if trajectory.status != status:
                raise self._damaged(f"{Seeds(*seeds)} is {trajectory.status}, not {status}")
            yield Seeds(*seeds), trajectory, digest

    def _check(self, config: Config | None, numerics: str | None) -> None:
        """Take the identity from the database; refuse another one, or a broken database."""
        ((verdict,), *_) = self._all("PRAGMA quick_check")
        if verdict != "ok":
            raise self._damaged(verdict)
        self.commands()
        about = dict(self._all("SELECT name, value FROM scan"))
        try:
            stored = upgraded_config(json.loads(about["config"]))
            self.numerics = about["numerics"]
            if config is not None and (differs := difference(config, stored)):
                raise StoreError(f"{self.folder} holds another config's scan: {'; '.join(differs)}")
            self.config = config or Config(**stored)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged(f"no readable config ({error})") from None
        if numerics not in (None, self.numerics):
            raise StoreError(f"{self.folder} holds runs of {self.numerics}, not of {numerics}")

    def _stored(self, seeds: Seeds) -> tuple[str | None, str]:
        found = self._all(f"SELECT status, digest FROM runs {THIS_RUN}", *astuple(seeds))
        return found[0] if found else (None, "")

    def _insert(self, row: Row, digest: str, blob: bytes | None) -> None:
        values = row.status, json.dumps(row.scalars), digest, blob, row.seconds, row.error
        seeds = astuple(row.seeds)
        # Of a result nothing is deleted: inserting it once more fails.
        crashed = f"DELETE FROM runs {THIS_RUN} AND status = 'crashed'"
        insert = "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._write((crashed, seeds), (insert, (*seeds, *values)))

    def _write(self, *statements: tuple[str, Sequence[object]]) -> None:
        try:
            with self._db:  # one transaction: a record and its trajectory, or neither
                for statement, values in statements:
                    self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} cannot be written: {error}") from None

    def _all(self, query: str, *values: object) -> list[tuple]:
        return list(self._each(query, *values))

    def _each(self, query: str, *values: object) -> Iterator[tuple]:
        try:
            yield from self._db.execute(query, values)
        except sqlite3.Error as error:
            raise self._damaged(error) from None

    def _damaged(self, why: object) -> StoreError:
        return StoreError(f"{self._path} is damaged: {' '.join(str(why).split())}")


def _scalars(text: str) -> dict[str, Scalar]:
    """A record's scalars; None for those that `measure` did not know yet when it was stored."""
    scalars = {**dict.fromkeys(SCALARS), **upgraded_names(json.loads(text))}
    for name, value in scalars.items():
        if not isinstance(value, int | float | None):
            raise ValueError(f"{name} is {value!r}")
    return scalars
