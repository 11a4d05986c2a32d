"""Can it be told early which seed wins? Rules that stop runs."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from common.verdict import UNKNOWN, Number, within
from diary_claims.experiments import number
from diary_claims.row import WANTED, Evidence, row
from early import SCANS, read
from grokseed.early import spelled_rule
from predictors.early_candidates import halves, saved_steps
from predictors.early_elsewhere import FOLDERS
from predictors.early_page import RECALL, SAVED
from predictors.early_trials import FOLDER as FRESH
from predictors.early_trials import KNOWN, SCAN

KEEPS = "an early verdict keeps 97 % of the runs that are not normal, {}: share kept"
SAVES = "an early verdict takes 1.6 times fewer steps, {}: steps of all runs without it over those "
SAVES += "with it"

DECIDED = "mini until decided"
ROWS = {
    "mini to t98": "",
    DECIDED: " (against runs that end where they can only be normal)",
    "mini, screen at 3,100": "",
    "mini, screen at 1,750": "",
    "diary": "",
}
"""Scans that have rows, and what a claim says beside the name."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from early(results)
    yield from on_fresh_seeds(results)
    yield from on_other_splits(results)


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
        text = KEEPS.format(name + words)
        yield row(text, WANTED, Number(RECALL), recall, n, found, within(recall, RECALL, 1))
        text = SAVES.format(name + words)
        yield row(text, WANTED, Number(SAVED), saved, runs, found, within(saved, SAVED, np.inf))


def on_fresh_seeds(results: Path) -> Iterator[dict[str, object]]:
    """Rules made to be certain: what they keep of fresh seeds, judged when all of these are there,
    and what they save on known ones, also against a plain cap on steps."""
    table = pd.read_csv(results / "early" / "fresh.csv")
    for one in table.to_dict("records"):
        found = Evidence(results, FRESH, "mini", page="early")
        recall = number(one, "recall", "recall_") if one["early"] else Number()
        text = KEEPS.format(f"{one['scan']}, on fresh seeds")
        if one["level"] != 0.95:
            text += f" [the second check: its limits are of {one['level']:.1%}]"
        verdict = UNKNOWN if one["said"] == "part" else within(recall, RECALL, 1)
        yield row(text, WANTED, Number(RECALL), recall, one["early"], found, verdict)
        found = Evidence(results, KNOWN, "mini", page="early")
        against = one["scan"].replace(SCAN, DECIDED) + ROWS[DECIDED]
        for name, column in ((one["scan"], "saved"), (against, "over_cap")):
            saved, n = number(one, column, f"{column}_"), one["known_n"]
            text = f"{SAVES.format(name)} [found by looking]"
            yield row(text, WANTED, Number(SAVED), saved, n, found, within(saved, SAVED, np.inf))


def on_other_splits(results: Path) -> Iterator[dict[str, object]]:
    """The rules of early verdicts on splits on which none was fitted."""
    table = pd.read_csv(results / "early" / "elsewhere.csv")
    for one in table.to_dict("records"):
        found = Evidence(results, ",".join(FOLDERS), "mini", page="early")
        recall = number(one, "recall")
        where = f"{one['scan']}, on {one['splits']} splits on which it was not fitted"
        text = f"{KEEPS.format(where)} [found by looking]"
        said, units = within(recall, RECALL, 1), (one["splits"], "splits")
        yield row(text, WANTED, Number(RECALL), recall, one["early"], found, said, units)


def steps_saved(results: Path, scan: str, rule: str) -> tuple[Number, int]:
    """Steps without an early verdict over those with it on the even seeds, with limits by
    bootstrap over seeds, and how many seeds."""
    folder, end = SCANS[scan]
    _, even = halves(read(folder, end, results))
    (check,) = spelled_rule(rule).checks
    return saved_steps(even, check), len(even.model)
