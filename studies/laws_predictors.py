"""Each published law's predictor of a run's delay (studies/laws.py says which paper has it)."""

import numpy as np
import pandas as pd

from grokseed.analysis.survival import numbers
from grokseed.reports.result import Scan

LAWS = {
    "peak norm": "2603.13331",
    "norm at memorising": "2603.13331, 2606.13753",
    "ratio of norms, peak to t98": "2603.13331",
    "step at which the norm falls to its value at t98": "2606.13753",
    "peak loss, for the logit scale": "2606.18465",
    "loss at memorising, for the logit scale": "2606.18465",
    "step of memorising": "none",
}


def predictors(scan: Scan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each law's predictor (runs, laws), and the step from which on it is known.

    Norms and losses at a step are interpolated between the points that git keeps.
    """
    runs, t98 = scan.runs, numbers(scan.runs, "t98_step")
    memorised = numbers(runs, "memorised_step")
    points = dict(iter(scan.trajectories.groupby("run")))

    def at(name: str, steps: np.ndarray) -> np.ndarray:
        own = zip((points[i] for i in runs.index), steps, strict=True)
        rows = ((p["step"], p[name], s) for p, s in own)
        return np.array([np.interp(s, x, y) if np.isfinite(s) else np.nan for x, y, s in rows])

    peak, norm98 = numbers(runs, "norm_peak"), at("norm", t98)
    critical, peak_step = float(np.nanmedian(norm98)), numbers(runs, "norm_peak_step")
    own = zip(runs.index, peak_step, strict=True)
    falls = np.array([falls_to(points[i], critical, step) for i, step in own])
    values = (
        (peak, peak_step),
        (at("norm", memorised), memorised),
        (peak / norm98, t98),
        (falls, falls),
        (numbers(runs, "sample_loss_peak"), numbers(runs, "sample_loss_peak_step")),
        (at("sample_loss", memorised), memorised),
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
