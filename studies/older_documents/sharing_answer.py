"""The answer of studies/sharing.py, in words and in the document's two tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from common.study import render
from diary.coins_figure import fades
from experiments.base_tables import SOONER
from grokseed.analysis.rates import Rate, rate
from grokseed.analysis.seed_shares import share_limits
from grokseed.analysis.spread import LEAST
from older_documents.sharing_grid import CELLS, EACH, LONG, MODELS, ROWS, SHORT
from older_documents.sharing_sentences import judged
from older_documents.sharing_tables import LEVEL, MOST, shapes_table

TRAININGS = {"short": SHORT, "long": LONG}
MOST_NATS = 700.0  # exp of more is no number


def columns() -> list[tuple[str, str, str]]:
    """Model, training and name of the grid's columns."""
    return [
        (model, training, f"{model[:3].capitalize()} {steps:,}")
        for training, steps in TRAININGS.items()
        for model in MODELS
    ]


def answer(found: pd.DataFrame, luck: pd.DataFrame, runs: pd.DataFrame) -> str:
    """The README, from what `grid_table` and `luck_table` give of as many cells as have runs.

    Args:
        found, luck: of these.
        runs: the trainings of the grid.
    """
    shown = [
        _column(found.loc[(found["model"] == model) & (found["training"] == training)])
        | {"name": name, "said": f"{model.capitalize()}, {training}"}
        for model, training, name in columns()
    ]
    n = found.loc[found["outcome"] == "accuracy"].groupby(["model", "cell"])["n"].min().to_dict()
    spreads = [fades(line) for line in luck.dropna(subset="p_holm").to_dict("records")]
    measured = luck.dropna(subset="early").to_dict("records")
    return render(
        "sharing",
        columns=shown,
        rows=ROWS,
        shapes=shapes_table(CELLS, ROWS).to_dict("records"),
        luck=luck.to_dict("records"),
        early=_early(measured),
        known=len(spreads),
        less=spreads.count("less"),
        more=spreads.count("more"),
        least=LEAST,
        missing=[
            f"{model} {cell} {n.get((model, cell), 0)}"
            for model in MODELS
            for cell in CELLS
            if n.get((model, cell), 0) < EACH
        ],
        sentences=judged(found, runs) if len(runs) else [],
        numerics=runs.groupby("numerics").size().to_dict() if len(runs) else {},
        known_to=_known_to(found),
        compared=len(found.dropna(subset="difference").query("outcome == 'accuracy'")),
        each=EACH,
        steps=TRAININGS,
        sooner=SOONER,
    )


def _known_to(found: pd.DataFrame) -> float:
    """The median half-width of the intervals of differences in accuracy from the baseline."""
    own = found.loc[found["outcome"] == "accuracy"]
    return float((own["difference_high"] - own["difference_low"]).median() / 2)


def _early(lines: Sequence[dict]) -> Rate:
    """The share of early runs of all models, with the limits of as many runs as there are seeds.

    All models have the same seeds, so that runs of a seed may be alike.
    """
    k, n = (sum(int(line[name]) for line in lines) for name in ("early", "n"))
    if not n:
        return rate(0, 0)
    seeds = max(int(line["n"]) for line in lines)
    low, high = share_limits(k / n, seeds, np.nan, seeds - 1)
    return Rate(k, n, k / n, low, high)


def _column(lines: pd.DataFrame) -> dict[str, object]:
    """A model's column at one training: the texts of its cells, and how these compare.

    Args:
        lines: of `grid_table`, of all three outcomes.
    """
    by_cell = {
        outcome: lines.loc[lines["outcome"] == outcome].set_index("cell").to_dict("index")
        for outcome in MOST
    }
    accuracy, loss = by_cell["accuracy"], by_cell["loss"]
    sure = {cell: line for cell, line in accuracy.items() if line["p_holm"] < LEVEL}
    tops = [cell for cell, line in accuracy.items() if line["best"] != ""]
    return {
        "accuracy": {
            cell: f"{_percent(line)} [{_perplexity(loss[cell])}]{_seeds(line)}"
            for cell, line in accuracy.items()
        },
        "pairs": {cell: _percent(line) + _seeds(line) for cell, line in by_cell["pairs"].items()},
        "tops": [
            {"cell": cell, "said": _percent(accuracy[cell]), **accuracy[cell]} for cell in tops
        ],
        "worse": [cell for cell, line in sure.items() if line["difference"] < 0],
        "better": [cell for cell, line in sure.items() if line["difference"] > 0],
    }


def _percent(line: Mapping[str, Any]) -> str:
    mean = f"{100 * line['mean']:.0f}"
    mean = f"**{mean}**" if line["best"] == "yes" else mean
    return f"{mean} ({100 * line['low']:.0f} to {100 * line['high']:.0f})"


def _perplexity(line: Mapping[str, Any]) -> str:
    """Exp of the mean loss in nats and of its limits, in three digits."""
    mean, low, high = (math.exp(min(line[name], MOST_NATS)) for name in ("mean", "low", "high"))
    return f"{mean:.3g} ({low:.3g} to {high:.3g})"


def _seeds(line: Mapping[str, Any]) -> str:
    return "" if line["n"] >= EACH else f", n {line['n']}"
