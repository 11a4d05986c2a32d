"""What each layer group's weights did, from the table of an ablation's cells. No torch.

A cell is compared with the one that differs from it in that group's weights alone: the same split,
the same order of batches, all other weights the same.
"""

from __future__ import annotations

from collections.abc import Iterator
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
        `controls_as_large`, how many of the control's seeds have a mean at least as large, of
        `controls`.
    """
    found = _pairs(cells.dropna(subset=[outcome]), outcome)
    pairs = pd.DataFrame(list(found), columns=list(_Pair._fields))
    rows = []
    for (question, groups), some in pairs.groupby(["question", "groups"], sort=False):
        kinds = list(dict.fromkeys(some["kind"]))
        axes = some["base"], some["source"]
        draws = crossed_bootstrap(
            some["difference"], *axes, [(some["kind"] == kind).to_numpy() for kind in kinds]
        )
        for number, kind in enumerate(kinds):
            own = some[some["kind"] == kind]
            row = {"question": question, "groups": groups, "kind": kind, "n": len(own)}
            row |= {"bases": own["base"].nunique(), "sources": own["source"].nunique()}
            row |= {"mean": own["difference"].mean()}
            row |= _interval("", draws[:, number], own)
            control = CONTROLS.get(kind)
            if question in WEIGHTS and control in kinds:
                theirs = some[some["kind"] == control]
                axis = "source" if theirs["source"].nunique() > 1 else "base"
                means = theirs.groupby(axis)["difference"].mean()
                excess = draws[:, number] - draws[:, kinds.index(control)]
                row |= {"excess": row["mean"] - theirs["difference"].mean()}
                row |= _interval("excess_", excess, some)
                row |= {"controls_as_large": int((means >= row["mean"]).sum())}
                row |= {"controls": len(means)}
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = [
    *("question", "groups", "kind", "n", "bases", "sources", "mean", "low", "high"),
    *("excess", "excess_low", "excess_high", "controls_as_large", "controls"),
]


def _interval(prefix: str, draws: np.ndarray, pairs: pd.DataFrame) -> dict[str, float]:
    """Percentiles of bootstrap means; none where no axis has a second seed to be drawn."""
    alone = pairs["base"].nunique() == 1 and pairs["source"].nunique() == 1
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = (np.nan, np.nan) if alone else np.quantile(draws, tails)
    return {f"{prefix}low": low, f"{prefix}high": high}


def _pairs(cells: pd.DataFrame, outcome: str) -> Iterator[_Pair]:
    context = ["split_seed", "train_seed"]
    own = {
        (row["base"], *(row[name] for name in context)): row[outcome]
        for row in cells[cells["kind"].isin(["donor", "recipient"])].to_dict("records")
    }
    exchanged = cells[~cells["kind"].isin(["donor", "recipient"])]
    for row in exchanged.to_dict("records"):
        kind, groups, base, source = (row[name] for name in ("kind", "groups", "base", "source"))
        place = tuple(row[name] for name in context)
        if (base, *place) in own:
            sign = 1 if kind in ("graft", "sham") else -1
            difference = sign * (row[outcome] - own[base, *place])
            yield _Pair("gain" if sign == 1 else "loss", groups, kind, base, source, difference)
        if kind == "graft" and groups.startswith(ALL_BUT) and (source, *place) in own:
            # The same weights as the donor's own but for that group of the recipient's.
            lost = own[source, *place] - row[outcome]
            yield _Pair("loss", groups.removeprefix(ALL_BUT), "reverse", source, base, lost)
    for question, (seed, level) in FACTORS.items():
        same = ["kind", "groups", "base", "source", *(name for name in context if name != seed)]
        for (kind, _, base, source, *_), some in cells.groupby(same, sort=False):
            (first, value), *others = zip(some[level], some[outcome], strict=True)
            for other, theirs in others:
                levels = f"{first} - {other}"
                yield _Pair(question, levels, kind, base, source, value - theirs)
    known = frozenset("+".join(exchanged["parts"]).split("+"))
    put_in = exchanged[exchanged["kind"].isin(["graft", "sham"])]
    for (kind, base, source, *_), some in put_in.groupby(["kind", "base", "source", *context]):
        values = {frozenset(r["parts"].split("+")): r[outcome] for r in some.to_dict("records")}
        for fewer, value in values.items():
            for more in values:
                if fewer < more and (groups := _group(more - fewer, known)):
                    yield _Pair("among others", groups, kind, base, source, values[more] - value)


def _group(parts: frozenset[str], known: frozenset[str]) -> str | None:
    """The group that holds just these of all the parts known, or None where there is none."""
    words = min(parts).split(".")
    for name in (".".join(words[:n]) for n in range(1, len(words) + 1)):
        if parts == {part for part in known if part == name or part.startswith(f"{name}.")}:
            return name
    return None
