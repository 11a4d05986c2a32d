"""The data dictionary: what every column of every checked-in table means. No torch."""

from __future__ import annotations

from dictionary.claim_columns import CLAIMS
from dictionary.experiment_columns import EXPERIMENTS
from dictionary.ladder_columns import LADDERS
from dictionary.predictor_columns import PREDICTORS
from dictionary.study_columns import STUDIES
from grokseed.records.folder import POINTS
from grokseed.records.points import KEPT_BITS, MOST_POINTS
from grokseed.records.scan_columns import SCANS

NOTES = {
    POINTS: f"At most {MOST_POINTS} points of each run, evenly spaced over its evaluations. Losses "
    f"and norms are rounded to {KEPT_BITS} binary digits, by at most 1 in {2**KEPT_BITS:,} of "
    "themselves (four decimal digits); steps and accuracies are not. A run's `digest` is of its "
    "whole trajectory, before this."
}
"""What holds for a whole table, by its file's name."""

TABLES = SCANS | EXPERIMENTS | LADDERS | STUDIES | CLAIMS | PREDICTORS
"""Every table's columns by its file's name."""


def dictionary() -> str:
    """All tables as Markdown."""
    head = "| column | type | unit | meaning | empty means |\n|---|---|---|---|---|\n"
    parts = ["# Columns\n\nWritten by `python studies/columns.py`.\n"]
    for name, columns in TABLES.items():
        note = f"{NOTES[name]}\n\n" if name in NOTES else ""
        parts.append(f"\n## {name}\n\n{note}{head}")
        parts += [
            f"| `{column}` | {c.kind} | {c.unit} | {c.meaning} | {c.empty} |\n"
            for column, c in columns.items()
        ]
    return "".join(parts)
