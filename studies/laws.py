"""Do published laws of grokking's delay predict which seed is early? Reads tables, trains nothing.

    python studies/laws.py
    python studies/laws.py results/mini_generalise results/base_scan

Question: four papers explain the delay across hyperparameters by weight norm, logit scale or rate
of contraction. At fixed hyperparameters, do these quantities order the seeds? Design: each paper's
predictor is computed on the runs of a folder, with its rank correlation with t98 within splits, and
the R² of its log with the log of the delay t98 - memorised. Predictions, written down before
the table was made:

- arXiv 2603.13331: the delay is proportional to the log of a ratio of squared norms, that of the
  memorising solution over that of the generalising one, with a factor that is the same for all
  seeds. Predicted: positive correlations of the peak norm, of the norm at memorising, and of the
  ratio.
- arXiv 2606.13753: a run generalises when its norm falls to a critical value, which varies by 1 to
  2 % over seeds. Holding the norm higher delays by exp(7.5 times the ratio). Predicted: positive
  correlations of the norm at memorising, and of the step at which it falls to that value. But a
  final layer norm, which these models have, removes the effect: then no correlation.
- arXiv 2606.18465: the norm delays through the scale of the logits. Predicted: positive. Logits are
  not recorded. The validation loss of a memorising run grows with their scale, and is used instead.
- arXiv 2605.18845 could not be read when this was written: no prediction of it is tested.

The step of memorising, which no paper names, is the baseline. The rule of plan.md: of use as an
early verdict if the correlation is above 0.5 in absolute value on fresh seeds (those of
mini_generalise had been looked at), of no use if its whole interval lies within 0.5 of 0. A second
question, asked after the table had been seen, with a rule of its own: does a predictor add to the
step of memorising, and is it known in time? It does if the partial correlation given that step is
above 0.5, and it is not known only in the last tenth of the steps to t98, in the median of all runs
or of the winners. Norms at fixed steps were added then, too.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.study import render
from diary.signatures_tables import kinds_of_runs
from experiments.anatomy_plan import STUDIES, of_complete
from grokseed.analysis.correlation import pooled_ranks
from grokseed.analysis.dependence import shared_sources
from grokseed.analysis.survival import numbers
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.reports.result import Scan
from predictors.laws_figure import correlations
from predictors.laws_predictors import AT_STEP, BASELINE, LAWS, predictors, spread
from predictors.laws_verdict import LATE, NOT_JUDGED, USE, adds, planned

OUT = Path("results/laws")
SEEN = Path("results/mini_generalise")
FRESH = Path("results/base_scan"), Path("results/anatomy")


def table(scan: Scan, fresh: bool) -> pd.DataFrame:
    """A row a law: `paper`, `predictor`, its correlation with t98 and that given the step of
    memorising, `r2` on the delay, when it is `known`, and what both rules say of it."""
    runs, (values, steps) = scan.runs, predictors(scan)
    t98, last = numbers(runs, "t98_step"), np.nanmax(numbers(runs, "steps"))
    late = np.where(np.isnan(t98), last + 1, t98)
    memorised, (won, _, _) = numbers(runs, "memorised_step"), kinds_of_runs(runs)
    delay = np.log(np.clip(t98 - memorised, 1, None))
    rows = []
    for name, paper in LAWS.items():
        found = pooled_ranks(values[name], late, runs["split_seed"])
        left = pooled_ranks(values[name], late, runs["split_seed"], memorised)
        log, when = np.log(values[name].to_numpy()), share_of_time(numbers(steps, name), t98)
        both = np.isfinite(log) & np.isfinite(delay)
        r2 = np.corrcoef(log[both], delay[both])[0, 1] ** 2 if found.n else np.nan
        known = float(np.nanmedian(when)), float(np.median(when[won])) if won.any() else np.nan
        of_use, more = planned(found, fresh), adds(left, float(np.nanmax(known)), fresh)
        # Correlations are within splits, and so is what runs may have in common.
        if any(shared_sources(own) for _, own in runs.groupby("split_seed")):
            of_use, more = NOT_JUDGED, NOT_JUDGED
        said = of_use, np.nan if name == BASELINE else more
        correlated = (v for c in (found, left) for v in (c.rho, c.low, c.high, c.p, c.detectable))
        rows.append((paper, name, found.n, *correlated, r2, *known, int(won.sum()), *said))
    return pd.DataFrame(rows, columns=COLUMNS)


def share_of_time(known: np.ndarray, t98: np.ndarray) -> np.ndarray:
    """The share of the steps to t98 after which each run's predictor is known; 1 if it is not."""
    return np.where(np.isnan(t98), np.nan, np.fmin(known / t98, 1))


LIMITS = ["rho", "low", "high", "p", "detectable"]
COLUMNS = ["paper", "predictor", "n", *LIMITS, *(f"partial_{name}" for name in LIMITS), "r2"]
COLUMNS += ["known", "known_winners", "winners", "of_use", "adds"]


def ungrafted(scan: Scan) -> Scan:
    """The scan without grafted runs, such as one-ulp twins, which are not independent seeds."""
    runs = scan.runs.loc[scan.runs["graft"].isna()] if "graft" in scan.runs else scan.runs
    return Scan(scan.config, runs, scan.trajectories, scan.numerics)


def read(folders: Sequence[Path]) -> dict[str, Scan]:
    """The scans of some folders, by the folder's name; of study A the levels that are complete."""
    scans = {at.name: grokseed.load(at) for at in folders}
    for name in scans.keys() & STUDIES.keys():
        scans[name].runs = of_complete(scans[name].runs)
    return {name: ungrafted(scan) for name, scan in scans.items()}


def tables(scans: Mapping[str, Scan]) -> pd.DataFrame:
    """The tables of some folders, one below the other, with `folder`."""
    parts = [table(scan, name != SEEN.name).assign(folder=name) for name, scan in scans.items()]
    return pd.concat(parts, ignore_index=True)


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folders", nargs="*", type=Path, default=[SEEN, *FRESH])
    found = tables(scans := read(options.parse_args(argv).folders))
    OUT.mkdir(parents=True, exist_ok=True)
    found.to_csv(OUT / "laws.csv", index=False, float_format="%.4g")
    judged = FRESH[0].name if FRESH[0].name in scans else next(reversed(scans))
    save(correlations(found, USE, BASELINE, judged), OUT / "laws")
    write_atomically(OUT / "README.md", answer(found, scans).encode())


def answer(found: pd.DataFrame, scans: Mapping[str, Scan]) -> str:
    """The page, from the tables of some scans."""
    spreads = {name: spread(scan) for name, scan in scans.items()}
    about = {"seen": SEEN.name, "baseline": BASELINE, "main": FRESH[0].name, "use": USE}
    about |= {"late": LATE, "at_steps": [name for name in LAWS if name.startswith(AT_STEP)]}
    return render("laws", found=found.to_dict("records"), spreads=spreads, **about)


if __name__ == "__main__":
    main()
