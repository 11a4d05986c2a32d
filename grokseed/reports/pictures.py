"""Figures to files: the same figure always gives the same bytes, whatever the day. No torch."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from grokseed.records.export import write_atomically

METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}
"""For each format the entries that would hold a date or a version."""

SETTINGS: dict[Any, Any] = {"svg.hashsalt": "grokseed", "pdf.fonttype": 42}
"""Fixed names of parts of an svg, not random ones; fonts that a publisher's tools can embed."""

DPI = 150

PICTURED = {
    "accuracy": "validation and train accuracy of the runs by step, in colours of classes",
    "survival": "share of runs that are yet to reach t98, by step",
    "classes": "accuracy, loss and weight norm by step, a column a class",
    "loss_and_norm": "validation loss and weight norm of the runs by step",
    "peak_against_time": "peak of the validation loss by t98, or by class where few runs reach it",
    "cells": "map of the cells: how runs with each layer group exchanged came out",
    "cell_trajectories": "validation accuracy by step, for each kind of cell",
    "effects": "effect of exchanging each layer group, with intervals",
    "ladder": "train loss and accuracy by epoch, for each number of examples",
    "gradients": "norm of the gradient of each layer by step",
    "rates": "lowest train loss by learning rate",
}
"""What the figures of the commands show, in plain words, for those who do not see them."""


def save(figure: Figure, path: Path, formats: Sequence[str] = ("png",)) -> list[Path]:
    """Write a figure in each format, and return the files' paths.

    Its files in other formats are deleted, so that none shows older runs.

    Args:
        figure: laid out once, here, so that all formats show the same.
        path: without a suffix.
        formats: some of `png`, `pdf`, `svg`.

    Raises:
        ValueError: no such format; then nothing was written.
        OSError: a file cannot be written.
    """
    if unknown := [name for name in formats if name not in METADATA]:
        known = ", ".join(METADATA)
        raise ValueError(f"figures can be {known}, not {', '.join(map(repr, unknown))}")
    figure.set_dpi(DPI)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    paths = []
    for name in dict.fromkeys(formats):
        picture = io.BytesIO()
        with matplotlib.rc_context(SETTINGS):
            figure.savefig(picture, format=name, dpi=DPI, metadata=METADATA[name])
        paths.append(path.with_name(f"{path.name}.{name}"))
        write_atomically(paths[-1], picture.getvalue())
    _delete(path, METADATA.keys() - set(formats))
    return paths


def remove(path: Path) -> None:
    """Delete the files of a figure that is not drawn any more, so that none shows older runs.

    Args:
        path: without a suffix.
    """
    _delete(path, METADATA)


def _delete(path: Path, formats: Iterable[str]) -> None:
    for name in formats:
        path.with_name(f"{path.name}.{name}").unlink(missing_ok=True)


def markdown(paths: Sequence[Path]) -> list[str]:
    """A line for each figure: shown where one of its formats can be, with links to the others."""
    figures: dict[str, list[str]] = {}
    for path in paths:
        figures.setdefault(path.stem, []).append(path.name)
    lines = []
    for stem, names in figures.items():
        shown = next((name for name in names if not name.endswith(".pdf")), None)
        title = PICTURED.get(stem, stem.replace("_", " "))
        picture = [f"![{title}]({shown})"] if shown else [title]
        lines.append(
            " ".join([*picture, *(f"[{n.split('.')[-1]}]({n})" for n in names if n != shown)])
        )
    return lines
