"""The runs of a store's database: their rows, their points, and the checks at opening.

A row has a seal, as in `runs.csv`, and a mark. The mark shows that the seal, and the digest of the
run's points, were checked when the row was written. It is a checksum over the stored row and the
sizes of its points, so that opening a store need not parse rows or read points that have not
changed since.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO

from grokseed.records.database import Database
from grokseed.records.database_row import FIELDS, KEY, fields_of, key_of, mark_of, row_of
from grokseed.records.packed import MAGIC, pack_columns, unpack_columns
from grokseed.records.points import Points, unpack
from grokseed.records.row import Row
from grokseed.records.there import There
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds

Run = tuple[Row, Trajectory | None, Points]
"""A run's row, with its whole trajectory if it is stored, else its thinned points."""

THIS_RUN = f"WHERE ({KEY}) = (?, ?, ?, ?, ?)"
TABLES = ("runs", "scan", "commands")
"""The tables that are read in full when a store is opened; that of the points is not."""


class Runs:
    """The runs in a database.

    Args:
        key: of their config.

    Attributes:
        marked: whether every row was found to match its mark.
    """

    def __init__(self, db: Database, key: str) -> None:
        self._db, self._key = db, key
        self.marked = False

    def check(self) -> None:
        """Find damage: broken pages, edited rows, missing points.

        Raises:
            StoreError: there is damage.
        """
        self._db.check_size()
        of_today = self._db.all("SELECT 1 FROM sqlite_schema WHERE name = 'sizes'")
        for table in TABLES if of_today else ("",):
            ((verdict,), *_) = self._db.all(f"PRAGMA main.quick_check{f'({table})' * bool(table)}")
            if verdict != "ok":
                raise self._db.damaged(verdict)
        self.marked = True
        for *fields, whole, thinned, mark in self._with_sizes():
            sizes = whole, thinned
            if mark != mark_of(fields, sizes, self._key):
                self.marked = False
                row = self._check_sealed(fields, sizes, points=bool(mark))
                if mark:
                    raise self._db.damaged(f"{row.seeds} does not match its mark")

    def mark_earlier(self) -> None:
        """Seal and mark the rows of an earlier version, each after it was checked.

        Raises:
            StoreError: one does not match its seal or its digest.
        """
        if self.marked:
            return
        right = []
        for *fields, whole, thinned, mark in self._with_sizes():
            sizes = whole, thinned
            if mark != mark_of(fields, sizes, self._key):
                row = self._check_sealed(fields, sizes, points=True)
                sealed = [*fields[:-1], row.seal(self._key)]
                right.append((sealed[-1], mark_of(sealed, sizes, self._key), *fields[:5]))
        with self._db.at_once():
            for one in right:
                self._db.write((f"UPDATE runs SET seal = ?, mark = ? {THIS_RUN}", one))
        self.marked = True

    def each(self) -> Iterator[Row]:
        """All rows, sorted by their seeds.

        Raises:
            StoreError: a row cannot be read.
        """
        for fields in self._db.each(f"SELECT {FIELDS} FROM runs ORDER BY {KEY}"):
            yield self._row(fields, self.marked)

    def each_with_points(self) -> Iterator[Run]:
        """The same with their stored points.

        Raises:
            StoreError: a trajectory does not match its digest or its record's status.
        """
        columns = f"{FIELDS}, trajectory, points"
        query = f"SELECT {columns} FROM runs LEFT JOIN results USING (number) ORDER BY {KEY}"
        for *fields, blob, packed in self._db.each(query):
            row = self._row(fields, self.marked)
            yield row, *self._points(row, blob, packed)

    def insert(
        self, there: There, row: Row, trajectory: Trajectory | None, points: Points | None
    ) -> None:
        """Write a run. It may replace one without a result, or one with thinned points alone.

        Args:
            there: what is stored of the run.

        Raises:
            StoreError: it cannot be written; a whole result is there already.
        """
        blob = None if trajectory is None else trajectory.to_bytes()
        packed = None if points is None else pack_columns(points, {})
        fields = fields_of(row, self._key)
        sizes = [None if part is None else len(part) for part in (blob, packed)]
        values = (*fields, mark_of(fields, sizes, self._key))
        statements: list[tuple[str, tuple]] = []
        # A whole result is never deleted: to insert it again fails.
        if there.status == "stopped" or not there.has_all:
            tables = ("runs", "results") if there.status else ()
            statements += [(f"DELETE FROM {t} WHERE number = ?", (there.number,)) for t in tables]
        places = ", ".join("?" * len(values))
        statements.append((f"INSERT INTO runs ({FIELDS}, mark) VALUES ({places})", values))
        if row.status != "crashed":
            result = "INSERT OR REPLACE INTO results VALUES (last_insert_rowid(), ?, ?)"
            statements.append((result, (blob, packed)))
        self._db.write(*statements)

    def there(self, seeds: Seeds) -> There:
        """What is stored of a run."""
        found = self._db.all(
            "SELECT status, digest, numerics, sizes.trajectory IS NOT NULL, early, scalars, "
            f"runs.number FROM runs LEFT JOIN sizes USING (number) {THIS_RUN}",
            *key_of(seeds),
        )
        if not found:
            return There()
        status, digest, numerics, has_all, early, scalars, number = found[0]
        steps = json.loads(scalars).get("steps") or 0
        return There(status, digest, numerics, bool(has_all), early, steps, number)

    def numerics(self) -> Counter[str]:
        """How many runs have each numerics; those that crashed do not count."""
        return numerics_of(self._db)

    def seeds(self, stream: str) -> Iterator[int]:
        """The seeds of a stream, each once, sorted."""
        return (seed for (seed,) in self._db.each(f"SELECT DISTINCT {stream} FROM runs ORDER BY 1"))

    def any_has(self, column: str) -> bool:
        """Whether any run has an entry in a column of text."""
        return bool(self._db.all(f"SELECT 1 FROM runs WHERE {column} != '' LIMIT 1"))

    def _with_sizes(self) -> Iterator[tuple]:
        columns = f"{FIELDS}, sizes.trajectory, sizes.points, mark"
        return self._db.each(f"SELECT {columns} FROM runs LEFT JOIN sizes USING (number)")

    def _row(self, fields: Sequence, marked: bool) -> Row:
        try:
            return row_of(fields, marked)
        except (ValueError, TypeError) as error:
            raise self._db.damaged(f"a record cannot be read ({error})") from None

    def _check_sealed(
        self, fields: Sequence, sizes: tuple[int | None, int | None], points: bool
    ) -> Row:
        """A row whose mark does not match, checked by its seal, and by its points if asked.

        Raises:
            StoreError: it is damaged.
        """
        row = self._row(fields, marked=False)
        if fields[-1] not in ("", row.seal(self._key)):  # rows of an earlier version have none
            raise self._db.damaged(f"{row.seeds} does not match its seal")
        if (sizes == (None, None)) != (row.status == "crashed"):
            raise self._db.damaged("a run has no result, or one that crashed has one")
        if points:
            query = f"SELECT results.* FROM runs JOIN results USING (number) {THIS_RUN}"
            parts = self._db.all(query, *fields[:5])
            self._points(row, *(parts[0][1:] if parts else (None, None)))
        return row

    def _points(
        self, row: Row, blob: bytes | None, packed: bytes | None
    ) -> tuple[Trajectory | None, Points]:
        try:
            return _points(row, blob, packed)
        except ValueError as error:
            raise self._db.damaged(error) from None


def numerics_of(db: Database) -> Counter[str]:
    """How many runs have each numerics; those that crashed do not count."""
    found = db.all("SELECT numerics, count(*) FROM runs WHERE status != 'crashed' GROUP BY 1")
    return Counter({str(numerics): int(n) for numerics, n in found})


def _points(row: Row, blob: bytes | None, packed: bytes | None) -> tuple[Trajectory | None, Points]:
    """A run's trajectory, whose digest is checked, or its thinned points.

    Raises:
        ValueError: neither can be read, or the digest or the status does not match.
    """
    if row.status == "crashed":
        return None, {}
    if blob is None:
        if packed is None:
            raise ValueError(f"{row.seeds} has no result")
        old = packed[: len(MAGIC)] != MAGIC
        return None, next(unpack(BytesIO(packed), 1)) if old else unpack_columns(packed)[0]
    trajectory = Trajectory.from_bytes(blob)
    if trajectory.digest() != row.digest or trajectory.status != row.status:
        raise ValueError(f"{row.seeds} does not match its digest")
    return trajectory, {}
