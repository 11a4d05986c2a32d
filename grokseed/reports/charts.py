"""A study's charts for the page: data as columns, and chart specifications. No torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from grokseed.analysis.effects import WEIGHTS
from grokseed.analysis.survival import Landmark, known_landmarks, numbers, time_to
from grokseed.config import Config
from grokseed.figures.interactive import IN_LINES, explorer
from grokseed.figures.interactive_grafts import grafts
from grokseed.figures.interactive_survival import survival
from grokseed.figures.lines import has, labels
from grokseed.figures.style import STYLES
from grokseed.records.database import StoreError
from grokseed.reports.columnar import IN_POINTS, cell_columns, point_columns, run_columns, sample
from grokseed.reports.curves import counted, curves, said
from grokseed.reports.studies import Study

EFFECTS = "effects.csv"
OUTCOME = "validation accuracy at the screen step"
SHOWN = ("question", "kind", "groups", "mean", "low", "high", "n", "donors", "recipients", "p_holm")


def charts_of(study: Study, most: int) -> dict[str, Any]:
    """A study in the form of the page's script: words, data, and specifications without data.

    Args:
        study: with runs.
        most: at most this many trajectories are drawn.

    Raises:
        StoreError: the table of effects cannot be read.
    """
    assert study.scan is not None
    runs, drawn = study.scan.runs, sample(study, most)
    own = labels(runs)
    classes = {name: n for name in STYLES if (n := int((own == name).sum()))}
    points = study.scan.trajectories
    spans = {
        name: _span(points, IN_POINTS[name])
        for name in ("step", *IN_LINES)
        if has(points, IN_POINTS[name])
    }
    shown = ", ".join(f"{sum(own[drawn] == name):,} of {n:,} {name}" for name, n in classes.items())
    landmark = _landmark(counted(study))
    what, rows = curves(study)
    at_first = landmark if any(row["landmark"] == landmark for row in rows) else ""
    effects = _effects(study)
    kinds = sorted(set(cell_columns(study)["columns"]["kind"]["words"])) if effects else []
    return {
        "name": study.name,
        "question": study.question,
        "answer": study.answer,
        "config": _config(study.scan.config),
        "rule": study.scan.rule,
        "runs": run_columns(study),
        "points": point_columns(study, drawn),
        "cells": cell_columns(study) if effects else None,
        "explorer": explorer(classes, spans, landmark, f"drawn: {shown}") if spans else None,
        "survival": survival(rows, at_first or rows[0]["landmark"], what) if rows else None,
        "curves": rows,
        "said": said(study, bool(rows)),
        "grafts": grafts(effects, kinds, OUTCOME) if effects else None,
    }


def _landmark(runs: pd.DataFrame) -> Landmark:
    """The landmark shown at first: t98 if half of the runs reached it, else the most reached
    one."""
    reached: dict[Landmark, int] = {}
    for name in known_landmarks(runs):
        curve = time_to(name, runs)
        reached[name] = curve.n - curve.censored
    if 2 * reached["t98"] >= time_to("t98", runs).n:
        return "t98"
    return max(reached, key=lambda name: reached[name])


def _span(points: pd.DataFrame, column: str) -> tuple[float, float]:
    """The smallest and the largest finite value of a column."""
    values = numbers(points, column)
    values = values[np.isfinite(values)]
    return float(values.min()), float(values.max())


def _config(config: Config) -> str:
    """The task and the model of a config, in words."""
    c = config
    what = f"{c.operation} modulo {c.p}"
    if c.task == "rote":
        what = f"{c.examples:,} windows of {c.length} bytes of a text, by rote"
    return (
        f"{what}, {c.train_fraction:g} of the examples to train on; "
        f"{c.layers} block{'s' * (c.layers != 1)} of width {c.d_model}; "
        f"learning rate {c.lr:g}, weight decay {c.weight_decay:g}, batches of "
        f"{c.batch_size:,}, {c.max_steps:,} steps at most; {c.precision}"
    )


def _effects(study: Study) -> list[dict[str, Any]]:
    """Effects of weights on accuracy over all places, a row a group and kind; may be empty."""
    path = study.folder / EFFECTS
    if not (study.is_ablation and path.exists()):
        return []
    try:
        table = pd.read_csv(path.absolute())
        pooled = table["place"].isna() & (table["outcome"] == "accuracy")
        kept = table.loc[pooled & table["question"].isin(WEIGHTS), list(SHOWN)]
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    return kept.astype(object).where(kept.notna(), None).to_dict("records")
