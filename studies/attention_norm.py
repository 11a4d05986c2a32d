"""Does the norm of the attention weights at step 500 tell winners from others? (studies/plan.md)

    python studies/attention_norm.py        reads tables, trains nothing

Design: the 512 fresh seeds of results/base_search, without twins; a win is a t98 of at most half of
the split's median. Contrast: the area under the ROC curve of the norm, with ranks taken within a
split, pooled over 4 splits. It lies above 0.5 if winners have a higher norm. The other signals
recorded at step 500 are shown beside the norm, and are found by looking. Other folders
cannot be used: longer runs keep points that are further apart, above all in runs that lose.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import on_curve, points_of
from common.study import Verdict, render, write_verdicts
from experiments import base_runs, base_tables
from experiments.bases import OWN
from grokseed.analysis.survival import numbers
from grokseed.analysis.verdicts import Area, area
from grokseed.figures.rows import Row, rows_with_intervals
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from predictors.visible_tables import within_splits

OUT = Path("results/attention_norm")
STEP, SIGNAL, LEAD, AT = 500, "norm.block1.attention", 0.78, "at step: "
SMALL = (0.4, 0.6)
"""An area within these limits is of no use."""


def signals(folder: Path) -> pd.DataFrame:
    """The runs of a folder without grafts, with every recorded signal at the step."""
    scan = grokseed.load(folder)
    runs = base_tables.own_weights(scan.runs)
    names = [name for name in scan.trajectories if name not in ("run", "step")]
    rows = [
        [on_curve(points, name, STEP) for name in names]
        for points in points_of(runs, scan.trajectories)
    ]
    at = pd.DataFrame(rows, columns=[AT + name for name in names], index=runs.index)
    return runs.join(at)


def seeds() -> pd.DataFrame:
    """The seeds of the search, with `won`."""
    cuts = pd.read_csv(OWN.further / "cuts.csv").set_index("split_seed")["cut"].to_dict()
    runs = base_runs.fresh(signals(OWN.further))
    return runs.assign(won=base_tables.has_won(runs, cuts))


def pooled(runs: pd.DataFrame, signal: str) -> Area:
    """The area of all runs, with ranks taken within a split."""
    ranks = within_splits(numbers(runs, signal), runs["split_seed"].to_numpy())
    return area(ranks, runs["won"].to_numpy(bool))


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row for the norm on each split, then a row a signal on all of them: area and limits."""
    rows = []
    for split, own in runs.groupby("split_seed"):
        found = area(numbers(own, AT + SIGNAL), own["won"].to_numpy(bool))
        rows.append((SIGNAL, f"split {split}", len(own), int(np.sum(own["won"])), found))
    for name in sorted((n for n in runs if n.startswith(AT)), key=lambda n: n != AT + SIGNAL):
        won = int(np.sum(runs["won"]))
        rows.append((name.removeprefix(AT), "all", len(runs), won, pooled(runs, name)))
    numbered = [(*row[:4], row[4].auc, row[4].low, row[4].high) for row in rows]
    columns = ["signal", "sample", "n", "winners", "auc", "low", "high"]
    return pd.DataFrame(numbered, columns=columns)


def alike(found: pd.DataFrame) -> tuple[int, int]:
    """On how many splits the area lies on the same side as that of all, and of how many."""
    own = found.loc[found["signal"] == SIGNAL].set_index("sample")["auc"]
    splits = own.loc[own.index.str.startswith("split")]
    same = splits > 0.5 if own["all"] > 0.5 else splits < 0.5
    return int(same.sum()), len(splits)


def verdict(found: pd.DataFrame) -> str:
    """`yes`, `no` or `cannot tell`, by the rule of plan.md."""
    own = found.loc[found["signal"] == SIGNAL].set_index("sample")
    row = own.loc["all"]
    if (row["low"] > 0.5 or row["high"] < 0.5) and alike(found)[0] >= 3:
        return "yes"
    return "no" if SMALL[0] < row["low"] and row["high"] < SMALL[1] else "cannot tell"


def main() -> None:
    found = table(seeds())
    OUT.mkdir(parents=True, exist_ok=True)
    found.to_csv(OUT / "areas.csv", index=False, float_format="%.4g")
    own = found.loc[found["signal"] == SIGNAL].to_dict("records")
    row = next(row for row in own if row["sample"] == "all")
    rows = [
        Row(f"{r['sample']} ({r['winners']} of {r['n']} win)", r["auc"], r["low"], r["high"])
        for r in own
    ]
    kind = "lower" if row["auc"] < 0.5 else "higher"
    limits = f"{row['auc']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    what = f"Winners have the {kind} attention norm at step {STEP}: area {limits}"
    title = f"mini, {row['n']} fresh seeds, {row['winners']} winners; below 0.5: lower in winners"
    axis = "area under the ROC curve"
    save(rows_with_intervals(what, title, rows, axis, (0.5, "chance")), OUT / "areas")
    same, splits = alike(found)
    claim = (
        f"the attention norm at step {STEP} tells winners from others: area under the ROC curve "
        "(below 0.5: lower in winners; the claim gave no direction; on the same side in "
        f"{same} of {splits} splits, at least 3 wanted)"
    )
    limits = row["auc"], row["low"], row["high"]
    units = row["n"], f"seeds, of which {row['winners']} win"
    write_verdicts(OUT, [Verdict(claim, *limits, row["n"], verdict(found), LEAD, *units)])
    text = render(
        "attention_norm",
        found=found.to_dict("records"),
        row=row,
        verdict=verdict(found),
        step=STEP,
        lead=LEAD,
    )
    write_atomically(OUT / "README.md", text.encode())


if __name__ == "__main__":
    main()
