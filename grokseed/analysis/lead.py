"""The lead of the donors' own runs over the recipients': the most a graft could gain. No torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np


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
