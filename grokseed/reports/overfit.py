"""What the overfit ladder found, as tables, figures and a README. No torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from grokseed.analysis.blockers import Cause, causes
from grokseed.analysis.gradients import flow, norms
from grokseed.analysis.ladder import (
    LOW_LOSS,
    RATE_EPOCHS,
    Criterion,
    Trial,
    best_rate,
    criteria,
    lowest,
    train_set,
)
from grokseed.config import Config
from grokseed.figures import overfit as plots
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import markdown, remove, save
from grokseed.reports.templating import TEMPLATES
from grokseed.seeds import Seeds
from grokseed.vocabulary import task_name

VERDICT = "overfit.json"
"""This file marks a folder as that of an overfit ladder."""

MOST_SHOWN = 100
"""At most this many examples are listed; all are in `examples.csv`."""


@dataclass(frozen=True)
class Found:
    """The results of a ladder.

    Attributes:
        config: with regularisation off.
        seeds: of the run that was examined.
        trials: after their training.
        examples: the train set in order: columns `equation`, `a`, `b`, `result`, or `window`,
            `text`, `next`.
        n_val: examples of the validation set.
        numerics: of its trainings.
    """

    config: Config
    seeds: Seeds
    trials: Sequence[Trial]
    examples: pd.DataFrame
    n_val: int
    numerics: str

    @property
    def criteria(self) -> list[Criterion]:
        """The criteria of success."""
        return criteria(self.trials, self.n_val)

    @property
    def memorises(self) -> bool:
        """Whether all needed criteria hold."""
        return all(it.holds for it in self.criteria if it.needed)

    @property
    def causes(self) -> list[Cause]:
        """The likely causes of criteria that do not hold."""
        return causes(self.config, self.trials, self.criteria)


def report(folder: Path, found: Found, command: str) -> str:
    """Write a ladder's tables, figures and README into an existing folder.

    Returns:
        The results, in Markdown that reads as plain text.

    Raises:
        OSError: a file cannot be written.
    """
    tables = _tables(found)
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        write_atomically(folder / f"{name}.csv", text.encode())
    paths = _draw(folder, found, tables)
    text = results(found)
    about = {
        "memorises": found.memorises,
        "criteria": [asdict(it) for it in found.criteria],
        "causes": [asdict(it) for it in found.causes],
        "config": asdict(found.config),
        "seeds": asdict(found.seeds),
        "numerics": found.numerics,
    }
    readme = TEMPLATES.get_template("overfit.md.j2").render(
        name=folder.resolve().name,
        command=command,
        results=text,
        figures=markdown(paths),
        numerics=found.numerics,
    )
    write_atomically(folder / "README.md", readme.encode())
    write_atomically(folder / VERDICT, (json.dumps(about, indent=2) + "\n").encode())
    return f"{text}\nFigures: {', '.join(map(str, paths))}"


def results(found: Found) -> str:
    """Verdict, causes, criteria, and the tables of levels, rates and gradients, as Markdown."""
    best, whole = best_rate(found.trials), train_set(found.trials)
    return TEMPLATES.get_template("ladder.md.j2").render(
        verdict="The config can memorise its train set."
        if found.memorises
        else "The config does not memorise its train set.",
        causes=found.causes,
        criteria=found.criteria,
        levels=[_level_row(trial) for trial in found.trials if trial.level],
        examples=_examples(found.examples.iloc[:, 0].tolist()),
        rate_epochs=RATE_EPOCHS,
        rates=[
            {"rate": trial.name, "lowest": _number(lowest(trial))}
            for trial in found.trials
            if not trial.level
        ],
        rate_advice="No rate had a finite loss."
        if best is None
        else f"Of the rates tried, {best.name} lowers the loss fastest. The config's own, "
        f"{found.config.lr:g}, comes to {_number(_early(whole))} in as many epochs.",
        flow_of=whole.name,
        flow_steps=len(whole.steps),
        flow=flow(whole).to_dict("records"),
    )


def _tables(found: Found) -> dict[str, pd.DataFrame]:
    """The tables of a folder, by the names of their files."""
    columns = ["name", "n", "batch", "rate", "status", "reached", "end_loss", "end_right", "sure"]
    levels, rates, epochs = [], [], []
    for trial in found.trials:
        row = {name: getattr(trial, name) for name in columns}
        if level := trial.level:
            own = {"least": level.least, "met": trial.met}
            val = {"val_loss": trial.val_loss, "val_right": trial.val_right, "n_val": found.n_val}
            whole = val if level.whole else {}
            levels.append({**row, **own, **whole})
        else:
            rates.append({**row, "lowest": lowest(trial)})
        epochs += [
            (trial.name, epoch, epoch * trial.steps_per_epoch, loss, right)
            for epoch, (loss, right) in enumerate(zip(trial.loss, trial.right, strict=True), 1)
        ]
    counts = dict.fromkeys(["reached", "val_right", "n_val"], "Int64")
    return {
        "levels": pd.DataFrame(levels).astype(counts),
        "sweep": pd.DataFrame(rates).drop(columns="reached"),
        "epochs": pd.DataFrame(epochs, columns=["name", "epoch", "step", "loss", "right"]),
        "gradients": norms(found.trials),
        "examples": found.examples,
    }


def _draw(folder: Path, found: Found, tables: dict[str, pd.DataFrame]) -> list[Path]:
    """Draw the figures that have data, and delete older ones that have none."""
    c, whole = found.config, train_set(found.trials)
    title = f"{task_name(asdict(c))}, model seed {found.seeds.model}, no regularisation, n = 1"
    own = norms([whole])
    sweep, early = tables["sweep"], (c.lr, _early(whole))
    figures = {}
    if len(tables["epochs"]):
        figures["ladder"] = plots.ladder(tables["epochs"], tables["levels"], LOW_LOSS, title)
        figures["rates"] = plots.rates(sweep, early, RATE_EPOCHS, title)
    if len(own):
        figures["gradients"] = plots.gradients(own, f"{title}, {whole.name}")
    for name in {"ladder", "rates", "gradients"} - figures.keys():  # memory ran out
        remove(folder / name)
    return [path for name in figures for path in save(figures[name], folder / name)]


def _level_row(trial: Trial) -> dict[str, str]:
    level = trial.level
    assert level
    return {
        "name": trial.name,
        "n": f"{trial.n:,}",
        "batch": str(trial.batch),
        "target": "all" if level.above == 1 else f"> {level.above:.0%}",
        "reached": "never" if trial.reached is None else str(trial.reached),
        "epochs": "" if level.epochs is None else str(level.epochs),
        "loss": _number(trial.end_loss) if trial.status == "done" else trial.status,
        "right": f"{trial.end_right:,} ({trial.end_right / trial.n:.1%})",
    }


def _early(trial: Trial) -> float:
    """The lowest loss in the number of epochs of the sweep; NaN if there is none."""
    real = [loss for loss in trial.loss[:RATE_EPOCHS] if np.isfinite(loss)]
    return min(real, default=np.nan)


def _number(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else "not finite"


def _examples(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:MOST_SHOWN]))
    more = len(rows) - MOST_SHOWN
    return shown + (f", and {more:,} more in examples.csv" if more > 0 else "")
