"""The data dictionary: what every column of every checked-in table means. No torch."""

from __future__ import annotations

from grokseed.records.claim_columns import CLAIMS
from grokseed.records.experiment_columns import EXPERIMENTS
from grokseed.records.ladder_columns import LADDERS
from grokseed.records.scan_columns import SCANS
from grokseed.records.study_columns import STUDIES

TABLES = SCANS | EXPERIMENTS | LADDERS | STUDIES | CLAIMS
"""Every table's columns by its file's name."""


def dictionary() -> str:
    """All tables as Markdown."""
    head = "| column | type | unit | meaning | empty means |\n|---|---|---|---|---|\n"
    parts = ["# Columns\n\nWritten by `python studies/columns.py`.\n"]
    for name, columns in TABLES.items():
        parts.append(f"\n## {name}\n\n{head}")
        parts += [
            f"| `{column}` | {c.kind} | {c.unit} | {c.meaning} | {c.empty} |\n"
            for column, c in columns.items()
        ]
    return "".join(parts)
