"""Do a winner's weights carry luck by themselves, or matched with split and order? (study B)

    python studies/transport.py                 train what is missing, then say what was found
    python studies/transport.py --operation x+y the same on x+y, in results/transport_add
    python studies/transport.py --export        train nothing

Design: 24 confirmed winners and 24 losers of the base scan, in pairs on one split. The task has 32
relabellings of its residues, including the identity. (x+y has 96; 31 are drawn beside the
identity.) Each run is relabelled in three ways. weights: only the weights, on the seed's own split
and order (31: the identity would be the seed's own run). weights + split: both, each with a fresh
batch order (32). all: weights and split, in the seed's own order, which is the same run up to
rounding (31). Contrast: winners' rate of wins minus losers', over seeds. The lead is this contrast
for `all`.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.part import there
from common.study import finish, options_of, render, write_verdicts
from experiments.base_runs import LOADER
from experiments.bases import BASES
from experiments.near_cut import beside
from experiments.study_of_pairs import planned, trained_rows, winners_against_losers
from experiments.transport_figure import transport_rates
from experiments.transport_verdicts import verdict, verdicts
from grokseed.analysis.significance import holm
from grokseed.model.edits import symmetries
from grokseed.seeds import Seeds

OUT = Path("results/transport")
FOLDERS = {"x/y": OUT, "x+y": Path("results/transport_add")}
PAIRS, FRESH_ORDERS, NUMBERS, DRAWS = 24, 2000, 32, 2000
WAYS = ("weights", "weights + split", "all")


def relabellings(operation: str) -> list[int]:
    """The task's symmetries, the identity first; a sample, always the same, where it has more than
    32."""
    first, *others = symmetries(grokseed.preset("mini", operation=operation))
    kept = np.random.default_rng(0).permutation(len(others))[: NUMBERS - 1]
    return [first, *(others[i] for i in sorted(kept))]


def plan(pairs: pd.DataFrame, operation: str = "x/y") -> pd.DataFrame:
    """All runs, each with its `pair`, `role` and `way`."""
    rows = []
    for pair in pairs.to_dict("records"):
        for role in ("winner", "loser"):
            split, model = pair["split_seed"], pair[role]
            for place, number in enumerate(relabellings(operation)):
                carried = {
                    "weights": (LOADER, f"relabel-weights={number}"),
                    "weights + split": (FRESH_ORDERS + place, f"relabel-weights-split={number}"),
                    "all": (LOADER, f"relabel-weights-split={number}"),
                }
                for way, (loader, graft) in carried.items():
                    if number != 1 or way == "weights + split":
                        seeds = Seeds(split, model, loader, LOADER + 1, graft)
                        rows.append((seeds, {"pair": pair["pair"], "role": role, "way": way}))
    return planned(rows)


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row a way: rates of wins of winners and losers, and their difference over seeds."""
    found = pd.DataFrame(
        [{"way": way} | winners_against_losers(done.loc[done["way"] == way]) for way in WAYS]
    )
    return found.assign(p_holm=holm(found["p"]))


def share_with_split(done: pd.DataFrame) -> tuple[float, float, float]:
    """The share of the match (excess of `all` minus that of `weights`) that `weights + split` has.

    The excesses are those of `table`. The interval is a bootstrap over the seeds of both sides. NaN
    if there is no match.
    """
    random, rates = np.random.default_rng(0), []
    for role in ("winner", "loser"):
        own = done.loc[done["role"] == role]
        wins, runs = (
            own.pivot_table("won", "pair", "way", how).reindex(columns=list(WAYS)).fillna(0)
            for how in ("sum", "count")
        )
        seeds = len(runs)
        if seeds < 2 or not (runs.sum() > 0).all():
            return np.nan, np.nan, np.nan
        times = random.multinomial(seeds, np.full(seeds, 1 / seeds), DRAWS)
        times = np.concatenate((np.ones((1, seeds)), times))  # the first row is the sample itself
        with np.errstate(invalid="ignore"):
            rates.append((times @ wins.to_numpy()) / (times @ runs.to_numpy()))
    share, *found = (_share(*excess) for excess in rates[0] - rates[1])
    if np.isnan([share, *found]).any():
        return share, np.nan, np.nan
    low, high = np.quantile(found, [0.025, 0.975])
    return share, float(low), float(high)


def _share(weights: float, split: float, every: float) -> float:
    return (split - weights) / (every - weights) if every > weights else np.nan


def analyse(folder: Path, done: pd.DataFrame, whole: pd.DataFrame, operation: str = "x/y") -> None:
    """Write the study's table, figure and answer."""
    found = table(done)
    found.to_csv(folder / "ways.csv", index=False, float_format="%.5g")
    write_verdicts(folder, verdicts(found, operation, share := share_with_split(done)))
    answer = render(
        "transport",
        found=found.to_dict("records"),
        verdict=verdict(found),
        share=share,
        operation=operation,
        chosen_with=BASES[operation].margin,
        there=there(len(done), len(whole), "all pairs, ways and relabellings"),
        **beside(folder, done, table, BASES[operation]),
    )
    finish(folder, answer, {"ways": transport_rates(found, len(whole))})


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--operation", choices=FOLDERS, default="x/y")
    asked = options.parse_args(argv)
    folder, task = FOLDERS[asked.operation], {"operation": asked.operation}
    own, base = partial(plan, **task), BASES[asked.operation]
    done, whole = trained_rows(asked, folder, PAIRS, own, of=base)
    if done.empty:
        raise SystemExit(f"{folder} holds no run of the study that counts yet")
    analyse(folder, done, whole, **task)


if __name__ == "__main__":
    main()
