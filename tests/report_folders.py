"""A folder of results for tests of the report: two small studies, a table of claims, odd text."""

import csv
import shutil
from pathlib import Path

from grokseed.reports.claims import COLUMNS

RESULTS = Path(__file__).parents[1] / "results"
SCAN, GRAFTS = "mini_eager", "graft_42_56"
ODD = "<b>5 % & more</b> | won </script>"

CLAIMS = [
    ["super seeds are rare", "diary", "0.0086", "0.0052", "0.0137", "0.0029", "0.0011", "0.0063"],
    [ODD, "note 001", "130000", "", "", "130400", "", ""],
    ["lucky early", "note 002", "", "", "", "", "", ""],
]
ENDS = [
    [
        "2073",
        "24",
        "pairs",
        "",
        "mini",
        "fp32",
        f"results/{SCAN},results/{GRAFTS}",
        "holds in part",
    ],
    ["1", "1", "seeds", "0.5", "", "", "no_such_folder", "holds"],
    ["8", "", "", "", "mini", "fp32", "", "cannot tell at this n"],
]


def folder_of_results(where: Path, claims: bool = True) -> Path:
    """`where`, with a scan, an ablation, a folder without runs, and `claims.csv` if wanted."""
    for name in (SCAN, GRAFTS):
        shutil.copytree(RESULTS / name, where / name, ignore=shutil.ignore_patterns("*.png"))
    (where / "notes").mkdir()
    (where / "notes" / "README.md").write_text(f"# notes\n\n**Question.** Is it {ODD}?\n")
    (where / "LOG.md").write_text("# Log\n")
    if claims:
        with (where / "claims.csv").open("w", newline="") as file:
            rows = [[*start, *end] for start, end in zip(CLAIMS, ENDS, strict=True)]
            csv.writer(file).writerows([COLUMNS, *rows])
    return where
