"""Which layer group's initial weights carry the luck at `mini`, and was the diary's answer luck?

    python studies/graft_mini.py [--export]

Needs results/mini_screen: its 20 best seeds are donors, the first 4 normal ones recipients, the
next 20 shams. Chosen before looking: main effects on validation accuracy at the screen step, minus
those of shams; and how often a search of single groups shows a winner.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from study import render

from grokseed import ablate
from grokseed.analysis.crossed import crossed_share
from grokseed.reports.scan import load
from grokseed.seeds import spell_seeds

SCREEN, OUT = Path("results/mini_screen"), Path("results/graft_mini")
DONORS, RECIPIENTS, SHAMS, FRESH = 20, 4, 20, 2
TRIED, DIFFERENT, NOT_NORMAL = 24, 16, 0.07  # the distinct modules that the diary tried


def answer(cells: pd.DataFrame, effects: pd.DataFrame, rate: float) -> str:
    weights = effects.query("outcome == 'accuracy' and question in ['gain', 'loss']")
    rows = {kind: weights.query(f"kind == '{kind}'") for kind in ("graft", "reverse", "fresh")}
    winners, losers = (_searches(cells.query(f"kind == '{kind}'")) for kind in ("graft", "sham"))
    chances = ((rate, len(rows["graft"])), (NOT_NORMAL, DIFFERENT), (NOT_NORMAL, TRIED))
    return render(
        "graft_mini",
        recipients=RECIPIENTS,
        donors=DONORS,
        shams=SHAMS,
        **{kind: some.to_dict("records") for kind, some in rows.items()},
        winners=winners,
        losers=losers,
        rate=rate,
        luck=[1 - (1 - share) ** n for share, n in chances],
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
    if sys.argv[1:] != ["--export"]:
        train(command)
    cells, effects = (pd.read_csv(OUT / name) for name in ("cells.csv", "effects.csv"))
    ablate.write_ablation(OUT, answer(cells, effects, 1 - len(normal) / len(runs)))


def train(command: str) -> None:
    """Train what is missing."""
    for more in (f"--shams {SHAMS}", f"--reverse --fresh {FRESH}"):
        if ablate.main([*command.split(), *more.split()]):
            raise SystemExit("the ablation did not finish")


if __name__ == "__main__":
    main()
