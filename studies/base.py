"""What is the median time on each split, and which seeds won or lost? (base scans of plan.md)

    python studies/base.py                    train what is missing, then say what was found
    python studies/base.py --search 256       look for winners among more seeds
    python studies/base.py --operation x+y    the same for another task, in folders of its own
    python studies/base.py --export           train nothing

Design: on each of 4 splits, with one order of batches, 64 fresh initial weights to t98 or step
22,000 (results/base_scan). Half of a split's Kaplan-Meier median is its cut. A run wins if its t98
is at most the cut. One seed in fifteen wins, too few for the studies B to E. So 128 more seeds a
split are trained to the cut alone (results/base_search), and every winner twice more as a twin,
with one initial weight moved by one unit in the last place. A winner is confirmed if both twins
win.
"""

from collections.abc import Mapping

import pandas as pd

import grokseed
from common.part import counted
from common.study import finish, options_of, render
from experiments.base_figure import times_by_split
from experiments.base_runs import EACH, MAX_STEPS, SEARCH, design, fresh, short, twins_of
from experiments.base_tables import cuts_of, has_won, own_weights, table, wins_by_time
from experiments.bases import BASES, OWN, Base, kept_cuts
from experiments.before_memorised import half_before
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import Rate
from grokseed.analysis.seed_shares import share_over


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--search", type=int, default=SEARCH, help="further seeds a split")
    options.add_argument("--operation", choices=BASES, default=OWN.operation)
    asked = options.parse_args(argv)
    of = BASES[asked.operation]
    how = {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
    if not asked.export:
        ends = {"max_steps": MAX_STEPS, "stop_when": "t98"}
        config = grokseed.preset("mini", operation=of.operation, **ends)
        scan = grokseed.scan(config, runs=design(), out=of.scan, **how).runs
        cuts = kept_cuts(scan, of)
        config, searched = short(cuts, of.operation), design(EACH, EACH + asked.search)
        further = grokseed.scan(config, runs=searched, out=of.further, **how).runs
        twins = twins_of(pd.concat([scan, own_weights(further)]), cuts)
        grokseed.scan(config, runs=twins, out=of.further, **how)
    analyse(asked.search, of)


def analyse(search: int = SEARCH, of: Base = OWN) -> None:
    """Write the base scan's table, figure and answer, with so many further seeds a split."""
    scan = counted(grokseed.load(of.scan).runs, design())
    searched = (of.further / "runs.csv").exists()
    stored = grokseed.load(of.further).runs if searched else scan.iloc[:0]
    kept = of.further / "cuts.csv"
    cuts = pd.read_csv(kept) if kept.exists() else cuts_of(scan)
    own, cut = fresh(stored, search), cuts.set_index("split_seed")["cut"].to_dict()
    twins = counted(stored, twins_of(pd.concat([scan, own]), cut))
    further = pd.concat([own, twins])
    found = table(scan, further, cuts)
    found.to_csv(of.scan / "splits.csv", index=False, float_format="%.6g")
    every = pd.concat([scan, own]).dropna(subset=["steps"])
    won = share_of(has_won(every, cut), every)
    answer = render(
        "base",
        found=found.to_dict("records"),
        runs=len(scan),
        planned=len(design()),
        won=won,
        before=half_before(scan),
        medians=(found["median"].min(), found["median"].max()),
        of=of,
        search=search,
        usual=SEARCH,
    )
    finish(of.scan, answer, {"splits": times_by_split(scan, found, won)})
    if searched:
        finish(of.further, search_answer(further, cut, every, search, of), {})


def search_answer(
    further: pd.DataFrame,
    cuts: Mapping[int, float],
    every: pd.DataFrame,
    search: int = SEARCH,
    of: Base = OWN,
) -> str:
    """What the search found, from its runs: further seeds, and twins of winners.

    Args:
        every: all runs with their own weights, of both folders.
        search: further seeds a split.
    """
    trained = further.dropna(subset=["steps"])
    own = own_weights(trained)
    twins = trained.loc[~trained.index.isin(own.index)]
    again = has_won(twins, cuts)
    shared = share_over(again, twins["model_seed"])  # both twins start from a winner's weights
    return render(
        "base_search",
        own=share_of(has_won(own, cuts), own),
        twins=Rate(int(again.sum()), len(again), *shared),
        winners=twins["model_seed"].nunique(),
        splits=own["split_seed"].nunique(),
        by_time=wins_by_time(twins, every, cuts),
        search=search,
        usual=SEARCH,
        of=of,
    )


if __name__ == "__main__":
    main()
