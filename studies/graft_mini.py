"""Which layer group's initial weights carry the luck at `mini`, and was the diary's answer luck?

    python studies/graft_mini.py [--export]

Needs results/mini_screen: donors are the seeds that were its 20 best when this study began, by
validation accuracy at the screen step, in the table of an earlier engine; 525 and 530 were among
them, for which today's table has 922 and 1402. Its first 4 normal seeds are recipients, the next 20
shams. Chosen before looking: main effects on validation accuracy at the screen step, minus
those of shams; and how often a search of single groups shows a winner. Thought of afterwards: the
share of a winner's wins that is left with one of its groups replaced (wins_left.csv).
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from common.study import render
from grokseed import ablate
from grokseed.analysis.classify import DIARY
from grokseed.analysis.rates import Rate, rate
from grokseed.analysis.seed_shares import crossed_share
from grokseed.reports.scan import load
from grokseed.seeds import read_seeds, spell_seeds

SCREEN, OUT = Path("results/mini_screen"), Path("results/graft_mini")
DONORS = "18,288,301,334,467,525,530,556,588,614,637,697,733,834,1105,1312,1415,1585,1632,1917"
"""The seeds with grafts in the folder: they stay when mini_screen is trained by another engine."""
RECIPIENTS, SHAMS, FRESH = 4, 20, 2
STEP = 1750
MINI = f"--preset mini --max-steps {STEP} --screen-step {STEP}"
"""As mini_screen was trained, before the preset's screen step moved."""
FFN = "block1.ffn"
OTHERS = f"all but {FFN}, one at a time"
BY = {"reverse": ["reverse"], "fresh": ["fresh"], "both": ["reverse", "fresh"]}
"""What a winner's group is replaced by: a loser's, one drawn anew, or either."""
TRIED, DIFFERENT, NOT_NORMAL = 24, 16, 0.07  # the distinct modules that the diary tried


def wins_left(cells: pd.DataFrame) -> pd.DataFrame:
    """How often a winner still wins with one of its groups replaced.

    Returns:
        For each kind of replacement a row a group, and one of all groups other than the FFN, each
        replaced alone: columns `groups`, `kind`, `n` (runs), `winners`, `sources` (losers or draws
        that the weights are from), `won`, `share`, and `low` and `high`, limits over winners and
        sources.
    """
    rows = []
    for kind, kinds in BY.items():
        own = cells.loc[cells["kind"].isin(kinds)]
        names = list(dict.fromkeys(own["groups"]))
        for name, groups in {**{n: [n] for n in names}, OTHERS: set(names) - {FFN}}.items():
            some = own.loc[own["groups"].isin(groups)]
            if some.empty:
                continue
            winner, source = some["recipient"], some["donor"]  # a winner receives here
            share = crossed_share(some["won"], winner, source)
            seeds = winner.nunique(), source.nunique()
            rows.append((name, kind, len(some), *seeds, int(some["won"].sum()), *share))
    columns = ["groups", "kind", "n", "winners", "sources", "won", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def answer(cells: pd.DataFrame, effects: pd.DataFrame, base: Rate) -> str:
    """The study's answer; `base` is the share of all seeds of the scan that win."""
    weights = effects.query("outcome == 'accuracy' and question in ['gain', 'loss']")
    rows = {kind: weights.query(f"kind == '{kind}'") for kind in ("graft", "reverse", "fresh")}
    winners, losers = (_searches(cells.query(f"kind == '{kind}'")) for kind in ("graft", "sham"))
    chances = ((base.share, len(rows["graft"])), (NOT_NORMAL, DIFFERENT), (NOT_NORMAL, TRIED))
    left = {(row["groups"], row["kind"]): row for row in wins_left(cells).to_dict("records")}
    put_in = cells.loc[cells["kind"].isin(["graft", "sham"])]
    return render(
        "graft_mini",
        recipients=RECIPIENTS,
        donors=len(read_seeds(DONORS)),
        shams=SHAMS,
        step=STEP,
        least=DIARY.normal_accuracy,
        **{kind: some.to_dict("records") for kind, some in rows.items()},
        winners=winners,
        losers=losers,
        base=base,
        luck=[1 - (1 - share) ** n for share, n in chances],
        left=left,
        replaced=list(dict.fromkeys(groups for groups, _ in left)),
        kinds=list(BY),
        others=OTHERS,
        ffn=FFN,
        by_loser=put_in.groupby("recipient")["won"].agg(["sum", "size"]).to_dict("index"),
    )


def _searches(some: pd.DataFrame) -> str:
    won = some.pivot_table("won", "recipient", "donor", "max").to_numpy()
    recipients, donors = np.indices(won.shape).reshape(2, -1)
    _, low, high = crossed_share(won.ravel(), recipients, donors)
    return f"{won.sum():.0f} of {won.size} ({low:.0%} to {high:.0%})"


def main() -> None:
    runs = load(SCREEN)[0].sort_values("model_seed")
    normal = runs.query("screen == 'normal'")["model_seed"]
    recipients = spell_seeds(normal.head(RECIPIENTS))
    seeds = f"--donors {DONORS} --recipients {recipients} --loader-seed 8 --scan {SCREEN}"
    command = f"{MINI} {seeds} --out {OUT} --compile"
    if sys.argv[1:] == ["--export"]:
        ablate.write_ablation(OUT)  # the answer is of these tables
    else:
        train(command)
    cells, effects = (pd.read_csv(OUT / name) for name in ("cells.csv", "effects.csv"))
    wins_left(cells).to_csv(OUT / "wins_left.csv", index=False, float_format="%.5g")
    base = rate(len(runs) - len(normal), len(runs))
    ablate.write_ablation(OUT, answer(cells, effects, base))


def train(command: str) -> None:
    """Train what is missing."""
    for more in (f"--shams {SHAMS}", f"--reverse --fresh {FRESH}"):
        if ablate.main([*command.split(), *more.split()]):
            raise SystemExit("the ablation did not finish")


if __name__ == "__main__":
    main()
