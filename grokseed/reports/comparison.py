"""What comparisons of folders share: a scan as it is compared, a line of the table, the files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis import paired
from grokseed.analysis.survival import Landmark
from grokseed.config import Config
from grokseed.records.database import DATABASE
from grokseed.records.export import write_atomically
from grokseed.records.folder import TABLE
from grokseed.reports.pictures import save
from grokseed.reports.result import load
from grokseed.reports.templating import TEMPLATES

NO_LIMITS = "no limits, as runs share seeds"
CSV = ("quantity", "estimate", "low", "high", "n", "method")


@dataclass(frozen=True, eq=False)
class Folder:
    """A scan as it is compared.

    Attributes:
        name: what to call it.
        outcome: as `paired.outcome` gives it.
        config: its fields.
    """

    name: str
    outcome: pd.DataFrame
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A line of the table: what it is, its value and limits, the runs behind it, and how."""

    quantity: str
    estimate: float
    low: float
    high: float
    n: int
    method: str
    form: str = "{:.3f}"

    def shown(self) -> dict[str, str]:
        interval = "" if np.isnan(self.low) else f"{self.text(self.low)} to {self.text(self.high)}"
        return {
            "quantity": self.quantity,
            "estimate": self.text(self.estimate),
            "interval": interval,
            "n": f"{self.n:,}",
        }

    def text(self, value: float) -> str:
        if np.isnan(value):
            return "unknown"
        return "no limit" if np.isinf(value) else self.form.format(value)


def read(folder: Path, landmark: Landmark) -> Folder:
    """A scan's folder, from its tables alone.

    Raises:
        StoreError: it holds no scan's tables, or damaged ones.
        ValueError: its runs are grafted, or none trained.
    """
    if not (folder / TABLE).exists() and not (folder / DATABASE).exists():
        raise ValueError(f"{folder} holds no scan")
    scan = load(folder)
    runs = scan.runs
    if "graft" in runs and bool(np.any(runs["graft"].notna())):
        raise ValueError(f"{folder} holds grafted runs: four seeds do not name one")
    try:
        found = paired.outcome(runs, landmark)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from None
    if not len(found):
        raise ValueError(f"{folder} holds no run that trained")
    return Folder(str(folder), found, asdict(scan.config))


def differences(folders: Sequence[Folder]) -> dict[str, list[Any]]:
    """The fields of the config that are not the same in all folders, and their values in each."""
    names = dict.fromkeys(name for folder in folders for name in folder.config)
    default = {field.name: field.default for field in fields(Config)}  # of newer fields
    values = {name: [f.config.get(name, default.get(name)) for f in folders] for name in names}
    return {name: each for name, each in values.items() if any(v != each[0] for v in each)}


def listed(words: Iterable[str]) -> str:
    """Such as "split and loader", of one word or more."""
    *some, last = words
    return f"{', '.join(some)} and {last}" if some else last


def counted(shared: Mapping[str, int]) -> str:
    """Numbers of seeds by source in words, such as "8 split seeds and 4 loader seeds"."""
    return listed(f"{n:,} {source} seed{'s' * (n != 1)}" for source, n in shared.items())


def write(out: Path, text: str, table: Sequence[Row], figure: Figure, command: str) -> None:
    """Write a folder's README.md, comparison.csv and comparison.png.

    Raises:
        OSError: a file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(CSV)
    lines.writerows(
        [r.quantity, *(_cell(v) for v in (r.estimate, r.low, r.high)), r.n, r.method] for r in table
    )
    write_atomically(out / "comparison.csv", written.getvalue().encode())
    save(figure, out / "comparison")
    readme = TEMPLATES.get_template("compare.md.j2").render(
        name=out.resolve().name, command=command, results=text
    )
    write_atomically(out / "README.md", readme.encode())


def _cell(value: float) -> str:
    return "" if np.isnan(value) else format(value, ".6g")
