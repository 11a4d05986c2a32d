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

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from base_tables import TWINS, cuts_of, has_won, own_weights, table, wins_by_time
from bases import BASES, OWN, SPLITS, Base, kept_cuts
from part import counted
from study import finish, options_of, render

import grokseed
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import Rate
from grokseed.analysis.seed_shares import share_over
from grokseed.figures.base import times_by_split
from grokseed.seeds import Seeds

LOADER = 100
EACH, SEARCH, MAX_STEPS = 64, 128, 22_000
SCAN, FURTHER = OWN.scan, OWN.further


def run(split: int, number: int, graft: str = "") -> Seeds:
    """The run with a number on a split. No two splits share model seeds."""
    return Seeds(split, 10_000 * split + number, LOADER, LOADER + 1, graft)


EACH_IN_F = 256
"""Seeds a split of study F, those of the base scan included."""


def design(first: int = 0, end: int = EACH) -> list[Seeds]:
    """The runs with some numbers on every split, shuffled so that a part is a fair sample."""
    runs = [run(split, number) for split in SPLITS for number in range(first, end)]
    return [runs[i] for i in np.random.default_rng(0).permutation(len(runs))]


def short(cuts: Mapping[int, float], operation: str = OWN.operation) -> grokseed.Config:
    """The config of runs that only have to show whether they win."""
    steps = 25 * math.ceil(max(cuts.values()) / 25)
    return grokseed.preset("mini", operation=operation, max_steps=steps, stop_when="t98")


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


def twins_of(runs: pd.DataFrame, cuts: Mapping[int, float]) -> list[Seeds]:
    """The twins of all winners, in the order in which they are trained."""
    winners = runs.loc[has_won(runs, cuts)].sort_values(by=["split_seed", "model_seed"])
    return [
        Seeds(row["split_seed"], row["model_seed"], LOADER, LOADER + 1, twin)
        for row in winners.to_dict("records")
        for twin in TWINS
    ]


def fresh(further: pd.DataFrame, search: int = SEARCH) -> pd.DataFrame:
    """The search's own seeds that count, without twins."""
    return counted(own_weights(further), design(EACH, EACH + search))


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
        medians=(found["median"].min(), found["median"].max()),
        of=of,
    )
    finish(of.scan, answer, {"splits": times_by_split(scan, found, won)})
    if searched:
        finish(of.further, search_answer(further, cut, every, of), {})


def search_answer(
    further: pd.DataFrame, cuts: Mapping[int, float], every: pd.DataFrame, of: Base = OWN
) -> str:
    """What the search found, from its runs: further seeds, and twins of winners.

    Args:
        every: all runs with their own weights, of both folders.
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
        of=of,
    )


if __name__ == "__main__":
    main()
