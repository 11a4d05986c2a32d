"""What a comparison of two folders and a trend over several share: scans, lines of text, files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis import paired, trend
from grokseed.analysis.over_seeds import FEWEST, enough
from grokseed.config import Config
from grokseed.records.export import write_atomically
from grokseed.reports.compared import Folder
from grokseed.reports.pictures import save
from grokseed.reports.templating import TEMPLATES
from grokseed.unlike import joined

NO_LIMITS = "no limits, as runs share seeds"
NO_SPREAD = (
    "This ratio has no limits and no p-value, as the times of each set, or the ratios of matched "
    "times, are all equal."
)
"""What is said of a ratio if times do not vary."""
CSV = ("quantity", "estimate", "low", "high", "n", "method")


@dataclass(frozen=True)
class Row:
    """A line of the table: what it is, its value and limits, the runs behind it, and how.

    Attributes:
        infinite: what an infinite value is called; a limit is called "no limit" by default.
    """

    quantity: str
    estimate: float
    low: float
    high: float
    n: int
    method: str
    form: str = "{:.3f}"
    infinite: str = ""

    def shown(self) -> dict[str, str]:
        low, high = (self._text(value, "no limit") for value in (self.low, self.high))
        return {
            "quantity": self.quantity,
            "estimate": self._text(self.estimate, "infinite"),
            "interval": "" if np.isnan(self.low) else f"{low} to {high}",
            "n": f"{self.n:,}",
        }

    def _text(self, value: float, infinite: str) -> str:
        if np.isnan(value):
            return "unknown"
        return self.infinite or infinite if np.isinf(value) else self.form.format(value)


def differences(folders: Sequence[Folder]) -> dict[str, list[Any]]:
    """The fields of the config that are not the same in all folders, and their values in each."""
    names = dict.fromkeys(name for folder in folders for name in folder.config)
    default = {field.name: field.default for field in fields(Config)}  # of newer fields
    values = {name: [f.config.get(name, default.get(name)) for f in folders] for name in names}
    return {name: each for name, each in values.items() if any(v != each[0] for v in each)}


def letters(folders: Sequence[Folder]) -> list[str]:
    """What each folder is called in the table: A, B, ..., Z, A26, ..."""
    return [chr(ord("A") + i) if i < 26 else f"A{i}" for i in range(len(folders))]


def limits(sets: paired.Arms | trend.Sets, usual: str) -> str:
    """How limits were made, for the table: as usual, unless runs share seeds."""
    if not sets.shared:
        return usual
    return f"limits over {joined(sets.shared)} seeds" if enough(sets.shared) else NO_LIMITS


def limits_of_fit(sets: paired.Arms | trend.Sets) -> str:
    """The same, of the fit of a model."""
    return limits(sets, "profile likelihood") if sets.varies else "no limits, as times do not vary"


def too_few(sets: paired.Arms | trend.Sets) -> str:
    """Why runs that share seeds have no limits, for a verdict."""
    return f"runs of a set share {_counted(sets.shared)}, and limits need {FEWEST} of each"


def mostly_censored(events: Sequence[int], runs: Sequence[int]) -> str:
    """What is said if fewer than half of the runs of a set reached the landmark; else empty.

    Args:
        events: runs of each set that reached it.
        runs: of each set.
    """
    if all(2 * k >= n for k, n in zip(events, runs, strict=True)):
        return ""
    return (
        " In one set more than half of the runs are censored: the ratio rests on the log-normal "
        "shape beyond the last step seen."
    )


def note(sets: paired.Arms | trend.Sets, more: str = "") -> str:
    """What the limits are over, and what has none, if runs share seeds; else empty.

    Args:
        more: goes on with what takes runs as independent.
    """
    if not sets.shared:
        return ""
    if not enough(sets.shared):
        return f"No quantity has limits: those over fewer than {FEWEST} seeds say nothing."
    return (
        f"Limits are over the {_counted(sets.shared)} that runs of a set share. Rows without "
        f"limits would take runs as independent{more}."
    )


@dataclass(frozen=True, eq=False)
class Report:
    """What a comparison or a trend found.

    Attributes:
        question: what was asked, and `said`: the verdict and the note.
        figure: draws the figure, which files alone have.
    """

    folders: Sequence[Folder]
    table: Sequence[Row]
    question: str
    said: tuple[str, str]
    figure: Callable[[], Figure]

    def text(self, names: Sequence[str], brief: bool = False) -> str:
        """Markdown that reads as plain text.

        Args:
            names: what to call the folders.
            brief: without names and verdict, which stand elsewhere.
        """
        each = letters(self.folders)
        return TEMPLATES.get_template("comparison.md.j2").render(
            names=dict(zip(each, names, strict=True)),
            differs=differences(self.folders),
            notes=[
                f"{letter}: {line}"
                for letter, folder in zip(each, self.folders, strict=True)
                for line in (*folder.notes, *folder.at_start)
            ],
            verdict=self.said[0],
            brief=brief,
            note=self.said[1],
            rows=[row.shown() for row in self.table],
        )

    def frame(self) -> pd.DataFrame:
        """The table with the columns of comparison.csv; its `attrs` have the `answer`."""
        rows = [[r.quantity, r.estimate, r.low, r.high, r.n, r.method] for r in self.table]
        made = pd.DataFrame(rows, columns=pd.Index(CSV)).set_index("quantity")
        made.attrs["answer"] = self.said[0]
        return made

    def write(self, out: Path, command: str, names: Sequence[str]) -> None:
        """Write a folder's README.md, comparison.csv and comparison.png.

        Args:
            names: as `text` takes them, without a machine's paths.

        Raises:
            OSError: a file cannot be written.
        """
        figure = self.figure()
        out.mkdir(parents=True, exist_ok=True)
        save(figure, out / "comparison")
        written = io.StringIO()
        lines = csv.writer(written, lineterminator="\n")
        lines.writerow(CSV)
        lines.writerows(
            [r.quantity, *(_cell(v) for v in (r.estimate, r.low, r.high)), r.n, r.method]
            for r in self.table
        )
        write_atomically(out / "comparison.csv", written.getvalue().encode())
        readme = TEMPLATES.get_template("compare.md.j2").render(
            name=out.resolve().name,
            question=self.question,
            verdict=self.said[0],
            command=command,
            results=self.text(names, brief=True),
            names=dict(zip(letters(self.folders), names, strict=True)),
        )
        write_atomically(out / "README.md", readme.encode())


def _counted(shared: Mapping[str, int]) -> str:
    """Numbers of seeds by source in words, such as "8 split seeds and 4 loader seeds"."""
    return joined(f"{n:,} {source} seed{'s' * (n != 1)}" for source, n in shared.items())


def _cell(value: float) -> str:
    return "" if np.isnan(value) else format(value, ".6g")
