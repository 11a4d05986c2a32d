"""Can it be told early which seed wins? Rules that stop runs, and published laws as predictors."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from common.verdict import LOOKED, UNKNOWN, Number, within
from diary_claims.experiments import VERDICTS, number
from diary_claims.row import WANTED, Evidence, row
from early import SCANS, read
from experiments.bases import OWN
from grokseed.analysis.verdicts import judged
from grokseed.early import spelled_rule
from grokseed.figures.laws import EARLY
from laws import ungrafted
from predictors.early_elsewhere import FOLDERS
from predictors.early_page import RECALL, SAVED
from predictors.laws_predictors import AT_STEP, BASELINE, spread

DRAWS = 1000
"""Bootstrap samples of seeds."""

ABOVE, NEAR_0 = "(above 0.5)", "(within 0.1 of 0)"
NORMED, UNREAD = "2606.13753", "2605.18845"
"""A law that makes an exception for models with a final layer norm, and a paper that could not be
read."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from early(results)
    yield from on_other_splits(results)
    yield from laws(results)


def early(results: Path) -> Iterator[dict[str, object]]:
    """Early verdicts on the seeds on which they were not fitted: what they keep, and save."""
    rules = pd.read_csv(results / "early" / "early.csv").query("chosen").set_index("scan")
    for name, words in ROWS.items():
        folder, _ = SCANS[name]
        preset = "mini" if folder.startswith("mini") else "diary"
        found = Evidence(results, folder, preset, page="early")
        recall, saved, n, runs = Number(), Number(), 0, 0
        if name in rules.index:
            own = rules.loc[name].to_dict()
            recall, n = number(own, "recall", "recall_"), own["early"]
            saved, runs = steps_saved(results, name, own["rule"])
        text = (
            f"an early verdict keeps 97 % of the runs that are not normal, {name}{words}: "
            "share kept"
        )
        yield row(text, WANTED, Number(RECALL), recall, n, found, within(recall, RECALL, 1))
        text = (
            f"an early verdict takes 1.6 times fewer steps, {name}{words}: steps of all runs "
            "without it over those with it"
        )
        yield row(text, WANTED, Number(SAVED), saved, runs, found, within(saved, SAVED, np.inf))


def on_other_splits(results: Path) -> Iterator[dict[str, object]]:
    """The rules of early verdicts on splits on which none was fitted."""
    table = pd.read_csv(results / "early" / "elsewhere.csv")
    for one in table.to_dict("records"):
        found = Evidence(results, ",".join(FOLDERS), "mini", page="early")
        recall = number(one, "recall")
        text = (
            f"an early verdict keeps 97 % of the runs that are not normal, {one['scan']}, on "
            f"{one['splits']} splits on which it was not fitted: share kept [found by looking]"
        )
        said, units = within(recall, RECALL, 1), (one["splits"], "splits")
        yield row(text, WANTED, Number(RECALL), recall, one["early"], found, said, units)


def steps_saved(results: Path, scan: str, rule: str) -> tuple[Number, int]:
    """Steps without an early verdict over those with it on the even seeds, with limits by
    bootstrap over seeds, and how many seeds."""
    folder, end = SCANS[scan]
    runs = read(folder, end, results)
    even = runs.of(runs.model % 2 == 0)
    (check,) = spelled_rule(rule).checks
    n, random = len(even.model), np.random.default_rng(0)
    drawn = [judged(even.of(random.integers(n, size=n)), [check])[1] for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Number(judged(even, [check])[1], float(low), float(high)), n


ROWS = {
    "mini to t98": "",
    "mini until decided": " (against runs that end where they can only be normal)",
    "mini, screen at 3,100": "",
    "mini, screen at 1,750": "",
    "diary": "",
}
"""Scans that have rows, and what a claim says beside the name."""


def laws(results: Path) -> Iterator[dict[str, object]]:
    """Published laws as predictors of which seed is early, on fresh seeds: two rows each. The first
    is judged by the planned rule; what a predictor adds to the step of memorising, and when it is
    known, is another question, which was asked after the table had been seen."""
    found = Evidence(results, OWN.scan.name, "mini", page="laws")
    table = pd.read_csv(results / "laws" / "laws.csv").query("folder == @OWN.scan.name")
    text = "arXiv {}: early seeds can be predicted from {}: rank correlation with t98 {}"
    given = f"given the {BASELINE}"
    for one in table.loc[table["paper"] != "none"].to_dict("records"):
        ours, said, source = number(one, "rho"), VERDICTS[one["of_use"]], f"arXiv {one['paper']}"
        known = f"known at {one['known']:.0%} of the steps to t98, in winners at"
        known += f" {one['known_winners']:.0%}"
        claim = text.format(one["paper"], one["predictor"], f"{ABOVE[:-1]}; {known})")
        if one["predictor"].startswith(AT_STEP):
            claim += " [found by looking: predictor added after the table had been seen]"
        least = one["detectable"]
        yield row(claim, source, Number(), ours, one["n"], found, said, detectable=least)
        claim = (
            f"arXiv {one['paper']}, {one['predictor']}: it adds to the {BASELINE}, and is known in "
            f"time: rank correlation with t98 {given} (above 0.5; {known}, by {EARLY:.0%} wanted) "
            f"[{LOOKED}]"
        )
        ours, said = number(one, "partial_rho", "partial_"), VERDICTS[one["adds"]]
        least = one["partial_detectable"]
        yield row(claim, WANTED, Number(), ours, one["n"], found, said, detectable=least)
    normed = table.set_index("predictor").loc["norm at memorising"].to_dict()
    claim = (
        f"arXiv {NORMED}: with a final layer norm, as here, the norm at memorising predicts "
        "nothing: rank correlation with t98"
    )
    n, source = int(normed["n"]), f"arXiv {NORMED}"
    for prefix, words in (("", NEAR_0), ("partial_", f"{given} {NEAR_0} [{LOOKED}]")):
        ours, least = number(normed, f"{prefix}rho", prefix), normed[f"{prefix}detectable"]
        said, text_of = within(ours, -0.1, 0.1), f"{claim} {words}"
        theirs = (WANTED, Number()) if prefix else (source, Number(0.0))
        yield row(text_of, *theirs, ours, n, found, said, detectable=least)
    cv, low, high, n = spread(ungrafted(found.scans[0]))
    claim = (
        f"arXiv {NORMED}: runs generalise when the norm has fallen to a critical value, which "
        "varies by 1 to 2 % over seeds: coefficient of variation of the norm at t98 (its "
        "exception, a final layer norm, is that of these models) [found by looking]"
    )
    ours, figure = Number(cv, low, high), Number(float("nan"), 0.01, 0.02)
    yield row(claim, f"arXiv {NORMED}", figure, ours, n, found, within(ours, 0.01, 0.02))
    claim = text.format(f"{UNREAD} (could not be read)", "its rate of contraction", ABOVE)
    none = Evidence(results, "", "mini")
    yield row(claim, f"arXiv {UNREAD}", Number(), Number(), 0, none, UNKNOWN)
