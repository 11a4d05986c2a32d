"""What study A (studies/anatomy.py) found: its answer, beside that of another task or width."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from common.study import render
from experiments.anatomy_tables import COMPONENTS, OTHERS, all_same, is_largest, same
from experiments.looks import coverage
from grokseed.figures.anatomy import in_words


def answer(
    found: pd.DataFrame,
    onset: pd.DataFrame,
    crossed: pd.DataFrame,
    about: dict,
    least: dict,
    others: pd.DataFrame,
    looked: Mapping[str, Any] | None = None,
) -> str:
    """The study's answer.

    Args:
        found, onset: the components of log t98 and of log t50.
        crossed: those of log t98 with orders crossed with splits, as planned.
        about: counts of runs, the `task`, the `levels` there are and those `planned`, the
            `option` of the command, and how many `looks` the rule has had.
        least: as `anatomy_tables.findable` gives it.
        others: as `compared` gives them.
        looked: as `anatomy_looked.looked` gives it.
    """
    rows, early, planned = (
        [{**row, "words": in_words(row["term"])} for row in terms.to_dict("records")]
        for terms in (found, onset, crossed)
    )
    beside = [{**row, "term": in_words(row["term"])} for row in others.to_dict("records")]
    return render(
        "anatomy",
        found=rows,
        crossed=planned,
        onset=max(early, key=lambda row: row["share"]),
        largest=is_largest(found, max(rows, key=lambda row: row["share"])["term"]),
        least=least,
        others=beside,
        same=all_same(others) if beside else "",
        widest=max((max(abs(row["low"]), abs(row["high"])) for row in beside), default=0),
        coverage=coverage(about["looks"]),
        looked=looked,
        **about,
    )


def compared(folder: Path, found: pd.DataFrame) -> pd.DataFrame:
    """The shares of `anatomy` beside those of a folder with another task or width, if it is one."""
    main = folder.parent / "anatomy" / COMPONENTS
    if folder.name not in OTHERS or not main.exists():
        return pd.DataFrame()
    return same(pd.read_csv(main), found)
