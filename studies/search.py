"""Does a search for an early seed save steps, compared with training one seed to its end?

    python studies/search.py        reads tables, trains nothing

Design: times to t98 of the 300 seeds of results/mini_generalise (split 0) and of the 64 on each of
the 4 splits of results/base_scan. Ways to search: restarts (abandon a run at the step at which
that is best, and start the next seed); 2 or 8 seeds side by side, until the first is there; each
of these with an early verdict (results/early), which gives up the runs that fail it, was fitted on
the odd seeds of split 0 and is judged on the others. Outcome: gain, the expected steps until a run
is at t98 without the search over those with it. Limits: by bootstrap over seeds; for restarts at
the best step the upper limit is the highest that the exact limits of the shares of runs allow, from
the step at which the first run of the split memorised. Contrast, by plan.md: worth it if the
interval lies at 1.1 or more, not worth it if it lies below; else cannot tell.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import at_step
from common.study import render
from common.verdict import FAILS, HOLDS, Number, within
from experiments.bases import OWN
from grokseed.analysis.restart import Gain, best_of, best_restart, judged_restart
from grokseed.analysis.restart_limit import highest_gain
from grokseed.analysis.survival import numbers, observed_times
from grokseed.early import read_rule
from grokseed.figures.rows import Row, rows_with_intervals
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.reports.result import Scan

OUT, RESULTS = Path("results/search"), Path("results")
SCANS = "mini_generalise", OWN.scan.name
WORTH = 1.1
"""A search is worth it if it saves a tenth of the steps: by chance it saves some in any sample."""

RESTARTS, VERDICTS = "restarts at the best step", "restarts of runs that fail an early verdict"
SIDE = {f"training {runs} seeds side by side": runs for runs in (2, 8)}
THINNED = {f"{way} and giving up those that fail the verdict": runs for way, runs in SIDE.items()}
WAYS = RESTARTS, *SIDE, VERDICTS, *THINNED
NAMES = {RESTARTS: "best restart", VERDICTS: "early verdict"}
NAMES |= {way: f"{runs} side by side" for way, runs in SIDE.items()}
NAMES |= {way: f"{runs} side by side, early verdict" for way, runs in THINNED.items()}
SAID = {HOLDS: "yes", FAILS: "no"}


def judged_runs(scan: Scan, runs: pd.DataFrame, rule: str, side: Iterable[int]) -> list[Gain]:
    """Restarts of those runs that fail the rule, which was fitted on other seeds.

    Args:
        rule: path of a rule with one check.
        side: how many runs start together; a gain for each.
    """
    found = read_rule("", rule)
    if found is None or len(found.checks) != 1:
        raise ValueError(f"{rule} is no rule of one check")
    (check,) = found.checks
    runs = runs.loc[~np.isnan(numbers(runs, "steps"))]
    value = at_step(check.signal, check.step, runs, scan.trajectories)
    passes = [check.passes(one) for one in value]
    how = *observed_times("t98", runs), np.array(passes), check.step
    return [judged_restart(*how, runs=many) for many in side]


def table(scans: dict[str, Scan], rule: str) -> pd.DataFrame:
    """A row a way and split: `gain` with its limits, `best`, `plain`, `searched`, `worth`."""
    rows = []
    for folder, scan in scans.items():
        for split, runs in scan.runs.groupby("split_seed"):
            time, reached = observed_times("t98", runs)
            first = float(np.nanmin(numbers(runs, "memorised_step")))
            fresh = runs.loc[numbers(runs, "model_seed") % 2 == 0] if split == 0 else runs
            found = {RESTARTS: best_restart(time, reached)}
            found |= {way: best_of(time, reached, many) for way, many in SIDE.items()}
            judged = judged_runs(scan, fresh, rule, (1, *THINNED.values()))
            found |= dict(zip((VERDICTS, *THINNED), judged, strict=True))
            for way in WAYS:
                own = found[way]
                most = highest_gain(time, reached, first) if way == RESTARTS else -np.inf
                limits = Number(own.gain, own.low, max(own.high, most))
                worth = SAID.get(within(limits, WORTH, np.inf), "cannot tell")
                steps = own.best, own.plain, own.searched, own.gain, own.low, limits.high
                rows.append((way, split, folder, own.n, *steps, first, worth))
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values("way", key=lambda way: way.map(WAYS.index), kind="stable")


COLUMNS = ["way", "split_seed", "folder", "n", "best", "plain", "searched", "gain", "low", "high"]
COLUMNS += ["earliest", "worth"]


def verdict(found: pd.DataFrame) -> str:
    """`yes` if a way is worth it on every split, `no` if none is on any; else `cannot tell`."""
    every = [set(own) for _, own in found.groupby("way")["worth"]]
    if {"yes"} in every:
        return "yes"
    return "no" if set().union(*every) == {"no"} else "cannot tell"


def answer(found: pd.DataFrame) -> str:
    rows = found.to_dict("records")
    return render("search", found=rows, ways=WAYS, verdict=verdict(found), worth=WORTH)


def read(results: Path) -> tuple[dict[str, Scan], str]:
    """The scans, and the path of the early verdict's rule."""
    rule = results / "early" / "mini_to_t98.json"
    return {name: grokseed.load(results / name) for name in SCANS}, str(rule)


def main() -> None:
    scans, rule = read(RESULTS)
    found = table(scans, rule)
    OUT.mkdir(parents=True, exist_ok=True)
    found.to_csv(OUT / "search.csv", index=False, float_format="%.6g")
    rows = [
        Row(
            f"{NAMES[r['way']]}, split {r['split_seed']} (n = {r['n']})",
            r["gain"],
            r["low"],
            r["high"],
        )
        for r in found.to_dict("records")
    ]
    most = found.loc[found["high"].idxmax()]
    saves = "No way to search saves a tenth of the steps"
    if verdict(found) != "no":
        saves = "Does a search save a tenth of the steps: " + verdict(found)
    what = f"{saves}: the highest upper limit of a gain is {most['high']:.2f}"
    seeds = sum(len(scan.runs) for scan in scans.values())
    title = f"mini, {found['split_seed'].nunique()} splits, {seeds} seeds"
    axis = "steps without the search over those with it"
    figure = rows_with_intervals(what, title, rows, axis, (WORTH, "worth it from here"))
    save(figure, OUT / "search")
    write_atomically(OUT / "README.md", answer(found).encode())


if __name__ == "__main__":
    main()
