"""Pairs of an ablation's runs that differ in one thing, from the table of its cells. No torch.

A cell is compared with the one that differs from it only in one group's weights, or only in the
split or batch order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import pandas as pd

ALL_BUT = "all but "
"""Start of the name of all groups but one."""

FACTORS = ("split", "order")
"""The factors besides weights."""

BASELINES = ("donor", "recipient")

OWN = -1
"""Takes the donor's place if all weights are the recipient's."""


class Level(NamedTuple):
    """A level of split or order. Levels sort as: a donor's own, a recipient's own, then numbers."""

    rank: int
    number: int
    name: str


class Pair(NamedTuple):
    """The difference of two runs' outcomes that differ in one thing.

    `question` is `gain` if the group was put into a recipient, `loss` if it was taken from a donor,
    and `among others` if it was added to other groups in a recipient. It is `split` or `order` if
    these differ and not the weights; then `groups` says between which levels. `seeds` are the split
    and loader seed that both runs have, `place` their levels.
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
    """All pairs of cells that differ in one thing. Several cells, and so several pairs, may be one
    run.

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
    known = frozenset().union(*(parts for values in put_in.values() for parts in values))
    for (kind, recipient, donor, seeds, place), values in put_in.items():
        for fewer, value in values.items():
            for more in values:
                if fewer < more and (groups := _group(more - fewer, known)):
                    added = values[more] - value
                    yield Pair("among others", groups, kind, recipient, donor, seeds, place, added)
    for factor, question in enumerate(FACTORS):
        yield from _factor(cells, outcome, question, factor)


def _factor(cells: Sequence[Mapping], outcome: str, question: str, factor: int) -> Iterator[Pair]:
    """The first level of a factor besides weights against each other level, all else equal."""
    alike: dict[tuple, dict[Level, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        # Weights of one seed alone: the bootstrap draws it on one axis.
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
    """The cells with the `levels` of split and order that were asked for, and `place` in words.

    A level such as the donor's split is one place for all donors. With one donor its seed is named.
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
    """What two cells must share to differ in weights alone."""
    return cell["split_seed"], cell["loader_seed"]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _group(parts: frozenset[str], known: frozenset[str]) -> str:
    """The group or layer that consists of these parts; empty if there is none.

    Args:
        known: all parts that any cell exchanges.
    """
    words = zip(*(part.split(".") for part in sorted(parts)), strict=False)
    name = ".".join(w[0] for w in takewhile(lambda alike: len(set(alike)) == 1, words))
    inside = {part for part in known if part == name or part.startswith(f"{name}.")}
    return name if inside == parts else ""
