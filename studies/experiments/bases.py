"""The base scans, one a task: its operation, the folders of its runs and its kept cuts."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from experiments.base_tables import NEAR, cuts_of
from grokseed.records.export import write_atomically


class Base(NamedTuple):
    """A base scan and the search for further winners of the same task.

    Attributes:
        operation: of the task.
        scan: folder of the seeds that are trained to t98.
        further: folder of further seeds, and of winners' twins.
        margin: share of the steps to the cut that each run by which a winner is chosen stays below
            it. Of x/y none was asked for, and three winners of study B lost by rounding.
    """

    operation: str
    scan: Path
    further: Path
    margin: float = 0.0


SPLITS: tuple[int, ...] = (1, 2, 3, 4)
OWN = Base("x/y", Path("results/base_scan"), Path("results/base_search"))
"""That of the task of `mini`, whose winners all studies take unless they say another."""

BASES = {
    "x/y": OWN,
    "x+y": Base("x+y", Path("results/base_add"), Path("results/base_add_search"), NEAR),
}


def kept_cuts(scan: pd.DataFrame, of: Base) -> dict[int, float]:
    """Each split's cut, fixed when the search began, whatever runs come later.

    Raises:
        SystemExit: fewer than half of a split's runs are known to reach t98.
    """
    kept = of.further / "cuts.csv"
    found = pd.read_csv(kept) if kept.exists() else cuts_of(scan)
    if len(found) < len(SPLITS) or bool(found["cut"].isna().any()):
        raise SystemExit(f"{of.scan} has too few runs: a split's median is not known yet")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, found.to_csv(index=False).encode())
    return dict(zip(found["split_seed"], found["cut"], strict=True))
