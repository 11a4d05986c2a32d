"""Pairs of an ablation's runs that differ in one thing, from the table of its cells. No torch.

A cell is compared with the one that differs from it in one group's weights alone: the same split,
the same order of batches, all other weights the same; or with the one on another split or order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import pandas as pd

ALL_BUT = "all but "
"""How the name of all groups but one begins."""

FACTORS = ("split", "order")
"""What differs besides weights."""

BASELINES = ("donor", "recipient")

OWN = -1
"""In the place of a donor where weights are all the recipient's."""


class Level(NamedTuple):
    """A level of split or order. Levels sort by meaning: a donor's own, a recipient's, numbers."""

    rank: int
    number: int
    name: str


class Pair(NamedTuple):
    """The difference of two runs' outcomes that differ in one thing.

    `question`: `gain` where the group was put into a recipient, `loss` where it was taken from a
    donor, `among others` where it joined other groups that had been put into a recipient; `split`
    and `order` where not the weights but the split or the batch order differ, in `groups` how.
    `seeds` are those of split and order that both have, `place` the levels that these are.
    """

    question: str
    groups: str
    kind: str
    recipient: int
    donor: int
    seeds: tuple[int, ...]
    place: tuple[Level, ...]
    difference: float


def pairs(table: pd.DataFrame, outcome: str) -> Iterator[Pair]:
    """Every two cells that differ in one thing. Two cells may be the same run: so may two pairs.

    Args:
        table: one row a cell, as `effects.effects` takes them, each with an outcome.
        outcome: a column of numbers.
    """
    cells = _with_places(table)
    own = {(c["recipient"], *_seeds(c)): c[outcome] for c in cells if c["kind"] in BASELINES}
    put_in: dict[tuple, dict[frozenset[str], float]] = defaultdict(dict)
    for cell in cells:
        kind, groups, recipient, donor = (cell[n] for n in ("kind", "groups", "recipient", "donor"))
        value, seeds = cell[outcome], _seeds(cell)
        where = seeds, cell["place"]
        if kind in ("graft", "sham"):
            put_in[kind, recipient, donor, *where][frozenset(cell["parts"].split("+"))] = value
        if kind not in BASELINES and (recipient, *seeds) in own:
            gain = value - own[recipient, *seeds]
            if kind in ("graft", "sham"):
                yield Pair("gain", groups, kind, recipient, donor, *where, gain)
            else:
                yield Pair("loss", groups, kind, recipient, donor, *where, -gain)
        if kind == "graft" and groups.startswith(ALL_BUT) and (donor, *seeds) in own:
            # The same weights as the donor's own but for that group of the recipient's.
            lost, group = own[donor, *seeds] - value, groups.removeprefix(ALL_BUT)
            yield Pair("loss", group, "reverse", donor, recipient, *where, lost)
    for (kind, recipient, donor, seeds, place), values in put_in.items():
        for fewer, value in values.items():
            for more in values:
                if fewer < more and (groups := _group(more - fewer)):
                    added = values[more] - value
                    yield Pair("among others", groups, kind, recipient, donor, seeds, place, added)
    for factor, question in enumerate(FACTORS):
        yield from _factor(cells, outcome, question, factor)


def _factor(cells: Sequence[Mapping], outcome: str, question: str, factor: int) -> Iterator[Pair]:
    """The first level of a factor beside weights against each other one, all else the same."""
    alike: dict[tuple, dict[Level, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        # A seed's own weights have one seed: it is drawn on one axis.
        donor = cell["donor"] if cell["kind"] not in BASELINES else OWN
        others, place = list(_seeds(cell)), list(cell["place"])
        del others[factor], place[factor]
        same = cell["kind"], cell["groups"], cell["recipient"], donor, tuple(others), tuple(place)
        alike[same][cell["levels"][factor]].append(cell[outcome])
    for (kind, _, recipient, donor, others, place), values in alike.items():
        first, *rest = sorted(values)
        for other in rest:
            difference = _mean(values[first]) - _mean(values[other])
            how = f"{first.name} - {other.name}"
            yield Pair(question, how, kind, recipient, donor, others, place, difference)


def _with_places(table: pd.DataFrame) -> list[dict]:
    """The cells with `levels` of split and order as they were asked for, and `place`, as it reads.

    A level such as the donor's split is one place for all donors, and the seed where it is one.
    """
    cells = table.to_dict("records")
    seeds_of: dict[str, set[int]] = defaultdict(set)
    for cell in cells:
        seeds_of[str(cell["split"])].add(cell["split_seed"])
    found = []
    for cell in cells:
        split, order = _level(str(cell["split"])), _level(str(cell["loader_seed"]))
        one = len(seeds_of[split.name]) == 1
        name = f"split {cell['split_seed']}" if one else f"{split.name}'s split"
        place = split._replace(name=name), order._replace(name=f"loader {order.name}")
        found.append({**cell, "levels": (split, order), "place": place})
    return found


def _level(name: str) -> Level:
    named = ("donor", "recipient")
    return Level(named.index(name), 0, name) if name in named else Level(2, int(name), name)


def _seeds(cell: Mapping) -> tuple[int, int]:
    """What two cells that differ in weights must share."""
    return cell["split_seed"], cell["loader_seed"]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _group(parts: frozenset[str]) -> str:
    """The smallest group or layer that holds all these parts; empty where there is none."""
    words = zip(*(part.split(".") for part in sorted(parts)), strict=False)
    return ".".join(w[0] for w in takewhile(lambda alike: len(set(alike)) == 1, words))
