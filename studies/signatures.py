"""Do slow and fast runs differ as the diary saw by eye, and are they two kinds of runs?

    python studies/signatures.py        reads tables, trains nothing

Design: the 300 runs of results/mini_generalise (split 0), the 64 on each of the 4 splits of
results/base_scan, and those of results/diary_scan at the diary's own sizes, up to its step 3,000.
Slow runs are later than the split's median time to t98, fast ones 2 times sooner. Outcomes: whether
the norm falls before t98 and rises after memorising, how far the validation loss rises, when runs
memorise. Contrast: a rule of all runs holds if the lower limit of the share is 90 %, holds in part
if it is over half. Two kinds of runs only if two normal components fit better by 10 in BIC than one
normal and one skew-normal distribution. With all runs, those without a loss peak stand at their
start, which alone makes a second component: a verdict on peaks needs the same from the runs that
have one.
"""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.study import render
from common.verdict import two_kinds
from diary.signatures_figure import peaks_by_time
from diary.signatures_norm import norm_rises
from diary.signatures_sizes import of_diary, of_sizes
from diary.signatures_tables import FLAT, RISEN, Sentence, kinds_of_runs, of_norm_and_loss
from experiments.bases import OWN
from grokseed.analysis.mixture import kinds
from grokseed.analysis.survival import numbers, observed_times
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save

OUT, RESULTS = Path("results/signatures"), Path("results")
FIRST, MORE, DIARY = "mini_generalise", OWN.scan.name, "diary_scan"
SPLITS = "on four further splits, "
TIME, PEAK, WITH_PEAK = "t98", "peak of the validation loss", "peak, in runs that have one"
SENTENCES = ["folder", "what", "claim", "ours", "low", "high", "n", "units", "of", "verdict"]
SENTENCES += ["figure", "planned"]


def table(results: Path) -> pd.DataFrame:
    """A row a sentence and folder."""
    scans = {name: grokseed.load(results / name) for name in (FIRST, MORE, DIARY)}
    rows = [(FIRST, one) for one in of_norm_and_loss(scans[FIRST].runs, "", planned=True)]
    rows += [(FIRST, one) for one in norm_rises(scans[FIRST], "")]
    rows += [(FIRST, one) for one in of_sizes(scans[FIRST])]
    rows += [(MORE, one) for one in of_norm_and_loss(scans[MORE].runs, SPLITS, planned=False)]
    rows += [(MORE, one) for one in norm_rises(scans[MORE], SPLITS)]
    rows += [(DIARY, one) for one in of_diary(scans[DIARY])]
    return pd.DataFrame([(folder, *cells(one)) for folder, one in rows], columns=SENTENCES)


def cells(one: Sentence) -> tuple:
    about = one.n, one.units, one.of, one.verdict, one.figure, one.planned
    return (one.what, one.claim, *astuple(one.ours), *about)


def fits(results: Path) -> pd.DataFrame:
    """A row a split and quantity: BIC of one, of a skewed and of two distributions of its log."""
    rows = []
    for folder in (FIRST, MORE):
        for split, runs in grokseed.load(results / folder).runs.groupby("split_seed"):
            time, reached = observed_times("t98", runs)
            peak = numbers(runs, "sample_loss_peak")
            above = peak > FLAT * numbers(runs, "sample_loss_start")
            for name, values, exact in (
                (TIME, time, reached),
                (PEAK, peak, None),
                (WITH_PEAK, peak[above], None),
            ):
                found = kinds(np.log(values), exact)
                bic = found.normal, found.skewed, found.mixed, found.gain
                rows.append((folder, split, name, found.n, *bic, found.share))
    columns = ["folder", "split_seed", "quantity", "n", "normal", "skewed", "mixed", "gain"]
    return pd.DataFrame(rows, columns=[*columns, "share"])


def judged(found: pd.DataFrame) -> pd.DataFrame:
    """The fits with `verdict`; that on all peaks is by the smaller of two gains."""
    wide = found.pivot_table("gain", ["folder", "split_seed"], "quantity")
    sure = {PEAK: wide[[PEAK, WITH_PEAK]].min(axis=1), TIME: wide[TIME], WITH_PEAK: wide[WITH_PEAK]}
    rows = found.to_dict("records")
    gains = [sure[r["quantity"]].loc[(r["folder"], r["split_seed"])] for r in rows]
    return found.assign(verdict=[two_kinds(float(gain)) for gain in gains])


def answer(found: pd.DataFrame, mixed: pd.DataFrame) -> str:
    rows, fitted = found.to_dict("records"), mixed.to_dict("records")
    named = {(r["folder"], r["what"]): r for r in rows}
    first = {r["quantity"]: r for r in fitted if r["folder"] == FIRST}
    return render("signatures", found=rows, fits=fitted, named=named, first=first)


def main() -> None:
    found, mixed = table(RESULTS), judged(fits(RESULTS))
    OUT.mkdir(parents=True, exist_ok=True)
    found.to_csv(OUT / "signatures.csv", index=False, float_format="%.6g")
    mixed.to_csv(OUT / "kinds.csv", index=False, float_format="%.6g")
    runs = {
        "split 0": grokseed.load(RESULTS / FIRST).runs,
        "four further splits": grokseed.load(RESULTS / MORE).runs,
    }
    timed = {name: own.assign(median=kinds_of_runs(own)[2]) for name, own in runs.items()}
    save(peaks_by_time(timed, FLAT, RISEN), OUT / "signatures")
    write_atomically(OUT / "README.md", answer(found, mixed).encode())


if __name__ == "__main__":
    main()
