"""The tables of the study of ladders, from the trainings' rows."""

import math
from collections.abc import Hashable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from grokseed.analysis.rates import Rate, rate
from older_documents.ladder_arms import ARMS

Row = dict[Hashable, Any]

LEVELS = {"4 examples": None, "100 examples": 20, "1,000 examples": 50, "train set": None}
"""Epochs that the document gives each level."""


def of_first_seed(rows: Sequence[Row], fault: str, training: str = "train set") -> Row | None:
    """The row of a fault's first model seed in one training."""
    own = [row for row in rows if row["fault"] == fault and row["training"] == training]
    return next((row for row in own if row["model_seed"] == 0), None)


def epochs_of(reached: Sequence[float]) -> str:
    """Epochs in order; `never` where the target was not met (NaN)."""
    met = [f"{epoch:.0f}" for epoch in sorted(epoch for epoch in reached if epoch > 0)]
    never = len(reached) - len(met)
    return ", ".join([*met, *(["never"] if never == 1 else [f"never {never} times"] * (never > 1))])


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
            named = [row["cause"] if isinstance(row["cause"], str) else "" for row in whole]
            failing = [not row["memorises"] for row in whole]
            planted = ARMS[name].planted if name in ARMS else ()
            told = [bool(set(cause.split("; ")) & set(planted)) for cause in named]
            found.append(
                {
                    "fault": name,
                    "memorised": rate(failing.count(False), len(whole)),
                    "epochs": "not asked"
                    if name in ARMS and ARMS[name].onward
                    else epochs_of([row["reached"] for row in whole]),
                    "share": np.median([row["end_right"] / row["n"] for row in whole]),
                    "loss": np.median([row["lowest_loss"] for row in whole]),
                    "rises": np.median([row["rises"] for row in whole]),
                    "causes": "; ".join(dict.fromkeys(filter(None, named))) or "none",
                    "planted": " or ".join(planted),
                    "failing": sum(failing),
                    "memorising": failing.count(False),
                    "told": sum(t and f for t, f in zip(told, failing, strict=True)),
                    "alarms": sum(bool(c) and not f for c, f in zip(named, failing, strict=True)),
                    "low": min(row["norm_low"] for row in levels),
                    "high": max(row["norm_high"] for row in levels),
                    "end": min(row["norm_last_low"] for row in whole),
                }
            )
    return found


def diagnosed(faults: Sequence[dict[str, Any]]) -> Rate:
    """Of the ladders with a fault that do not memorise, in how many it is among the causes."""
    planted = [row for row in faults if row["planted"]]
    return rate(sum(row["told"] for row in planted), sum(row["failing"] for row in planted))


def outcomes(table: pd.DataFrame) -> pd.DataFrame:
    """A row a ladder, as `older_documents.faults_figure` draws it.

    Args:
        table: as `results/ladder/ladder.csv`.
    """
    levels = table.loc[table["training"].isin(list(LEVELS))]
    rows = []
    for fault, seed in product(ARMS, levels["model_seed"].unique()):
        some = levels.loc[(levels["fault"] == fault) & (levels["model_seed"] == seed)]
        if some.empty:
            continue
        whole = some.loc[some["training"] == "train set"].iloc[0]
        causes = str(whole["cause"]).split("; ")
        planted = set(ARMS[fault].planted)
        outcome = "its fault is named" if planted & set(causes) else "another cause is named"
        outcome = outcome if planted else "no fault was planted"
        rows.append(
            {
                "fault": fault,
                "outcome": "memorised" if whole["memorises"] else outcome,
                "reached": whole["reached"],
                "right": whole["end_right"] / whole["n"],
                "norm_low": some["norm_low"].min(),
                "norm_high": some["norm_high"].max(),
            }
        )
    return pd.DataFrame(rows)
