"""The files of a scan that git keeps, from its store: the same runs always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from grokseed.records.folder import ABOUT, FORMAT, POINTS, TABLE, table_mark
from grokseed.records.packer import Packer
from grokseed.records.row import COLUMNS, OPTIONAL, Row
from grokseed.seeds import STREAMS, spell_seeds

if TYPE_CHECKING:
    from grokseed.records.store import Store


def export(store: Store) -> None:
    """Write `runs.csv`, `trajectories.npz` and `config.json` into the store's folder.

    Runs of which all points are stored are measured again, so that a table is of one version of
    `measure` as far as can be, and checked against their digests. A row of the table is a run,
    sorted by its seeds; it has a column for grafts, or for early verdicts, where there are any.
    `run` in the trajectories is its row number, from 0. A few runs at a time are in memory, and no
    file is replaced before all are whole on the disk.

    Raises:
        StoreError: the store is damaged.
        OSError: a file cannot be written.
    """
    folder = store.folder
    # The points are put in place first: a table without its points could not be read.
    names = (POINTS, TABLE, ABOUT)
    with store.as_it_is(), replacing(*(folder / name for name in names)) as files:
        points, table, about = files
        found = _about(store, *_write_runs(store, points, table))
        about.write((json.dumps(found, indent=2) + "\n").encode())
    store.exported(table_mark(folder))


def _write_runs(store: Store, points: BinaryIO, table: BinaryIO) -> tuple[int, bool]:
    """Write a store's runs and their points; how many runs there are, and whether each has the
    split of its model seed."""
    text = io.TextIOWrapper(table, "utf-8", newline="")
    write = _writer(text, {name for name in OPTIONAL if store.uses(name)})
    key, runs, own_split = store.config.key(), 0, True
    with Packer(store.folder) as packer:
        for row, some in store.records():
            write(row.fields(key))
            packer.add(some)
            runs += 1
            own_split = own_split and row.seeds.split == row.seeds.model
        text.detach()
        packer.write(points)
    return runs, own_split


def _about(store: Store, runs: int, own_split: bool) -> dict[str, object]:
    numerics = store.all_numerics()
    asked = store.notes.asked()
    if not store.uses("graft"):
        asked = asked.at_most(store.config.scheme, own_split)
    about = {
        "format": FORMAT,
        "config": asdict(store.config),
        "config_key": store.config.key(),
        "numerics": {name: numerics[name] for name in sorted(numerics)},
        "runs": runs,
        "asked": asked.at_least(runs)._asdict(),
        "seeds": {stream: spell_seeds(store.seeds(stream)) for stream in STREAMS},
        "commands": [command._asdict() for command in store.notes.commands()],
    }
    if rules := store.notes.rules():
        about["early"] = rules
    return about


def table(rows: Iterable[Row], key: str) -> str:
    """`runs.csv` of some runs, sorted by their seeds.

    Args:
        key: of their config.
    """
    fields = [row.fields(key) for row in rows]
    written = io.StringIO()
    write = _writer(written, {name for name in OPTIONAL if any(row[name] for row in fields)})
    for row in fields:
        write(row)
    return written.getvalue()


def _writer(text: TextIO, used: Collection[str]) -> Callable[[Mapping[str, str]], object]:
    """What writes the rows of a table below its header.

    Args:
        used: the columns of `OPTIONAL` that it has.
    """
    header = [name for name in COLUMNS if name in used or name not in OPTIONAL]
    writer = csv.DictWriter(text, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    return writer.writerow


@contextmanager
def replacing(*paths: Path) -> Iterator[Sequence[BinaryIO]]:
    """Files to write in, which replace those at the paths when all are whole on the disk.

    They do it one by one, in the order of the paths. A reader, or a crash, sees the old bytes of a
    file or the new ones.

    Raises:
        OSError: one cannot be written; the error names it, or their folder.
    """
    own = f"{os.getpid()}.new"  # two may be at it: a scan, an export
    new = {path: path.with_name(f"{path.name}.{own}") for path in paths}
    at = paths[0] if len(paths) == 1 else paths[0].parent
    try:
        with ExitStack() as opened:
            files = [opened.enter_context(new[path].open("wb")) for path in paths]
            yield files
            for path, file in zip(paths, files, strict=True):
                at = path
                file.flush()
                os.fsync(file.fileno())
        for path in paths:
            new[path].replace(path)
    except OSError as error:
        if error.errno and error.filename is None:  # as of a write to an open file
            raise OSError(error.errno, error.strerror, str(at)) from None
        raise
    finally:
        for path in new.values():
            path.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content at once."""
    with replacing(path) as (file,):
        file.write(content)
