"""What combinations of parts do beyond their smaller subsets: Möbius effects. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np

Subset = frozenset[str]


def subsets(parts: Iterable[str]) -> list[Subset]:
    """All subsets, the empty and the full one included, smaller ones first."""
    names = tuple(parts)
    sizes = range(len(names) + 1)
    return [frozenset(some) for size in sizes for some in combinations(names, size)]


def moebius(values: Mapping[Subset, np.ndarray | float]) -> dict[Subset, np.ndarray]:
    """What each subset adds beyond its proper subsets: the sum of (-1)^|S - T| v(T) over T in S.

    The effects of all subsets of a subset add up to its value. So a pure conjunction, which has no
    effect unless it is complete, is a single effect that is not 0. The effect of two parts is their
    interaction.

    Source: Rota, Zeitschrift für Wahrscheinlichkeitstheorie 2 (1964), 340; Harsanyi's dividends.

    Args:
        values: for each subset a number, or an array of numbers such as bootstrap draws.

    Returns:
        The effect of each subset all of whose subsets have a value.
    """
    known = {subset: subsets(sorted(subset)) for subset in values}
    return {
        subset: np.sum(
            [(-1) ** len(subset - less) * np.asarray(values[less]) for less in below], axis=0
        )
        for subset, below in known.items()
        if all(less in values for less in below)
    }
