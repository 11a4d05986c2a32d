"""The lead of the donors' own runs over the recipients': the most a graft could gain. No torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from grokseed.analysis.pairs import ALL_BUT


def leads(cells: Sequence[Mapping], outcome: str) -> dict[tuple[int, int], float]:
    """The donors' mean minus the recipients' at each split and batch order that has both.

    Args:
        cells: one a cell: `kind`, `split_seed`, `loader_seed` and the outcome; cells without
            outcome are left out.
        outcome: the name of a number, such as validation accuracy at the screen step.

    Returns:
        By split and loader seed, in the outcome's unit.
    """
    own: dict[tuple[int, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        if not np.isnan(cell[outcome]):
            own[place(cell)][cell["kind"]].append(cell[outcome])
    return {
        where: float(np.mean(values["donor"]) - np.mean(values["recipient"]))
        for where, values in own.items()
        if values["donor"] and values["recipient"]
    }


def place(cell: Mapping) -> tuple[int, int]:
    """What runs must share to differ in initial weights alone."""
    return cell["split_seed"], cell["loader_seed"]


def lead_at(
    question: str,
    group: str,
    cells: Sequence[Mapping],
    by_place: Mapping[tuple[int, int], float],
) -> float:
    """The mean lead at the splits and orders at which a group was exchanged.

    Args:
        question: one of `effects.WEIGHTS`.
        group: as `pairs.Pair` names it.
        cells: where it may have been exchanged.
        by_place: what `leads` gave.

    Returns:
        NaN if it was exchanged nowhere, or donors or recipients did not run there.
    """
    wanted = {
        "gain": {("graft", group)},
        "loss": {("reverse", group), ("graft", ALL_BUT + group)},
        "among others": set(),
    }[question]
    where = {
        place(cell)
        for cell in cells
        if (not wanted and cell["kind"] == "graft") or (cell["kind"], cell["groups"]) in wanted
    }
    found = [lead for at, lead in by_place.items() if at in where]
    return float(np.mean(found)) if found else np.nan
