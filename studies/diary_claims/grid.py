"""Claims about seeds in a grid of splits, weights and orders, and about good batch orders."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import rates
from common.verdict import Number, near, within
from diary_claims.rates_of_seeds import NOT_NORMAL, SLOW_LOADERS, SUPER, SUPER_LOADERS
from diary_claims.row import DIARY, WANTED, Evidence, row


def claims(results: Path) -> Iterator[dict[str, object]]:
    """Rates over a grid of splits, weights and orders, and whether a good order helps."""
    found = Evidence(results, rates.OUT.name, "mini")
    runs = rates.counting(found.runs) if found.there else pd.DataFrame()
    table = rates.table(runs) if len(runs) else pd.DataFrame()
    for name, claimed, stream in (
        ("super", SUPER, "model"),
        ("super", SUPER_LOADERS, "loader"),
        ("not normal", NOT_NORMAL, "model"),
        ("not normal", SLOW_LOADERS, "loader"),
    ):
        ours, n = _overall(table, name) if len(runs) else (Number(), 0)
        units = _seeds(runs) if len(runs) else None
        text = (
            f"in a grid of splits, weights and orders, share of {stream} seeds that are {name} at "
            "step 3,100"
        )
        yield row(text, DIARY, claimed, ours, n, found, near(claimed, ours), units)
    yield _helping_order(found, runs)


def _seeds(runs: pd.DataFrame) -> tuple[int, str]:
    """The axis of the grid with the fewest seeds; limits are over both. An order is a split's."""
    words = {"split": "splits", "model": "model seeds"}
    seeds = {words[axis]: len(set(runs[f"{axis}_seed"])) for axis in words}
    fewest, *others = sorted(seeds, key=lambda axis: seeds[axis])
    return seeds[fewest], f"{fewest} (and {', '.join(f'{seeds[o]} {o}' for o in others)})"


def _overall(table: pd.DataFrame, name: str) -> tuple[Number, int]:
    (found,) = table.loc[(table["class"] == name) & (table["axis"] == "")].to_dict("records")
    return Number(found["share"], found["low"], found["high"]), int(found["n"])


def _helping_order(grid: Evidence, runs: pd.DataFrame) -> dict[str, object]:
    """25 % more is judged to within 10 points: more than 1.15 times, at most 1.35 times."""
    lift = rates.lift_of(runs, "not normal") if len(runs) else None
    ours, n, least = Number(), 0, float("nan")
    if lift:
        ours, n = Number(lift.ratio, lift.low, lift.high), lift.n
        least = lift.detectable
    text = (
        "a batch order with which one model is not normal helps another model on the same split: "
        "times as often not normal as with other orders of the split (1.15 to 1.35; in the diary "
        "each model had its own split, on which the loader seed gives an unrelated order)"
    )
    said, units = within(ours, 1.15, 1.35), _seeds(runs) if n else None
    return row(text, WANTED, Number(1.25), ours, n, grid, said, units, least)
