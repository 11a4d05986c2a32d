"""What each layer group's weights did, from the table of an ablation's cells. No torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from grokseed.analysis.crossed import Estimate, crossed
from grokseed.analysis.pairs import BASELINES, Level, Pair, pairs
from grokseed.analysis.significance import detectable, holm

CONTROLS = {"graft": "sham", "reverse": "fresh"}
"""For each kind of cell its control, which has no winner's (or loser's) weights."""

WEIGHTS = ("gain", "loss", "among others")
"""The questions about weights."""

COLUMNS = [
    *("question", "groups", "kind", "place", "n", "recipients", "donors"),
    *("mean", "low", "high", "detectable", "p", "p_holm"),
    *("excess", "excess_low", "excess_high", "excess_detectable", "excess_p", "excess_p_holm"),
    *("as_large", "controls"),
    *("places", "interaction", "interaction_low", "interaction_high", "interaction_p", "between"),
]


def effects(cells: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Main effects of layer groups on an outcome, each beside its control and at each place.

    Args:
        cells: one row a cell, with the columns of `design.Cell` (`split_seed` and `loader_seed` in
            place of `seeds`) and the outcome; cells without an outcome are left out.
        outcome: a column of numbers from 0 to 1, such as validation accuracy at the screen step.

    Returns:
        For each question, group and kind of cell a row over all places, whose `place` is empty;
        with several places, also a row for each, such as "split 42, loader 8".

        - `n` pairs of runs, and the numbers of `recipients` and `donors`; `mean` difference with
          its interval `low`, `high` over recipients and donors (NaN if there is one of each; within
          -1 to 1, as outcomes differ by no more), the smallest mean `detectable` at 80 % power, its
          two-sided `p`, and `p_holm`: by Holm over the groups of one question and kind, in rows of
          a place over groups and places.
        - If there is a control: `excess` over the control's mean, on the splits, orders and
          recipients that both have. With several donors there are the same columns as for the
          mean. With one donor there is `as_large` in their place: how many of the control's
          `controls` donors have a mean at least as large.
        - Over all places: the number of `places`, and with several of them the `interaction`: the
          largest difference between the effects at two places, with its interval and the two places
          (`between`). `interaction_p` is the smallest p-value of all pairs of places, by Holm.
    """
    found: dict[tuple[str, str], dict[Pair, None]] = defaultdict(dict)
    for pair in pairs(cells.dropna(subset=[outcome]), outcome):
        found[pair.question, pair.groups].setdefault(pair)  # two cells may be the same run
    rows = []
    for (question, _), some in found.items():
        for kind in dict.fromkeys(pair.kind for pair in some):
            # Sorted: sums and so ties do not depend on the order of the cells.
            own = sorted(pair for pair in some if pair.kind == kind)
            control = sorted(pair for pair in some if pair.kind == CONTROLS.get(kind))
            control = control if question in WEIGHTS else []
            places = sorted({pair.place for pair in own})
            rows.append({**_row(own, control), "place": "", "places": len(places)})
            if len(places) > 1:
                rows[-1] |= _interaction(own, places)
                rows += [
                    {**_row(_at(own, place), _at(control, place)), "place": _name(place)}
                    for place in places
                ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table[["low", "high"]] = table[["low", "high"]].astype(float).clip(-1, 1)
    families = [table["question"], table["kind"], table["place"] == ""]
    for p in ("p", "excess_p"):
        adjusted = table.groupby(families)[p].transform(lambda some: holm(some))
        table[f"{p}_holm"] = adjusted.astype(float)
    return table


def effects_at_each(cells: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Effects of weights at each split and loader seed, also where there is only one of them.

    Args:
        cells, outcome: as `effects` takes them.

    Returns:
        Rows as those of `effects`, with the level of the `split` (a seed, `donor` or `recipient`)
        and the `loader_seed` in place of `place` and what compares places. p-values by Holm are
        over groups, splits and loader seeds.
    """
    baseline, found = cells["kind"].isin(BASELINES), []
    for split, loader in dict.fromkeys(zip(cells["split"], cells["loader_seed"], strict=True)):
        here = (cells["split"] == split) & (cells["loader_seed"] == loader)
        # Two levels may be one seed, and a baseline stand at the other one.
        some = effects(cells.loc[here | baseline], outcome)
        own = some.loc[some["question"].isin(WEIGHTS) & (some["place"] == "")]
        found.append(own.assign(split=split, loader_seed=loader))
    table = pd.concat(found, ignore_index=True)
    families = [table["question"], table["kind"]]
    for p in ("p", "excess_p"):
        adjusted = table.groupby(families)[p].transform(lambda some: holm(some))
        table[f"{p}_holm"] = adjusted.astype(float)
    return table.drop(columns=["place", *COLUMNS[COLUMNS.index("places") :]])


def _row(own: Sequence[Pair], control: Sequence[Pair]) -> dict[str, object]:
    """The effect of one group and kind of cell."""
    first, mean = own[0], _over_seeds(own)
    row: dict[str, object] = {
        "question": first.question,
        "groups": first.groups,
        "kind": first.kind,
    }
    row |= {"n": len(own), "recipients": mean.seeds[0], "donors": mean.seeds[1], "mean": mean.mean}
    low, high = mean.interval()
    row |= {"low": low, "high": high, **_tested(mean)}
    return row | _excess(own, control)


def _excess(own: Sequence[Pair], control: Sequence[Pair]) -> dict[str, float]:
    """The effect of a kind of cell minus its control's, where both were run."""
    shared = {(p.recipient, p.seeds) for p in own} & {(p.recipient, p.seeds) for p in control}
    own, control = (
        [p for p in some if (p.recipient, p.seeds) in shared] for some in (own, control)
    )
    if not own:
        return {}
    excess = _difference(own, control)
    found = {"excess": excess.mean}
    donors = {p.donor if p.kind == "graft" else p.recipient for p in own}
    if len(donors) > 1:
        low, high = excess.interval()
        return found | {"excess_low": low, "excess_high": high, **_tested(excess, "excess_")}
    by_seed: dict[int, list[float]] = defaultdict(list)
    for pair in control:
        by_seed[pair.donor].append(pair.difference)
    mean = np.mean([pair.difference for pair in own])
    as_large = sum(float(np.mean(some)) >= mean for some in by_seed.values())
    return found | {"as_large": as_large, "controls": len(by_seed)}


def _interaction(own: Sequence[Pair], places: Sequence[tuple[Level, ...]]) -> dict[str, object]:
    """The largest difference between the effects at two places."""
    both = list(combinations(places, 2))
    differences = [_difference(_at(own, one), _at(own, other)) for one, other in both]
    largest = int(np.argmax([abs(difference.mean) for difference in differences]))
    low, high = differences[largest].interval()
    p_values = holm([difference.p for difference in differences])
    return {
        "interaction": differences[largest].mean,
        "interaction_low": low,
        "interaction_high": high,
        "interaction_p": np.fmin.reduce(p_values),
        "between": " - ".join(map(_name, both[largest])),
    }


def _tested(found: Estimate, prefix: str = "") -> dict[str, float]:
    smallest = detectable(found.error, found.freedom)
    return {f"{prefix}detectable": smallest, f"{prefix}p": found.p}


def _over_seeds(some: Sequence[Pair]) -> Estimate:
    recipients, donors = [pair.recipient for pair in some], [pair.donor for pair in some]
    return crossed([pair.difference for pair in some], recipients, donors)


def _difference(one: Sequence[Pair], other: Sequence[Pair]) -> Estimate:
    both, group = [*one, *other], np.repeat([0, 1], [len(one), len(other)])
    recipients, donors = [pair.recipient for pair in both], [pair.donor for pair in both]
    return crossed([pair.difference for pair in both], recipients, donors, group, [1, -1])


def _at(some: Sequence[Pair], place: tuple[Level, ...]) -> list[Pair]:
    return [pair for pair in some if pair.place == place]


def _name(place: tuple[Level, ...]) -> str:
    return ", ".join(level.name for level in place)
