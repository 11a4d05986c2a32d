"""Whether one set of runs is sooner than another, from their exported tables: table and verdict."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis import paired, wins
from grokseed.analysis.hazard import Hazard, hazard
from grokseed.analysis.seeds_needed import Spread, seeds_needed, smallest_ratio, spreads
from grokseed.analysis.survival import Landmark
from grokseed.figures.compare import comparison_figure
from grokseed.records.export import write_atomically
from grokseed.reports.scan import load, save
from grokseed.reports.templating import TEMPLATES

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
        ValueError: it holds no scan's tables, or damaged ones, or grafted runs.
    """
    try:
        runs, _, about = load(folder)
    except FileNotFoundError as error:
        raise ValueError(f"{folder} holds no {Path(str(error.filename)).name}") from None
    except Exception as error:  # json, csv, zip and numpy each raise their own
        raise ValueError(f"{folder}: its tables cannot be read: {error!r}") from None
    if "graft" in runs and bool(np.any(runs["graft"].notna())):
        raise ValueError(f"{folder} holds grafted runs: four seeds do not name one")
    try:
        found = paired.outcome(runs, landmark)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from None
    if not len(found):
        raise ValueError(f"{folder} holds no run that trained")
    return Folder(str(folder), found, about["config"])


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that is said of two sets; without two runs of each that got there no `fit`, `needs`."""

    arms: paired.Arms
    fit: paired.Paired | None
    hazard: Hazard
    needs: Mapping[str, Spread] | None


def compare(a: Folder, b: Folder, landmark: Landmark) -> Comparison:
    """Compare two scans.

    Raises:
        ValueError: no run of either reached the landmark.
    """
    arms = paired.pair(a.outcome, b.outcome)
    if not sum(arms.events):
        raise ValueError(
            f"no run of {a.name} or {b.name} reached {landmark}: try another --landmark"
        )
    fit = paired.fit(arms) if min(arms.events) >= 2 else None
    known = fit is not None and np.isfinite(fit.se)
    return Comparison(arms, fit, hazard(arms), spreads(fit) if fit and known else None)


def rows(found: Comparison) -> list[Row]:
    """The table of a comparison."""
    arms, fit = found.arms, found.fit
    runs, pairs, nan = sum(arms.n), int(arms.matched.sum()), float("nan")
    table = []
    if fit:
        method = "censored bivariate log-normal fit, profile likelihood"
        table.append(
            Row("time ratio, B over A", fit.ratio, fit.ratio_low, fit.ratio_high, runs, method)
        )
        table.append(Row("its p-value", fit.p, nan, nan, runs, method, "{:.2g}"))
    cox = found.hazard
    table += [
        Row("hazard ratio, B over A", cox.ratio, cox.low, cox.high, runs, "Cox, Efron's ties"),
        Row("log-rank p-value", cox.p, nan, nan, runs, "log-rank, runs unmatched", "{:.2g}"),
    ]
    for name, win, method in (
        ("B wins on a matched seed", wins.matched(arms), "Gehan's scores, Wilson's interval"),
        ("B wins on an unmatched one", wins.unmatched(arms), "Gehan's scores, Newcombe's interval"),
    ):
        if win.n:
            n = pairs if name.endswith("matched seed") else win.n
            table.append(Row(name, win.share, win.low, win.high, n, method, "{:.1%}"))
    if fit and fit.matched:
        method = "correlation of the bivariate fit, profile likelihood"
        table.append(Row("variance the match removes", *fit.removed, fit.matched, method, "{:.0%}"))
    if fit and found.needs:
        for kind, spread in found.needs.items():
            table.append(_needed(kind, spread, fit))
    return table


def verdict(found: Comparison, landmark: Landmark) -> str:
    """One paragraph: is B sooner, or is it luck?"""
    arms, fit = found.arms, found.fit
    reached = (
        f"{arms.events[0]:,} of {arms.n[0]:,} runs of A and {arms.events[1]:,} of {arms.n[1]:,} "
        f"of B reached {landmark}; {int(arms.matched.sum()):,} seeds are matched."
    )
    if fit is None:
        return (
            f"{reached} A time ratio needs two runs of each that did, so none is given. "
            f"The log-rank test's p-value is {found.hazard.p:.2g}."
        )
    interval = f"95 %: {fit.ratio_low:.3f} to {fit.ratio_high:.3f}"
    if fit.ratio_high < 1 or fit.ratio_low > 1:
        word = "sooner" if fit.ratio < 1 else "later"
        answer = f"B is {word} than A: it takes {fit.ratio:.3f} times A's steps ({interval})."
    else:
        answer = (
            f"These runs cannot tell B from A: the time ratio is {fit.ratio:.3f} ({interval}), "
            "and 1 lies within."
        )
        if found.needs:
            spread = next(iter(found.needs.values()))
            least = smallest_ratio(spread, fit.n)
            answer += (
                f" The smallest ratio that {fit.n:,} {'matched ' * spread.matched}seeds show with "
                f"80 % power is {least:.3f}, or {1 / least:.3f} the other way."
            )
    if any(2 * k < n for k, n in zip(arms.events, arms.n, strict=True)):
        answer += (
            " In one set more than half of the runs are censored: the ratio rests on the "
            "log-normal shape beyond the last step seen."
        )
    return f"{answer} {reached}"


def differences(folders: Sequence[Folder]) -> dict[str, list[Any]]:
    """The fields of the config that are not the same in all folders, and their values in each."""
    names = dict.fromkeys(name for folder in folders for name in folder.config)
    values = {name: [folder.config.get(name) for folder in folders] for name in names}
    return {name: each for name, each in values.items() if any(v != each[0] for v in each)}


def report(
    folders: Sequence[Folder], found: Comparison, landmark: Landmark, out: Path | None, command: str
) -> str:
    """What a comparison found, in Markdown that reads as plain text; written to `out` too.

    Raises:
        OSError: a file cannot be written.
    """
    table = rows(found)
    text = TEMPLATES.get_template("comparison.md.j2").render(
        names=dict(zip("AB", (folder.name for folder in folders), strict=True)),
        differs=differences(folders),
        verdict=verdict(found, landmark),
        rows=[row.shown() for row in table],
    )
    if out:
        figure = comparison_figure(found.arms, found.fit, found.needs, landmark)
        write(out, text, table, figure, command)
    return text


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


def _needed(kind: str, spread: Spread, fit: paired.Paired) -> Row:
    """Seeds for 80 % power at the ratio seen, and at the ends of its interval."""
    ends = [fit.ratio_low, fit.ratio_high]
    far = max(ends, key=lambda ratio: abs(np.log(ratio)))
    near = 1.0 if fit.ratio_low <= 1 <= fit.ratio_high else min(ends, key=lambda r: abs(np.log(r)))
    n = [
        float(seeds_needed(spread, ratio) or np.inf) if ratio != 1 else np.inf
        for ratio in (fit.ratio, far, near)
    ]
    name = f"{kind} seeds a set needs"
    method = "80 % power, t-test at 5 %, at the ratio and at the ends of its interval"
    return Row(name, n[0], n[1], n[2], fit.n, method, "{:,.0f}")


def _cell(value: float) -> str:
    return "" if np.isnan(value) else format(value, ".6g")
