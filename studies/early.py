"""Can runs be stopped early without losing early winners? Fits rules for `--keep`; no training.

    python studies/early.py

Question: which signal, at which step, is the first to show that a run will be normal, and how many
steps does a rule of one check save? Design: runs that went to their end; a rule is fitted on the
odd model seeds and checked on the even ones. For every recorded signal at 15 steps: the area under
its ROC curve, and a cut that is expected to miss 3 % of new runs that are not normal. Of these
rules the one that saves most on the odd seeds is chosen. Outcome on the even ones: recall of runs
that are not normal with its exact interval, and steps of all runs over those taken under the rule,
where a tenth of the failed runs goes on. Yes: recall of at least 0.97 and at least 1.6 times fewer
steps. Certain: the lower limit of the recall is at least 0.97 too. Signals are interpolated between
the points that git keeps. Rules that keep more are judged on fresh seeds
(`predictors/early_fresh.py`), with a plain cap on steps as the baseline, and all on other splits.

Rules of two checks were tried and dropped: with 71 runs that are not normal in the fit, the best of
1,900 pairs kept all of them there, and 60 of 65 (0.92) of the others.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import on_line, points_of
from grokseed.analysis.classify import DIARY
from grokseed.analysis.early import unjudged
from grokseed.analysis.survival import numbers
from grokseed.analysis.verdicts import Whole
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.reports.scan import sampled
from predictors import early_fits, early_fresh
from predictors.early_candidates import candidates, halves, write_rule
from predictors.early_elsewhere import elsewhere
from predictors.early_figure import areas
from predictors.early_page import LEAST, RECALL, page, verdict

OUT, RESULTS = Path("results/early"), Path("results")
WRITTEN = "early", "fits", "elsewhere", "fresh"
STEPS = 15
NORMS_FROM = 1000
"""Where runs end at different steps, norms are read from this step on: see `between_points`."""

SCANS = {
    "mini to t98": ("mini_generalise", "t98"),
    "mini until decided": ("mini_generalise", "decided"),
    "mini, screen at 3,100": ("mini_generalise", 3100),
    "mini, screen at 1,750": ("mini_screen", 1750),
    "diary": ("diary_scan", 3000),
    "diary, earlier scan": ("diary_loader8", 3000),
}
SIMULATED = "mini, screen at 1,750", "mini to t98", "diary"
LASTING = "diary", "diary, earlier scan"
"""Scans of minutes a run. A run of theirs that a rule stops is lost, so that a rule is written for
`--keep` only if it is certain."""


def read(folder: str, end: int | str, results: Path | None = None) -> Whole:
    """A folder's runs, cut as if the scan ended at another step; without seeds that were chosen by
    hand.

    Args:
        end: the screen step, where a run is not normal if a quarter of the validation answers is
            right (of the whole set at the step of the scan's own screen, else of the sample); or,
            by the speedup rule, "t98", or "decided": the step from which a run can only be normal.
        results: where the folder is; by default `RESULTS`.
    """
    where = (results or RESULTS) / folder
    scan = grokseed.load(where)
    runs = unjudged(sampled(where, scan.runs))
    runs = runs.loc[runs["status"] == "done"]
    own = [{n: p[n].to_numpy() for n in p} for p in points_of(runs, scan.trajectories)]
    steps = numbers(runs, "steps")

    def at(signal: str, at_steps: np.ndarray) -> np.ndarray:
        """A signal at some steps, float64 (steps, runs)."""
        return np.array([on_line(p, signal, at_steps) for p in own]).T

    t98 = numbers(runs, "t98_step")
    if isinstance(end, int):
        if end == scan.config.screen_step:
            early = runs["screen"].isin(["super", "fast"]).to_numpy()
        else:
            early = (at("sample_accuracy", np.array([end]))[0] >= 0.25) | (t98 <= end)
        until, steps = end, np.minimum(steps, end)
    else:
        early = runs["class"].isin(["super", "fast"]).to_numpy()
        until = int(scan.survival().median / DIARY.fast_speedup)
        steps = np.fmin(np.fmin(steps, t98), until if end == "decided" else np.inf)
    every = scan.config.sample_every
    grid = np.unique((np.linspace(0.1, 0.95, STEPS) * until / every).round().astype(int) * every)
    names = [c for c in scan.trajectories if c not in ("run", "step")]
    late = grid[grid >= NORMS_FROM] if len(set(numbers(runs, "steps"))) > 1 else grid
    when = {n: late if n.partition(".")[0] == "norm" else grid for n in names}
    signals = {n: dict(zip(s.tolist(), at(n, s), strict=True)) for n, s in when.items()}
    kept = {n: by for n, by in signals.items() if not any(np.isnan(v).any() for v in by.values())}
    return Whole(runs["model_seed"].to_numpy(), steps, early, kept)


def writes(row: dict) -> bool:
    """Whether a rule gets a file for `--keep`."""
    return row["scan"] not in LASTING or verdict(row) == "certain"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    tables, scans = [], {}
    for name, (folder, end) in SCANS.items():
        runs = scans[name] = read(folder, end)
        odd, even = halves(runs)
        if min(odd.early.sum(), even.early.sum()) < LEAST:
            continue
        table = candidates(name, odd, even)
        tables.append(table)
        (row,) = table.loc[table["chosen"]].to_dict("records")
        file = OUT / f"{name.replace(' ', '_').replace(',', '')}.json"
        file.unlink(missing_ok=True)
        if writes(row):
            write_rule(file, row, folder, set(odd.model.tolist()))
    found = pd.concat(tables, ignore_index=True)
    found.to_csv(OUT / "early.csv", index=False, float_format="%.4g")
    fits = early_fits.table({n: scans[n] for n in SIMULATED if n in scans}, RECALL)
    fits.to_csv(OUT / "fits.csv", index=False, float_format="%.4g")
    fresh = early_fresh.outcome(RESULTS, scans)
    fresh.to_csv(OUT / "fresh.csv", index=False, float_format="%.6g")
    ends = {name: end for name, (_, end) in SCANS.items()} | dict.fromkeys(fresh["scan"], "t98")
    rules = pd.concat([found.loc[found["chosen"]], fresh]).set_index("scan")["rule"].to_dict()
    elsewhere(RESULTS, rules, ends).to_csv(OUT / "elsewhere.csv", index=False, float_format="%.4g")
    if len(fresh):
        early_fresh.report(RESULTS, fresh.to_dict("records"))
    save(areas(found), OUT / "early")
    tables = (pd.read_csv(OUT / f"{name}.csv") for name in WRITTEN)
    write_atomically(OUT / "README.md", page(*tables, scans=scans).encode())


if __name__ == "__main__":
    main()
