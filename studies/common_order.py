"""Does a batch order that suits some weights on one split suit them on another? (study A of plan.md
with orders that splits share)

    python studies/common_order.py             train what is missing, then say what was found
    python studies/common_order.py --export    train nothing

Design: study A's first 8 splits x 8 initial weights x 8 loader seeds, a run a cell, to t98 or step
22,000. In study A a loader seed permutes the places of the train set, so that two splits have no
order in common. Here it orders all examples, and a run visits those of its train set in that order
(`order-of-all` in `grokseed/grafts.py`): two splits have half of their train examples in common,
and visit these in one order. So orders are crossed with splits. Outcome: log t98 (a run that does
not reach it counts as 22,000). Contrast: the share of the variance that the match of weights and
order has over all splits. No twins: rounding has 1.6 % in study A. Runs are trained in an order
shuffled by a fixed seed.
"""

from dataclasses import astuple
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import anatomy
import grokseed
from common.part import seeds_of
from common.study import Verdict, finish, options_of, render, write_verdicts
from experiments.anatomy_plan import FIRST, LOADERS, MAX_STEPS, MODELS, SPLITS
from experiments.anatomy_tables import COMPONENTS, findable
from grokseed.cli.results import export_stored
from grokseed.figures.anatomy import in_words, shares
from grokseed.seeds import Seeds

OUT = Path("results/common_order")
MATCH = "model:loader"
AXES = SPLITS[:FIRST], MODELS[:FIRST], LOADERS[:FIRST]


def design() -> list[Seeds]:
    """All runs, in the order to train them."""
    runs = [Seeds(s, m, o, o + 1, f"order-of-all={o}") for s, m, o in product(*AXES)]
    return [runs[i] for i in np.random.default_rng(1).permutation(len(runs))]


def missing(runs: pd.DataFrame) -> int:
    """How many runs of the design are not there."""
    return len(set(map(astuple, design())) - set(seeds_of(runs)))


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """Study A's table of the same cells, with orders crossed."""
    return anatomy.table(runs.drop(columns="graft"), FIRST, nested=False)[0]


def verdict(found: pd.DataFrame, least: float) -> Verdict:
    """Of the contrast, for results/claims.csv.

    Args:
        found: the components.
        least: the smallest share of the match that would have been seen with 80 % power.
    """
    row = found.set_index("term").to_dict("index")[MATCH]
    text = (
        "share of the variance of log t98 that belongs to a match of weights and order that all "
        "splits have in common, where splits share orders (yes if above 0, no if surely below 5 %; "
        f"p {row['p_holm']:.2g} after Holm; study A with common orders)"
    )
    limits = row["share"], row["low"], row["high"]
    of = "splits, weights and orders each"
    return Verdict(
        text, *limits, len(design()), row["matters"], units=FIRST, of=of, detectable=least
    )


def main(argv: list[str] | None = None) -> None:
    asked = options_of(__doc__).parse_args(argv)
    config = grokseed.preset("mini", max_steps=MAX_STEPS, screen_step=3100, stop_when="t98")
    if not asked.export:
        how = {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
        grokseed.scan(config, runs=design(), out=OUT, **how)
    export_stored(OUT)  # also of a scan that was stopped
    runs = grokseed.load(OUT).runs
    if lacking := missing(runs):  # mean squares need a design without missing cells
        finish(OUT, render("common_order", found=None, missing=lacking, n=len(design())), {})
        return
    found = table(runs)
    found.to_csv(OUT / COMPONENTS, index=False, float_format="%.5g")
    least = findable(OUT, FIRST)
    write_verdicts(OUT, [verdict(found, least.get(MATCH, float("nan")))])
    title = f"x/y mod 97, 64 wide, {len(runs):,} runs, orders that splits share"
    finish(OUT, answer(found, least, runs), {"components": shares(found, title)})


def answer(found: pd.DataFrame, least: dict[str, float], runs: pd.DataFrame) -> str:
    """The answer, beside study A's shares with orders that are unrelated on two splits."""
    file = OUT.parent / "anatomy" / "components_crossed.csv"
    apart = pd.read_csv(file).set_index("term")["share"].to_dict() if file.exists() else {}
    rows = [
        {**row, "words": in_words(row["term"]), "apart": apart.get(row["term"])}
        for row in found.to_dict("records")
    ]
    censored = int(runs["t98_step"].isna().to_numpy().sum())
    match = next(row for row in rows if row["term"] == MATCH)
    own = rows[-1] | {"words": "the match of all three, rounding included"}
    about = {"n": len(runs), "levels": FIRST, "censored": censored, "match": match, "own": own}
    return render("common_order", found=rows, least=least, **about)


if __name__ == "__main__":
    main()
