"""What the older documents 000 to 003 claim, row by row, and which of it holds.

    python studies/documents.py

It writes results/documents.md from templates/documents.md.j2. Verdicts and numbers that rest on
trainings are put in from the tables of results/readouts, results/sharing and results/ladder, so
that a row never contradicts its study; it trains nothing. The arithmetic of the other
rows is written in the template, and checked by tests/analysis/.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

import ladder
import readouts
import sharing
from common.study import render
from grokseed.analysis.rates import rate
from grokseed.records.export import write_atomically
from older_documents import ladder_answer
from older_documents.ladder_arms import ARMS
from older_documents.sharing_sentences import judged

OUT = Path("results/documents.md")
SCAN = Path("results/mini_generalise")
UNTRAINED = "not tested yet: its arms are still to be trained"

Said = Mapping[str, str]


def judgments() -> list[Said]:
    """Every judged sentence of the three studies: `sentence`, `verdict`, `by`."""
    folder = readouts.OUT
    table = pd.read_csv(folder / "readouts.csv")
    runs = {arm: pd.read_csv(folder / arm / "runs.csv") for arm in table["arm"]}
    of_readouts = readouts.judged(runs, table, pd.read_csv(folder / "contrasts.csv"))
    of_sharing = judged(pd.read_csv(sharing.OUT / "grid.csv"), sharing.read())
    of_ladder = ladder_answer.judged(pd.read_csv(ladder.OUT / "ladder.csv"), list(ARMS))
    return [*of_readouts, *of_sharing, *of_ladder]


class Rows:
    """What the rows of the template ask for. Every answer is counted as used.

    Attributes:
        found: of `judgments`.
        used: the sentences that rows have asked for.
    """

    def __init__(self, found: Sequence[Said]) -> None:
        self.found = found
        self.used: set[str] = set()

    def said(self, start: str) -> str:
        """Verdict and ground of the sentence that begins so; or that it is not tested yet.

        Raises:
            ValueError: several sentences begin so.
        """
        found = [one for one in self.found if one["sentence"].startswith(start)]
        if len(found) > 1:
            raise ValueError(f"{len(found)} sentences begin with {start!r}")
        if not found:
            return UNTRAINED
        self.used.add(found[0]["sentence"])
        return f"{found[0]['verdict']}: {found[0]['by']}"

    def unused(self) -> list[str]:
        """Judged sentences that no row shows."""
        return [one["sentence"] for one in self.found if one["sentence"] not in self.used]


def counts(arm: str) -> str:
    """How many runs of an arm of the readouts memorise, with the interval."""
    table = pd.read_csv(readouts.OUT / "readouts.csv").set_index("arm")
    found = rate(*(int(x) for x in table.loc[arm, ["memorised", "n"]].tolist()))
    return f"{found.k} of {found.n} ({100 * found.low:.0f} to {100 * found.high:.0f} %)"


def epochs(arm: str) -> str:
    """The median epoch of memorising of an arm of the readouts."""
    table = pd.read_csv(readouts.OUT / "readouts.csv").set_index("arm")
    return f"{float(table.loc[arm, 'median']) / readouts.config(arm).steps_per_epoch:.0f}"


def cells(cell: str) -> str:
    """Accuracies of a row of the grid against the baseline's, at the end of the long training."""
    table = pd.read_csv(sharing.OUT / "grid.csv")
    long = table.loc[(table["training"] == "long") & (table["outcome"] == "accuracy")]
    parts = []
    for model in sharing.MODELS:
        means = long.loc[long["model"] == model].set_index("cell")["mean"]
        if cell in means:
            own, base = (100 * means[name] for name in (cell, "baseline"))
            parts.append(f"{model} {own:.0f} % right, baseline {base:.0f} %")
    return "; ".join(parts) or UNTRAINED


def later() -> str:
    """The median ratio of t98 to the step of memorising, of the runs that have both."""
    runs = pd.read_csv(SCAN / "runs.csv")
    ratio = (runs["t98_step"] / runs["memorised_step"]).dropna()
    return f"{ratio.median():.1f} times the steps of memorising (median of {len(ratio)} runs)"


def document() -> tuple[str, Rows]:
    """The text of results/documents.md, and what its rows used."""
    rows = Rows(judgments())
    tally = Counter(one["verdict"] for one in rows.found).most_common()
    asked = {"said": rows.said, "counts": counts, "epochs": epochs, "cells": cells, "later": later}
    return render("documents", tally=tally, **asked), rows


def main() -> None:
    text, rows = document()
    write_atomically(OUT, text.encode())
    for sentence in rows.unused():
        print(f"no row has: {sentence}")


if __name__ == "__main__":
    main()
