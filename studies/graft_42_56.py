"""Was the split the diary's "something else random somewhere"? Seed 42's weights in seed 56.

    python studies/graft_42_56.py [--export]

Grafts: the diary's modules and combinations, on both seeds' splits and in two orders; and all
groups but one. Shams from results/diary_loader8 for the diary's culprits. Chosen before looking:
the share of the gap in validation accuracy at step 3,000 that a change closes, with each seed on
its own split; and `verdict`. Thought of afterwards: the culprits' effect at each split and loader
seed (places.csv), and which runs with all three win.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from common.study import render
from grokseed import ablate
from grokseed.analysis.classify import DIARY
from grokseed.config import Config
from grokseed.model.layout import groups, select
from grokseed.reports.cells import RUN

SCAN, OUT = Path("results/diary_loader8"), Path("results/graft_42_56")
SEEDS = "--donor 42 --recipient 56 --scheme diary --split-seeds donor,recipient"
TOGETHER, SHAMS = "token_embedding+block2+head", 4
WINS, APART = DIARY.super_accuracy, 0.25
"""Of the rule: from here on the culprits win, and so far apart are two splits. Elsewhere a run wins
that is fast or super, which begins at `DIARY.normal_accuracy`."""
NAMES = {"recipient": 56, "donor": 42}
GROUPS, SPLITS = groups(Config()), ("recipient", "donor")
COMMANDS = [
    "--loader-seed 8 --design diary",
    f"--loader-seed 8 --groups {TOGETHER} --shams {SHAMS} --scan {SCAN}",
    "--loader-seed 8 --design leave-one-out",
    "--loader-seed 7 --design diary",
]


def verdict(on_56: float, on_42: float) -> str:
    """Yes if the culprits win only on 42's split; no if the split hardly matters; else in part.

    Args:
        on_56: the accuracy of 56 with the culprits on its own split.
        on_42: the same on 42's.
    """
    if on_42 > WINS >= on_56:
        return "yes"
    return "no" if abs(on_42 - on_56) < APART else "in part"


def places(cells: pd.DataFrame) -> pd.DataFrame:
    """What the three culprits of 42 do in 56 at each split and loader seed, a run a place.

    Returns:
        Columns `split` (56 or 42), `loader_seed`; validation accuracies of `own` (56 as it is) and
        `culprits`, their difference `gain`; `won`, whether the run with the culprits won; `shams`,
        how many seeds that did not win gave the same groups, and `shams_gain`, their mean gain.
    """
    rows = []
    for split, order in product(SPLITS, sorted(set(cells["loader_seed"]), reverse=True)):
        here = cells.loc[(cells["split"] == split) & (cells["loader_seed"] == order)]
        own = here.loc[here["kind"] == "recipient", "accuracy"]
        put_in = here.loc[here["groups"] == TOGETHER]
        graft, sham = (put_in.loc[put_in["kind"] == kind] for kind in ("graft", "sham"))
        if len(own) and len(graft):
            base, with_them = float(own.iloc[0]), float(graft["accuracy"].iloc[0])
            gain = float(sham["accuracy"].mean()) - base if len(sham) else np.nan
            row = (NAMES[split], order, base, with_them, with_them - base)
            rows.append((*row, int(graft["won"].iloc[0]), len(sham), gain))
    columns = ["split", "loader_seed", "own", "culprits", "gain", "won", "shams", "shams_gain"]
    return pd.DataFrame(rows, columns=columns)


def with_all_three(cells: pd.DataFrame, split: str) -> dict[str, object]:
    """How many runs on a split win with all three culprits of 42, with or without more of 42's
    weights, how many of these are of seed 42 itself (`own`), and how many of the others win."""
    runs = cells.loc[cells["split"] == split].drop_duplicates(RUN)
    culprits = select(Config(), TOGETHER)
    held = np.array([set(parts.split("+")) >= culprits for parts in runs["parts"]])
    all_three = (runs["kind"] == "donor") | ((runs["kind"] == "graft") & held)
    with_them, others = runs.loc[all_three], runs.loc[~all_three]
    own, won = with_them.loc[with_them["kind"] == "donor"], others.loc[others["won"] == 1]
    return {
        "n": len(with_them),
        "won": int(with_them["won"].sum()),
        "own": len(own),
        "own_won": int(own["won"].sum()),
        "others": len(others),
        "others_won": won[["groups", "accuracy"]].to_numpy().tolist(),
    }


def answer(cells: pd.DataFrame) -> str:
    """The study's answer, from its table of cells."""
    rows = cells.to_dict("records")
    names = ("kind", "groups", "split", "loader_seed")
    at: dict[tuple, float] = {tuple(r[n] for n in names): float(r["accuracy"]) for r in rows}
    won, lost = at["donor", "", "donor", 8], at["recipient", "", "recipient", 8]

    def closes(*cell: str | int) -> dict[str, float]:
        return {"accuracy": at[cell], "share": (at[cell] - lost) / (won - lost)}

    shams = [float(r["accuracy"]) for r in rows if (r["kind"], r["groups"]) == ("sham", TOGETHER)]
    tried = {g: a for (k, g, s, o), a in at.items() if (k, s, o) == ("graft", "recipient", 8)}
    best = max(tried, key=lambda groups: tried[groups])
    together = [closes("graft", TOGETHER, split, 8) for split in SPLITS]
    return render(
        "graft_42_56",
        won=won,
        lost=lost,
        weights_56=closes("recipient", "", "donor", 8),
        weights_42=closes("donor", "", "recipient", 8),
        other_order=closes("donor", "", "donor", 7),
        together=together,
        verdict=verdict(*(cell["accuracy"] for cell in together)),
        wins=WINS,
        apart=APART,
        least=DIARY.normal_accuracy,
        shams=shams,
        tried=len(tried),
        best=best,
        places=places(cells).to_dict("records"),
        three={NAMES[split]: with_all_three(cells, split) for split in SPLITS},
        alone=[(g, *(closes("graft", g, split, 8) for split in SPLITS)) for g in GROUPS],
    )


def main() -> None:
    for command in COMMANDS if sys.argv[1:] != ["--export"] else []:
        if ablate.main([*SEEDS.split(), *command.split(), "--out", str(OUT), "--compile"]):
            raise SystemExit("the ablation did not finish")
    cells = pd.read_csv(OUT / "cells.csv", keep_default_na=False)
    places(cells).to_csv(OUT / "places.csv", index=False, float_format="%.5g")
    ablate.write_ablation(OUT, answer(cells))


if __name__ == "__main__":
    main()
