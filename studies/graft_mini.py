"""Which layer group's initial weights carry the luck at `mini`, and was the diary's answer luck?

    python studies/graft_mini.py

Needs results/mini_screen: its 20 best seeds are donors, the first 4 normal ones recipients, the 20
after them shams. Chosen before looking: main effects on validation accuracy at the screen step,
each less its sham's; and how often a search of single groups shows a winner.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from grokseed import ablate
from grokseed.analysis.crossed import crossed_share
from grokseed.reports.scan import load
from grokseed.seeds import spell_seeds

SCREEN, OUT = Path("results/mini_screen"), Path("results/graft_mini")
DONORS, RECIPIENTS, SHAMS, FRESH = 20, 4, 20, 2
TRIED, DIFFERENT, NOT_NORMAL = 24, 16, 0.07  # the modules that the diary tried, distinct ones
QUESTION = """**Question.** Which layer group of a winner's initial weights makes a loser win,
beyond what the same group of a seed that did not win does; and does a search over single groups
find a culprit by luck? (`python studies/graft_mini.py`)\n\n**Answer.**"""


def answer(cells: pd.DataFrame, effects: pd.DataFrame, rate: float) -> str:
    weights = effects.query("outcome == 'accuracy' and question in ['gain', 'loss']")
    graft, reverse, fresh = (weights.query(f"kind == '{k}'") for k in ("graft", "reverse", "fresh"))
    winners, losers = (_searches(cells.query(f"kind == '{kind}'")) for kind in ("graft", "sham"))
    chances = ((rate, len(graft)), (NOT_NORMAL, DIFFERENT), (NOT_NORMAL, TRIED))
    luck = [f"{1 - (1 - share) ** n:.0%}" for share, n in chances]
    told = sum(graft["excess_low"] * graft["excess_high"] > 0)
    return (
        f"{QUESTION} Put into {RECIPIENTS} losers, {DONORS} winners' weights gain in validation "
        f"accuracy beyond {SHAMS} shams': {_listed(graft, 'excess', 'excess_')}; {told} of "
        f"{len(graft)} are told from 0. Taken from the winners, a loser's in their place lose "
        f"{_listed(reverse, 'mean')}, and ones drawn anew {_listed(fresh, 'mean')}. A search over "
        f"the groups shows a fast or super run in {winners} with a winner's weights and in "
        f"{losers} with a sham's, where new draws at the scan's own {rate:.1%} would in {luck[0]}; "
        f"the diary tried {TRIED} modules, of which {DIFFERENT} differ in weights, and at its "
        f"{NOT_NORMAL:.0%} luck alone shows one in {luck[1]} ({DIFFERENT} draws) to {luck[2]} "
        f"({TRIED}) of searches."
    )


def _listed(some: pd.DataFrame, value: str, limits: str = "") -> str:
    low, high = f"{limits}low", f"{limits}high"
    rows = some.to_dict("records")
    return ", ".join(
        f"{r['groups']} {r[value]:+.2f} ({r[low]:+.2f} to {r[high]:+.2f})" for r in rows
    )


def _searches(some: pd.DataFrame) -> str:
    won = some.pivot_table("won", "recipient", "donor", "max").to_numpy()
    recipients, donors = np.indices(won.shape).reshape(2, -1)
    _, low, high = crossed_share(won.ravel(), recipients, donors)
    return f"{won.sum():.0f} of {won.size} ({low:.0%} to {high:.0%})"


def main() -> None:
    runs = load(SCREEN)[0].sort_values("model_seed")
    best = runs.sort_values("screen_val_accuracy", ascending=False, kind="stable")
    normal = runs.query("screen == 'normal'")["model_seed"]
    donors, recipients = (
        spell_seeds(best["model_seed"].head(DONORS)),
        spell_seeds(normal.head(RECIPIENTS)),
    )
    seeds = f"--donors {donors} --recipients {recipients} --loader-seed 8 --scan {SCREEN}"
    command = f"--preset mini {seeds} --out {OUT} --compile"
    for more in (f"--shams {SHAMS}", f"--reverse --fresh {FRESH}"):
        if ablate.main([*command.split(), *more.split()]):
            raise SystemExit("the ablation did not finish")
    cells, effects = (pd.read_csv(OUT / name) for name in ("cells.csv", "effects.csv"))
    ablate.write_ablation(OUT, answer(cells, effects, 1 - len(normal) / len(runs)))


if __name__ == "__main__":
    main()
