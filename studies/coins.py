"""Does luck fade as data and model grow? (the diary's coins; plan.md, "The diary's claims")

    python studies/coins.py                   train what is missing, then say what was found
    python studies/coins.py --cells p_71,d_96 these alone
    python studies/coins.py --export          train nothing

Design: mini, and mini with one of p, width, layers and train fraction smaller or larger, and with
the first three larger at once: 9 cells x 300 runs, every run with a split, initial weights and an
order of its own, to t98 or step 22,000. A folder a cell below results/coins. Outcome: the early
half of the spread of log t98, which is the log of the median over the 10th percentile. Contrast:
each cell's spread over that of mini itself, with Holm over the 8 cells.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.arms import to_train, unshared
from common.part import read, there
from common.study import render
from diary.coins_figure import fades, spreads
from grokseed.analysis.significance import holm
from grokseed.analysis.spread import LEAST, detectable_ratio, ratio_p, spread_ratio, spread_to
from grokseed.analysis.survival import time_to
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.seeds import Seeds

OUT = Path("results/coins")
EACH, FIRST_SEED, MAX_STEPS = 300, 50_000, 22_000
OWN, LARGEST = "mini", "all_larger"
CELLS = {
    OWN: {},
    "p_71": {"p": 71},
    "p_127": {"p": 127},
    "d_48": {"d_model": 48},
    "d_96": {"d_model": 96},
    "layers_2": {"layers": 2},
    "train_50": {"train_fraction": 0.5},
    "train_70": {"train_fraction": 0.7},
    LARGEST: {"p": 127, "d_model": 96, "layers": 2},
}
"""Folder below results/coins, and what its config changes about `mini`."""


def design(cell: str) -> list[Seeds]:
    """A cell's runs: no two runs share a split, weights or an order."""
    return unshared(FIRST_SEED + 1000 * list(CELLS).index(cell), EACH)


def by_cell() -> dict[str, pd.DataFrame]:
    """The runs that count of every cell that has some."""
    some = [cell for cell in CELLS if (OUT / cell).exists()]
    runs = {cell: read(OUT / cell, design(cell)) for cell in some}
    return {cell: table for cell, table in runs.items() if len(table)}


def table(runs: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a cell: its median, its spread, and the spread over mini's.

    Returns:
        Columns `cell`, `n`, `reached`, `median` (steps), `spread`, `spread_low`, `spread_high`,
        `ratio`, `ratio_low`, `ratio_high`, `p` of a ratio of 1, `detectable`, `p_holm`; NaN where
        not known.
    """
    order = list(CELLS)
    spreads = {c: spread_to("t98", some, seed=order.index(c)) for c, some in runs.items()}
    rows = []
    for cell, some in runs.items():
        curve, own = time_to("t98", some), spreads[cell]
        ratio, p, least = (np.nan,) * 3, np.nan, np.nan
        if cell != OWN and OWN in spreads:
            ratio = spread_ratio(own, spreads[OWN])
            p, least = ratio_p(own, spreads[OWN]), detectable_ratio(own, spreads[OWN])
        reached = curve.n - curve.censored
        limits = own.value, own.low, own.high
        rows.append((cell, curve.n, reached, curve.median, *limits, *ratio, p, least))
    columns = ["cell", "n", "reached", "median", "spread", "spread_low", "spread_high", "ratio"]
    found = pd.DataFrame(rows, columns=[*columns, "ratio_low", "ratio_high", "p", "detectable"])
    return found.assign(p_holm=holm(found["p"]))


def main(argv: list[str] | None = None) -> None:
    cells, how = to_train(__doc__, "cells", CELLS, argv)
    for cell in cells:
        config = grokseed.preset("mini", max_steps=MAX_STEPS, stop_when="t98", **CELLS[cell])
        grokseed.scan(config, runs=design(cell), out=OUT / cell, **how)
    analyse()


def analyse() -> None:
    """Write the table and the answer for the cells that have runs."""
    runs = by_cell()
    if not runs:
        raise SystemExit(f"{OUT} holds no run that counts yet")
    found = table(runs)
    found.to_csv(OUT / "coins.csv", index=False, float_format="%.6g")
    save(spreads(found, OWN, CELLS), OUT / "spreads")
    write_atomically(OUT / "README.md", answer(found).encode())


def answer(found: pd.DataFrame) -> str:
    rows = [
        {**row, "fades": fades(row), "factor": np.exp(row["spread"])}
        for row in found.to_dict("records")
    ]
    largest = [row for row in rows if row["cell"] == LARGEST]
    return render(
        "coins",
        found=rows,
        largest=largest[0] if largest else None,
        cells=list(CELLS),
        least=LEAST,
        there=there(sum(found["n"]), len(CELLS) * EACH, "the seeds of every cell that has some"),
    )


if __name__ == "__main__":
    main()
