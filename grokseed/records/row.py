"""A run's row: what the store keeps beside its trajectory and `runs.csv` shows, with its checksum.

No torch.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from grokseed.early import read_verdict
from grokseed.records.measure import SCALARS, Scalar
from grokseed.records.provenance import Made
from grokseed.seeds import STREAMS, Seeds

SEEDS = [*(f"{stream}_seed" for stream in STREAMS), "graft"]
COLUMNS = [*SEEDS, "status", "early", *SCALARS, "numerics", "commit", "day", "digest", "seal"]
OPTIONAL = ("graft", "early")
"""The columns of `runs.csv`, and those that are left out if no run has an entry."""

SEALED = [name for name in COLUMNS if name != "seal"]

STATUSES = ("done", "diverged", "stopped", "crashed")

SEAL_DIGITS = 16


class SealError(ValueError):
    """A row that does not match its seal."""


class Row(NamedTuple):
    """A stored run.

    Attributes:
        scalars: its record, by `SCALARS`.
        made: how it was trained.
        digest: of its whole trajectory; empty if it crashed.
        seconds: its share of its worker's time.
        error: why it crashed.
        early: the verdict of an early rule and the rule; empty without one.
    """

    seeds: Seeds
    status: str
    scalars: Mapping[str, Scalar]
    made: Made = Made()
    digest: str = ""
    seconds: float = 0.0
    error: str | None = None
    early: str = ""

    def is_result(self, rule: str = "") -> bool:
        """Whether it needs no more training under an early rule or, by default, without one.

        A crashed run is not done, nor is a run that another rule stopped.
        """
        return self.status not in ("stopped", "crashed") or self.early == f"stopped {rule}"

    def fields(self, key: str) -> dict[str, str]:
        """The row as text for `runs.csv`, by `COLUMNS`.

        Args:
            key: of its config.
        """
        fields = {f"{stream}_seed": str(getattr(self.seeds, stream)) for stream in STREAMS}
        fields |= {"graft": self.seeds.graft, "status": self.status, "early": self.early}
        scalars = self.scalars
        for name in SCALARS:
            fields[name] = spelled(scalars.get(name))
        fields["numerics"], fields["commit"], fields["day"] = self.made
        fields["digest"] = self.digest
        fields["seal"] = _seal(fields, key)
        return fields

    def seal(self, key: str) -> str:
        """A checksum over the whole row and its config's key."""
        return self.fields(key)["seal"]


def read_row(fields: Mapping[str, str], key: str) -> Row:
    """Read a row: the inverse of `Row.fields`.

    Args:
        fields: by `COLUMNS`; a missing column is empty. Without a column `seal`, which tables of
            earlier versions lack, only the form is checked.
        key: of the table's config.

    Raises:
        ValueError: a field is not valid, or the seal does not match the row.
    """
    seeds = Seeds(*(_whole(fields[name]) for name in SEEDS[:-1]), graft=fields.get("graft") or "")
    scalars = {name: _scalar(name, fields.get(name) or "") for name in SCALARS}
    if fields["status"] not in STATUSES:
        raise ValueError(f"status is {fields['status']!r}")
    if not re.fullmatch("" if fields["status"] == "crashed" else "[0-9a-f]{64}", fields["digest"]):
        raise ValueError(f"digest is {fields['digest']!r}")
    early = fields.get("early") or ""
    if (read_verdict(early)[0] == "stopped") != (fields["status"] == "stopped"):
        raise ValueError(f"status is {fields['status']!r}, and early {early!r}")
    made = Made(*((fields.get(name) or "") for name in Made._fields))
    # All fields have the form of `Row.fields`: others were refused above.
    if "seal" in fields and fields["seal"] != _seal({n: fields.get(n, "") for n in SEALED}, key):
        raise SealError(f"{seeds} does not match its seal")
    return Row(seeds, fields["status"], scalars, made, fields["digest"], early=early)


def rank(status: str, steps: Scalar) -> tuple[bool, bool, int]:
    """Which of two rows of a run is kept: the one with the smaller rank. A result comes before a
    crash, a run that went on before one that was stopped, of two stopped ones the longer."""
    stopped = status == "stopped"
    return status == "crashed", stopped, -int(steps or 0) if stopped else 0


def spelled(value: Scalar) -> str:
    """A scalar as text for tables: empty for None, ten digits of a float."""
    if value is None:
        return ""
    return format(value, ".10g") if isinstance(value, float) else str(value)


def checked_scalars(scalars: Mapping[str, object]) -> dict[str, Scalar]:
    """A record's scalars, None for missing ones.

    Raises:
        ValueError: a scalar is not a finite number of its type.
    """
    found: dict[str, Scalar] = {}
    for name, kind in SCALARS.items():
        value = scalars.get(name)
        if value is not None and (type(value) is not kind or not math.isfinite(value)):  # type: ignore[arg-type]
            raise ValueError(f"{name} is {value!r}")
        found[name] = value  # type: ignore[assignment]
    return found


def _seal(fields: Mapping[str, str], key: str) -> str:
    # Empty fields are left out, so that a column added later leaves old seals valid.
    text = "\n".join([key, *(f"{name}={value}" for name, value in sorted(fields.items()) if value)])
    return hashlib.sha256(text.encode()).hexdigest()[:SEAL_DIGITS]


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"not a whole number: {text!r}")
    return int(text)


def _scalar(name: str, text: str) -> Scalar:
    if not text:
        return None
    kind = SCALARS[name]
    try:
        value = {"True": True, "False": False}[text] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise ValueError(f"{name} is {text!r}") from None
    if not math.isfinite(value) or spelled(value) != text:
        raise ValueError(f"{name} is {text!r}")
    return value
