"""Scans as they are compared or ranked: read from a folder, or as Python's callers have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from grokseed.analysis import outcomes
from grokseed.analysis.survival import Landmark
from grokseed.limits import check_choice
from grokseed.records.folder import check_holds_runs
from grokseed.reports.remarks import incomplete
from grokseed.reports.result import Scan, load
from grokseed.reports.scan import EXCLUDED


@dataclass(frozen=True, eq=False)
class Folder:
    """A scan as it is compared.

    Attributes:
        name: what to call it.
        outcome: of its runs, without those of seeds that were chosen by hand, as
            `outcomes.outcome` gives it.
        config: its fields.
        chosen: as `outcome`, of the runs that it leaves out.
        notes: sentences on what its runs are not: all that were asked for, or a random sample.
    """

    name: str
    outcome: pd.DataFrame
    config: Mapping[str, Any]
    chosen: pd.DataFrame
    notes: Sequence[str] = ()

    @property
    def first(self) -> int:
        """The first step after 0 at which runs are evaluated."""
        return min(self.config["sample_every"], self.config["max_steps"])

    @property
    def with_logarithms(self) -> pd.DataFrame:
        """`outcome` for models of log times, as `outcomes.with_logarithms` makes it."""
        return outcomes.with_logarithms(self.outcome, self.first)

    @property
    def at_start(self) -> list[str]:
        """A sentence on runs that were there at step 0, if there are any."""
        n = int(np.sum(self.outcome["time"] == 0))
        if not n:
            return []
        were, count = ("runs were", "They count") if n > 1 else ("run was", "It counts")
        return [
            f"{n:,} {were} there at step 0. {count} as step {self.first / 2:g}, half of the first "
            "evaluation step, as 0 has no logarithm."
        ]


def read(folder: Path, landmark: Landmark) -> Folder:
    """A scan's folder, from its tables alone.

    Raises:
        StoreError: it holds no scan's tables, or damaged ones.
        ValueError: as `of_scan` does.
    """
    check_holds_runs(folder)
    return of_scan(load(folder), str(folder), landmark)


def taken(scan: object, name: str, landmark: Landmark) -> Folder:
    """A scan as Python's callers name it, to be compared.

    Args:
        scan: a `Scan`, or the folder of one.
        name: what to call it if it is none on disk.

    Raises:
        TypeError: it is neither.
        StoreError, ValueError: as `read` does; there is no such landmark.
    """
    check_choice("landmark", landmark, get_args(Landmark))
    if isinstance(scan, Scan):
        return of_scan(scan, name, landmark)
    if isinstance(scan, str | Path):
        return read(Path(scan), landmark)
    raise TypeError(f"{name} must be a grokseed.Scan or a folder of one, not {scan!r:.200}")


def of_scan(scan: Scan, folder: str, landmark: Landmark) -> Folder:
    """A scan, to be compared.

    Args:
        folder: what to call it.

    Raises:
        ValueError: its runs are grafted, an early verdict stopped some, none trained, or all seeds
            were chosen by hand.
    """
    runs = scan.runs
    if "graft" in runs and bool(np.any(runs["graft"].notna())):
        raise ValueError(f"{folder} holds grafted runs, which can be neither ranked nor compared")
    try:
        found = outcomes.outcome(runs, landmark)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from None
    if not len(found):
        raise ValueError(f"{folder} holds no run that trained")
    by_hand = found.index.get_level_values("model_seed").isin(list(scan.excluded))
    if by_hand.all():
        raise ValueError(f"{folder} holds only seeds that its {EXCLUDED} calls chosen by hand")
    notes = []
    if len(runs) < scan.asked:
        notes.append(incomplete(len(runs), scan.asked, asdict(scan.config), judged=False))
    if n := int(by_hand.sum()):
        notes.append(
            f"{n:,} run{'s are' if n > 1 else ' is'} left out: {EXCLUDED} says that their seeds "
            "were chosen by hand."
        )
    own, chosen = found.loc[~by_hand], found.loc[by_hand]
    return Folder(folder, own, asdict(scan.config), chosen, notes)
