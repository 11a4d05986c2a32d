"""What study A (studies/anatomy.py) found: its answer, beside that of another task or width."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import grokseed
from common.study import render
from experiments.anatomy_plan import of_complete
from experiments.anatomy_tables import COMPONENTS, OTHERS, all_same, is_largest, same
from experiments.looks import coverage
from grokseed.figures.anatomy import in_words

TERMS = {"order": "model:loader in split", "split_weights": "split:model"}
TERMS |= {"split": "split", "model": "model", "loader": "loader in split", "rounding": "rounding"}
"""Short names of the terms in README's findings."""


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


def match(folder: Path) -> dict[str, object]:
    """The terms of study A, the size of its design, whether the match of weights and order surely
    has the largest share, and the same of another task or width, where it is known, with the terms
    whose shares surely differ."""
    found = pd.read_csv(folder / COMPONENTS).set_index("term")
    largest = is_largest(found.reset_index(), TERMS["order"])
    runs = of_complete(grokseed.load(folder).runs)
    cells = runs[runs["graft"].isna()]
    terms = {short: found.loc[name].to_dict() for short, name in TERMS.items()}
    others = []
    for name, words in OTHERS.items():
        if (table := folder.parent / name / COMPONENTS).exists():
            there = pd.read_csv(table)
            own = there.set_index("term").to_dict("index")
            own = {short: own[term] for short, term in TERMS.items()}
            both = same(found.reset_index(), there)
            apart = [in_words(term) for term in both.loc[both["same"] == "no", "term"]]
            others.append((name, words, own, is_largest(there, TERMS["order"]), apart))
    levels = len(set(cells["split_seed"]))
    return {**terms, "largest": largest, "n": len(cells), "levels": levels, "others": others}
