"""What a scan found, from its exported files alone: a table to read, the figures, a README."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import jinja2
import numpy as np
import pandas as pd

from grokseed.analysis.classify import CLASSES, DIARY, LEAST_RUNS, classify, counts
from grokseed.analysis.shares import shares
from grokseed.analysis.survival import Landmark, numbers, time_to
from grokseed.config import ENGINE
from grokseed.figures import scan as plots
from grokseed.figures import times
from grokseed.records.export import write_atomically
from grokseed.records.upgrade import COLUMNS, STREAM_NAMES, upgraded_config
from grokseed.reports.early import Fitted, sentences
from grokseed.reports.pictures import markdown, remove, save
from grokseed.seeds import STREAMS

ANSWER = "answer.md"
"""What a study asked and found, in its own words: part of the README."""

EXCLUDED = "excluded.csv"
"""Seeds that were chosen by hand: no sample, and so in no rate."""

BEST, EVERY = 10, 20
"""Runs listed of a large scan; a scan of at most so many runs lists them all."""

SCREEN_CUTS = f"super above {DIARY.super_accuracy}, normal below {DIARY.normal_accuracy}"
SPEEDUP_CUTS = f"super {DIARY.super_speedup:g} times sooner, fast {DIARY.fast_speedup:g} times"

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("grokseed.reports", "templates"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
)


def load(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """A scan's runs, the points of its trajectories and its config.json.

    The runs come with their classes, as `with_classes` gives them.

    Raises:
        OSError: a file is missing.
    """
    about = json.loads((folder / "config.json").read_text("utf-8"))
    runs = pd.read_csv(folder / "runs.csv").rename(columns=COLUMNS)
    about["config"] = upgraded_config(about["config"])
    about["seeds"] = {STREAM_NAMES.get(k, k): v for k, v in about["seeds"].items()}
    if isinstance(about.get("numerics"), str):  # an earlier version's: one for all runs
        about["numerics"] = {about["numerics"]: len(runs)}
    with np.load(folder / "trajectories.npz") as arrays:
        points = pd.DataFrame({name: arrays[name] for name in arrays.files})
    points = points.rename(columns=COLUMNS)
    return with_classes(runs), points, about


def with_classes(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs with columns `screen` and `speedup`, their class by each rule, and `class`, by
    the rule that is `main_rule`."""
    rules = {"screen": classify(runs, "screen"), "speedup": classify(runs, "speedup")}
    return runs.assign(**rules, **{"class": rules[main_rule(runs)]})


def main_rule(runs: pd.DataFrame) -> str:
    """`speedup` where it applies: half of 20 runs or more are known to reach t98; else `screen`."""
    known = len(runs) >= LEAST_RUNS and not np.isnan(time_to("t98", runs).median)
    return "speedup" if known else "screen"


def report(folder: Path, commands: Sequence[str], formats: Sequence[str] = ("png",)) -> str:
    """Draw a scan's figures and write its README; the results in Markdown that reads as plain text.

    Args:
        folder: where `runs.csv`, `trajectories.npz` and `config.json` lie.
        commands: what made the runs; without any the README is left as it is.
        formats: of the figures, some of `png`, `pdf`, `svg`.

    Raises:
        ValueError: no such format.
        OSError: a file is missing or cannot be written.
    """
    runs, points, about = load(folder)
    left_out = excluded(folder)
    figures = draw(folder, runs, points, about, formats)
    text = results(runs, about["config"]["screen_step"], left_out, about.get("early", {}))
    asked = about.get("asked", {}).get("runs", 0)
    if len(runs) < asked:
        text = f"Not complete: {len(runs):,} of the {asked:,} runs asked for.\n\n{text}"
    if commands:
        readme = TEMPLATES.get_template("scan.md.j2").render(
            name=folder.resolve().name,
            answer=answer(folder),
            frozen=frozen(about),
            commands=commands,
            results=text,
            figures=[*filter(None, [times.too_few(runs)]), *markdown(figures)],
            about=about,
        )
        write_atomically(folder / "README.md", readme.encode())
    return f"{text}\nFigures: {', '.join(map(str, figures))}"


def frozen(about: Mapping[str, Any]) -> str:
    """A sentence where an earlier engine made runs, whose bits today's does not give again."""
    engines = {int(n) for name in about["numerics"] for n in re.findall(r"engine (\d+)", name)}
    if not engines or min(engines) == ENGINE:
        return ""
    commits = sorted({c["code"] for c in about.get("commands", []) if c["code"]})
    where = f" (at {', '.join(commits)})" if commits else ""
    return (
        f"Frozen: engine {min(engines)} made these runs{where}, and today's engine {ENGINE} sums "
        "in another order. To add to them, use that commit."
    )


def answer(folder: Path) -> str:
    """What a study asked and found, in its own words; empty where no study made the folder."""
    return (folder / ANSWER).read_text("utf-8").strip() if (folder / ANSWER).exists() else ""


def excluded(folder: Path) -> dict[int, str]:
    """Model seeds that no rate counts, and why: `excluded.csv`, columns `model_seed` and `reason`.

    Raises:
        OSError: the table cannot be read.
    """
    if not (folder / EXCLUDED).exists():
        return {}
    try:
        table = pd.read_csv(folder / EXCLUDED)
        return {int(row["model_seed"]): str(row["reason"]) for row in table.to_dict("records")}
    except (ValueError, KeyError) as error:
        raise OSError(f"{folder / EXCLUDED} cannot be read: {error}") from None


def results(
    runs: pd.DataFrame,
    screen_step: int,
    excluded: Mapping[int, str] = MappingProxyType({}),
    fitted: Fitted = MappingProxyType({}),
) -> str:
    """Counts of each class, the spread of times and the best runs, as Markdown.

    Args:
        runs: as `with_classes` gives them.
        screen_step: the step at which the screen rule reads the validation accuracy.
        excluded: model seeds that no rate counts, and why.
        fitted: what early rules were fitted on, as `early.sentences` takes it.
    """
    shown = _ranked(runs) if len(runs) > EVERY else runs
    rules = {"screen": f"validation accuracy at step {screen_step:,}: {SCREEN_CUTS}"}
    if main_rule(runs) == "speedup":
        rules["speedup"] = f"t98 against the scan's own median: {SPEEDUP_CUTS}"
    return TEMPLATES.get_template("results.md.j2").render(
        n=len(runs),
        lost={name: n for name in ("diverged", "stopped", "crashed") if (n := _count(runs, name))},
        rules=[
            {"name": name, "meaning": meaning, "rows": _class_rows(runs, name, excluded)}
            for name, meaning in rules.items()
        ],
        excluded=excluded,
        early=sentences(runs, fitted),
        main=main_rule(runs),
        least=LEAST_RUNS,
        times=_times(runs),
        listing="Every run" if shown is runs else f"The best {len(shown)} runs",
        screen_step=screen_step,
        runs=[_run_row(run) for run in shown.to_dict("records")],
    )


def draw(
    folder: Path,
    runs: pd.DataFrame,
    points: pd.DataFrame,
    about: dict[str, Any],
    formats: Sequence[str] = ("png",),
) -> list[Path]:
    """Draw a scan's figures; no survival curve where `times.too_few` has a sentence instead.

    Args:
        folder: where to write them.
        runs: with `points` and `about` as `load` gives them.
        formats: as `pictures.save` takes them.

    Returns:
        Their paths.

    Raises:
        ValueError: no such format.
        OSError: one cannot be written.
    """
    said = title(about["config"]["operation"], about["config"]["p"], runs)
    figures = {"accuracy": plots.accuracy(runs, points, said, about["config"]["screen_step"])}
    if times.too_few(runs):
        remove(folder / "survival")
    else:
        figures["survival"] = times.survival(runs, said)
    figures |= {
        "classes": plots.classes(runs, points, said),
        "loss_and_norm": plots.loss_and_norm(runs, points, said),
        "peak_against_time": times.peak_against_time(runs, said),
    }
    return [path for name in figures for path in save(figures[name], folder / name, formats)]


def title(operation: str, p: int, runs: pd.DataFrame) -> str:
    """The task, the number of runs and the rule of their classes: what every figure says."""
    return f"{operation} mod {p}, {len(runs):,} runs, classes by the {main_rule(runs)} rule"


def _count(runs: pd.DataFrame, status: str) -> int:
    return int(np.sum(runs["status"].to_numpy() == status))


def _class_rows(
    runs: pd.DataFrame, rule: str, excluded: Mapping[int, str]
) -> list[dict[str, object]]:
    """Rows of the table of classes; those of runs that have none only where there are any."""
    table = counts(runs, pd.Series(runs[rule]), excluded=excluded.keys())
    if rule == "speedup":  # the median is the scan's own, and has an error too
        table.update(shares(runs.loc[~runs["model_seed"].isin(list(excluded))]))
    return [
        {
            "name": name,
            "n": int(row["n"]),
            "share": "" if np.isnan(row["share"]) else f"{row['share']:.2%}",
            "interval": "" if np.isnan(row["low"]) else f"{row['low']:.2%} to {row['high']:.2%}",
        }
        for name, row in table.to_dict("index").items()
        if name in CLASSES or (name in ("undecided", "stopped") and row["n"])
    ]


def _times(runs: pd.DataFrame) -> list[dict[str, str]]:
    """For each landmark its spread over the runs: Kaplan-Meier percentiles, in steps."""
    rows = []
    # Earlier versions did not record t50: a run that got to t98 shows that it was not looked for.
    known: list[Landmark] = list(get_args(Landmark))
    if np.isnan(numbers(runs, "t50_step")).all() and not np.isnan(numbers(runs, "t98_step")).all():
        known.remove("t50")
    for name in known:
        curve = time_to(name, runs)
        high = "" if np.isinf(curve.median_high) else f"{curve.median_high:,.0f}"
        has_median = not np.isnan(curve.median)
        rows.append(
            {
                "name": name,
                "reached": f"{curve.n - curve.censored:,} of {curve.n:,}",
                **{str(q): _steps(curve.quantile(q / 100)) for q in (10, 50, 90)},
                "interval": f"{curve.median_low:,.0f} to {high}" if has_median else "",
            }
        )
    return rows


def _steps(step: float) -> str:
    return "" if np.isnan(step) else f"{step:,.0f}"


def _ranked(runs: pd.DataFrame) -> pd.DataFrame:
    """The best runs: soonest at t98, then most right at the screen step."""
    order = ["t98_step", "screen_val_accuracy"]
    return runs.sort_values(order, ascending=[True, False], kind="stable").head(BEST)


def _run_row(run: Mapping[Any, Any]) -> dict[str, str]:
    def whole(name: str) -> str:
        return "" if pd.isna(run[name]) else f"{int(run[name]):,}"

    accuracy = run["screen_val_accuracy"]
    verdict = run["class"] if run["status"] == "done" else run["status"]
    return {
        **{stream: str(run[f"{stream}_seed"]) for stream in STREAMS},
        "memorised": whole("memorised_step"),
        "t98": whole("t98_step"),
        "completed": whole("completed_step"),
        "accuracy": "" if pd.isna(accuracy) else f"{accuracy:.4f}",
        "verdict": "undecided" if pd.isna(verdict) else str(verdict),
    }
