"""Which runs of a scan that was stopped count, and how a study says how many there are.

A scan stores a run when it ends, and early runs end first. If the scan is stopped, only the early
ones of the runs in training are stored: with them, there would be too many wins. So only the runs
before the first missing one count, in the order in which they are trained. A study shuffles this
order by a fixed seed, or uses seeds in rising order, so that these runs are a random sample of all.
The last few are not quite: a run that was in training counts if it had ended, and all before it.
On CPUs a worker starts the 16 runs of a chunk together, and the next chunk when all have ended. Of
a whole study on two workers that gives up to half a win too many, where all stored runs give up to
4; both are means of simulated scans, at rates of wins from 0.1 to 0.9 (tests/studies/test_part.py).
"""

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import pandas as pd

import grokseed
from grokseed.cli.results import write_results
from grokseed.records.folder import holds_runs as begun
from grokseed.records.row import SEEDS
from grokseed.seeds import Seeds


def counted(runs: pd.DataFrame, design: Sequence[Seeds]) -> pd.DataFrame:
    """The runs before the first of a design that is missing, in the table's order.

    Args:
        runs: a run a row, with its seeds. Runs of no design are left out.
        design: all runs, in the order in which they are trained.
    """
    stored = seeds_of(runs)
    there, first = set(stored), set()
    for run in map(astuple, design):
        if run not in there:
            break
        first.add(run)
    return runs.loc[[run in first for run in stored]]


def trained(folder: Path) -> None:
    """Check that something was trained there. The folder alone says nothing: a study may write in
    it before its first run.

    Raises:
        SystemExit: nothing was trained yet.
    """
    if not begun(folder):
        raise SystemExit(f"{folder} is still to be trained")


def seeds_of(runs: pd.DataFrame) -> list[tuple]:
    """Each run's seeds, as `astuple` gives those of a `Seeds`, in the table's order."""
    graft = runs["graft"].fillna("") if "graft" in runs else ""
    return list(runs.assign(graft=graft)[SEEDS].itertuples(index=False, name=None))


def read(folder: Path, design: Sequence[Seeds]) -> pd.DataFrame:
    """The runs of a folder that count, also if its scan was stopped before its tables were
    written.

    Raises:
        SystemExit: nothing was trained yet.
        StoreError: the folder is damaged.
    """
    trained(folder)
    write_results(folder)
    return counted(grokseed.load(folder).runs, design)


def there(runs: int, planned: int, of: str, which: str = "a random sample of") -> str:
    """How many runs of a study count, and what they are a sample of, as the start of a sentence.

    A folder may hold a few more (see `counted`).

    Args:
        runs: that count.
        planned: of the whole study.
        of: what it is a part of, such as "all pairs and radii".
        which: part of it.
    """
    if runs == planned:
        return f"all {planned:,} runs are there"
    return f"{runs:,} of {planned:,} runs count so far, {which} {of}"
