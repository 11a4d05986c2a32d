"""A store turned into one of an earlier version, whose runs held their points themselves."""

import sqlite3
from contextlib import closing
from pathlib import Path

COLUMNS = """
    split INTEGER NOT NULL, model INTEGER NOT NULL, loader INTEGER NOT NULL, val INTEGER NOT NULL,
    graft TEXT NOT NULL, status TEXT NOT NULL, scalars TEXT NOT NULL, digest TEXT NOT NULL,
    trajectory BLOB, points BLOB, seconds REAL NOT NULL, error TEXT,
    numerics TEXT NOT NULL, code TEXT NOT NULL, day TEXT NOT NULL, seal TEXT NOT NULL,
    early TEXT NOT NULL DEFAULT ''
"""

KEY = "split, model, loader, val, graft"


def make_earlier(path: Path, without: tuple[str, ...] = (), keyed_by: str = KEY) -> None:
    """Rewrite a database.

    Args:
        without: columns of `runs` that a still earlier version lacked.
    """
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.executescript(
            f"""
            CREATE TABLE earlier ({COLUMNS}, PRIMARY KEY ({keyed_by}));
            INSERT INTO earlier SELECT split, model, loader, val, graft, status, scalars, digest,
                trajectory, points, seconds, error, numerics, code, day, seal, early
                FROM runs LEFT JOIN results USING (number);
            DROP TABLE runs; DROP TABLE results; DROP TABLE sizes;
            ALTER TABLE earlier RENAME TO runs;
            """
        )
        for name in without:
            db.execute(f"ALTER TABLE runs DROP COLUMN {name}")
        db.commit()
