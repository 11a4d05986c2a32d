"""Is a search for a lucky seed worth its steps? And claims that no run of ours speaks of yet."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import coins
import search
from common.part import counted
from common.study import p_value
from common.verdict import FAILS, HOLDS, UNKNOWN, Number
from diary.coins_figure import fades
from diary_claims.experiments import number
from diary_claims.row import DIARY, WANTED, Evidence, row

LARGER = {
    coins.LARGEST: "p 127, d 96 and 2 layers together",
    "p_127": "p 127",
    "d_96": "d 96",
    "layers_2": "2 layers",
    "train_70": "a train fraction of 0.7",
}
"""Cells of the study of coins that have more data or a larger model."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from searched(results)
    yield from coins_fade(results)


def searched(results: Path) -> Iterator[dict[str, object]]:
    """Every way to search of the study of searches, by the split with the highest upper limit.

    A way holds if it does on every split.
    """
    table = pd.read_csv(results / search.OUT.name / "search.csv")
    page = search.OUT.name
    for way in search.WAYS:
        own = table.loc[table["way"] == way]
        folders = ",".join(dict.fromkeys(own["folder"]))
        found = Evidence(results, folders, "mini", page=page)
        most = own.loc[own["high"].idxmax()].to_dict()
        limit = ""
        if way == search.RESTARTS:
            limit = f"; upper limit for seeds that take {most['earliest']:,.0f} steps or more"
        text = (
            f"a search for an early seed saves steps, by {way}: expected steps to a first t98 "
            f"without the search over those with it ({search.WORTH} or more on each of {len(own)} "
            f"splits; ours is split {most['split_seed']}, with the highest upper limit{limit})"
        ) + " [found by looking]" * (way in search.THINNED)
        said = set(own["worth"])
        verdict = {"yes": HOLDS, "no": FAILS}.get(said.pop() if len(said) == 1 else "", UNKNOWN)
        ours = Number(most["gain"], most["low"], most["high"])
        yield row(text, WANTED, Number(), ours, int(most["n"]), found, verdict)


def coins_fade(results: Path) -> Iterator[dict[str, object]]:
    """Each larger cell of the study of coins against mini itself, with Holm over all cells."""
    where = {cell: f"{coins.OUT.name}/{cell}" for cell in coins.CELLS}
    folders = {cell: Evidence(results, name, "mini", sizes=False) for cell, name in where.items()}
    runs = {c: counted(own.runs, coins.design(c)) for c, own in folders.items() if own.there}
    some = {cell: table for cell, table in runs.items() if len(table)}
    table = coins.table(some).set_index("cell").to_dict("index") if some else {}
    for cell, change in LARGER.items():
        names = f"{where[coins.OWN]},{where[cell]}"
        found, ours, n = Evidence(results, names, "mini", sizes=False), Number(), 0
        least, p, said = float("nan"), float("nan"), UNKNOWN
        last = table.get(cell, {"ratio": np.nan})
        if not np.isnan(last["ratio"]):
            ours, n = number(last, "ratio", "ratio_"), int(table[coins.OWN]["n"] + last["n"])
            least, p = last["detectable"], last["p_holm"]
            said = {"less": HOLDS, "more": FAILS}.get(fades(last), UNKNOWN)
        text = (
            f"luck fades with {change}: spread of log t98 from the earliest tenth to the median, "
            f"over the spread at mini (below 1; p {p_value(p)} after Holm)"
        )
        yield row(text, DIARY, Number(), ours, n, found, said, detectable=least)
