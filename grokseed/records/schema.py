"""The tables of a store's database, made whole or not at all, and those of earlier versions."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from grokseed.config import Config
from grokseed.records.database import Database, StoreError

NOTES = """
CREATE TABLE scan (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY, command TEXT NOT NULL UNIQUE, date TEXT, code TEXT
);
"""

CHEAP = """CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    split INTEGER NOT NULL, model INTEGER NOT NULL, loader INTEGER NOT NULL, val INTEGER NOT NULL,
    graft TEXT NOT NULL, status TEXT NOT NULL, scalars TEXT NOT NULL, digest TEXT NOT NULL,
    seconds REAL NOT NULL, error TEXT, numerics TEXT NOT NULL, code TEXT NOT NULL,
    day TEXT NOT NULL, seal TEXT NOT NULL, early TEXT NOT NULL, mark TEXT NOT NULL,
    UNIQUE (split, model, loader, val, graft)
)"""
"""Runs, without the points of their trajectories: what opening a store reads."""

HEAVY = (
    "CREATE TABLE results (number INTEGER PRIMARY KEY, trajectory BLOB, points BLOB)",
    "CREATE TABLE sizes (number INTEGER PRIMARY KEY, trajectory INTEGER, points INTEGER)",
    *(
        f"CREATE TRIGGER {name} AFTER {event} ON results BEGIN {what}; END"
        for name, event, what in (
            (
                "added",
                "INSERT",
                "INSERT OR REPLACE INTO sizes VALUES (new.number, "
                "length(new.trajectory), length(new.points))",
            ),
            (
                "changed",
                "UPDATE",
                "UPDATE sizes SET trajectory = length(new.trajectory), "
                "points = length(new.points) WHERE number = new.number",
            ),
            ("removed", "DELETE", "DELETE FROM sizes WHERE number = old.number"),
        )
    ),
)
"""Each run's points, whole or thinned, and their sizes in a table of their own, which is read a
hundred times as fast. A change of points by SQL changes their size there too, and opening the store
finds it."""


def create(path: Path, config: Config) -> None:
    """Make an empty store under another name first, so that a half-made one is never found.

    Raises:
        StoreError: it cannot be written.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(new)) as db, db:
            db.executescript(NOTES)
            for statement in (CHEAP, *HEAVY):
                db.execute(statement)
            db.execute("INSERT INTO scan VALUES ('config', ?)", (json.dumps(asdict(config)),))
        new.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be written: {error}") from None


def bring_up_to_date(db: Database) -> None:
    """Convert the tables of an earlier version; a reader gets views of them instead.

    Its rows have no marks. Still earlier versions had no early verdicts, no seals or no grafts, and
    called the loader's seed `train`.

    Raises:
        StoreError: it cannot be read or written.
    """
    columns = {name for _, name, *_ in db.all("PRAGMA table_info(runs)")}
    if not columns or "mark" in columns:
        return
    numerics = "coalesce((SELECT value FROM scan WHERE name = 'numerics'), '')"
    lacking = {"loader": "train", "graft": "''", "numerics": numerics, "code": "''", "day": "''"}
    lacking |= {"seal": "''", "early": "''", "points": "NULL"}
    own = {name: name if name in columns else value for name, value in lacking.items()}
    cheap = (
        f"SELECT rowid AS number, split, model, {own['loader']} AS loader, val, "
        f"{own['graft']} AS graft, status, scalars, digest, seconds, error, "
        f"{own['numerics']} AS numerics, {own['code']} AS code, {own['day']} AS day, "
        f"{own['seal']} AS seal, {own['early']} AS early, '' AS mark"
    )
    heavy = f"SELECT rowid AS number, trajectory, {own['points']} AS points"
    sizes = "SELECT number, length(trajectory) AS trajectory, length(points) AS points"
    if db.read_only:
        for name, query in (
            ("runs", f"{cheap} FROM main.runs"),
            ("results", f"{heavy} FROM main.runs"),
            ("sizes", f"{sizes} FROM temp.results"),
        ):
            db.all(f"CREATE TEMP VIEW {name} AS {query}")
        return
    with db.at_once():
        for statement in (
            "ALTER TABLE runs RENAME TO earlier",
            *(CHEAP, *HEAVY),
            f"INSERT INTO runs {cheap} FROM earlier",
            f"INSERT INTO results {heavy} FROM earlier WHERE status != 'crashed'",
            "DROP TABLE earlier",
        ):
            db.write((statement, ()))
