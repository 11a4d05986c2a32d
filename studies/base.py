"""What is the median time on each split, and which seeds won or lost? (base scans of plan.md)

    python studies/base.py                    train what is missing, then say what was found
    python studies/base.py --search 256       look for winners among more seeds
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
from pathlib import Path

import numpy as np
import pandas as pd
from base_tables import TWINS, cuts_of, has_won, own_weights, table
from part import counted
from study import finish, options_of, render

import grokseed
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import Rate
from grokseed.analysis.seed_shares import crossed_share
from grokseed.figures.base import times_by_split
from grokseed.records.export import write_atomically
from grokseed.seeds import Seeds

SPLITS, LOADER = (1, 2, 3, 4), 100
EACH, SEARCH, MAX_STEPS = 64, 128, 22_000
SCAN, FURTHER = Path("results/base_scan"), Path("results/base_search")


def run(split: int, number: int, graft: str = "") -> Seeds:
    """The run with a number on a split. No two splits share model seeds."""
    return Seeds(split, 10_000 * split + number, LOADER, LOADER + 1, graft)


def design(first: int = 0, end: int = EACH) -> list[Seeds]:
    """The runs with some numbers on every split, shuffled so that a part is a fair sample."""
    runs = [run(split, number) for split in SPLITS for number in range(first, end)]
    return [runs[i] for i in np.random.default_rng(0).permutation(len(runs))]


def short(cuts: Mapping[int, float]) -> grokseed.Config:
    """The config of runs that only have to show whether they win."""
    steps = 25 * math.ceil(max(cuts.values()) / 25)
    return grokseed.preset("mini", max_steps=steps, stop_when="t98")


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--search", type=int, default=SEARCH, help="further seeds a split")
    asked = options.parse_args(argv)
    how = {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
    if not asked.export:
        config = grokseed.preset("mini", max_steps=MAX_STEPS, stop_when="t98")
        scan = grokseed.scan(config, runs=design(), out=SCAN, **how).runs
        cuts = kept_cuts(scan)
        searched = design(EACH, EACH + asked.search)
        further = grokseed.scan(short(cuts), runs=searched, out=FURTHER, **how).runs
        twins = twins_of(pd.concat([scan, own_weights(further)]), cuts)
        grokseed.scan(short(cuts), runs=twins, out=FURTHER, **how)
    analyse(asked.search)


def twins_of(runs: pd.DataFrame, cuts: Mapping[int, float]) -> list[Seeds]:
    """The twins of all winners, in the order in which they are trained."""
    winners = runs.loc[has_won(runs, cuts)].sort_values(by=["split_seed", "model_seed"])
    return [
        Seeds(row["split_seed"], row["model_seed"], LOADER, LOADER + 1, twin)
        for row in winners.to_dict("records")
        for twin in TWINS
    ]


def kept_cuts(scan: pd.DataFrame) -> dict[int, float]:
    """Each split's cut, fixed when the search began, whatever runs come later.

    Raises:
        SystemExit: fewer than half of a split's runs are known to reach t98.
    """
    kept = FURTHER / "cuts.csv"
    found = pd.read_csv(kept) if kept.exists() else cuts_of(scan)
    if len(found) < len(SPLITS) or bool(found["cut"].isna().any()):
        raise SystemExit(f"{SCAN} has too few runs: a split's median is not known yet")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, found.to_csv(index=False).encode())
    return dict(zip(found["split_seed"], found["cut"], strict=True))


def fresh(further: pd.DataFrame, search: int = SEARCH) -> pd.DataFrame:
    """The search's own seeds that count, without twins."""
    return counted(own_weights(further), design(EACH, EACH + search))


def analyse(search: int = SEARCH) -> None:
    """Write the base scan's table, figure and answer, with so many further seeds a split."""
    scan = counted(grokseed.load(SCAN).runs, design())
    searched = (FURTHER / "runs.csv").exists()
    stored = grokseed.load(FURTHER).runs if searched else scan.iloc[:0]
    kept = FURTHER / "cuts.csv"
    cuts = pd.read_csv(kept) if kept.exists() else cuts_of(scan)
    own, cut = fresh(stored, search), cuts.set_index("split_seed")["cut"].to_dict()
    twins = counted(stored, twins_of(pd.concat([scan, own]), cut))
    further = pd.concat([own, twins])
    found = table(scan, further, cuts)
    found.to_csv(SCAN / "splits.csv", index=False, float_format="%.6g")
    every = pd.concat([scan, own]).dropna(subset=["steps"])
    won = share_of(has_won(every, cut), every)
    answer = render(
        "base",
        found=found.to_dict("records"),
        runs=len(scan),
        planned=len(design()),
        won=won,
        medians=(found["median"].min(), found["median"].max()),
    )
    finish(SCAN, answer, {"splits": times_by_split(scan, found, won)})
    if searched:
        finish(FURTHER, search_answer(further, cut), {})


def search_answer(further: pd.DataFrame, cuts: Mapping[int, float]) -> str:
    """What the search found, from its runs: further seeds, and twins of winners."""
    trained = further.dropna(subset=["steps"])
    own = own_weights(trained)
    twins = trained.loc[~trained.index.isin(own.index)]
    again = has_won(twins, cuts)
    shared = (np.nan, 0.0, 1.0)
    if len(again):  # both twins of a winner start from its weights
        shared = crossed_share(again, twins["model_seed"], np.zeros(len(again)))
    return render(
        "base_search",
        own=share_of(has_won(own, cuts), own),
        twins=Rate(int(again.sum()), len(again), *shared),
        winners=twins["model_seed"].nunique(),
        splits=own["split_seed"].nunique(),
    )


if __name__ == "__main__":
    main()
