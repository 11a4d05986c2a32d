"""What each layer group's weights did, from the table of an ablation's cells. No torch.

A cell is compared with the one that differs from it in that group's weights alone: the same split,
the same order of batches, all other weights the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
import pandas as pd

from grokseed.analysis.crossed import Estimate, crossed

ALL_BUT = "all but "
"""How the name of all groups but one begins."""

CONTROLS = {"graft": "sham", "reverse": "fresh"}
"""For each kind of cell the one that shows what it does without a winner's, or loser's, weights."""

WEIGHTS = ("gain", "loss", "among others")
"""The questions that are about weights."""

FACTORS = {"split": ("split_seed", "split"), "order": ("loader_seed", "loader_seed")}
"""What differs besides weights: the column of its seed, and the one that names its levels."""

BASELINES = ("donor", "recipient")

OWN = -1
"""In the place of a donor where weights are all the recipient's."""


class _Pair(NamedTuple):
    """The difference of two runs' outcomes that differ in one thing.

    `question`: `gain` where the group was put into a recipient, `loss` where it was taken from a
    donor, `among others` where it joined other groups that had been put into a recipient; `split`
    and `order` where not the weights but the split or the batch order differ, in `groups` how.
    `place` is the split and the order of both, where these are the same.
    """

    question: str
    groups: str
    kind: str
    recipient: int
    donor: int
    place: tuple[int, ...]
    difference: float


def effects(cells: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Main effects of layer groups on an outcome, each beside its control.

    Args:
        cells: one row a cell, with the columns of `design.Cell` (`split_seed` and `loader_seed` in
            place of `seeds`) and the outcome; cells without an outcome are left out.
        outcome: a column of numbers, such as validation accuracy at the screen step.

    Returns:
        A row for each question, group and kind of cell: `n` pairs of runs of `recipients` and
        `donors` many seeds; `mean` difference with its interval `low`, `high` over recipients and
        donors (NaN where there is one of each). Where there is a control, on the splits, orders and
        recipients that both were run on: `excess` over the control's mean, for several donors with
        `excess_low`, `excess_high`, and for a single one with `as_large`, how many of the control's
        `controls` donors have a mean at least as large.
    """
    questions: dict[tuple[str, str], dict[_Pair, None]] = defaultdict(dict)
    for pair in _pairs(cells.dropna(subset=[outcome]).to_dict("records"), outcome):
        questions[pair.question, pair.groups].setdefault(pair)  # two cells may be the same run
    rows = []
    for (question, groups), pairs in questions.items():
        for kind in dict.fromkeys(pair.kind for pair in pairs):
            own = [pair for pair in pairs if pair.kind == kind]
            mean = _over_seeds(own)
            low, high = mean.interval()
            row = {"question": question, "groups": groups, "kind": kind, "n": len(own)}
            row |= {"recipients": mean.seeds[0], "donors": mean.seeds[1]}
            row |= {"mean": mean.mean, "low": low, "high": high}
            control = [pair for pair in pairs if pair.kind == CONTROLS.get(kind)]
            rows.append(row | (_excess(own, control) if question in WEIGHTS else {}))
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = [
    *("question", "groups", "kind", "n", "recipients", "donors", "mean", "low", "high"),
    *("excess", "excess_low", "excess_high", "as_large", "controls"),
]


def _excess(own: Sequence[_Pair], control: Sequence[_Pair]) -> dict[str, float]:
    """What a kind of cell did beyond its control, where both were run."""
    shared = {(p.recipient, p.place) for p in own} & {(p.recipient, p.place) for p in control}
    both = [pair for pair in (*own, *control) if (pair.recipient, pair.place) in shared]
    if not both:
        return {}
    kind = own[0].kind
    excess = _over_seeds(both, [int(p.kind != kind) for p in both], [1, -1])
    found = {"excess": excess.mean}
    donors = {p.donor if kind == "graft" else p.recipient for p in both if p.kind == kind}
    if len(donors) > 1:
        low, high = excess.interval()
        return found | {"excess_low": low, "excess_high": high}
    by_seed: dict[int, list[float]] = defaultdict(list)
    for pair in both:
        if pair.kind != kind:
            by_seed[pair.donor].append(pair.difference)
    mean = np.mean([pair.difference for pair in both if pair.kind == kind])
    as_large = sum(float(np.mean(some)) >= mean for some in by_seed.values())
    return found | {"as_large": as_large, "controls": len(by_seed)}


def _over_seeds(
    pairs: Sequence[_Pair], groups: Sequence[int] | None = None, weights: Sequence[float] = (1.0,)
) -> Estimate:
    recipients, donors = [pair.recipient for pair in pairs], [pair.donor for pair in pairs]
    return crossed([pair.difference for pair in pairs], recipients, donors, groups, weights)


def _pairs(cells: Sequence[Mapping], outcome: str) -> Iterator[_Pair]:
    """Every two cells that differ in one thing."""
    own = {(c["recipient"], *_place(c)): c[outcome] for c in cells if c["kind"] in BASELINES}
    put_in: dict[tuple, dict[frozenset[str], float]] = defaultdict(dict)
    for cell in cells:
        kind, groups, recipient, donor = (cell[n] for n in ("kind", "groups", "recipient", "donor"))
        value, place = cell[outcome], _place(cell)
        if kind in ("graft", "sham"):
            put_in[kind, recipient, donor, place][frozenset(cell["parts"].split("+"))] = value
        if kind not in BASELINES and (recipient, *place) in own:
            gain = value - own[recipient, *place]
            if kind in ("graft", "sham"):
                yield _Pair("gain", groups, kind, recipient, donor, place, gain)
            else:
                yield _Pair("loss", groups, kind, recipient, donor, place, -gain)
        if kind == "graft" and groups.startswith(ALL_BUT) and (donor, *place) in own:
            # The same weights as the donor's own but for that group of the recipient's.
            lost, group = own[donor, *place] - value, groups.removeprefix(ALL_BUT)
            yield _Pair("loss", group, "reverse", donor, recipient, place, lost)
    for (kind, recipient, donor, place), values in put_in.items():
        for fewer, value in values.items():
            for more in values:
                if fewer < more and (groups := _group(more - fewer)):
                    added = values[more] - value
                    yield _Pair("among others", groups, kind, recipient, donor, place, added)
    for question, (seed, level) in FACTORS.items():
        yield from _factor(cells, outcome, question, seed, level)


def _factor(
    cells: Sequence[Mapping], outcome: str, question: str, seed: str, level: str
) -> Iterator[_Pair]:
    """The first level of a factor beside weights against each other one, all else the same."""
    alike: dict[tuple, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        # A seed's own weights have one seed: it is drawn on one axis.
        donor = cell["donor"] if cell["kind"] not in BASELINES else OWN
        others = tuple(cell[other] for other, _ in FACTORS.values() if other != seed)
        same = cell["kind"], cell["groups"], cell["recipient"], donor, others
        alike[same][str(cell[level])].append(cell[outcome])
    for (kind, _, recipient, donor, others), levels in alike.items():
        (first, values), *rest = levels.items()
        for other, theirs in rest:
            difference = float(np.mean(values) - np.mean(theirs))
            yield _Pair(question, f"{first} - {other}", kind, recipient, donor, others, difference)


def _place(cell: Mapping) -> tuple[int, int]:
    """What two cells that differ in weights must share."""
    return cell["split_seed"], cell["loader_seed"]


def _group(parts: frozenset[str]) -> str:
    """The smallest group or layer that holds all these parts; empty where there is none."""
    words = zip(*(part.split(".") for part in sorted(parts)), strict=False)
    return ".".join(w[0] for w in takewhile(lambda alike: len(set(alike)) == 1, words))
