"""The answer of the study of ladders, in words and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from common.study import render
from grokseed.analysis.rates import rate
from older_documents.ladder_arms import ARMS
from older_documents.ladder_blockers import of_faults
from older_documents.ladder_sentences import of_gradients, of_levels, of_rates
from older_documents.ladder_tables import by_fault, by_level, by_rate, diagnosed


def judged(table: pd.DataFrame, faults: Sequence[str]) -> list[dict[str, str]]:
    """The guide's sentences, their verdicts and what these rest on: `sentence`, `verdict`, `by`.

    Args:
        table: as `results/ladder/ladder.csv`.
        faults: all that are asked for, in order.
    """
    rows = table.to_dict("records")
    found = by_fault(rows, faults)
    said = [*of_levels(rows), *of_gradients(rows), *of_rates(rows), *of_faults(rows, found)]
    return [dict(zip(("sentence", "verdict", "by"), one, strict=True)) for one in said]


def answer(table: pd.DataFrame, faults: Sequence[str]) -> str:
    """The README of a table of ladders.

    Args:
        table: as `results/ladder/ladder.csv`.
        faults: all that are asked for, in order.
    """
    rows = table.to_dict("records")
    base = [row for row in rows if row["fault"] == "none"]
    found = by_fault(rows, faults)
    done = Counter(row["fault"] for row in rows if row["training"] == "train set")
    return render(
        "ladder",
        levels=by_level(base),
        rates=by_rate(base),
        faults=found,
        named=diagnosed(found),
        alarms=rate(*(sum(row[name] for row in found) for name in ("alarms", "memorising"))),
        sentences=judged(table, faults),
        missing=[
            f"{name} ({done[name]} of {ARMS[name].seeds} seeds)"
            for name in faults
            if done[name] < ARMS[name].seeds
        ],
        numerics=sorted({row["numerics"] for row in rows}),
    )
