"""The studies in a folder of results: question, answer, runs, and their cost. No torch.

Question and answer are those of the README, if a study wrote them. Else the answer is made from the
tables: how many runs were super and fast, and when half had generalised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grokseed.analysis.classify import without
from grokseed.analysis.dependence import why_no_limits
from grokseed.analysis.survival import numbers
from grokseed.config import Config
from grokseed.records.database import StoreError
from grokseed.records.folder import ABOUT, CELLS, POINTS, TABLE
from grokseed.reports.result import Scan, load
from grokseed.seeds import read_seeds

QUESTION = ("question",)
ANSWER = ("answer", "answer so far", "not answered yet")
HEADING = re.compile(r"^(?:#+\s*|\*\*)(?P<name>[A-Za-z ]{3,30}?)[.:?]?(?:\*\*|$)[.:]?\s*", re.M)
Seconds = Callable[[Config, float], float]


class Study(NamedTuple):
    """A folder of results.

    Attributes:
        name: the folder's, relative to the folder of all results.
        folder: its path.
        question: empty if the README has none.
        answer: the README's, or made from the tables; empty without either.
        scan: its runs; None if it holds no tables of runs.
        asked: runs that its commands asked for.
        minutes: of one core, an estimate from the steps of its runs; NaN without runs.
    """

    name: str
    folder: Path
    question: str
    answer: str
    scan: Scan | None
    asked: int
    minutes: float

    @property
    def is_ablation(self) -> bool:
        """Whether its runs are the cells of a design with grafts."""
        return (self.folder / CELLS).exists()

    def briefly(self) -> tuple[str, str]:
        """The question without notes in brackets, and the first two sentences of the answer, for a
        table; without an answer it says so."""
        question = re.sub(r"\s*\([^()]*\)$", "", self.question)
        parts = re.split(r"(?<=[.])\s", self.answer.removeprefix("- "))
        return question, " ".join(parts[:2]) or "Not answered yet."


def read_studies(results: Path, seconds: Seconds) -> list[Study]:
    """Every folder directly in `results`, and every folder below it that holds runs, by name.

    Args:
        results: the folder of all.
        seconds: gives the seconds of one core for some steps of one run of a config.

    Raises:
        StoreError: there is no such folder, a folder is damaged, or none holds a table of runs.
    """
    if not results.is_dir():
        raise StoreError(f"{results} is no folder")
    studies = [_study(results, folder, seconds) for folder in _folders(results)]
    if not any(study.scan for study in studies):
        raise StoreError(f"{results} has no folder with {TABLE} and {POINTS}")
    return studies


def _folders(results: Path) -> list[Path]:
    """Folders of studies, without hidden ones and what is below these."""
    direct = {path for path in results.iterdir() if path.is_dir()}
    found = direct | {path.parent for path in results.rglob(TABLE)} - {results}
    return sorted(p for p in found if not re.search(r"(^|/)\.", p.relative_to(results).as_posix()))


def _study(results: Path, folder: Path, seconds: Seconds) -> Study:
    scan = load(folder) if (folder / TABLE).exists() and (folder / POINTS).exists() else None
    readme = folder / "README.md"
    try:
        text = readme.read_text("utf-8") if readme.exists() else ""
        asked = json.loads((folder / ABOUT).read_text("utf-8")).get("asked", {}) if scan else {}
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder} cannot be read: {error}") from None
    question, answer = question_and_answer(text)
    minutes = float("nan")
    if scan:
        answer = answer or _found(scan, picked(str(asked.get("model", ""))))
        minutes = seconds(scan.config, float(np.nansum(numbers(scan.runs, "steps")))) / 60
    name, n = folder.relative_to(results).as_posix(), len(scan.runs) if scan else 0
    return Study(name, folder, question, answer, scan, max(asked.get("runs", 0), n), minutes)


def picked(model_seeds: str) -> bool:
    """Whether someone picked the seeds that a scan asked for: they are neither a range nor evenly
    spaced."""
    try:
        steps = np.diff(sorted(read_seeds(model_seeds)))
    except ValueError:
        return False  # none are on file
    return "," in model_seeds and (len(steps) < 2 or bool(np.any(steps != steps[0])))


def question_and_answer(readme: str) -> tuple[str, str]:
    """The question and answer of a README: its paragraphs `**Question.**` and `**Answer.**`, or
    those below headings of these names. Without them the first paragraph of prose is the answer.
    """
    sections = dict(_sections(readme))
    question = next((sections[name] for name in QUESTION if name in sections), "")
    answer = next((sections[name] for name in ANSWER if name in sections), "")
    if "not answered yet" in sections and "answer" not in sections:
        answer = f"Not answered yet. {answer}"
    return question, answer or ("" if question else _prose(readme))


def _sections(readme: str) -> Iterator[tuple[str, str]]:
    """Each named paragraph: the name in small letters, and its text up to an empty line."""
    found = list(HEADING.finditer(readme))
    for match in found:
        paragraph = readme[match.end() :].lstrip("\n").split("\n\n")[0]
        yield match["name"].strip().lower(), _plain(paragraph)


def _prose(readme: str) -> str:
    """The first paragraph that is not a heading, list, table, code or a line on how runs were
    made."""
    for paragraph in re.split(r"\n\s*\n", readme):
        text = paragraph.strip()
        made = text.startswith(("Made by", "Made with")) or re.match(r"[\d,]+ runs\b", text)
        if text and text[0] not in "#`|-*!<>" and not made:
            return _plain(text) if len(text.split()) > 5 else ""
        if text.startswith("```") or made:
            return ""
    return ""


def _plain(paragraph: str) -> str:
    """A Markdown paragraph as one line of text, without link addresses and marks of emphasis."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", paragraph)
    return " ".join(re.sub(r"\*\*|`", "", text).split())


def _found(scan: Scan, chosen: bool) -> str:
    """An answer from the tables, in a sentence or two; without rates if the seeds were chosen. A
    rate without an interval says why it has none.

    A text has no rule to find: of such runs it says how many memorised.
    """
    counted = without(scan.runs, scan.excluded.keys())
    if len(scan.runs) and not len(counted):
        return f"The seeds of all {len(scan.runs):,} runs were chosen by hand: no rate counts them."
    if scan.config.task == "rote":
        curve = scan.survival("memorised")
        of = f"{curve.n - curve.censored:,} of {curve.n:,} runs memorised"
        return f"{of}." if np.isnan(curve.median) else f"{of}, half by step {curve.median:,.0f}."
    table = scan.rates()
    done = int(table["n"].sum() - table.loc[["diverged", "crashed"], "n"].sum())
    if not done:
        return f"None of {len(scan.runs):,} runs gave a result."
    why, parts = why_no_limits(counted), []
    for name, row in table.loc[["super", "fast"]].astype(object).iterrows():
        limits = f", {row['low']:.2%} to {row['high']:.2%}" if row["low"] == row["low"] else ""
        share = f" ({row['share']:.2%}{limits})"
        parts.append(f"{row['n']:,} {name}{'' if chosen else share}")
    none = f" (no interval: {why})" if why else ""
    unsure = "" if chosen or table.loc["super", "low"] >= 0 else none
    of = f"Of {done:,} runs {' and '.join(parts)}, by the {scan.rule} rule{unsure}."
    of += " The seeds were chosen, so these are no rates." * chosen
    curve = scan.survival()
    if np.isnan(curve.median):
        return f"{of} {curve.n - curve.censored:,} of {curve.n:,} reached t98."
    high = f"{curve.median_high:,.0f}" if np.isfinite(curve.median_high) else "unknown"
    known = f" ({curve.median_low:,.0f} to {high})"
    span = known if curve.median_low >= 0 else "" if unsure else none
    return f"{of} Half reached t98 by step {curve.median:,.0f}{span}."
