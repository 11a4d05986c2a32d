"""A row in the database's form, and the mark that shows that it was checked. No torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from grokseed.records.measure import SCALARS
from grokseed.records.provenance import Made
from grokseed.records.row import SEAL_DIGITS, Row, checked_scalars
from grokseed.records.upgrade import upgraded_names
from grokseed.seeds import Seeds

KEY = "split, model, loader, val, graft"
FIELDS = f"{KEY}, status, scalars, numerics, code, day, digest, seconds, error, early, seal"


def key_of(seeds: Seeds) -> tuple[int, int, int, int, str]:
    """What names a run, by `KEY`."""
    return seeds.split, seeds.model, seeds.loader, seeds.val, seeds.graft


def fields_of(row: Row, key: str) -> tuple:
    """A row by `FIELDS`, sealed.

    Args:
        key: of its config.
    """
    return (
        *(*key_of(row.seeds), row.status, json.dumps(row.scalars), *row.made),
        *(row.digest, float(row.seconds), row.error, row.early, row.seal(key)),
    )


def row_of(fields: Sequence, marked: bool) -> Row:
    """The inverse of `fields_of`, without the seal.

    Args:
        marked: whether its mark is right, so that it needs no further check.

    Raises:
        ValueError, TypeError: they are no row.
    """
    *seeds, status, scalars, numerics, code, day, digest, seconds, error, early, _ = fields
    record = json.loads(scalars)
    if marked:
        if len(record) != len(SCALARS):  # a scalar was added since
            record = dict.fromkeys(SCALARS) | record
    else:
        record = checked_scalars(upgraded_names(record))
        if not all(isinstance(text, str) for text in (status, numerics, code, day, digest, early)):
            raise ValueError("not a text")
    made = Made(numerics, code, day)
    return Row(Seeds(*seeds), status, record, made, digest, float(seconds), error, early)


def mark_of(fields: Sequence, sizes: Sequence[int | None], key: str) -> str:
    """A checksum over a row with its seal, the sizes of its points, and its config's key.

    It is written after seal and points were checked. A row that still matches it has not changed.

    Args:
        fields: by `FIELDS`.
        sizes: of its whole trajectory and its thinned points in bytes, None without.
    """
    text = f"{key}{(*fields, *sizes)!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:SEAL_DIGITS]
