"""What a scan found, from its exported files alone: a table to read, the figures, a README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grokseed.analysis.classify import Rule, without
from grokseed.figures import scan as plots
from grokseed.figures import times
from grokseed.records.export import write_atomically
from grokseed.records.folder import read_about
from grokseed.records.upgrade import COLUMNS, STREAM_NAMES, upgraded_config
from grokseed.reports.classes import Choice, main_rule, with_classes
from grokseed.reports.pictures import markdown, remove, save
from grokseed.reports.remarks import ends_early, frozen, incomplete, study_above
from grokseed.reports.summary import results
from grokseed.reports.templating import TEMPLATES
from grokseed.vocabulary import task_name

ANSWER = "answer.md"
"""A study's question and answer, which become part of the README."""

EXCLUDED = "excluded.csv"
"""Seeds that were chosen by hand: they are no random sample, so no rate counts them."""

TRAIN = ("train_accuracy", "train_loss")
"""Columns of the points that come after `run` and `step`, the last one first."""


def load(
    folder: Path, choice: Choice = "auto"
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """A scan's runs, the points of its trajectories and its config.json.

    The runs come with their classes, as `with_classes` gives them. Earlier versions did not record
    `TRAIN`: their points have NaN there.

    Raises:
        OSError: a file is missing.
        ValueError: `config.json` holds no config.
    """
    about = read_about(folder)
    table = (folder / "runs.csv").absolute()  # pandas would take a folder ~ for the home folder
    runs = pd.read_csv(table).rename(columns=COLUMNS)
    about["config"] = upgraded_config(about["config"])
    about["seeds"] = {STREAM_NAMES.get(k, k): v for k, v in about["seeds"].items()}
    if isinstance(about.get("numerics"), str):  # an earlier version's: the same for all runs
        about["numerics"] = {about["numerics"]: len(runs)}
    with np.load(folder / "trajectories.npz") as arrays:
        points = pd.DataFrame({name: arrays[name] for name in arrays.files})
    points = points.rename(columns=COLUMNS)
    for name in TRAIN:
        if name not in points:
            points.insert(2, name, np.nan)
    return with_classes(runs, choice), points, about


def report(
    folder: Path,
    commands: Sequence[str],
    formats: Sequence[str] = ("png",),
    choice: Choice = "auto",
    again: str = "",
) -> str:
    """Draw a scan's figures and write its README; the results in Markdown that reads as plain text.

    Args:
        folder: where `runs.csv`, `trajectories.npz` and `config.json` are.
        commands: that made the runs; if empty, the README stays as it is.
        formats: of the figures, some of `png`, `pdf`, `svg`.
        choice: of the rule of the classes.
        again: for the README, how its runs are asked for today (`cli.again`).

    Raises:
        ValueError: no such format, or the scan is too small for the rule.
        OSError: a file is missing or cannot be written.
    """
    runs, points, about = load(folder, choice)
    left_out = excluded(folder)
    figures = draw(folder, runs, points, about, formats, choice)
    early = about.get("early", {})
    step, generalises = about["config"]["screen_step"], about["config"].get("task") != "rote"
    text = results(runs, step, left_out, choice, early, generalises)
    asked, said = about.get("asked", {}).get("runs", 0), answer(folder)
    if len(runs) < asked:
        text = f"{incomplete(len(runs), asked, about['config'], bool(said))}\n\n{text}"
    if commands:
        readme = TEMPLATES.get_template("scan.md.j2").render(
            name=folder.resolve().name,
            answer=said,
            above="" if said else study_above(folder),
            frozen=frozen(about),
            commands=commands,
            again=again,
            results=text,
            figures=[*filter(None, [times.too_few(runs, left_out)]), *markdown(figures)],
            about=about,
        )
        write_atomically(folder / "README.md", readme.encode())
    return f"{text}\nFigures: {', '.join(map(str, figures))}"


def answer(folder: Path) -> str:
    """A study's question and answer; empty if no study made the folder.

    Raises:
        OSError: the file cannot be read.
    """
    if not (folder / ANSWER).exists():
        return ""
    try:
        return (folder / ANSWER).read_text("utf-8").strip()
    except UnicodeDecodeError as error:
        raise OSError(f"{folder / ANSWER} cannot be read: {error}") from None


def excluded(folder: Path) -> dict[int, str]:
    """Model seeds that no rate counts, and why: `excluded.csv`, columns `model_seed` and `reason`.

    Raises:
        OSError: the table cannot be read.
    """
    if not (folder / EXCLUDED).exists():
        return {}
    try:
        table = pd.read_csv((folder / EXCLUDED).absolute())
        return {int(row["model_seed"]): str(row["reason"]) for row in table.to_dict("records")}
    except (ValueError, KeyError, OverflowError) as error:
        raise OSError(f"{folder / EXCLUDED} cannot be read: {error}") from None


def check_readable(folder: Path) -> None:
    """Read what a report takes from a folder besides its runs, before hours of training.

    Raises:
        OSError: as `answer` and `excluded` do.
    """
    answer(folder)
    excluded(folder)


def sampled(folder: Path, runs: pd.DataFrame) -> pd.DataFrame:
    """The runs without those that `excluded` names."""
    return without(runs, excluded(folder))


def draw(
    folder: Path,
    runs: pd.DataFrame,
    points: pd.DataFrame,
    about: dict[str, Any],
    formats: Sequence[str] = ("png",),
    choice: Choice = "auto",
) -> list[Path]:
    """Draw a scan's figures; no survival curve if `times.too_few` has a sentence instead.

    Args:
        folder: where to write them.
        runs: with `points` and `about` as `load` gives them.
        formats: as `pictures.save` takes them.
        choice: of the rule, as it was for `load`.

    Returns:
        Their paths.

    Raises:
        ValueError: no such format.
        OSError: one cannot be written.
    """
    config, asked = about["config"], about.get("asked", {}).get("runs", 0)
    rule, left_out = main_rule(runs, choice), excluded(folder)
    said = title(config, runs, asked, rule)
    drawn = plots.accuracy(runs, points, said, config["screen_step"], rule, left_out)
    figures = {"accuracy": drawn}
    if times.too_few(runs, left_out):
        remove(folder / "survival")
    else:
        sample = without(runs, left_out)
        figures["survival"] = times.survival(sample, title(config, runs, asked))
    figures |= {
        "classes": plots.classes(runs, points, said),
        "loss_and_norm": plots.loss_and_norm(runs, points, said),
        "peak_against_time": times.peak_against_time(runs, said),
    }
    return [path for name in figures for path in save(figures[name], folder / name, formats)]


def title(
    config: Mapping[str, object],
    runs: pd.DataFrame,
    asked: int = 0,
    rule: Rule | None = None,
) -> str:
    """The task, the number of runs and the rule of their classes, for every figure's title.

    Args:
        config: of all runs.
        runs: those that the figure shows.
        asked: for how many runs the scan was asked. Where there are fewer, the title says so, and
            that early runs come first if runs end at a landmark.
        rule: of the classes; None in a figure that shows none.
    """
    many = f"{len(runs):,} run{'s' * (len(runs) != 1)}"
    if len(runs) < asked:
        first = ends_early(config)
        many = f"{len(runs):,} of {asked:,} runs{' (early ones come first)' if first else ''}"
    classes = f", classes by the {rule} rule" if rule else ""
    return f"{task_name(config)}, {many}{classes}"
