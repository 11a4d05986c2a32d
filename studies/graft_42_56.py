"""Was the split the diary's "something else random somewhere"? Seed 42's weights in seed 56.

    python studies/graft_42_56.py

The diary's own modules and combinations, single groups and all but single groups, each on both
seeds' splits and in two orders of the batches; with shams from results/diary_loader8 for those that
it called the culprits. Chosen before looking: the share of the gap in validation accuracy at step
3,000 between 42 and 56, each on its own split in order 8, that each change closes.
"""

from pathlib import Path

import pandas as pd

from grokseed import ablate
from grokseed.config import Config
from grokseed.decoder import groups

SCAN, OUT = Path("results/diary_loader8"), Path("results/graft_42_56")
CULPRITS, SHAMS, WINS = "token_embedding,block2,head,token_embedding+block2+head", 5, 0.98
COMMANDS = [
    *(
        f"--design {design} --splits donor,recipient --orders {order}"
        for order in (8, 7)
        for design in ("diary", "leave-one-out")
    ),
    f"--groups {CULPRITS} --shams {SHAMS} --scan {SCAN}",
]
QUESTION = (
    "How much of the gap between seed 42, a winner with loader seed 8, and seed 56, a loser, do "
    "the split, the order of the batches and each layer group's initial weights close; and was "
    'the split the "something else random somewhere"?'
)


def answer(cells: pd.DataFrame) -> str:
    at = {
        (cell["kind"], cell["groups"], cell["split"], cell["train_seed"]): float(cell["accuracy"])
        for cell in cells.to_dict("records")
    }
    won, lost = at["donor", "", "donor", 8], at["recipient", "", "recipient", 8]

    def closes(accuracy: float) -> str:
        return f"{accuracy:.3f} ({(accuracy - lost) / (won - lost):.0%} of the gap)"

    split = closes(at["recipient", "", "donor", 8])
    weights = at["donor", "", "recipient", 8]
    order = closes(at["donor", "", "donor", 7])
    culprits = "token_embedding+block2+head"
    together = [closes(at["graft", culprits, s, 8]) for s in ("recipient", "donor")]
    alone = [
        ", ".join(f"{group} {closes(at['graft', group, split, 8])}" for group in groups(Config()))
        for split in ("recipient", "donor")
    ]
    verdict = (
        "so no graft could have made 56 win on its own split, and the split was the something else"
        if weights <= WINS
        else "so the weights alone win on either split, and the split was not the something else"
    )
    return (
        f"Seed 42's run ends at {won:.3f} and 56's at {lost:.3f}; 56's "
        f"weights on 42's split give {split}, 42's weights on 56's split {closes(weights)}, and "
        f"42's whole run in order 7 {order}: {verdict}. The diary's three culprits together give "
        f"{together[0]} on 56's split and {together[1]} on 42's. One group at a time on 56's "
        f"split: {alone[0]}; on 42's: {alone[1]}."
    )


def main() -> None:
    seeds = "--donor 42 --recipient 56 --loader-seed 8 --scheme diary"
    for command in COMMANDS:
        if ablate.main([*seeds.split(), *command.split(), "--out", str(OUT), "--compile"]):
            raise SystemExit("the ablation did not finish")
    cells = pd.read_csv(OUT / "cells.csv", keep_default_na=False, na_values={"accuracy": [""]})
    ablate.write_ablation(OUT, (), QUESTION, answer(cells))


if __name__ == "__main__":
    main()
