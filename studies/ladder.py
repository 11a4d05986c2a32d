"""Does the overfit guide tell a config that works from one with a fault? A ladder for each fault.

    python studies/ladder.py             train the ladders that are missing, then say what was found
    python studies/ladder.py --export    train nothing

Question: which sentences of the guide (document 003) hold of its own ladder: levels of 4, 100 and
1,000 examples and the whole train set, a sweep of seven learning rates, norms of gradients? Design:
`mini` as it is with 6 model seeds, and the first of them with one fault each: learning rates from
far too low to far too high, widths 8 and 2, weight decay, ReLU, initial weights 100 times too small
or too large; and `mini` trained on after its targets. One split (0), one loader (8). Outcome:
whether the train set is memorised (over 95 % right and a loss below 0.1) within 200 epochs, the
epoch, and the cause that `grokseed.overfit` names. A stored ladder is not trained again.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

import grokseed
from grokseed.analysis.blockers import causes
from grokseed.analysis.gradients import UNSEEN
from grokseed.analysis.ladder import MOST_EPOCHS, RATE_EPOCHS, Trial, criteria, trials
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.seeds import Seeds
from older_documents.faults_figure import by_fault
from older_documents.ladder_answer import answer
from older_documents.ladder_arms import ARMS, Arm
from older_documents.ladder_tables import outcomes

OUT = Path("results/ladder")
SPLIT, LOADER, VAL = 0, 8, 9
FIGURE = "mini with one fault each, ladders of the whole train set, 1 to 6 model seeds"
COUNTS = ["reached", "val_right", "zero_throughout"]


class Onward(Trial):
    """A level that trains on after its target, to the last epoch."""

    def meets(self, right: int, loss: float, sure: int | None = None) -> bool:
        return False


def examine(name: str, arm: Arm, seed: int, config: grokseed.Config) -> pd.DataFrame:
    """One ladder: a row a training."""
    import torch

    from grokseed.training.ladder import climb, setting
    from grokseed.training.numerics import numerics

    torch.set_num_threads(1)  # the products are too small to share out
    began = perf_counter()
    at = setting(replace(config, **arm.changes), Seeds(SPLIT, seed, LOADER, VAL))
    at = replace(at, config=replace(at.config, weight_decay=arm.weight_decay))
    found = [
        Onward(**vars(trial)) if arm.onward and trial.level else trial
        for trial in trials(at.config)
        if arm.part == "all" or (trial.level and trial.level.whole)
    ]
    climb(at, found)
    ticked = criteria(found, len(at.val))
    named = causes(at.config, found, ticked)
    memorises = all(it.holds for it in ticked if it.needed)
    about = {
        "fault": name,
        "model_seed": seed,
        "memorises": memorises,
        "cause": "; ".join(cause.name for cause in named),
        "seconds": round(perf_counter() - began, 1),
        "numerics": numerics(at.config, "cpu"),
    }
    return pd.DataFrame([about | row(trial) for trial in found])


def row(trial: Trial) -> dict[str, object]:
    """A training's row: how it ended, its loss by epoch in a few numbers, its gradients."""
    loss = np.array([value for value in trial.loss if np.isfinite(value)])
    names = [name for name in trial.norms if not name.endswith(UNSEEN)]
    norms = np.array([trial.norms[name] for name in names])
    real = norms[np.isfinite(norms)]
    return {
        "training": trial.name,
        "status": trial.status,
        "n": trial.n,
        "rate": trial.rate,
        "reached": trial.reached,
        "epochs": len(trial.loss),
        "end_loss": trial.end_loss,
        "end_right": trial.end_right,
        "sure": trial.sure,
        "val_loss": trial.val_loss,
        "val_right": trial.val_right if trial.level and trial.level.whole else None,
        "early_loss": min(loss[:RATE_EPOCHS], default=np.nan),
        "lowest_loss": min(loss, default=np.nan),
        "rises": np.mean(np.diff(loss) > 0) if len(loss) > 1 else np.nan,
        "norm_first_low": norms[:, 0].min() if norms.size else np.nan,
        "norm_first_high": norms[:, 0].max() if norms.size else np.nan,
        "norm_low": real.min() if real.size else np.nan,
        "norm_high": real.max() if real.size else np.nan,
        "norm_last_low": norms[:, -1].min() if norms.size else np.nan,
        "zero_throughout": int((norms == 0).all(1).sum()) if norms.size else None,
    }


def missing(table: pd.DataFrame, arms: dict[str, Arm]) -> list[tuple[str, Arm, int]]:
    """The ladders that the table does not hold, seed by seed."""
    done = set(zip(table["fault"], table["model_seed"], strict=True)) if len(table) else set()
    asked = [(name, arm, seed) for name, arm in arms.items() for seed in range(arm.seeds)]
    asked.sort(key=lambda ladder: ladder[2])
    return [(name, arm, seed) for name, arm, seed in asked if (name, seed) not in done]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """By fault as listed and by seed, whatever the order of training."""
    place = pd.Categorical(table["fault"], list(ARMS))
    return (
        table.assign(place=place)
        .sort_values(["place", "model_seed"], kind="stable")
        .drop(columns="place")
    )


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--export", action="store_true")
    asked = options.parse_args(argv)
    path = OUT / "ladder.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    OUT.mkdir(parents=True, exist_ok=True)
    for name, arm, seed in () if asked.export else missing(table, ARMS):
        print(f"fault {name}, model seed {seed}", flush=True)
        table = pd.concat([table, examine(name, arm, seed, grokseed.preset("mini"))])
        table = table.astype(dict.fromkeys(COUNTS, "Int64"))  # empty cells keep them whole numbers
        text = in_order(table).to_csv(index=False, lineterminator="\n", float_format="%.6g")
        write_atomically(path, text.encode())
    if not len(table):
        raise SystemExit(f"{path} is still to be made: leave out --export")
    table = pd.read_csv(path)
    save(by_fault(outcomes(table), MOST_EPOCHS, FIGURE), OUT / "faults")
    write_atomically(OUT / "README.md", answer(table, list(ARMS)).encode())


if __name__ == "__main__":
    main()
