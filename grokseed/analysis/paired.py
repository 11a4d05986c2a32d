"""How many times sooner one set of runs is than another, with seeds matched and runs censored.

The model: the logs of two runs' times on one seed are bivariate normal. A seed that only one set
has enters with its marginal distribution. The likelihood is that of censored regression (Miller,
Survival Analysis, 1981, 2.3) with two correlated outcomes. Where runs of a set share seeds, it
still tells the ratio, and limits are over these seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from grokseed.analysis.bivariate import Likelihood
from grokseed.analysis.crossed import Estimate
from grokseed.analysis.dependence import draws_of, shared_in
from grokseed.analysis.outcomes import check_logarithms
from grokseed.analysis.over_seeds import enough, over_seeds, widened
from grokseed.analysis.profile import (
    Best,
    correlation_limit,
    p_value,
    profile_interval,
    ratio_limit,
    student_limit,
)
from grokseed.analysis.survival import numbers
from grokseed.analysis.varied import varies

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Arms:
    """Times to a landmark of two sets of runs, A and B, side by side.

    Attributes:
        a: float64 (seeds,), steps to the landmark in A, or to the last step of a run that did not
            reach it; NaN if A has no run of these seeds.
        a_reached: bool (seeds,), whether the time is the landmark's.
        b: float64 (seeds,), as `a`, for B.
        b_reached: bool (seeds,), as `a_reached`, for B.
        seeds: one row each, with a column of seeds for every stream. Without columns, no two rows
            have a seed in common.
    """

    a: np.ndarray
    a_reached: np.ndarray
    b: np.ndarray
    b_reached: np.ndarray
    seeds: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def sets(self) -> np.ndarray:
        """bool (2, seeds), whether A and B have a run."""
        return ~np.isnan([self.a, self.b])

    @cached_property
    def shared(self) -> dict[str, int]:
        """As `shared_in`."""
        return shared_in(self.seeds, self.sets)

    @property
    def limited(self) -> bool:
        """Whether a fit has limits."""
        return self.varies and enough(self.shared)

    @cached_property
    def varies(self) -> bool:
        """As `varied.varies`."""
        return varies(np.array([self.a, self.b]).T, np.array([self.a_reached, self.b_reached]).T)

    def axes(self, rows: np.ndarray) -> list[np.ndarray]:
        """The draws of each source in `shared`, of some rows."""
        return [draws_of(source, self.seeds.loc[rows]) for source in self.shared]

    @property
    def matched(self) -> np.ndarray:
        """bool (seeds,), whether both have a run."""
        return np.logical_and(*self.sets)

    @property
    def same(self) -> bool:
        """Whether every seed is matched, and its two runs have the same time."""
        ended = np.array_equal(self.a_reached, self.b_reached)
        return bool(self.matched.all()) and ended and np.array_equal(self.a, self.b)

    @property
    def n(self) -> tuple[int, int]:
        """Runs in A and in B."""
        return int(np.sum(~np.isnan(self.a))), int(np.sum(~np.isnan(self.b)))

    @property
    def events(self) -> tuple[int, int]:
        """Runs of A and of B that reached the landmark."""
        return int(np.sum(self.a_reached)), int(np.sum(self.b_reached))


def pair(a: pd.DataFrame, b: pd.DataFrame) -> Arms:
    """Two tables of `outcomes.outcome` side by side. Runs match if their four seeds are equal.

    Raises:
        ValueError: a time is 0.
    """
    both = a.add_suffix("_a").join(b.add_suffix("_b"), how="outer")
    reached = [both[f"reached_{x}"].eq(True).to_numpy(bool) for x in "ab"]
    times = [numbers(both, f"time_{x}") for x in "ab"]
    check_logarithms(np.stack(times))
    return Arms(times[0], reached[0], times[1], reached[1], both.index.to_frame(index=False))


@dataclass(frozen=True)
class Paired:
    """The fit of two sets. Ratios are B's time over A's: below 1, B is sooner.

    Attributes:
        runs: of A and of B.
        matched: seeds that both have.
        ratio, ratio_low, ratio_high: the ratio of median times and its interval; no limits (NaN)
            over too few seeds, see `over`, or if times do not vary.
        p: two-sided, of a ratio of 1; NaN without limits.
        sd_a, sd_b: standard deviation of log time in each.
        correlation, correlation_low, correlation_high: of log times on matched seeds; NaN without
            matched seeds, or if times do not vary. No limits (NaN) where runs share seeds, and of
            fewer than three pairs.
        removed_low, removed_high: limits of the share in `removed`; NaN where the correlation has
            none.
        se: standard error of the log ratio, from the width of its profile interval; where runs
            share seeds, that of as many runs that do not.
        over: where runs share seeds, the log ratio with its error over these; else None.
    """

    runs: tuple[int, int]
    matched: int
    ratio: float
    ratio_low: float
    ratio_high: float
    p: float
    sd_a: float
    sd_b: float
    correlation: float
    correlation_low: float
    correlation_high: float
    removed_low: float
    removed_high: float
    se: float
    over: Estimate | None = None

    @property
    def n(self) -> int:
        """Runs of the smaller set, which determine the intervals."""
        return min(self.runs)

    @property
    def removed(self) -> tuple[float, float, float]:
        """Share of the variance of a difference of log times that matching removes, and its limits:
        the correlation, or less if spreads are unequal."""
        share = 2 * self.correlation * self.sd_a * self.sd_b / (self.sd_a**2 + self.sd_b**2)
        return share, self.removed_low, self.removed_high


def fit(arms: Arms, level: float = LEVEL) -> Paired:
    """Fit two sets of runs by maximum likelihood, with profile intervals.

    Where runs of a set share seeds, limits of the ratio are Student's over these seeds, but never
    closer than those of the profile; nor is the p-value smaller. The model's rows are then not
    independent, but it still holds for each, so that the estimate is consistent (White,
    Econometrica 50 (1982), 1). Nominal 95 % intervals covered the truth in 93 to 99 % of simulated
    designs of 4 to 16 seeds a source, with half of the runs censored or none; those of the profile
    alone in as few as 38 %.

    Raises:
        ValueError: fewer than two runs of a set reached the landmark.
    """
    if min(arms.events) < 2:
        raise ValueError("a time ratio needs two runs of each that reached the landmark")
    model = _likelihood(arms)
    n = min(arms.n)
    top = model.top()
    step = float(np.hypot(*np.exp(top.x[2:4]))) / np.sqrt(n)
    low, high = profile_interval(model.loss, top, model.bounds, 1, 2 * step, ratio_limit(n, level))
    matched, nan = int(arms.matched.sum()), float("nan")
    z = removed = nan, nan
    if (limit := correlation_limit(matched, level)) < np.inf:
        z = profile_interval(model.loss, top, model.bounds, 4, 2 / np.sqrt(n), limit)
        removed = model.share_interval(top, limit)
    correlation = np.tanh([top.x[4], *z]) if matched else [nan] * 3
    found = Paired(
        runs=arms.n,
        matched=matched,
        ratio=float(np.exp(top.x[1] * model.scale)),
        ratio_low=float(np.exp(low * model.scale)),
        ratio_high=float(np.exp(high * model.scale)),
        p=p_value(2 * (model.at(0.0, top).loss - top.loss), n),
        sd_a=float(np.exp(top.x[2]) * model.scale),
        sd_b=float(np.exp(top.x[3]) * model.scale),
        correlation=float(correlation[0]),
        correlation_low=float(correlation[1]),
        correlation_high=float(correlation[2]),
        removed_low=removed[0],
        removed_high=removed[1],
        se=(high - low) * model.scale / 2 / student_limit(n, level),
    )
    no_limits = dict.fromkeys(
        ("correlation_low", "correlation_high", "removed_low", "removed_high"), nan
    )
    if not arms.varies:
        none = dict.fromkeys(("ratio_low", "ratio_high", "p", "correlation", "se"), nan)
        return replace(found, **no_limits, **none)
    if not arms.shared:
        return found
    over = _shared_error(arms, model, top)
    profile = found.ratio_low, found.ratio_high, found.p
    low, high, p = widened(over, profile, arms.limited, level)
    return replace(found, **no_limits, ratio_low=low, ratio_high=high, p=p, over=over)


def holds(arms: Arms, ratio: float, level: float = LEVEL) -> bool:
    """Whether the interval of `fit` holds a ratio: the same test, without searching for limits.
    Without limits, it holds any."""
    model = _likelihood(arms)
    top = model.top()
    fall = 2 * (model.at(np.log(ratio) / model.scale, top).loss - top.loss)
    held = not arms.limited or fall <= ratio_limit(min(arms.n), level)
    if held or not arms.shared:
        return held
    low, high = _shared_error(arms, model, top).interval(level)
    return low <= np.log(ratio) <= high


def _likelihood(arms: Arms) -> Likelihood:
    return Likelihood(arms.a, arms.a_reached, arms.b, arms.b_reached)


def _shared_error(arms: Arms, model: Likelihood, top: Best) -> Estimate:
    """The log ratio with its error over the seeds that runs share."""
    axes = arms.axes(np.ones(len(arms.a), bool))
    influence = model.influence(top) * model.scale
    return over_seeds(float(top.x[1] * model.scale), influence, axes, arms.sets)
