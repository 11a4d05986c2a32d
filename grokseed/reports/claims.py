"""The table of claims: what others reported, the result here, and a verdict on each. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from grokseed.records.database import StoreError
from grokseed.reports.csv_rows import read_rows

TABLE = "claims.csv"

COLUMNS = (
    "claim",
    "source",
    "figure",
    "figure_low",
    "figure_high",
    "ours",
    "ours_low",
    "ours_high",
    "n",
    "units",
    "of",
    "detectable",
    "preset",
    "numerics",
    "folder",
    "verdict",
)

NUMBERS = ("figure", "figure_low", "figure_high", "ours", "ours_low", "ours_high", "n", "units")
NUMBERS += ("detectable",)
"""Columns of numbers, some of which may be other text."""

VERDICTS = ("holds", "holds in part", "does not hold", "cannot tell at this n")

OWN = "asked by this project"
"""The source of a question that the project itself asked."""

LOOKED = "found by looking"
"""What a claim says if it, its rule or a part of it was thought of after runs had been seen."""

PLANNED, FOUND = "Planned", "Found by looking"
"""Headings of the two kinds of own questions."""

PAPERS = "arXiv"
"""How the source of a published claim begins."""

RULES = (
    "A rate holds if our interval lies within a factor of two of theirs, or within theirs, and "
    "does not hold if it lies wholly outside. A ratio does so too, but holds in part if our "
    "interval leaves theirs out. A rule of all runs holds if the lower limit is 90 % "
    "or more, holds in part if it is over half, and does not hold if the upper limit is below "
    "half. Other claims name their cut. What lies between cannot be told. Where the source is "
    'this project, "theirs" is the cut of the study, if it has one. The smallest effect is one '
    "that 80 % of such studies find; where there is none, the interval bounds the effect."
)
"""How a verdict follows from a row."""

NO_CLAIM = 'Here "does not hold" refutes nobody: it answers a question that this project asked.'
"""What stands above the project's own questions."""

Claim = dict[str, str]
"""`COLUMNS` as text, and `theirs`, `here`: a number with its interval; `sample`: runs and units;
`least`: the smallest effect found with 80 % power."""

Row = Mapping[str, Any]
"""A claim with what a page adds to it."""


class Section(NamedTuple):
    """Claims of one source, or of all papers together.

    Attributes:
        title: its heading.
        own: whether these are the project's own questions.
        parts: claims by the heading of a part; a section that is not divided has "" for it.
    """

    title: str
    own: bool
    parts: dict[str, list[Row]]


def sections(claims: Sequence[Row]) -> list[Section]:
    """Claims by source: others' as their sources first appear, then papers, then own questions.

    Own questions have two parts: planned ones, and those that say that they were found by looking.
    Inside a part claims without a number of ours come last.
    """
    by_title: dict[str, list[Row]] = {}
    for claim in sorted(claims, key=lambda claim: _rank(claim["source"])):
        by_title.setdefault(_title(claim["source"]), []).append(claim)
    made = []
    for title, rows in by_title.items():
        rows.sort(key=lambda claim: not claim["ours"])
        own = rows[0]["source"] == OWN
        made.append(Section(title, own, _by_plan(rows) if own else {"": rows}))
    return made


def _rank(source: str) -> int:
    return 2 if source == OWN else int(source.startswith(PAPERS))


def _title(source: str) -> str:
    if source == OWN:
        return "Questions of this project"
    return "Published papers" if source.startswith(PAPERS) else source[:1].upper() + source[1:]


def _by_plan(rows: Sequence[Row]) -> dict[str, list[Row]]:
    parts: dict[str, list[Row]] = {PLANNED: [], FOUND: []}
    for claim in rows:
        parts[FOUND if LOOKED in claim["claim"] else PLANNED].append(claim)
    return {name: some for name, some in parts.items() if some}


def counted(claims: Sequence[Row]) -> str:
    """How many claims have each verdict, in words: `holds: 3, ...`."""
    counts = {name: sum(claim["verdict"] == name for claim in claims) for name in VERDICTS}
    return ", ".join(f"{name}: {n}" for name, n in counts.items() if n)


def read_claims(results: Path) -> list[Claim] | None:
    """The rows of `claims.csv` in the folder of all results, in their order; None without one.

    Raises:
        StoreError: it cannot be read, lacks a column, or has a verdict that is not in `VERDICTS` or
            a number that is not finite.
    """
    path = results / TABLE
    if not path.exists():
        return None
    rows = read_rows(path, COLUMNS)
    return [_claim(path, line, row) for line, row in enumerate(rows, 2)]


def _claim(path: Path, line: int, row: dict) -> Claim:
    if None in row or None in row.values():
        raise StoreError(f"{path}, row {line}: not {len(COLUMNS)} cells")
    claim = {name: " ".join(row[name].split()) for name in COLUMNS}
    if claim["verdict"] not in VERDICTS:
        raise StoreError(
            f"{path}, row {line}: verdict {claim['verdict'][:40]!r}: one of {', '.join(VERDICTS)}"
        )
    if wrong := [name for name in NUMBERS if not _is_finite(claim[name])]:
        raise StoreError(f"{path}, row {line}: {wrong[0]} {claim[wrong[0]]!r} is not finite")
    figures = {"theirs": _figure(claim, "figure"), "here": _figure(claim, "ours")}
    return claim | figures | {"sample": _sample(claim), "least": _short(claim["detectable"])}


def _is_finite(text: str) -> bool:
    """Whether a cell is a finite number, or other text: some figures are words."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True


def _sample(claim: Claim) -> str:
    """The runs, and in brackets the independent units behind the interval if these are fewer."""
    n, units = _short(claim["n"]), _short(claim["units"])
    return f"{n} ({units} {claim['of']})" if claim["of"] and units != n else n


def _figure(claim: Claim, name: str) -> str:
    """A number with its interval: `0.29 (0.11 to 0.63)`; a dash if there is none."""
    value, low, high = (_short(claim[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if not value:
        return "–"  # noqa: RUF001
    return f"{value} ({low or '?'} to {high or '?'})" if low or high else value


def _short(text: str) -> str:
    """A number in four digits; other text as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:,.0f}" if number == int(number) else f"{number:.4g}"
