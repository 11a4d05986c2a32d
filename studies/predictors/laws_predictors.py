"""Each published law's predictor of a run's delay (studies/laws.py says which paper has it)."""

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp, variation

from common.between_points import on_curve, points_of
from grokseed.analysis.survival import numbers
from grokseed.reports.result import Scan

STEPS = 1000, 2000, 3000, 4000
"""Steps at which the norm is read as well; before 1,000 the points of slow runs are too few."""

AT_STEP = "norm at step "
"""The start of the names of these norms, which were added after the others had been seen."""

DRAWS = 2000
BASELINE = "step of memorising"
LAWS = {
    "peak norm": "2603.13331",
    "norm at memorising": "2603.13331, 2606.13753",
    "ratio of norms, peak to t98": "2603.13331",
    "step at which the norm falls to its value at t98": "2606.13753",
    "peak loss, for the logit scale": "2606.18465",
    "loss at memorising, for the logit scale": "2606.18465",
    **{f"{AT_STEP}{step:,}": "2603.13331" for step in STEPS},
    BASELINE: "none",
}


def predictors(scan: Scan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each law's predictor (runs, laws), and the step from which on it is known.

    A peak of the norm is known when the norm has fallen to 98 % of it, or else at t98, where the
    run may end. The norm at a fixed step is that of runs that are not at t98 yet.
    """
    runs, t98 = scan.runs, numbers(scan.runs, "t98_step")
    memorised, last = numbers(runs, "memorised_step"), numbers(runs, "steps")
    points = points_of(runs, scan.trajectories)
    goes_on = [np.where((last >= s) & ~(t98 <= s), float(s), np.nan) for s in STEPS]

    def at(name: str, *steps: np.ndarray) -> np.ndarray:
        """The signal (times, runs) at each run's own steps."""
        own = zip(points, np.stack(steps, 1), strict=True)
        return np.array([on_curve(of, name, some) for of, some in own]).reshape(-1, len(steps)).T

    peak = numbers(runs, "norm_peak")
    norm98, norm_memorised, *norms = at("norm", t98, memorised, *goes_on)
    critical, peak_step = float(np.nanmedian(norm98)), numbers(runs, "norm_peak_step")
    own = zip(points, peak_step, strict=True)
    falls = np.array([falls_to(of, critical, step) for of, step in own])
    values = (
        (peak, np.fmin(numbers(runs, "norm_fall_step"), t98)),
        (norm_memorised, memorised),
        (peak / norm98, t98),
        (falls, falls),
        (numbers(runs, "sample_loss_peak"), numbers(runs, "sample_loss_peak_step")),
        (at("sample_loss", memorised)[0], memorised),
        *zip(norms, goes_on, strict=True),
        (memorised, memorised),
    )
    found = [pd.DataFrame(dict(zip(LAWS, some, strict=True))) for some in zip(*values, strict=True)]
    return found[0], found[1]


def falls_to(points: pd.DataFrame, norm: float, after: float) -> float:
    """The first step after `after` at which the norm falls to a value, interpolated; NaN for
    never."""
    step, value = points["step"].to_numpy(), points["norm"].to_numpy()
    below = np.flatnonzero((step > after) & (value <= norm))
    if not len(below) or below[0] == 0:
        return np.nan
    i = below[0]
    return float(np.interp(norm, [value[i], value[i - 1]], [step[i], step[i - 1]]))


def spread(scan: Scan) -> tuple[float, float, float, int, int]:
    """The coefficient of variation over runs of the norm at t98, with limits, and of how many runs
    and splits.

    Runs that did not reach t98 are left out. Of several splits it is the geometric mean of the
    splits' own, with Student's t on their logs. (Percentiles by bootstrap over four splits, whose
    own differ by a fifth, held the truth in 85 % of simulations, and these limits in 94 %.) Of one
    split limits are percentiles by bootstrap over its runs.
    """
    values, _ = predictors(scan)
    norms = numbers(values, "peak norm") / numbers(values, "ratio of norms, peak to t98")
    reached = ~np.isnan(norms)
    split = scan.runs["split_seed"].to_numpy()[reached]
    parts = [norms[reached][split == one] for one in np.unique(split)]
    logs, n = np.log([float(variation(part, ddof=1)) for part in parts]), int(reached.sum())
    if len(parts) > 1:
        low, high = np.exp(ttest_1samp(logs, 0).confidence_interval())
    else:
        (part,), random = parts, np.random.default_rng(0)
        drawn = [float(variation(random.choice(part, n), ddof=1)) for _ in range(DRAWS)]
        low, high = np.quantile(drawn, [0.025, 0.975])
    return float(np.exp(logs.mean())), float(low), float(high), n, len(parts)
