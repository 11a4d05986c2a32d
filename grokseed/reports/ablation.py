"""What an ablation found, from its exported files alone: its cells, main effects, figures, README.

No torch.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from grokseed.analysis.effects import COLUMNS, WEIGHTS, effects
from grokseed.analysis.rates import rate
from grokseed.analysis.survival import numbers
from grokseed.figures import ablation as cell_plots
from grokseed.figures import times
from grokseed.figures.forest import forest
from grokseed.records.export import write_atomically
from grokseed.records.folder import CELLS
from grokseed.records.upgrade import upgraded_names
from grokseed.reports.classes import with_classes
from grokseed.reports.pictures import markdown, remove, save
from grokseed.reports.scan import answer, draw, frozen, load
from grokseed.reports.templating import TEMPLATES
from grokseed.seeds import STREAMS
from grokseed.vocabulary import task_name

SEEDS = [f"{stream}_seed" for stream in STREAMS]
RUN = [*SEEDS, "graft"]
"""Columns that name a run."""

DESIGN = ["kind", "groups", "parts", "recipient", "donor", "split", *RUN]
"""Columns of a cell that do not depend on what came out."""

NUMBERS = ["recipient", "donor", *SEEDS]

OUTCOMES = [
    *("status", "steps", "memorised_step", "t98_step", "completed_step"),
    *("screen_val_accuracy", "accuracy", "won", "class"),
]


def report(folder: Path, commands: Sequence[str], formats: Sequence[str] = ("png",)) -> str:
    """Write the outcomes of an ablation's cells, main effects and figures, and its README.

    Args:
        folder: where `cells.csv`, `runs.csv`, `trajectories.npz` and `config.json` lie.
        commands: what made the runs; without any the README is left as it is.
        formats: of the figures, some of `png`, `pdf`, `svg`.

    Returns:
        The results, in Markdown that reads as plain text.

    Raises:
        ValueError: no such format.
        OSError: a file is missing or cannot be written.
    """
    runs, points, about = load(folder)
    config = about["config"]
    every = with_outcomes(stored(folder), runs)
    _write(folder, CELLS, every.drop(columns="run"))
    cells = every.dropna(subset=["status"])
    found = [effects(cells, name).assign(outcome=name) for name in ("accuracy", "won")]
    _write(folder, "effects.csv", pd.concat(found).reindex(columns=["outcome", *COLUMNS]))
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
        figures["effects"] = forest(pooled, cells, outcome, title)
    else:
        remove(folder / "effects")
    paths = [path for name in figures for path in save(figures[name], folder / name, formats)]
    paths += draw(folder, runs, points, about, formats)
    more = len(runs) - len(cells.drop_duplicates(RUN))
    if commands:
        readme = TEMPLATES.get_template("ablation.md.j2").render(
            name=folder.resolve().name,
            commands=commands,
            answer=answer(folder),
            frozen=frozen(about),
            results=results(cells, accuracy, step, more, brief=True),
            cells=len(cells),
            figures=[*filter(None, [times.too_few(runs)]), *markdown(paths)],
            about=about,
        )
        write_atomically(folder / "README.md", readme.encode())
    text = results(cells, accuracy, step, more)
    return f"{text}\nFigures: {', '.join(map(str, paths))}"


def remember(folder: Path, design: pd.DataFrame) -> None:
    """Add cells, with the columns `DESIGN`, to those that a folder has, before they are trained.

    Raises:
        ValueError: the table that is there cannot be read.
        OSError: it cannot be written.
    """
    known = stored(folder)
    cells = pd.concat([known, design]).drop_duplicates()
    if len(cells) == len(known):
        return
    with suppress(OSError, ValueError, KeyError):  # a table that cannot be read is written anew
        runs = with_classes(pd.read_csv(folder / "runs.csv"))
        cells = with_outcomes(cells, runs).drop(columns="run")
    _write(folder, CELLS, cells)


def _write(folder: Path, name: str, table: pd.DataFrame) -> None:
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    write_atomically(folder / name, text.encode())


def stored(folder: Path) -> pd.DataFrame:
    """The design of the cells that a folder has already; none where there is no table of them.

    Raises:
        ValueError: the table cannot be read.
    """
    if not (folder / CELLS).exists():
        return pd.DataFrame(columns=DESIGN)
    try:
        with (folder / CELLS).open(newline="", encoding="utf-8") as file:
            found = map(upgraded_names, csv.DictReader(file))
            rows = [[row[name] for name in DESIGN] for row in found]
        table = pd.DataFrame(rows, columns=DESIGN)
        return table.astype(dict.fromkeys(NUMBERS, int))
    except (ValueError, KeyError, csv.Error) as error:
        raise ValueError(f"{folder / CELLS} cannot be read: {error}") from None


def with_outcomes(design: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The cells with what became of their runs; empty for a run that is still to come.

    `accuracy` is the validation accuracy at the screen step, 1 for a run that had generalised and
    ended before; `won` is 1 for a run that is super or fast by the screen rule, else 0; `class` is
    by that rule; `run` is the run's row number in the table of runs.

    Args:
        design: with the columns `DESIGN`.
        runs: as `summary.load` gives them.
    """
    runs = runs.assign(run=np.arange(len(runs)), graft=runs.get("graft", "")).fillna({"graft": ""})
    ended = runs["screen_val_accuracy"].isna() & runs["completed_step"].notna()
    runs["accuracy"] = runs["screen_val_accuracy"].mask(ended, 1.0)
    runs["class"] = runs["screen"].astype(object)
    won = runs["class"].isin(["super", "fast"]).astype(float)
    runs["won"] = won.where(runs["class"].notna())
    joined = design.merge(runs[[*RUN, *OUTCOMES, "run"]], how="left", on=RUN, validate="m:1")
    return joined.reset_index(drop=True)


def results(
    cells: pd.DataFrame, found: pd.DataFrame, screen_step: int, more: int = 0, brief: bool = False
) -> str:
    """How often each kind of cell won, main effects, and every cell of a few, as Markdown.

    Args:
        cells: as `with_outcomes` gives them, of runs that are there.
        found: their effects on accuracy.
        screen_step: the step at which the screen rule reads the validation accuracy.
        more: runs of the folder that are no cell's.
        brief: leave out effects and cells, which the folder's tables have.
    """
    rows = []
    for kind in dict.fromkeys(cells["kind"]):
        some = cells.query("kind == @kind and won == won").drop_duplicates(RUN)
        if some.empty:
            continue
        exact = rate(int(numbers(some, "won").sum()), len(some))
        rows.append(
            {
                "kind": kind,
                "n": exact.n,
                "won": exact.k,
                "share": f"{exact.share:.1%}",
                "interval": f"{exact.low:.1%} to {exact.high:.1%}",
                "accuracy": f"{numbers(some, 'accuracy').mean():.3f}",
            }
        )
    runs = cells.drop_duplicates(RUN)
    return TEMPLATES.get_template("cells.md.j2").render(
        n=len(cells),
        runs=len(runs),
        lost={s: n for s, n in Counter(runs["status"]).items() if s != "done"},
        more=more,
        brief=brief,
        screen_step=screen_step,
        kinds=rows,
        effects=[_effect_row(row) for row in found.loc[found["place"] == ""].to_dict("records")],
        places=_places(found),
        cells=[_cell_row(row) for row in cells.to_dict("records")] if len(cells) <= MOST else [],
    )


MOST = 40
"""Cells that a README lists one by one."""


def _places(found: pd.DataFrame) -> list[dict[str, str]]:
    """Effects of weights at each place, under those over all places and the largest difference."""
    rows, of = [], ["question", "groups", "kind"]
    several = found.groupby(of)["places"].transform("max").gt(1)
    for row in found.loc[several & found["question"].isin(WEIGHTS)].to_dict("records"):
        pooled = row["place"] == ""
        rows.append(
            {
                **{name: str(row[name]) for name in ("question", "groups", "kind", "n")},
                "place": "all" if pooled else row["place"],
                "mean": f"{row['mean']:+.3f}",
                "interval": _span(row, "low", "high"),
                "interaction": f"{row['interaction']:+.3f}" if pooled else "",
                "interaction_interval": _span(row, "interaction_low", "interaction_high"),
            }
        )
    return rows


def _span(row: dict, low: str, high: str) -> str:
    return "" if pd.isna(row[low]) else f"{row[low]:+.3f} to {row[high]:+.3f}"


def _effect_row(row: dict) -> dict[str, str]:
    as_large = row["as_large"]
    return {
        **{name: str(row[name]) for name in ("question", "groups", "kind", "n")},
        "seeds": f"{row['donors']} x {row['recipients']}",
        "mean": f"{row['mean']:+.3f}",
        "interval": _span(row, "low", "high"),
        "detectable": "" if pd.isna(row["detectable"]) else f"{row['detectable']:.3f}",
        "p_holm": "" if pd.isna(row["p_holm"]) else f"{row['p_holm']:.3f}",
        "excess": "" if pd.isna(row["excess"]) else f"{row['excess']:+.3f}",
        "excess_interval": _span(row, "excess_low", "excess_high"),
        "as_large": "" if pd.isna(as_large) else f"{as_large:.0f} of {row['controls']:.0f}",
    }


def _cell_row(row: dict) -> dict[str, str]:
    def whole(name: str) -> str:
        return "" if pd.isna(row[name]) else f"{int(row[name]):,}"

    return {
        **{name: str(row[name]) for name in ("kind", "groups", "recipient", "donor", "split")},
        "order": str(row["loader_seed"]),
        "accuracy": "" if pd.isna(row["accuracy"]) else f"{row['accuracy']:.4f}",
        "memorised": whole("memorised_step"),
        "generalised": whole("completed_step"),
        "verdict": str(row["status"] if pd.isna(row["class"]) else row["class"]),
    }
