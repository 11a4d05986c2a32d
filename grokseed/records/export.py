"""The files of a scan that git keeps, from its store: the same runs always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from grokseed.records.folder import ABOUT, FORMAT, POINTS, TABLE, table_mark
from grokseed.records.points import Points, pack
from grokseed.records.row import COLUMNS, OPTIONAL, Row
from grokseed.seeds import STREAMS, spell_seeds

if TYPE_CHECKING:
    from grokseed.records.store import Store


def export(store: Store) -> None:
    """Write `runs.csv`, `trajectories.npz` and `config.json` into the store's folder.

    Runs of which all points are stored are measured again, so that a table is of one version of
    `measure` as far as can be. A row of the table is a run, sorted by its seeds; it has a column
    for grafts, or for early verdicts, where there are any. `run` in the trajectories is its row
    number, from 0.

    Raises:
        StoreError: the store is damaged.
        OSError: a file cannot be written.
    """
    rows: list[Row] = []
    points: list[Points] = []
    for row, some in store.records():
        rows.append(row)
        points.append(some)
    packed = io.BytesIO()
    pack(points, packed)
    numerics = store.all_numerics()
    about = {
        "format": FORMAT,
        "config": asdict(store.config),
        "config_key": store.config.key(),
        "numerics": {name: numerics[name] for name in sorted(numerics)},
        "runs": len(rows),
        "asked": store.notes.asked().at_least(len(rows))._asdict(),
        "seeds": {s: spell_seeds({getattr(row.seeds, s) for row in rows}) for s in STREAMS},
        "commands": [command._asdict() for command in store.notes.commands()],
    }
    if rules := store.notes.rules():
        about["early"] = rules
    write_atomically(store.folder / POINTS, packed.getvalue())
    write_atomically(store.folder / TABLE, table(rows, store.config.key()).encode())
    write_atomically(store.folder / ABOUT, (json.dumps(about, indent=2) + "\n").encode())
    store.exported(table_mark(store.folder))


def table(rows: Iterable[Row], key: str) -> str:
    """`runs.csv` of some runs, sorted by their seeds.

    Args:
        key: of their config.
    """
    cells = [row.cells(key) for row in rows]
    unused = {name for name in OPTIONAL if not any(row[name] for row in cells)}
    header = [name for name in COLUMNS if name not in unused]
    written = io.StringIO()
    writer = csv.DictWriter(written, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells)
    return written.getvalue()


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file at once: a reader, or a crash, sees the old bytes or the new ones."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")  # two may be at it: a scan, an export
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
