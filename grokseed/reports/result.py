"""A results folder as an object: tables, rates, survival curves and figures. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

import pandas as pd

from grokseed.analysis import shares
from grokseed.analysis.classify import Rule, without
from grokseed.analysis.survival import Landmark, Survival, time_to
from grokseed.config import Config
from grokseed.figures import scan as figures
from grokseed.figures import times
from grokseed.limits import check_choice
from grokseed.records.database import StoreError
from grokseed.records.folder import Tables
from grokseed.reports import scan as report
from grokseed.reports.classes import check_enough, main_rule

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Scan:
    """What a scan found.

    Attributes:
        config: of all the runs.
        runs: a row a run, sorted by seeds, with the columns of `runs.csv` and the run's class by
            each rule: `screen`, `speedup`, and `class` by the rule that is `rule`.
        trajectories: a row an evaluation point, about 40 a run. `run` is the row number in `runs`;
            then `step`; `train_loss` and `train_accuracy` over the batches since the point before;
            `sample_loss` and `sample_accuracy` over the validation sample; `norm` over all weights
            but the embeddings; `norm.<group>` of each layer group. Earlier versions did not record
            the training set: their folders have NaN there, and no `norm.<group>`.
        numerics: how many runs have each numerics.
        asked: for how many runs the scan was asked; 0 if that is not known. If `runs` has fewer,
            the scan is not complete, and figures say so.
        excluded: model seeds that were chosen by hand, and why (the folder's `excluded.csv`): they
            are no random sample. `runs` and `trajectories` have them; no rate, no survival curve
            and no rate in a figure counts them.
    """

    def __init__(
        self,
        config: Config,
        runs: pd.DataFrame,
        trajectories: pd.DataFrame,
        numerics: dict,
        asked: int = 0,
        excluded: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        self.config, self.runs, self.trajectories = config, runs, trajectories
        self.numerics: dict[str, int] = numerics
        self.asked, self.excluded = asked, dict(excluded)

    def __repr__(self) -> str:
        return f"<Scan of {len(self.runs):,} runs, {self.config}>"

    @property
    def rule(self) -> Rule:
        """The rule behind `class`: `speedup` if it applies, else `screen`."""
        return main_rule(self.runs)

    def rates(self, rule: Rule | None = None) -> pd.DataFrame:
        """How many runs each class has, its share and the 95 % interval, without excluded seeds.

        Args:
            rule: `screen` or `speedup`; None for the one behind `class`.

        Returns:
            A row a class, named by the index: super, fast, normal, undecided, diverged, crashed
            and, where there are any, stopped. Columns `n`, the runs; `share`, of the completed
            ones; `low` and `high`, its 95 % limits. All three are NaN for diverged, crashed and
            stopped runs, which have no share; the limits also where none can be given, because runs
            share seeds or have grafts.

        Raises:
            ValueError: there is no such rule.
        """
        by = self.rule if rule is None else rule
        check_choice("rule", by, get_args(Rule))
        return shares.rates(self.runs, pd.Series(self.runs[by]), by, self.excluded.keys())

    def survival(self, landmark: Landmark = "t98") -> Survival:
        """The Kaplan-Meier curve of the time to a landmark, in steps, without excluded seeds.

        Raises:
            ValueError: there is no such landmark, or runs end at an earlier one.
        """
        check_choice("landmark", landmark, get_args(Landmark))
        return time_to(landmark, without(self.runs, self.excluded.keys()))

    @cached_property
    def plot(self) -> Plots:
        """The scan's figures."""
        return Plots(self)


class CrashedError(RuntimeError):
    """Runs of a scan crashed; the message has the first one's reason.

    Attributes:
        scan: all runs of the folder; those that crashed have the status `crashed`.
    """

    def __init__(self, message: str, scan: Scan) -> None:
        super().__init__(message)
        self.scan = scan


class Plots:
    """A scan's figures, each a matplotlib Figure: `scan.plot.accuracy().savefig("a.pdf")`.

    A `rule` is that of the classes, `screen` or `speedup`; None is the scan's own. Another, or
    `speedup` for fewer than 20 runs, raises ValueError.
    """

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    def _classed(self, rule: Rule | None) -> tuple[pd.DataFrame, str, Rule]:
        """The runs with their `class` by a rule, the figure's title, and the rule."""
        scan = self._scan
        by = scan.rule if rule is None else rule
        check_choice("rule", by, get_args(Rule))
        check_enough(len(scan.runs), by)
        runs = scan.runs.assign(**{"class": scan.runs[by]})
        return runs, report.title(asdict(scan.config), runs, scan.asked, by), by

    def accuracy(self, rule: Rule | None = None) -> Figure:
        """Validation accuracy by step: a line a run, or bands of many."""
        scan = self._scan
        runs, title, by = self._classed(rule)
        step, chosen = scan.config.screen_step, scan.excluded.keys()
        return figures.accuracy(runs, scan.trajectories, title, step, by, chosen)

    def classes(self, rule: Rule | None = None) -> Figure:
        """Accuracy, loss and weight norm by step, a column a class."""
        runs, title, _ = self._classed(rule)
        return figures.classes(runs, self._scan.trajectories, title)

    def survival(self) -> Figure:
        """Share of runs that have not reached t98 yet, by step, without excluded seeds."""
        scan = self._scan
        title = report.title(asdict(scan.config), scan.runs, scan.asked)
        return times.survival(without(scan.runs, scan.excluded.keys()), title)

    def loss_and_norm(self, rule: Rule | None = None) -> Figure:
        """Validation loss and weight norm by step."""
        runs, title, _ = self._classed(rule)
        return figures.loss_and_norm(runs, self._scan.trajectories, title)

    def peak_against_time(self, rule: Rule | None = None) -> Figure:
        """Peak of the validation loss against t98, a point a run."""
        runs, title, _ = self._classed(rule)
        return times.peak_against_time(runs, title)


def load(folder: str | Path) -> Scan:
    """What a results folder holds, from the files that git keeps.

    Raises:
        TypeError: `folder` is no path.
        StoreError: a file is missing, or cannot be read.
    """
    if not isinstance(folder, str | Path):
        raise TypeError(f"folder must be a path, not {folder!r}")
    where = Path(folder)
    tables = Tables(where)
    found = tables.check()  # checks every row, and reports damage in one line
    runs, points, _ = report.load(where)
    try:
        chosen = report.excluded(where)
    except OSError as error:
        raise StoreError(str(error)) from None
    return Scan(tables.config, runs, points, dict(found.numerics), tables.asked.runs, chosen)
