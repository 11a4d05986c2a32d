"""A claim's row, and the checked-in runs that it is judged by."""

from dataclasses import astuple, dataclass
from functools import cached_property
from math import isnan
from pathlib import Path

import pandas as pd

import grokseed
from common.verdict import FAILS, Number
from grokseed.analysis.significance import detectable_by_limits
from grokseed.reports.claims import OWN

COLUMNS = ("claim", "source", "figure", "figure_low", "figure_high", "ours", "ours_low")
COLUMNS += ("ours_high", "n", "units", "of", "detectable", "preset", "numerics", "folder")
COLUMNS += ("verdict",)
DIARY, WANTED = "diary of 2023", OWN
SIZES = ("p", "d_model", "layers")


@dataclass(frozen=True)
class Evidence:
    """A folder of runs below `results/`, or one that is still to come.

    Args:
        results: the folder `results`.
        name: the folder's name there, or several names with commas; empty if none is planned.
        expected: the preset that its runs have or will have.
        sizes: whether they have its p, width and layers, too.
        page: the folder of the study that read these runs, if it is another.
    """

    results: Path
    name: str
    expected: str
    sizes: bool = True
    page: str = ""

    @property
    def there(self) -> bool:
        return bool(self.name) and all((path / "runs.csv").exists() for path in self.paths)

    @property
    def paths(self) -> list[Path]:
        return [self.results / name for name in self.name.split(",") if name]

    @cached_property
    def scans(self) -> list[grokseed.Scan]:
        """The scans of all its folders, every row checked against its seal."""
        return [grokseed.load(path) for path in self.paths]

    @property
    def runs(self) -> pd.DataFrame:
        return self.scans[0].runs

    def table(self, name: str) -> pd.DataFrame:
        """A table that a study left beside its runs."""
        return pd.read_csv(self.paths[0] / name)

    @property
    def preset(self) -> str:
        """The preset that its runs have.

        Raises:
            ValueError: they do not have the sizes of the one expected.
        """
        wanted = [getattr(grokseed.preset(self.expected), size) for size in SIZES]
        for scan in self.scans if self.there and self.sizes else []:
            if [getattr(scan.config, size) for size in SIZES] != wanted:
                raise ValueError(f"{self.name} is not of preset {self.expected}")
        return self.expected

    @property
    def numerics(self) -> str:
        if not self.there:
            return ""
        return " | ".join(sorted({name for scan in self.scans for name in scan.numerics}))

    @property
    def folder(self) -> str:
        return ",".join(f"results/{name}" for name in [*self.name.split(","), self.page] if name)


def row(
    claim: str,
    source: str,
    figure: Number,
    ours: Number,
    n: int,
    evidence: Evidence,
    verdict: str,
    units: tuple[float, str] | None = None,
    detectable: float = float("nan"),
) -> dict[str, object]:
    """A claim's row; where the runs for it are still to come, the claim says so.

    Args:
        n: runs.
        units: how many independent units the limits are over, and what they are. By default every
            run is of a seed of its own.
        detectable: the smallest effect found with 80 % power, where the study knows it. A claim
            that does not hold has that of its limits otherwise.
    """
    if verdict == FAILS and isnan(detectable):
        detectable = detectable_by_limits(ours.low, ours.high)
    counted = (n, "seeds") if units is None else units
    if n == 0:
        claim, counted = f"{claim} [not enough runs yet]", (float("nan"), "")
    cells = (claim, source, *astuple(figure), *astuple(ours), n, *counted, detectable)
    about = (evidence.preset, evidence.numerics, evidence.folder, verdict)
    return dict(zip(COLUMNS, (*cells, *about), strict=True))
