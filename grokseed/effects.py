"""What each layer group's weights did, from the table of an ablation's cells. No torch.

A cell is compared with the one that differs from it in that group's weights alone: the same split,
the same order of batches, all other weights the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from grokseed.stats import crossed_bootstrap

ALL_BUT = "all but "
CONTROLS = {"graft": "sham", "reverse": "fresh"}
"""For each kind of cell the one that shows what it does without a winner's, or loser's, weights."""

WEIGHTS = ("gain", "loss", "among others")
"""The questions that are about weights."""

FACTORS = {"split": ("split_seed", "split"), "order": ("train_seed", "train_seed")}
"""What differs besides weights: the column of its seed, and the one that names its levels."""

BASELINES = ("donor", "recipient")

LEVEL = 0.95


class _Pair(NamedTuple):
    """The difference of two runs' outcomes that differ in one thing.

    `question`: `gain` where the group was put into a recipient, `loss` where it was taken from a
    donor, `among others` where it joined other groups that had been put into a recipient; `split`
    and `order` where not the weights but the split or the batch order differ, in `groups` how.
    """

    question: str
    groups: str
    kind: str
    base: int
    source: int
    difference: float


def effects(cells: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Main effects of layer groups on an outcome, each beside its control.

    Args:
        cells: one row a cell, with the columns of `design.Cell` (`split_seed` and `train_seed` in
            place of `seeds`) and the outcome; cells without an outcome are left out.
        outcome: a column of numbers, such as validation accuracy at the screen step.

    Returns:
        A row for each question, group and kind of cell: `n` pairs of runs of `bases` and `sources`
        many seeds; `mean` difference with its interval `low`, `high` (over bases and sources, runs
        that share a seed drawn together; NaN where there is one of each); `excess` over the
        control's mean with `excess_low`, `excess_high`, the two drawn together; and
        `controls_as_large`, how many of the control's sources have a mean at least as large, of
        `controls`.
    """
    questions: dict[tuple[str, str], list[_Pair]] = defaultdict(list)
    for pair in _pairs(cells.dropna(subset=[outcome]).to_dict("records"), outcome):
        questions[pair.question, pair.groups].append(pair)
    rows = []
    for (question, groups), pairs in questions.items():
        kinds = list(dict.fromkeys(pair.kind for pair in pairs))
        own = {kind: [pair for pair in pairs if pair.kind == kind] for kind in kinds}
        axes = [pair.base for pair in pairs], [pair.source for pair in pairs]
        member = [[pair.kind == kind for pair in pairs] for kind in kinds]
        draws = crossed_bootstrap([pair.difference for pair in pairs], *axes, member)
        for kind, drawn in zip(kinds, draws.T, strict=True):
            row = {"question": question, "groups": groups, "kind": kind, "n": len(own[kind])}
            row |= {"bases": len({pair.base for pair in own[kind]})}
            row |= {"sources": len({pair.source for pair in own[kind]})}
            row |= {"mean": _mean(own[kind]), **_interval("", drawn, own[kind])}
            control = CONTROLS.get(kind)
            if question in WEIGHTS and control in kinds:
                means = _means_by_seed(own[control])
                row |= {"excess": row["mean"] - _mean(own[control])}
                row |= _interval("excess_", drawn - draws[:, kinds.index(control)], pairs)
                row |= {"controls_as_large": sum(mean >= row["mean"] for mean in means)}
                row |= {"controls": len(means)}
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = [
    *("question", "groups", "kind", "n", "bases", "sources", "mean", "low", "high"),
    *("excess", "excess_low", "excess_high", "controls_as_large", "controls"),
]


def _mean(pairs: Sequence[_Pair]) -> float:
    return float(np.mean([pair.difference for pair in pairs]))


def _means_by_seed(pairs: Sequence[_Pair]) -> list[float]:
    """The mean difference that each of the control's seeds made."""
    by_seed: dict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        by_seed[pair.source].append(pair)
    return [_mean(some) for some in by_seed.values()]


def _interval(prefix: str, draws: np.ndarray, pairs: Sequence[_Pair]) -> dict[str, float]:
    """Percentiles of bootstrap means; none where no axis has a second seed to be drawn."""
    alone = len({pair.base for pair in pairs}) == len({pair.source for pair in pairs}) == 1
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = (np.nan, np.nan) if alone else np.quantile(draws, tails)
    return {f"{prefix}low": low, f"{prefix}high": high}


def _pairs(cells: Sequence[Mapping], outcome: str) -> Iterator[_Pair]:
    """Every two cells that differ in one thing."""
    own = {(c["base"], *_place(c)): c[outcome] for c in cells if c["kind"] in BASELINES}
    put_in: dict[tuple, dict[frozenset[str], float]] = defaultdict(dict)
    for cell in cells:
        kind, groups, base, source = (cell[n] for n in ("kind", "groups", "base", "source"))
        value, place = cell[outcome], _place(cell)
        if kind in ("graft", "sham"):
            put_in[kind, base, source, place][frozenset(cell["parts"].split("+"))] = value
        if kind not in BASELINES and (base, *place) in own:
            gain = value - own[base, *place]
            if kind in ("graft", "sham"):
                yield _Pair("gain", groups, kind, base, source, gain)
            else:
                yield _Pair("loss", groups, kind, base, source, -gain)
        if kind == "graft" and groups.startswith(ALL_BUT) and (source, *place) in own:
            # The same weights as the donor's own but for that group of the recipient's.
            lost = own[source, *place] - value
            yield _Pair("loss", groups.removeprefix(ALL_BUT), "reverse", source, base, lost)
    known = frozenset().union(*(parts for values in put_in.values() for parts in values))
    for (kind, base, source, _), values in put_in.items():
        for fewer, value in values.items():
            for more in values:
                if fewer < more and (groups := _group(more - fewer, known)):
                    yield _Pair("among others", groups, kind, base, source, values[more] - value)
    for question, (seed, level) in FACTORS.items():
        firsts: dict[tuple, Mapping] = {}
        for cell in cells:
            kind, base, source = cell["kind"], cell["base"], cell["source"]
            others = (cell[other] for other, _ in FACTORS.values() if other != seed)
            first = firsts.setdefault((kind, cell["groups"], base, source, *others), cell)
            if first is not cell:
                difference = first[outcome] - cell[outcome]
                levels = f"{first[level]} - {cell[level]}"
                yield _Pair(question, levels, kind, base, source, difference)


def _place(cell: Mapping) -> tuple[int, int]:
    """What two cells that differ in weights must share."""
    return cell["split_seed"], cell["train_seed"]


def _group(parts: frozenset[str], known: frozenset[str]) -> str | None:
    """The group that holds just these of all the parts known, or None where there is none."""
    words = min(parts).split(".")
    for name in (".".join(words[:n]) for n in range(1, len(words) + 1)):
        if parts == {part for part in known if part == name or part.startswith(f"{name}.")}:
            return name
    return None
