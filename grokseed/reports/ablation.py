"""What an ablation found, from its exported files alone: its cells, main effects, figures, README.

No torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from grokseed.analysis.effects import COLUMNS, WEIGHTS, effects, effects_at_each
from grokseed.figures import ablation as cell_plots
from grokseed.figures import times
from grokseed.figures.forest import forest
from grokseed.records.export import write_atomically
from grokseed.records.folder import CELLS
from grokseed.reports.cell_tables import results
from grokseed.reports.cells import RUN, stored, with_outcomes, write
from grokseed.reports.pictures import markdown, remove, save
from grokseed.reports.remarks import frozen
from grokseed.reports.scan import answer, draw, excluded, load
from grokseed.reports.templating import TEMPLATES
from grokseed.vocabulary import task_name


def report(
    folder: Path, commands: Sequence[str], formats: Sequence[str] = ("png",), again: str = ""
) -> str:
    """Write the outcomes of an ablation's cells, main effects and figures, and its README.

    Args:
        folder: where `cells.csv`, `runs.csv`, `trajectories.npz` and `config.json` are.
        commands: what made the runs; without any the README is left as it is.
        formats: of the figures, some of `png`, `pdf`, `svg`.
        again: for the README, how its runs are asked for today (`cli.again`).

    Returns:
        The results, in Markdown that reads as plain text.

    Raises:
        ValueError: no such format.
        OSError: a file is missing or cannot be written.
    """
    runs, points, about = load(folder)
    config = about["config"]
    every = with_outcomes(stored(folder), runs)
    write(folder, CELLS, every.drop(columns="run"))
    cells = every.dropna(subset=["status"])
    found = [effects(cells, name).assign(outcome=name) for name in ("accuracy", "won")]
    write(folder, "effects.csv", pd.concat(found).reindex(columns=["outcome", *COLUMNS]))
    accuracy, step = found[0], config["screen_step"]
    pooled = accuracy.loc[accuracy["place"] == ""]
    title = f"{task_name(config)}, scheme {config['scheme']}"
    ended = config["stop_when"] != "never"
    shown = ("time", config["max_steps"]) if ended else ("accuracy", step)
    figures = {
        "cells": cell_plots.heat_map(cells, *shown, title),
        "cell_trajectories": cell_plots.cell_trajectories(cells, points, title),
    }
    if set(pooled.dropna(subset=["low"])["question"]) & set(WEIGHTS):
        outcome = f"validation accuracy at step {step:,} (share right)"
        figures["effects"] = forest(effects_at_each(cells, "accuracy"), cells, outcome, title)
    else:
        remove(folder / "effects")
    paths = [path for name in figures for path in save(figures[name], folder / name, formats)]
    paths += draw(folder, runs, points, about, formats)
    more = len(runs) - len(cells.drop_duplicates(RUN))
    if commands:
        readme = TEMPLATES.get_template("ablation.md.j2").render(
            name=folder.resolve().name,
            commands=commands,
            again=again,
            answer=answer(folder),
            frozen=frozen(about),
            results=results(cells, accuracy, step, more, brief=True),
            cells=len(cells),
            figures=[*filter(None, [times.too_few(runs, excluded(folder))]), *markdown(paths)],
            about=about,
        )
        write_atomically(folder / "README.md", readme.encode())
    text = results(cells, accuracy, step, more)
    return f"{text}\nFigures: {', '.join(map(str, paths))}"
