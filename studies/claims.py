"""The diary's claims, judged one by one: writes results/claims.csv.

    python studies/claims.py

Question: which of the diary's claims hold? A row a claim: the diary's number with its interval,
ours with its interval, the runs behind it and a verdict. Everything comes from checked-in tables
and nothing is trained. `diary_claims/` has a function for each claim, `common/verdict.py` the
rules of verdicts. A claim without enough runs yet has n 0 and says so.
"""

import sys
from itertools import chain
from pathlib import Path

import pandas as pd

from diary_claims import (
    bug,
    decay,
    diary_rates,
    early_verdicts,
    experiments,
    grid,
    published_laws,
    rates_of_seeds,
    search,
    signatures,
    weights,
)
from diary_claims.row import COLUMNS
from grokseed.records.export import write_atomically

RESULTS = Path("results")


def table(results: Path) -> pd.DataFrame:
    """A row a claim, with the columns that `grokseed.records.columns` explains.

    Raises:
        OSError: a table that is checked in is missing.
    """
    parts = (bug, diary_rates, rates_of_seeds, grid, signatures, weights, decay)
    parts += (search, experiments, early_verdicts, published_laws)
    rows = chain.from_iterable(part.claims(results) for part in parts)
    return pd.DataFrame(list(rows), columns=list(COLUMNS)).astype({"units": "Int64"})


def text(found: pd.DataFrame) -> str:
    """The table as csv: four digits, so that another machine's rounding changes nothing."""
    return found.to_csv(index=False, float_format="%.4g", lineterminator="\n")


def main() -> None:
    found = table(RESULTS)
    write_atomically(RESULTS / "claims.csv", text(found).encode())
    for verdict, some in found.groupby("verdict"):
        print(f"{len(some):2} {verdict}")


if __name__ == "__main__":
    sys.exit(main())
