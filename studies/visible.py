"""When can it be seen that a seed will win, beside when that is settled? (found by looking)

    python studies/visible.py               reads tables, trains nothing

Design: the fresh seeds of results/base_search, as in studies/attention_norm.py; at each branch step
of results/commitment, those that are not at t98 yet. Contrast: for each recorded signal the area
under the ROC curve, ranks within a split, pooled over 4 splits; and that of all signals together,
as a linear discriminant fitted on the other three splits. Beside it, from commitment, the share of
fresh batch orders with which winners still win if these begin at that step.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import on_curve, points_of
from common.study import Verdict, render, write_verdicts
from experiments import base_runs, base_tables
from experiments.bases import OWN
from experiments.commitment_plan import STEPS
from experiments.commitment_tables import committed, judged
from grokseed.analysis.survival import numbers
from grokseed.analysis.verdicts import area
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from predictors.discriminant import together, within_splits
from predictors.visible_figure import TOGETHER, in_words, settled_and_seen

OUT, COMMITMENT = Path("results/visible"), Path("results/commitment")
AREAS = "areas_by_step.csv"
SEEN = 0.9
"""The area from which on a signal is said to show who wins."""


def table(runs: pd.DataFrame, trajectories: pd.DataFrame) -> pd.DataFrame:
    """Areas by step and signal.

    Args:
        runs: with `won`, indexed by a run's number.
        trajectories: their points: `run`, `step`, and a column a signal.

    Returns:
        Columns `step`, `signal`, `sense` (which side is taken for that of winners), `n` (runs not
        at t98 by then), `winners` among them, and the area: `auc`, `low`, `high`.
    """
    names = [name for name in trajectories if name not in ("run", "step")]
    t98, rows = numbers(runs, "t98_step"), []
    for step in STEPS[1:]:  # at step 0 the signals of the train set have no value
        some = runs.loc[~(t98 <= step)]
        won, splits = some["won"].to_numpy(bool), some["split_seed"].to_numpy()
        points = points_of(some, trajectories)
        ranks = {
            name: sign(name)
            * within_splits(np.array([float(on_curve(p, name, step)) for p in points]), splits)
            for name in names
        }
        score = together(np.column_stack(list(ranks.values())), won, splits)
        for name, own in (ranks | {TOGETHER: within_splits(score, splits)}).items():
            found = area(own, won)
            sense = "" if name == TOGETHER else "higher" if sign(name) > 0 else "lower"
            n = len(won), int(won.sum())
            rows.append((step, name, sense, *n, found.auc, found.low, found.high))
    columns = ["step", "signal", "sense", "n", "winners", "auc", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def sign(signal: str) -> int:
    """The side of winners: a higher accuracy, a lower loss, a lower norm."""
    return 1 if signal.endswith("accuracy") else -1


def together_at(found: pd.DataFrame, step: int) -> dict:
    """The row of all signals together at a step of study E."""
    return found.loc[(found["step"] == step) & (found["signal"] == TOGETHER)].iloc[0].to_dict()


def first_seen(found: pd.DataFrame) -> tuple[int, str] | None:
    """The first step at which a signal's area is `SEEN` or more, and the signal with the largest;
    None if there is none."""
    seen = found.loc[found["auc"] >= SEEN]
    if seen.empty:
        return None
    row = seen.sort_values(["step", "auc"], ascending=[True, False]).iloc[0]
    return int(row["step"]), str(row["signal"])


def main() -> None:
    scan = grokseed.load(OWN.further)
    runs = base_runs.fresh(base_tables.own_weights(scan.runs))
    cuts = pd.read_csv(OWN.further / "cuts.csv").set_index("split_seed")["cut"].to_dict()
    found = table(runs.assign(won=base_tables.has_won(runs, cuts)), scan.trajectories)
    branches = pd.read_csv(COMMITMENT / "branches.csv")
    OUT.mkdir(parents=True, exist_ok=True)
    found.to_csv(OUT / AREAS, index=False, float_format="%.4g")
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
        seen=SEEN,
    )
    write_atomically(OUT / "README.md", text.encode())


if __name__ == "__main__":
    main()
