"""What the tables of a scan's folder hold, all of it in memory."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from grokseed.records.folder import Tables
from grokseed.records.packer import Packer
from grokseed.records.points import Points
from grokseed.records.provenance import Command
from grokseed.records.row import Row


class Folder(NamedTuple):
    rows: list[Row]
    points: list[Points]
    commands: list[Command]


def read_folder(folder: Path) -> Folder:
    """A folder's tables, each row checked against its seal."""
    tables = Tables(folder)
    rows = list(tables.rows())
    return Folder(rows, list(tables.points(len(rows))), tables.commands)


def pack(runs: Iterable[Points], file: BinaryIO) -> None:
    """Write the points of all runs as an export does."""
    with Packer() as packer:
        for points in runs:
            packer.add(points)
        packer.write(file)
