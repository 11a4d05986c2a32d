"""Which heading of results/README.md each study is below: writes results/groups.csv.

    python studies/groups.py

This is the one place that says so. The report reads the file (`grokseed/reports/groups.py`); a test
fails if a folder of results/ has no group.
"""

import csv
import io
from pathlib import Path

from grokseed.records.export import write_atomically
from grokseed.reports.groups import COLUMNS, TABLE

OUT = Path("results") / TABLE

GROUPS = {
    "How large luck is": (
        "mini_generalise",
        "mini_screen",
        "rates",
        "coins",
        "base_scan",
        "base_search",
        "base_add",
        "base_add_search",
    ),
    "Which luck it is": (
        "anatomy",
        "anatomy_add",
        "anatomy_wide",
        "common_order",
        "transport",
        "transport_add",
        "basin",
        "basin_parts",
        "subsets",
        "graft_mini",
        "readable",
        "readable_doses",
    ),
    "When luck is settled, and what shows it": (
        "commitment",
        "commitment_more",
        "visible",
        "attention_norm",
        "signatures",
        "laws",
    ),
    "What can be done with it": ("weight_decay", "search", "early", "early_fresh"),
    "The diary's runs and questions": (
        "diary_oracle",
        "diary_scan",
        "diary_loader8",
        "loaders_of_42",
        "models_of_split_0",
        "graft_42_56",
        "graft_pairs",
        "val_shuffle",
    ),
    "Older documents": ("ladder", "readouts", "sharing"),
    "Method and speed": ("power", "search_mini", "mini_eager", "mini_bf16", "speed"),
}
"""The folders of each group, both in the order of the page. A folder may be one still to come."""


def text() -> str:
    """The table as csv: a row a folder."""
    rows = [(name, group) for group, names in GROUPS.items() for name in names]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    return out.getvalue()


if __name__ == "__main__":
    write_atomically(OUT, text().encode())
