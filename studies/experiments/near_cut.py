"""Winners chosen by a small margin: what a study of wins finds without them (found by looking).

A winner is chosen by three runs that reach t98 by the cut. Where the slowest of them did just so,
the next run, which differs by rounding alone, often does not: the winner is one, but not of the
kind whose runs all win. On x/y nothing in the choice asks for a margin.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

import grokseed
from experiments.base_tables import NEAR, slowest
from experiments.bases import Base
from experiments.chosen import KEPT


def near_the_cut(pairs: pd.DataFrame, scan: pd.DataFrame, further: pd.DataFrame) -> list[int]:
    """The pairs of whose winner one of the three choosing runs is near the cut.

    Args:
        pairs: as `chosen.pairs_of` gives them.
        scan, further: the runs of the base scan, and of the search with the winners' twins.
    """
    latest = slowest(scan, further)
    return [
        row["pair"]
        for row in pairs.to_dict("records")
        if latest[row["split_seed"], row["winner"]] > (1 - NEAR) * row["cut"]
    ]


def beside(
    folder: Path, done: pd.DataFrame, table: Callable[[pd.DataFrame], pd.DataFrame], of: Base
) -> dict[str, object]:
    """For a study's page: its table without the winners near the cut, as `rest`, how many of
    its winners these are, `near`, and the `margin`.

    Args:
        folder: the study's, with its pairs.
        done: its rows that count, with `pair` and `role`.
        table: makes the table from rows.
        of: the base scan that its winners were chosen by.
    """
    scan, further = (grokseed.load(where).runs for where in (of.scan, of.further))
    left_out = near_the_cut(pd.read_csv(folder / KEPT), scan, further)
    near = (done["role"] == "winner") & done["pair"].isin(left_out)
    others = done.loc[~near]
    rest = table(others).to_dict("records") if len(others) else []
    return {"near": done.loc[near, "pair"].nunique(), "margin": NEAR, "rest": rest}
