"""The rows of a small CSV file in the folder of all results, with the columns it must have."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from grokseed.records.database import StoreError


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a file that is there, as text by column.

    Raises:
        StoreError: it cannot be read, or lacks one of the columns.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
            lacking = [name for name in columns if name not in (reader.fieldnames or [])]
    except (OSError, ValueError, csv.Error) as error:
        raise StoreError(f"{path} cannot be read: {error}") from None
    if lacking:
        raise StoreError(f"{path} has no column {', '.join(lacking)}")
    return rows
