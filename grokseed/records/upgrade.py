"""Reads stores and tables of earlier versions in today's names. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from grokseed.config import Config
from grokseed.limits import ChoiceError

FIELDS = {"probe_every": "sample_every", "probe_size": "sample_size"}
"""Fields of a config that had another name."""

STREAM_NAMES = {"train": "loader"}
"""Streams that had another name."""

COLUMNS = {
    "train_seed": "loader_seed",
    "val98_step": "t98_step",
    "generalised_step": "completed_step",
    "norm_generalised": "norm_completed",
    "probe_accuracy": "sample_accuracy",
    "probe_loss": "sample_loss",
    "probe_loss_start": "sample_loss_start",
    "probe_loss_peak": "sample_loss_peak",
    "probe_loss_peak_step": "sample_loss_peak_step",
    "base": "recipient",
    "source": "donor",
}
"""Columns of tables, and scalars of records, that had another name."""


class VersionError(ValueError):
    """What another version has written and this one cannot read. It need not be damaged."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "another version of grokseed wrote it: update grokseed, or use the one its README "
            f"names ({what})"
        )


def commands_of(readme: str) -> list[dict[str, Any]]:
    """The commands in the README of a folder of format 1, the only place that kept them."""
    block = readme.partition("```\n")[2].partition("```")[0]
    found = []
    for line in filter(None, block.splitlines()):
        text, _, about = line.partition("  # ")
        day, _, code = about.partition(", grokseed ")
        found.append({"text": text, "date": day or None, "code": code or None})
    return found


def read_config(stored: Mapping[str, object]) -> Config:
    """A stored config.

    Raises:
        VersionError: it has fields, or words for values, that this version lacks.
        ValueError, TypeError, AttributeError: it is no config.
    """
    config = upgraded_config(stored)
    if unknown := sorted(set(config) - {field.name for field in fields(Config)}):
        raise VersionError(f"its config has {', '.join(unknown)}")
    try:
        return Config(**config)
    except ChoiceError as error:
        raise VersionError(str(error)) from None


def upgraded_config(stored: Mapping[str, object]) -> dict[str, Any]:
    """A stored config in today's fields."""
    config = {FIELDS.get(name, name): value for name, value in stored.items()}
    if "stop_when_generalised" in config:
        config["stop_when"] = "completed" if config.pop("stop_when_generalised") else "never"
    return config


def upgraded_names(names: Mapping[str, object]) -> dict[str, Any]:
    """A mapping by column, such as a record's scalars, with today's names.

    Raises:
        TypeError: it is no mapping.
    """
    if not isinstance(names, Mapping):
        raise TypeError(f"not a mapping: {names!r}")
    return {COLUMNS.get(name, name): value for name, value in names.items()}
