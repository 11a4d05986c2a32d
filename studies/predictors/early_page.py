"""The page of early verdicts: which rules meet the goals, and what the diary's scan would need."""

import pandas as pd

from common.study import render
from grokseed.analysis.rates import rate
from grokseed.analysis.verdicts import Whole
from predictors.early_fits import MARGINS

SAVED, RECALL, LEAST = 1.6, 0.97, 5
"""The goals, and the least number of early runs in each half for a row of the table."""

PLANNED, WHOLE = 150, 2073
"""Seeds that plan.md gave each half of the diary's scan, and seeds of the whole scan."""


def verdict(row: dict) -> str:
    """Whether a rule meets the goals on the seeds that it was not fitted on."""
    if row["recall"] < RECALL or row["saved"] < SAVED:
        return "no"
    return "certain" if row["recall_low"] >= RECALL else "yes, not certain"


def page(
    found: pd.DataFrame,
    fits: pd.DataFrame,
    others: pd.DataFrame,
    fresh: pd.DataFrame,
    scans: dict[str, Whole],
) -> str:
    """The answer, from the four tables and the runs."""
    picked = pd.DataFrame(found.loc[found["chosen"]])
    chosen = [row | {"said": verdict(row)} for row in picked.to_dict("records")]
    good = [row for row in chosen if row["said"] != "no"]
    few = [
        (name, len(runs.model), int(runs.early.sum()))
        for name, runs in scans.items()
        if name not in set(found["scan"])
    ]
    return render(
        "early",
        chosen=chosen,
        best=max(good, key=lambda row: row["saved"], default=None),
        few=few,
        others=others.to_dict("records"),
        fresh=fresh.to_dict("records"),
        diary=needs(scans["diary"], RECALL) if "diary" in scans else None,
        fits=by_fit(fits),
        margins=MARGINS,
        certain=certain_from(RECALL),
        planned=PLANNED,
        whole=WHOLE,
        recall=RECALL,
        saved=SAVED,
        least=LEAST,
    )


def certain_from(recall: float) -> int:
    """How many of how many runs that are not normal a rule has to keep for a lower exact limit of
    the recall."""
    n = 1
    while rate(n, n).low < recall:
        n += 1
    return n


def needs(runs: Whole, recall: float) -> dict[str, float]:
    """What an early verdict of the diary's scan needs, and what half of its first 300 seeds have.

    Returns:
        `n` seeds, of which `early` are not normal, the `share`; how many of these half of the first
        300 seeds has, `half`, and the lower `limit` of the recall of a rule that keeps them all;
        `seeds` of a check that can be certain.
    """
    n, early = len(runs.model), int(runs.early.sum())
    half = round(PLANNED * early / n)
    limit, seeds = rate(half, half).low, certain_from(recall) * n / early
    return {
        "n": n,
        "early": early,
        "share": early / n,
        "half": half,
        "limit": limit,
        "seeds": seeds,
    }


def by_fit(fits: pd.DataFrame) -> list[dict]:
    """A row a scan and number of runs in the fit, with its rows of margins as `by`."""
    rows: dict[tuple, dict] = {}
    for cell in fits.to_dict("records"):
        own = {name: cell[name] for name in ("scan", "n", "early")}
        rows.setdefault((cell["scan"], cell["n"]), own | {"by": []})["by"].append(cell)
    return list(rows.values())
