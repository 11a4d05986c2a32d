"""The SQLite file under a store: made whole or not at all, locked for one writer, opened."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from grokseed.config import Config
from grokseed.records.filesystem import network_filesystem

DATABASE = "scan.db"
SCHEMA = """
CREATE TABLE scan (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY, command TEXT NOT NULL UNIQUE, date TEXT, code TEXT
);
"""
RUNS = """
CREATE TABLE runs (
    split INTEGER NOT NULL, model INTEGER NOT NULL, loader INTEGER NOT NULL, val INTEGER NOT NULL,
    graft TEXT NOT NULL, status TEXT NOT NULL, scalars TEXT NOT NULL, digest TEXT NOT NULL,
    trajectory BLOB, points BLOB, seconds REAL NOT NULL, error TEXT,
    numerics TEXT NOT NULL, code TEXT NOT NULL, day TEXT NOT NULL, seal TEXT NOT NULL,
    early TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (split, model, loader, val, graft)
);
"""


class StoreError(Exception):
    """A store that cannot be used: one line fit for a user."""


class BusyError(StoreError):
    """Another process is writing the store."""


class NondeterminismError(StoreError):
    """The same run gave other numbers than those stored."""


def lock(folder: Path) -> FileLock:
    """The lock of a folder's one writer, held; the folder is made where it is missing.

    Raises:
        BusyError: another writer holds it.
        StoreError: the folder cannot be written, or lies on a network.
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


def connect(path: Path, read_only: bool) -> sqlite3.Connection:
    """A connection to a store's file, which may have a writer beside this reader.

    Raises:
        StoreError: there is no such file, or it cannot be opened.
    """
    if not path.is_file():
        raise StoreError(f"{path.parent} holds no scan")
    # A store at rest is read as it lies: SQLite would else leave files beside it.
    at_rest = read_only and not path.with_name(f"{path.name}-wal").exists()
    mode = "immutable=1" if at_rest else "mode=ro" if read_only else "mode=rw"
    try:
        return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}") from None


def bring_up_to_date(db: sqlite3.Connection, read_only: bool) -> None:
    """Give an earlier version's table of runs today's columns; a reader just sees them.

    Its rows have empty seals. The earliest had no grafts, and called the loader's seed `train`.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    columns = {name for _, name, *_ in db.execute("PRAGMA table_info(runs)")}
    if not columns or "early" in columns:
        return
    if "seal" in columns:  # made before there were early verdicts
        if read_only:
            db.execute("CREATE TEMP VIEW runs AS SELECT *, '' AS early FROM main.runs")
        else:
            db.execute("ALTER TABLE runs ADD COLUMN early TEXT NOT NULL DEFAULT ''")
        return
    loader = "loader" if "loader" in columns else "train AS loader"
    graft = "graft" if "graft" in columns else "'' AS graft"
    numerics = "coalesce((SELECT value FROM scan WHERE name = 'numerics'), '') AS numerics"
    today = (
        f"SELECT split, model, {loader}, val, {graft}, status, scalars, digest, trajectory, "
        f"NULL AS points, seconds, error, {numerics}, '' AS code, '' AS day, '' AS seal, "
        "'' AS early"
    )
    if read_only:
        db.execute(f"CREATE TEMP VIEW runs AS {today} FROM main.runs")
        return
    with db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("ALTER TABLE runs RENAME TO earlier")
        db.execute(RUNS)
        db.execute(f"INSERT INTO runs {today} FROM earlier")
        db.execute("DROP TABLE earlier")


def create(path: Path, config: Config) -> None:
    """Make an empty store under another name first, so that a half-made one is never found.

    Raises:
        StoreError: it cannot be written.
    """
    new = path.with_name(f"{DATABASE}.new")
    try:
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(new)) as db, db:
            db.executescript(SCHEMA + RUNS)
            db.execute("INSERT INTO scan VALUES ('config', ?)", (json.dumps(asdict(config)),))
        new.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be written: {error}") from None
