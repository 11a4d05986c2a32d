"""One scan's runs on disk, in SQLite: what is finished stays finished, whatever stops the scan.

The folder's tables are the scan, and this file is the working copy: where it is missing, or lacks
runs of `runs.csv`, they are read from there.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, astuple
from io import BytesIO
from pathlib import Path

from grokseed.config import Config, difference
from grokseed.early import EarlyRule
from grokseed.records.database import (
    DATABASE,
    NondeterminismError,
    StoreError,
    bring_up_to_date,
    connect,
    create,
    lock,
)
from grokseed.records.folder import TABLE, Asked, Folder, Rules, read_folder, read_rules, table_mark
from grokseed.records.measure import SCALARS, measure
from grokseed.records.place import Place
from grokseed.records.points import Points, pack, thinned, unpack
from grokseed.records.provenance import Command, Made
from grokseed.records.row import Row, checked_scalars
from grokseed.records.there import There
from grokseed.records.trajectory import Trajectory
from grokseed.records.upgrade import upgraded_config, upgraded_names
from grokseed.seeds import Seeds

ROW = (
    "split, model, loader, val, graft, status, scalars, numerics, code, day, digest, seconds, "
    "error, seal, early"
)
SORTED = "FROM runs ORDER BY split, model, loader, val, graft"
THIS_RUN = "WHERE (split, model, loader, val, graft) = (?, ?, ?, ?, ?)"
WITHOUT_RESULT = "(trajectory IS NULL AND points IS NULL)"


class Store:
    """The runs of one scan: one config, any number of seeds.

    A writer holds the folder's lock for as long as the store is open. Rows are inserted and never
    replaced, with three exceptions: a `crashed` row says that no result was had, so a later try of
    the same run takes its place; one that an early verdict stopped gives way to the same run by
    another verdict; and a run read from a table has thinned points alone, so the same run trained
    again, with the same digest, takes its place.

    Args:
        folder: the scan's folder; made where it is missing.
        config: the scan's config; None takes the stored one.
        numerics: of the runs that will be added; None where none will.
        mixed: let runs of other numerics lie beside these.
        read_only: take no lock and write nothing; the store must exist. A writer may be at it.

    Raises:
        StoreError: the folder cannot be written, another scan is writing it, it holds another
            config's scan, other numerics' runs or none, or its database or tables are damaged.
    """

    def __init__(
        self,
        folder: Path,
        config: Config | None = None,
        numerics: str | None = None,
        *,
        mixed: bool = False,
        read_only: bool = False,
    ) -> None:
        self.folder, self.numerics = folder, numerics
        self._path, self._read_only = folder / DATABASE, read_only
        with ExitStack() as opened:
            tables = None
            if not read_only:
                if self._path.exists():  # if anything is wrong, write nothing
                    Store(folder, config, numerics, mixed=mixed, read_only=True).close()
                if not self._path.exists() and (folder / TABLE).exists():
                    tables = read_folder(folder)
                    _check_same(folder, config, tables.config)
                    _check_numerics(folder, numerics, tables.numerics(), mixed)
                    config = tables.config
                elif not self._path.exists() and config is None:
                    raise StoreError(f"{folder} holds no scan")
                opened.callback(lock(folder).release)
                if not self._path.exists():
                    assert config is not None
                    create(self._path, config)
            self._db = opened.enter_context(closing(connect(self._path, read_only)))
            if not read_only:
                self._place = Place(folder)
                opened.callback(self._place.close)
                self._all("PRAGMA journal_mode = WAL")
                self._all("PRAGMA synchronous = FULL")
            try:
                bring_up_to_date(self._db, read_only)
            except sqlite3.Error as error:
                raise self._damaged(error) from None
            self._check(config)
            _check_numerics(folder, numerics, self.all_numerics(), mixed)
            if not read_only:
                self._seal_earlier_rows()
                self._take_tables(tables)
            self._opened = opened.pop_all()

    @classmethod
    def look(
        cls, folder: Path, config: Config, numerics: str | None = None, mixed: bool = False
    ) -> list[Row]:
        """The rows of a folder's scan, from its database or its tables, writing nothing.

        Raises:
            StoreError: as opening it would.
        """
        if (folder / DATABASE).exists():
            with cls(folder, config, numerics, mixed=mixed, read_only=True) as store:
                return store.rows()
        if not (folder / TABLE).exists():
            return []
        tables = read_folder(folder)
        _check_same(folder, config, tables.config)
        _check_numerics(folder, numerics, tables.numerics(), mixed)
        return tables.rows

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and give the lock back. Safe to call twice."""
        self._opened.close()

    def check_place(self) -> None:
        """Stop a scan whose folder is no longer where it was.

        Raises:
            FolderLostError: it was moved or removed; the line says where the runs are now.
        """
        if not self._place.is_kept():
            raise self._place.lost(self._db.backup)

    def rows(self) -> list[Row]:
        """All stored runs, sorted by their seeds, with the scalars they were stored with.

        Raises:
            StoreError: a row cannot be read, or does not match its seal.
        """
        return list(self.each_row())

    def each_row(self) -> Iterator[Row]:
        """As `rows`, one at a time."""
        key = self.config.key()
        for values in self._each(f"SELECT {ROW} {SORTED}"):
            try:
                row = _row(values)
                sealed = values[-2] in ("", row.seal(key))  # an earlier version's has none
            except (ValueError, TypeError) as error:
                raise self._damaged(f"a record cannot be read ({error})") from None
            if not sealed:
                raise self._damaged(f"{row.seeds} does not match its seal")
            yield row

    def has_runs(self) -> bool:
        """Whether any run is stored."""
        return bool(self._all("SELECT 1 FROM runs LIMIT 1"))

    def all_numerics(self) -> Counter[str]:
        """How many runs have each numerics; those that crashed do not count."""
        found = self._all(
            "SELECT numerics, count(*) FROM runs WHERE status != 'crashed' GROUP BY 1"
        )
        return Counter({str(numerics): int(n) for numerics, n in found})

    def add(
        self, seeds: Seeds, trajectory: Trajectory, seconds: float = 0.0, made: Made | None = None
    ) -> Row:
        """Measure one run and commit its record and trajectory together.

        Args:
            made: where it was trained; by default with the store's own numerics.

        Raises:
            NondeterminismError: the run is stored with the same numerics and another digest.
            StoreError: the database cannot be written.
        """
        scalars, digest = measure(self.config, trajectory), trajectory.digest()
        made = made or Made(self.numerics or "")
        row = Row(seeds, trajectory.status, scalars, made, digest, seconds, early=trajectory.early)
        there = self._stored(seeds)
        if there.status in (None, "crashed"):
            self._insert(row, trajectory.to_bytes(), None)
        elif there.numerics == made.numerics and (found := there.disagreement(row, trajectory)):
            raise NondeterminismError(
                f"{self.folder}: {seeds} gave other numbers than those stored ({found[:12]}, not "
                f"{there.digest[:12]}); stopped, as no run of this scan can be trusted"
            )
        elif there.gives_way_to(row) or (there.digest == digest and not there.has_all):
            self._insert(row, trajectory.to_bytes(), None)
        return row

    def add_crashed(
        self, seeds: Seeds, error: str, seconds: float = 0.0, made: Made | None = None
    ) -> Row:
        """Commit a run that gave no result, with the reason. A stored result is left alone."""
        made = made or Made(self.numerics or "")
        row = Row(seeds, "crashed", dict.fromkeys(SCALARS), made, "", seconds, error)
        if self._stored(seeds).status in (None, "crashed"):
            self._insert(row, None, None)
        return row

    def take(self, row: Row, points: Points, trajectory: Trajectory | None = None) -> None:
        """Commit a run of another folder as it is, with its thinned points or its trajectory.

        A run that is here with a result stays as it is.

        Raises:
            NondeterminismError: it is here with the same numerics and another digest.
            StoreError: the database cannot be written.
        """
        there = self._stored(row.seeds)
        if there.status not in (None, "crashed"):
            same = row.made.numerics == there.numerics
            if same and (found := there.disagreement(row, trajectory)):
                raise NondeterminismError(
                    f"{self.folder}: {row.seeds} has two digests: {there.digest[:12]} here, and "
                    f"{found[:12]}"
                )
            fuller = same and row.digest == there.digest and not there.has_all and trajectory
            longer = row.status != "stopped" and there.gives_way_to(row)
            if not (fuller or longer):
                return
        if row.status == "crashed":
            self._insert(row, None, None)
        elif trajectory is not None:
            self._insert(row, trajectory.to_bytes(), None)
        else:
            packed = BytesIO()
            pack([points], packed)
            self._insert(row, None, packed.getvalue())

    def remember(self, command: Command) -> None:
        """Note a command that trains runs of this store."""
        there = {name for _, name, *_ in self._all("PRAGMA table_info(commands)")}
        for name in ("date", "code"):  # a store of an earlier version has neither
            if name not in there:
                self._write((f"ALTER TABLE commands ADD COLUMN {name} TEXT", ()))
        insert = "INSERT OR IGNORE INTO commands (command, date, code) VALUES (?, ?, ?)"
        self._write((insert, command))

    def commands(self) -> list[Command]:
        """The commands that made these runs, in order, each once.

        Raises:
            StoreError: one that no scan has stored.
        """
        found = [Command(*v) for _, *v in self._all("SELECT * FROM commands ORDER BY number")]
        for command in found:
            try:
                command.check()
            except ValueError as error:
                raise self._damaged(error) from None
        return found

    def ask(self, runs: Sequence[Seeds]) -> None:
        """Note the runs that a command asks for, so that an export can say that it is partial."""
        self.ask_as(Asked.of(runs))

    def ask_as(self, others: Asked) -> None:
        """Note what another folder's commands have asked for, as `ask` does."""
        asked = self.asked().joined(others)
        there = self._all("SELECT count(*) FROM runs")[0][0]
        self._note("asked", json.dumps(asked.at_least(there)._asdict()))

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is written within it is committed at its end, all of it or nothing."""
        with self._db:
            self._all("BEGIN IMMEDIATE")  # sqlite3 begins at the first write, which would be alone
            yield

    def asked(self) -> Asked:
        """What the commands so far have asked for."""
        found = self._all("SELECT value FROM scan WHERE name = 'asked'")
        try:
            return Asked.read(json.loads(found[0][0])) if found else Asked()
        except (TypeError, ValueError, AttributeError) as error:
            raise self._damaged(f"what was asked cannot be read ({error})") from None

    def note_rule(self, rule: EarlyRule) -> None:
        """Note an early rule that judges runs of this store, and what it was fitted on."""
        self.note_rules({str(rule): {"folder": rule.folder, "model": rule.model_seeds}})

    def note_rules(self, rules: Rules) -> None:
        """Note early rules of another folder."""
        if rules:
            self._note("early", json.dumps(dict(sorted((rules | self.rules()).items()))))

    def rules(self) -> Rules:
        """The early rules that were noted."""
        found = self._all("SELECT value FROM scan WHERE name = 'early'")
        try:
            return read_rules(json.loads(found[0][0])) if found else {}
        except (TypeError, ValueError, AttributeError) as error:
            raise self._damaged(f"its early rules cannot be read ({error})") from None

    def check_table(self) -> None:
        """Raise StoreError where the folder's `runs.csv` may hold runs that are not here."""
        if (self.folder / TABLE).exists() and not self._has_table(table_mark(self.folder)):
            raise StoreError(
                f"{self.folder}/{TABLE} has changed since the scan that is running began: export "
                "once it has ended"
            )

    def exported(self, mark: str) -> None:
        """Note the `runs.csv` that holds what is here, so that it is not read again."""
        if not self._read_only:
            self._note("table", mark)

    def _has_table(self, mark: str) -> bool:
        return bool(self._all("SELECT 1 FROM scan WHERE (name, value) = ('table', ?)", mark))

    def records(self) -> Iterator[tuple[Row, Points]]:
        """Every run as the folder's tables hold it, measured again where all its points are here.

        Raises:
            StoreError: as `trajectories` does.
        """
        for row, trajectory, points in self._with_points():
            if trajectory is not None:
                row = row._replace(scalars=measure(self.config, trajectory))
                points = thinned(trajectory, self.config.n_sample)
            yield row, points

    def trajectories(self) -> Iterator[tuple[Row, Trajectory]]:
        """The runs of which all points are here, and these: not those read from a table.

        Raises:
            StoreError: a trajectory does not match its digest or its record's status.
        """
        for row, trajectory, _ in self._with_points():
            if trajectory is not None:
                yield row, trajectory

    def _with_points(self) -> Iterator[tuple[Row, Trajectory | None, Points]]:
        blobs = self._each(f"SELECT trajectory, points {SORTED}")
        for row, (blob, packed) in zip(self.each_row(), blobs, strict=True):
            try:
                if row.status == "crashed":
                    yield row, None, {}
                elif blob is not None:
                    trajectory = Trajectory.from_bytes(blob)
                    if trajectory.digest() != row.digest or trajectory.status != row.status:
                        raise ValueError(f"{row.seeds} does not match its digest")
                    yield row, trajectory, {}
                else:
                    yield row, None, next(unpack(packed or b"", 1))
            except ValueError as error:
                raise self._damaged(error) from None

    def _take_tables(self, tables: Folder | None) -> None:
        """Take the runs of the folder's tables that are not here."""
        if not (self.folder / TABLE).exists():
            return
        mark = table_mark(self.folder)
        if self._has_table(mark):
            return
        try:
            tables = tables or read_folder(self.folder)
        except StoreError as error:
            raise StoreError(f"{error}; without it, --export writes it from {DATABASE}") from None
        _check_same(self.folder, self.config, tables.config)
        with self.at_once():
            for row, points in zip(tables.rows, tables.points, strict=True):
                self.take(row, points)
            for command in tables.commands:
                self.remember(command)
            self._note("asked", json.dumps(self.asked().joined(tables.asked)._asdict()))
            self.note_rules(tables.rules)
            self._note("table", mark)

    def _seal_earlier_rows(self) -> None:
        """Seal the rows of an earlier version, each once its digest is found to be right."""
        if not self._all("SELECT 1 FROM runs WHERE seal = '' LIMIT 1"):
            return
        key, seals = self.config.key(), []
        for row, _, _ in self._with_points():
            seals.append((row.seal(key), *astuple(row.seeds)))
        with self._db:
            self._db.executemany(f"UPDATE runs SET seal = ? {THIS_RUN}", seals)

    def _check(self, config: Config | None) -> None:
        """Take the identity from the database; refuse another one, or a broken database."""
        ((verdict,), *_) = self._all("PRAGMA quick_check")
        if verdict != "ok":
            raise self._damaged(verdict)
        about = dict(self._all("SELECT name, value FROM scan"))
        try:
            stored = Config(**upgraded_config(json.loads(about["config"])))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged(f"no readable config ({error})") from None
        _check_same(self.folder, config, stored)
        self.config = stored
        self.commands()
        self.asked()
        for _ in self.each_row():
            pass
        if self._all(f"SELECT 1 FROM runs WHERE {WITHOUT_RESULT} != (status = 'crashed')"):
            raise self._damaged("a run has no result, or one that crashed has one")

    def _stored(self, seeds: Seeds) -> There:
        """What is stored of a run."""
        columns = "status, digest, numerics, trajectory IS NOT NULL, early, scalars"
        found = self._all(f"SELECT {columns} FROM runs {THIS_RUN}", *astuple(seeds))
        if not found:
            return There()
        status, digest, numerics, has_all, early, scalars = found[0]
        steps = json.loads(scalars).get("steps") or 0
        return There(status, digest, numerics, bool(has_all), early, steps)

    def _insert(self, row: Row, blob: bytes | None, points: bytes | None) -> None:
        seeds, scalars = astuple(row.seeds), json.dumps(row.scalars)
        made = row.made.numerics, row.made.commit, row.made.day, row.seal(self.config.key())
        made = *made, row.early
        values = row.status, scalars, row.digest, blob, points, row.seconds, row.error
        # Of a result nothing is deleted: inserting it once more fails.
        no_result = "trajectory IS NULL OR status = 'stopped'"
        replaceable = f"DELETE FROM runs {THIS_RUN} AND ({no_result})"
        insert = f"INSERT INTO runs VALUES ({', '.join('?' * 17)})"
        self._write((replaceable, seeds), (insert, (*seeds, *values, *made)))

    def _note(self, name: str, value: str) -> None:
        if self._all("SELECT 1 FROM scan WHERE (name, value) = (?, ?)", name, value):
            return
        self._write(("INSERT OR REPLACE INTO scan VALUES (?, ?)", (name, value)))

    def _write(self, *statements: tuple[str, Sequence[object]]) -> None:
        """Run statements as one transaction, or as part of the one that is open."""
        try:
            if self._db.in_transaction:
                for statement, values in statements:
                    self._db.execute(statement, values)
                return
            with self._db:
                for statement, values in statements:
                    self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} cannot be written: {error}") from None

    def _all(self, query: str, *values: object) -> list[tuple]:
        return list(self._each(query, *values))

    def _each(self, query: str, *values: object) -> Iterator[tuple]:
        try:
            # No `yield from`: it would close the cursor of a database that may be closed by then.
            for row in self._db.execute(query, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise self._damaged(error) from None

    def _damaged(self, why: object) -> StoreError:
        of_the_disk = getattr(why, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IO"))
        wrong = "cannot be read or written" if of_the_disk else "is damaged"
        return StoreError(f"{self._path} {wrong}: {' '.join(str(why).split())}")


def _row(values: tuple) -> Row:
    *seeds, status, scalars, numerics, code, day, digest, seconds, error, _, early = values
    record = checked_scalars(upgraded_names(json.loads(scalars)))
    if not all(isinstance(text, str) for text in (status, numerics, code, day, digest, early)):
        raise ValueError("not a text")
    made = Made(numerics, code, day)
    return Row(Seeds(*seeds), status, record, made, digest, float(seconds), error, early)


def _check_same(folder: Path, config: Config | None, stored: Config) -> None:
    if config is not None and (differs := difference(config, asdict(stored))):
        raise StoreError(f"{folder} holds another config's scan: {'; '.join(differs)}")


def _check_numerics(
    folder: Path, numerics: str | None, there: Mapping[str, int], mixed: bool
) -> None:
    if others := sorted(set(there) - {numerics}) if numerics and not mixed else []:
        raise StoreError(
            f"{folder} holds runs of {'; '.join(others)}, not of {numerics}; --mixed-numerics "
            "allows both in one folder"
        )
