"""The tables and the answer of the study of ladders, from the trainings' rows."""

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from study import render

from grokseed.analysis.rates import rate

Row = dict[Hashable, Any]

LEVELS = {"4 examples": None, "100 examples": 20, "1,000 examples": 50, "train set": None}
"""Epochs that the document gives each level."""


def by_level(base: Sequence[Row]) -> list[dict[str, Any]]:
    """Of `mini` without a fault, by level: epochs to the target, and how many met it in time."""
    rows = []
    for name, given in LEVELS.items():
        own = [row["reached"] for row in base if row["training"] == name]
        reached = [math.inf if math.isnan(epoch) else epoch for epoch in own]
        met = rate(sum(epoch < math.inf for epoch in reached), len(own))
        in_time = rate(sum(epoch <= given for epoch in reached), len(own)) if given else None
        epochs = float(np.median(reached)), min(reached), max(reached)
        rows.append({"name": name, "met": met, "epochs": epochs, "given": given})
        rows[-1]["in_time"] = in_time
    return rows


def by_rate(base: Sequence[Row]) -> list[dict[str, Any]]:
    """Of the sweep, by rate: the median over seeds of the lowest loss, and how often it is best."""
    losses: dict[float, dict[int, float]] = {}
    for row in base:
        if row["training"] not in LEVELS:
            losses.setdefault(row["rate"], {})[row["model_seed"]] = row["lowest_loss"]
    seeds = {row["model_seed"] for row in base}
    best = [min(losses, key=lambda r: losses[r][seed]) for seed in seeds]
    return [
        {"rate": r, "loss": np.median(list(own.values())), "best": best.count(r), "n": len(seeds)}
        for r, own in sorted(losses.items())
    ]


def by_fault(rows: Sequence[Row], faults: Sequence[str]) -> list[dict[str, Any]]:
    """A row a fault: its whole train set, the causes named, and the gradients of all levels."""
    found = []
    for name in faults:
        levels = [row for row in rows if row["fault"] == name and row["training"] in LEVELS]
        if whole := [row for row in levels if row["training"] == "train set"]:
            reached = [f"{row['reached']:.0f}" for row in whole if row["reached"] > 0]
            causes = dict.fromkeys(row["cause"] for row in whole if isinstance(row["cause"], str))
            found.append(
                {
                    "fault": name,
                    "memorised": rate(sum(bool(row["memorises"]) for row in whole), len(whole)),
                    "epochs": ", ".join(reached) or "never",
                    "share": np.median([row["end_right"] / row["n"] for row in whole]),
                    "loss": np.median([row["lowest_loss"] for row in whole]),
                    "rises": np.median([row["rises"] for row in whole]),
                    "causes": "; ".join(causes) or "none",
                    "low": min(row["norm_low"] for row in levels),
                    "high": max(row["norm_high"] for row in levels),
                    "end": min(row["norm_last_low"] for row in whole),
                }
            )
    return found


def answer(table: pd.DataFrame, faults: Sequence[str]) -> str:
    """The README of a table of ladders.

    Args:
        table: as `results/ladder/ladder.csv`.
        faults: all that are asked for, in order.
    """
    rows = table.to_dict("records")
    base = [row for row in rows if row["fault"] == "none"]
    return render(
        "ladder",
        levels=by_level(base),
        rates=by_rate(base),
        faults=by_fault(rows, faults),
        missing=[name for name in faults if name not in {row["fault"] for row in rows}],
        numerics=sorted({row["numerics"] for row in rows}),
    )
