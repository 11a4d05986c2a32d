"""When can it be seen that a seed will win, beside when that is settled? (found by looking)

    python studies/visible.py               reads tables, trains nothing

Design: the fresh seeds of results/base_search, as in studies/attention_norm.py; at each branch step
of results/commitment, those that are not at t98 yet. Contrast: for each recorded signal the area
under the ROC curve, ranks within a split, pooled over 4 splits; and that of all signals together,
as a linear discriminant fitted on the other three splits. Beside it, from commitment, the share of
fresh batch orders with which winners still win if these begin at that step. The same areas of the
seeds of results/mini_screen whose t98 is known are the check: another split and order, and points
that are as far apart in all runs.
"""

from pathlib import Path

import pandas as pd

import grokseed
from common.study import Verdict, render, write_verdicts
from experiments import base_runs, base_tables
from experiments.bases import OWN
from experiments.commitment_plan import STEPS
from experiments.commitment_tables import committed, judged
from grokseed.analysis.survival import time_to
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from predictors.early_trials import FOLDER, KNOWN
from predictors.visible_figure import TOGETHER, in_words, settled_and_seen
from predictors.visible_tables import SEEN, first_seen, table, together_at

OUT, COMMITMENT = Path("results/visible"), Path("results/commitment")
AREAS, CHECKED = "areas_by_step.csv", "areas_elsewhere.csv"


def searched() -> pd.DataFrame:
    """The areas of the seeds of the search, on four splits."""
    scan = grokseed.load(OWN.further)
    runs = base_runs.fresh(base_tables.own_weights(scan.runs))
    cuts = pd.read_csv(OWN.further / "cuts.csv").set_index("split_seed")["cut"].to_dict()
    return table(runs.assign(won=base_tables.has_won(runs, cuts)), scan.trajectories)


def screened() -> pd.DataFrame:
    """The areas of the seeds of the screen whose t98, or that it is late, is known."""
    known, fresh, screen = (grokseed.load(OUT.parent / n) for n in (KNOWN, FOLDER, "mini_screen"))
    times = pd.concat([known.runs, fresh.runs]).set_index("model_seed")["t98_step"]
    runs = screen.runs.loc[screen.runs["model_seed"].isin(list(times.index))]
    t98 = times.loc[runs["model_seed"]].to_numpy()
    won = t98 <= time_to("t98", known.runs).median / 2
    return table(runs.assign(t98_step=t98, won=won), screen.trajectories)


def main() -> None:
    found, checked = searched(), screened()
    branches = pd.read_csv(COMMITMENT / "branches.csv")
    OUT.mkdir(parents=True, exist_ok=True)
    found.to_csv(OUT / AREAS, index=False, float_format="%.4g")
    checked.to_csv(OUT / CHECKED, index=False, float_format="%.4g")
    step = committed(branches)[1]
    at = STEPS[2] if step is None else step
    row = together_at(found, at)
    save(settled_and_seen(found, branches, at, first_seen(found), SEEN), OUT / "areas")
    said = "yes" if row["low"] >= SEEN else "no" if row["high"] < SEEN else "cannot tell"
    claim = (
        f"when luck is settled (step {at:,}), the signals recorded there show it: area under the "
        f"ROC curve of all {found['signal'].nunique() - 1} together, {SEEN:g} or more wanted "
        "[found by looking]"
    )
    limits = row["auc"], row["low"], row["high"]
    units = row["n"], f"seeds, of which {row['winners']} win"
    write_verdicts(OUT, [Verdict(claim, *limits, row["n"], said, SEEN, *units)])
    again = checked.loc[(checked["step"] == at) & (checked["signal"] == "sample_loss")]
    alone = found.loc[(found["step"] == at) & (found["signal"] != TOGETHER)]
    text = render(
        "visible",
        found=found.to_dict("records"),
        row=row,
        first=first_seen(found),
        in_words=in_words,
        best=alone.nlargest(1, "auc").iloc[0].to_dict(),
        settled=step,
        rates=judged(branches),
        steps=STEPS[1:],
        signals=list(found["signal"].unique()),
        checked=checked.to_dict("records"),
        at_step=next(iter(again.to_dict("records")), None),
        seen=SEEN,
    )
    write_atomically(OUT / "README.md", text.encode())


if __name__ == "__main__":
    main()
