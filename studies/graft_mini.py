"""Which layer group's initial weights carry the luck at `mini`, and was the diary's answer luck?

    python studies/graft_mini.py

Needs results/mini_screen. The 20 best of its seeds are donors, the first 4 normal ones recipients,
the 20 normal ones after them shams. Chosen before looking: main effects on validation accuracy
at the screen step, each less its sham's; and how often a search of single groups shows a winner.
"""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from grokseed import ablate
from grokseed.ranges import spell
from grokseed.stats import rate
from grokseed.summary import load

SCREEN, OUT = Path("results/mini_screen"), Path("results/graft_mini")
DONORS, RECIPIENTS, SHAMS, FRESH = 20, 4, 20, 4
MODULES, NOT_NORMAL = 24, 0.07
QUESTION = (
    "Which layer group of a winner's initial weights makes a loser win, beyond what the same group "
    "of a seed that did not win does; and does a search over single groups find a culprit by luck?"
)


def answer(cells: pd.DataFrame, effects: pd.DataFrame) -> str:
    found = effects.query("outcome == 'accuracy'").sort_values("excess", ascending=False)
    gain = found.query("question == 'gain' and kind == 'graft'")
    loss = found.query("question == 'loss' and kind == 'reverse'")
    winners, losers = (_searches(cells.query(f"kind == '{kind}'")) for kind in ("graft", "sham"))
    return (
        f"Put into a loser, beyond shams: {_listed(gain)}. Taken from a winner, beyond fresh "
        f"draws: {_listed(loss)}. A search over the single groups shows a faster run in {winners} "
        f"with a winner's weights and in {losers} with a loser's (as if independent): with the "
        f"diary's {MODULES} modules and {NOT_NORMAL:.0%} of seeds not normal, luck alone shows one "
        f"in {1 - (1 - NOT_NORMAL) ** MODULES:.0%} of searches, and its localisation was selection."
    )


def _listed(some: pd.DataFrame) -> str:
    said = []
    for row in some.to_dict("records"):
        low, high = row["excess_low"], row["excess_high"]
        sign = "" if low * high > 0 else ", of either sign"
        said.append(f"{row['groups']} {row['excess']:+.3f} ({low:+.3f} to {high:+.3f}{sign})")
    return "; ".join(said)


def _searches(some: pd.DataFrame) -> str:
    found: dict[tuple, bool] = defaultdict(bool)
    for cell in some.to_dict("records"):
        found[cell["base"], cell["source"]] |= cell["won"] == 1
    share = rate(sum(found.values()), len(found))
    return f"{share.k} of {share.n} ({share.share:.0%}, {share.low:.0%} to {share.high:.0%})"


def main() -> None:
    runs = load(SCREEN)[0].sort_values("model_seed")
    best = runs.sort_values("screen_val_accuracy", ascending=False, kind="stable")
    donors = spell(best["model_seed"].head(DONORS))
    recipients = spell(runs.query("screen == 'normal'")["model_seed"].head(RECIPIENTS))
    seeds = f"--donors {donors} --recipients {recipients} --loader-seed 8 --scan {SCREEN}"
    command = f"--preset mini {seeds} --out {OUT} --compile"
    for more in (f"--shams {SHAMS}", f"--reverse --fresh {FRESH}"):
        if ablate.main([*command.split(), *more.split()]):
            raise SystemExit("the ablation did not finish")
    found = answer(pd.read_csv(OUT / "cells.csv"), pd.read_csv(OUT / "effects.csv"))
    ablate.write_ablation(OUT, (), QUESTION, found)


if __name__ == "__main__":
    main()
