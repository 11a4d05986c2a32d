"""The SQLite file under a store: locked for one writer, opened, its errors in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from grokseed.records.filesystem import network_filesystem

DATABASE = "scan.db"


class StoreError(Exception):
    """A store that cannot be used; the message is one line for the user."""


class BusyError(StoreError):
    """Another process is writing the store."""


class NondeterminismError(StoreError):
    """The same run gave other numbers than those stored."""


def lock(folder: Path) -> FileLock:
    """The lock of a folder's one writer, held; the folder is made where it is missing.

    Raises:
        BusyError: another writer holds it.
        StoreError: the folder cannot be written, or is on a network file system.
    """
    if kind := network_filesystem(folder):
        raise StoreError(
            f"SQLite may lose runs on {kind}, a network's filesystem: give a local --out, and join "
            "folders with grokseed.merge"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / "scan.lock")
        held.acquire(timeout=0)
    except Timeout:
        raise BusyError(f"{folder} is being written by another scan") from None
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from None
    return held


def signature(path: Path) -> list[tuple[int, int, int]]:
    """What changes when a database is written: inode, size and time of its file and its log."""
    found = []
    for part in (path, path.with_name(f"{path.name}-wal")):
        with suppress(OSError):
            stat = part.stat()
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return found


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection to a store's file.

    Args:
        mode: as SQLite's URIs name it, such as `mode=ro`.

    Raises:
        StoreError: there is no such file, or it cannot be opened.
    """
    if not path.is_file():
        raise StoreError(f"{path.parent} holds no scan")
    try:
        return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}") from None


class Database:
    """An open store's file.

    Args:
        path: the file, which exists.
        read_only: it may have a writer beside this reader.

    Raises:
        StoreError: there is no such file, or it cannot be opened. Every method raises it where the
            file is damaged or cannot be read or written, or was at rest and is written meanwhile.
    """

    def __init__(self, path: Path, read_only: bool) -> None:
        self.path, self.read_only = path, read_only
        # A store without a writer is opened as immutable, or SQLite would leave files beside it.
        # Then SQLite takes no lock, so a writer that comes later may change what is being read.
        self._log = path.with_name(f"{path.name}-wal")
        self._at_rest = read_only and not self._log.exists()
        self._before = signature(path)[:1]
        mode = "immutable=1" if self._at_rest else "mode=ro" if read_only else "mode=rw"
        self._db = connect(path, mode)

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._db.close()

    def safe_from_power_cuts(self) -> None:
        """Write each transaction to disk before it ends, and allow readers beside the writer."""
        self.all("PRAGMA journal_mode = WAL")
        self.all("PRAGMA synchronous = FULL")

    def backup(self, other: sqlite3.Connection) -> None:
        """Copy everything into another database."""
        self._db.backup(other)

    def all(self, query: str, *values: object) -> list[tuple]:
        """What a query gives."""
        return list(self.each(query, *values))

    def each(self, query: str, *values: object) -> Iterator[tuple]:
        """The same, row by row."""
        try:
            # Not `yield from`, which would close the cursor, maybe after its database was closed.
            for row in self._db.execute(query, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise self.damaged(error) from None
        if self._is_written():  # rows may have been left out without an error
            raise self.damaged("")

    def write(self, *statements: tuple[str, Sequence[object]]) -> None:
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
            raise StoreError(f"{self.path} cannot be written: {error}") from None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """A block whose writes are committed together at its end, or not at all."""
        try:
            with self._db:
                # By itself sqlite3 begins a transaction only at the first write.
                self._db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be written: {error}") from None

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        """A block whose reads all see one state, whatever a writer adds meanwhile."""
        with self._db:
            self.all("BEGIN")
            yield

    def check_size(self) -> None:
        """Raise StoreError if the file's end is missing, which may hold tables that are read later.

        A writer that is active, or was killed, may have left that end in its log.
        """
        ((pages,), (size,)) = self.all("PRAGMA page_count") + self.all("PRAGMA page_size")
        if not self._log.exists() and self.path.stat().st_size < pages * size:
            raise self.damaged("its end is missing")

    def damaged(self, why: object) -> StoreError:
        """The error for a file that does not hold what a store writes, or did not stay at rest."""
        if self._is_written():
            return StoreError(f"{self.path} was written while it was read: try again")
        name, said = getattr(why, "sqlite_errorname", ""), " ".join(str(why).split())
        refused = name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))
        if refused and self._log.exists():  # to read a log, SQLite writes a file beside it
            said += f"; it has a log, {self._log.name}: copy the folder to where it can be written"
        of_the_disk = refused or name.startswith(("SQLITE_FULL", "SQLITE_IO"))
        wrong = "cannot be read or written" if of_the_disk else "is damaged"
        return StoreError(f"{self.path} {wrong}: {said}")

    def _is_written(self) -> bool:
        return self._at_rest and signature(self.path)[:1] != self._before
