"""Can luck be predicted from the initial weights, and is the predictor a cause? (study F of
plan.md)

    python studies/readable.py                  train what is missing, then say what was found
    python studies/readable.py --dosed 128      the doses of the first 128 seeds alone
    python studies/readable.py --export         train nothing

Design: 1,024 fresh seeds on 4 splits, one order of batches, to t98 or step 22,000: the 256 of the
base scan and 768 more. Predictors: the shares of the order-2 and of the order-3 characters of the
residues in the token embedding. Contrast: their rank correlation with log t98 within splits, pooled
and by Holm over both. Its sign must be that of the lead, which was found by looking at the screen's
accuracy in results/mini_screen, with the sign turned: a higher accuracy is an earlier run. Then the
characters of the order that correlates more are multiplied by 5 doses in every seed's token
embedding (1 is the run itself). Contrasts are the slope of log t98 by dose, over seeds, and the
paired ratio of times at each dose. Runs that did not reach t98 count as 22,000. Found by looking:
the same correlations with the lead's own outcome, the accuracy at the step of mini_screen's screen.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.between_points import at_step
from common.part import begun, read, trained
from common.study import finish, options_of, render, write_verdicts
from experiments import base_runs
from experiments.base_runs import LOADER, MAX_STEPS
from experiments.bases import OWN, SPLITS
from experiments.readable_answer import said, verdicts
from experiments.readable_correlations import EARLY_STEP, correlations, lead, shares, stronger
from experiments.readable_figure import correlations_by_order, dose_curve
from experiments.readable_tables import DOSES, by_dose, graft_of, table
from grokseed.analysis.correlation import Correlation
from grokseed.config import Config
from grokseed.records.export import write_atomically
from grokseed.reports.scan import ANSWER
from grokseed.seeds import Seeds

OUT, DOSED, SEEN = (
    Path("results") / name for name in ("readable", "readable_doses", "mini_screen")
)
EACH = base_runs.EACH_IN_F


def design() -> list[Seeds]:
    """The seeds beyond the base scan's, shuffled so that a part is a fair sample."""
    return base_runs.design(base_runs.EACH, EACH)


def dosed_design(order: int, seeds: int) -> list[Seeds]:
    """Seeds in shuffled order, all doses of a seed together, so that a part has whole seeds."""
    own = [base_runs.run(split, number) for split in SPLITS for number in range(EACH)]
    some = [own[i] for i in np.random.default_rng(1).permutation(len(own))[:seeds]]
    grafts = [graft_of(order, dose) for dose in DOSES]
    return [Seeds(s.split, s.model, LOADER, s.val, graft) for s in some for graft in grafts]


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--dosed", type=int, default=len(SPLITS) * EACH, help="seeds with doses")
    asked = options.parse_args(argv)
    how = {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
    config = grokseed.preset("mini", max_steps=MAX_STEPS, stop_when="t98")
    if not asked.export:
        grokseed.scan(config, runs=design(), out=OUT, **how)
        order = kept_order(correlations(observed(config)))
        grokseed.scan(config, runs=dosed_design(order, asked.dosed), out=DOSED, **how)
    analyse(config)


def kept_order(fresh: dict[int, Correlation]) -> int:
    """The order that is multiplied, fixed when the doses began."""
    kept = DOSED / "order.csv"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, f"order\n{stronger(fresh)}\n".encode())
    return int(pd.read_csv(kept)["order"].iloc[0])


def observed(config: Config) -> pd.DataFrame:
    """The fresh seeds' runs, including the base scan's, with the shares in their weights and
    `early_accuracy`, the lead's own outcome."""
    designs = {OWN.scan: base_runs.design(), OUT: design()}
    parts = []
    for folder, own in designs.items():
        if begun(folder):
            runs = read(folder, own)
            points = grokseed.load(folder).trajectories
            early = at_step("sample_accuracy", EARLY_STEP, runs, points)
            parts.append(runs.assign(early_accuracy=early))
    runs = pd.concat(parts, ignore_index=True)
    return runs.join(shares(config, runs))


def analyse(config: Config) -> None:
    """Write the study's tables, figures and answer.

    Raises:
        SystemExit: none of the study's runs is there.
    """
    trained(OUT)
    runs, looked_at = observed(config), grokseed.load(SEEN)
    before = looked_at.runs.join(shares(looked_at.config, looked_at.runs))
    fresh, planned = correlations(runs), len(SPLITS) * EACH
    order = kept_order(fresh) if DOSED.exists() else stronger(fresh)
    dosed = pd.DataFrame()
    if begun(DOSED):
        write_atomically(DOSED / ANSWER, render("readable_doses", order=order).encode())
        dosed = read(DOSED, dosed_design(order, planned))
    times = by_dose(runs, dosed, order) if len(dosed) else pd.DataFrame()
    again = lead(runs.assign(screen_val_accuracy=runs["early_accuracy"]))
    found = table(fresh, again, lead(before), times)
    found.to_csv(OUT / "found.csv", index=False, float_format="%.5g")
    write_verdicts(OUT, verdicts(found, order, len(times), planned))
    finish(
        OUT,
        said(found, order, times, (len(runs), len(dosed)), planned),
        {"correlations": correlations_by_order(found, planned)}
        | ({"doses": dose_curve(found, order, len(times))} if len(times) else {}),
    )


if __name__ == "__main__":
    main()
