"""How often do seeds win at `mini`, and does a batch order that wins help other models?
(plan.md, "The diary's claims")

    python studies/rates.py                   train what is missing, then say what was found
    python studies/rates.py --loaders 2       the first 2 loader seeds alone
    python studies/rates.py --export          train nothing

Design: 8 fresh splits x 8 loader seeds x 64 initial weights, a run a cell, to step 3,100. This is a
third of the median time to t98, as the diary said of its 3,000 steps. Outcome: the class by the
diary's screen there. Contrast: shares of super and of not normal, with intervals over splits and
weights (a batch order is that of a split); the probability to win with an order with which another
model won, over that with a different order of the same split. The first 2 loader seeds come first;
both blocks are shuffled.
"""

from dataclasses import astuple
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.part import counted, there, trained
from common.study import finish, options_of, render
from diary.rates_figure import by_seed
from grokseed.analysis.classify import classify
from grokseed.analysis.dependence import share_of
from grokseed.analysis.lift import Lift, lift
from grokseed.cli.results import write_results
from grokseed.seeds import Seeds

OUT = Path("results/rates")
SPLITS, MODELS, LOADERS = range(21, 29), range(30_000, 30_064), range(120, 128)
FIRST, SCREEN, SAMPLED = 2, 3100, "all splits and weights, with {} of {} orders"


def design(loaders: int = len(LOADERS)) -> list[Seeds]:
    """The runs of the first loader seeds in the order of training, which `loaders` does not change:
    so a scan of some loader seeds is a beginning of the scan of all."""
    runs = []
    for number, block in enumerate((LOADERS[:FIRST], LOADERS[FIRST:])):
        own = [Seeds(s, m, t, t + 1) for s, m, t in product(SPLITS, MODELS, block)]
        runs += [own[i] for i in np.random.default_rng(number).permutation(len(own))]
    return [run for run in runs if run.loader in LOADERS[:loaders]]


def counting(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that count, of the number of loader seeds with which most do: a scan may have
    trained all of some loader seeds and then none of the others."""
    return max((counted(runs, design(n)) for n in range(FIRST, len(LOADERS) + 1)), key=len)


def classes(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs whose class is known, with `super` and `not normal`, 0 or 1."""
    found = classify(runs, "screen").dropna()
    flags = {"super": found.eq("super") * 1, "not normal": found.ne("normal") * 1}
    return runs.loc[found.index].assign(**flags)


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Shares of super and not normal over all runs, and for each seed of the axes.

    Returns:
        Columns `class`, `axis` (empty for all runs, else the stream), `seed`, `n`, `k`, `share`,
        `low`, `high`: limits over the draws that the runs share; of one split over model seeds
        alone, as a few orders would hardly limit a rate.
    """
    known, rows = classes(runs), []
    seeds = {axis: known[f"{axis}_seed"] for axis in ("split", "loader")}
    for name in ("super", "not normal"):
        won = known[name].to_numpy()
        rows.append((name, "", pd.NA, *astuple(share_of(won, known))))
        for axis, of in seeds.items():
            for seed in np.unique(of):
                here, own = of == seed, known.loc[of == seed]
                own = own.drop(columns="loader_seed") if axis == "split" else own
                rows.append((name, axis, seed, *astuple(share_of(won[here], own))))
    found = pd.DataFrame(rows, columns=["class", "axis", "seed", "k", "n", "share", "low", "high"])
    return found.astype({"seed": "Int64"})


def lift_of(runs: pd.DataFrame, name: str) -> Lift | None:
    """What a win with a batch order says about other models; None while there are fewer than two
    splits, models or loader seeds."""
    known = classes(runs)
    seeds = [np.unique(known[f"{axis}_seed"].to_numpy()) for axis in ("split", "model", "loader")]
    if min(map(len, seeds)) < 2:
        return None
    won = np.full([len(axis) for axis in seeds], np.nan)
    at = zip(("split", "model", "loader"), seeds, strict=True)
    place = tuple(np.searchsorted(own, known[f"{axis}_seed"].to_numpy()) for axis, own in at)
    won[place] = known[name].to_numpy()
    return lift(won)


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--loaders", type=int, default=len(LOADERS), help="how many loader seeds")
    asked = options.parse_args(argv)
    if not asked.export:
        how = {"out": OUT, "mixed_numerics": asked.mixed_numerics, "compile": "yes"}
        grokseed.scan(config(), runs=design(asked.loaders), **how)
    analyse()


def config() -> grokseed.Config:
    """`mini`, to the screen step. A run that reaches t98 before is super in any case."""
    return grokseed.preset("mini", max_steps=SCREEN, screen_step=SCREEN, stop_when="t98")


def analyse() -> None:
    """Write the table of rates and the answer."""
    trained(OUT)
    write_results(OUT)
    runs = counting(grokseed.load(OUT).runs)
    if runs.empty:
        raise SystemExit(f"{OUT} holds no run that counts yet")
    found = table(runs)
    found.to_csv(OUT / "rates.csv", index=False, float_format="%.6g")
    finish(OUT, answer(runs, found), {"rates": by_seed(found, SCREEN, len(design()))})


def answer(runs: pd.DataFrame, found: pd.DataFrame) -> str:
    """The answer from the runs and their table of rates."""
    orders = runs["loader_seed"].nunique(), len(LOADERS)
    groups = found.loc[found["axis"] != ""].groupby(["class", "axis"])["share"]
    by_axis = {names: [min(shares), max(shares)] for names, shares in groups}
    return render(
        "rates",
        overall=found.loc[found["axis"] == ""].to_dict("records"),
        by_axis=by_axis,
        lifts={name: lift_of(runs, name) for name in ("super", "not normal")},
        orders=orders,
        there=there(len(runs), len(design()), SAMPLED.format(*orders)),
        screen=SCREEN,
    )


if __name__ == "__main__":
    main()
