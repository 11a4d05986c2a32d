"""Do the layers that the diary named carry luck between other pairs of seeds? (plan.md, "Further
pairs of the diary")

    python studies/graft_pairs.py               train what is missing, then say what was found
    python studies/graft_pairs.py --export      train nothing

Design: 12 pairs of a winner and two losers of results/diary_scan, at the diary's own size and batch
order. 8 runs a pair: on the loser's split and on the winner's, the loser's own weights, the
winner's, the loser's with token embedding, block 2 and head of the winner, and with those of the
other loser. Outcome: validation accuracy at step 3,000. Contrast: in how many pairs the winner's
layers gain a quarter or more over the other loser's.
"""

from dataclasses import astuple
from itertools import islice, product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import grokseed
from common.part import read, there
from common.study import finish, options_of, render
from diary.graft_pairs_tables import (
    CHANGED,
    GRAFT,
    MUCH,
    OWN,
    SHAM,
    SPLITS,
    WEIGHTS,
    WINNERS,
    cells,
    donors,
    gained,
    gains,
    planned,
    table,
    verdict,
)
from grokseed.analysis.classify import DIARY
from grokseed.analysis.rates import Rate
from grokseed.figures.rows import Row, rows_with_intervals
from grokseed.model.layout import select, splice
from grokseed.records.row import SEEDS
from grokseed.seeds import Seeds

SCAN, OUT = Path("results/diary_scan"), Path("results/graft_pairs")
PAIRS, LOADER, LAYERS = 12, 8, "token_embedding+block2+head"
KNOWN = 42, 56
"""The diary's own pair, which `graft_42_56` has."""


def pairs_of(scan: pd.DataFrame, n: int = PAIRS) -> pd.DataFrame:
    """The first seeds that are not normal, each with a normal seed and another one.

    Only seeds before the first missing one are looked at, so that further runs change no pair.

    Returns:
        Columns `winner`, `loser`, `other`: seeds of both split and weights.
    """
    first = scan.sort_values(by="model_seed")
    first = first.loc[first["model_seed"].to_numpy() == np.arange(len(first))]
    own = first.loc[first["screen"].notna() & ~first["model_seed"].isin(KNOWN)]
    normal = own["screen"] == "normal"
    winners, losers = own.loc[~normal, "model_seed"], own.loc[normal, "model_seed"]
    rows = islice(zip(winners, losers, losers.iloc[n:], strict=False), n)
    return pd.DataFrame(rows, columns=["winner", "loser", "other"])


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """A row a run: its seeds, `pair`, and whose `split` and `weights` it has. A pair's 8 follow
    each other."""
    layers, rows = select(config(), LAYERS), []
    for pair, seeds in enumerate(pairs.to_dict("records")):
        for split, weights in product(SPLITS, WEIGHTS):
            model, graft = seeds["winner" if weights == WINNERS else "loser"], ""
            if weights in (GRAFT, SHAM):
                donor = seeds["winner" if weights == GRAFT else "other"]
                model, graft = splice(config(), model, donor, layers)
            run = Seeds(seeds[split], model, LOADER, LOADER + 1, graft)
            rows.append((*astuple(run), pair, split, weights))
    return pd.DataFrame(rows, columns=[*SEEDS, "pair", "split", "weights"])


def config() -> grokseed.Config:
    """That of the scan: in its scheme a seed's weights are drawn after its split."""
    return grokseed.preset("diary", scheme="diary")


def design(planned: pd.DataFrame) -> list[Seeds]:
    return [Seeds(*run) for run in planned[SEEDS].itertuples(index=False)]


def picture(found: pd.DataFrame, much: Rate) -> Figure:
    """In how many pairs each of the eight kinds of runs is accurate."""
    whose = {OWN: "loser's weights", WINNERS: "winner's weights"}
    rows = [
        Row(
            f"{r['split']}'s split, {whose.get(r['weights'], 'loser with ' + r['weights'])}",
            *(100 * r[at] for at in ("share", "share_low", "share_high")),
        )
        for r in found.to_dict("records")
    ]
    what = f"A winner's layers make a loser accurate in {much.k} of {much.n} pairs"
    runs = f"{much.n} of {PAIRS} pairs, {len(rows) * much.n} runs"
    title = f"diary's size, {runs}"
    axis = f"pairs with a validation accuracy\nof {MUCH} or more at step 3,000 (%)"
    return rows_with_intervals(what, title, rows, axis)


def analyse(folder: Path, done: pd.DataFrame) -> None:
    """Write the study's table, figure and answer."""
    found, much = table(done), {split: gained(done, split) for split in SPLITS}
    found.to_csv(folder / "graft_pairs.csv", index=False, float_format="%.5g")
    answer = render(
        "graft_pairs",
        found=found.to_dict("records"),
        much=much,
        whole={r["split"]: r for r in found.to_dict("records") if r["weights"] == "winner"},
        gains={split: gains(done, split) for split in SPLITS},
        least=MUCH,
        normal=DIARY.normal_accuracy,
        verdict=verdict(much["loser"]),
        changed=CHANGED.format(planned(gains(done, "loser"))),
        donors=donors(done),
        there=there(len(done), len(SPLITS) * len(WEIGHTS) * PAIRS, "all pairs", "the first of"),
    )
    finish(folder, answer, {"accuracies": picture(found, much["loser"])})


def main(argv: list[str] | None = None) -> None:
    asked = options_of(__doc__).parse_args(argv)
    planned = plan(pairs_of(grokseed.load(SCAN).runs))
    if planned.empty:
        raise SystemExit(f"{SCAN} has no winner yet")
    if not asked.export:
        how = {"out": OUT, "mixed_numerics": asked.mixed_numerics, "compile": "yes"}
        grokseed.scan(config(), runs=design(planned), **how)
    done = cells(planned, read(OUT, design(planned)))
    if done.empty:
        raise SystemExit(f"{OUT} holds no whole pair yet")
    analyse(OUT, done)


if __name__ == "__main__":
    main()
