"""The study of published laws finds a law that was put in, and says when one is known too late."""

import laws
import numpy as np
import pandas as pd
import pytest
from laws_predictors import falls_to

import grokseed
from grokseed.analysis.correlation import Correlation
from grokseed.reports.result import Scan

N = 80


def made_up() -> Scan:
    """Runs whose peak norm decides t98; all memorise at 1,000, and lose their norm by t98."""
    random = np.random.default_rng(0)
    peak = random.uniform(40, 60, N)
    t98 = np.round(np.exp(peak / 20) * 500 * random.lognormal(0, 0.1, N))
    runs = pd.DataFrame({"split_seed": 0, "t98_step": t98, "memorised_step": 1000, "steps": t98})
    runs = runs.assign(norm_peak=peak, norm_peak_step=2000, sample_loss_peak_step=500)
    runs = runs.assign(sample_loss_peak=random.uniform(5, 9, N), graft=None)
    runs.loc[N - 1, ["graft", "norm_peak", "t98_step"]] = ["ulp=1", 1e6, 1.0]
    step = np.stack([np.zeros(N), np.full(N, 1000), np.full(N, 2000), t98], 1)
    norm = np.stack([np.full(N, 30.0), np.full(N, 35.0), peak, np.full(N, 25.0)], 1)
    points = pd.DataFrame({"run": np.repeat(np.arange(N), 4), "step": step.ravel()})
    points = points.assign(norm=norm.ravel(), sample_loss=1.0)
    return Scan(grokseed.preset("mini"), runs, points, {})


def test_a_law_that_was_put_in_is_found_and_grafts_are_left_out():
    scan = laws.ungrafted(made_up())
    found = laws.table(scan, fresh=True).set_index("predictor")
    assert found.loc["peak norm", "n"] == N - 1
    assert found.loc["peak norm", "rho"] > 0.8
    assert found.loc["peak norm", "of_use"] == "yes"
    assert found.loc["ratio of norms, peak to t98", "of_use"] == "no, known too late"
    assert found.loc["peak loss, for the logit scale", "of_use"] == "no"
    assert found.loc["step of memorising", "n"] == 0  # all at one step
    assert laws.spread(scan) == pytest.approx(0, abs=1e-9)
    seen = laws.table(scan, fresh=False).set_index("predictor")
    assert seen.loc["peak norm", "of_use"] == "on seen seeds"


def test_the_step_at_which_a_norm_falls_lies_between_points():
    points = pd.DataFrame({"step": [0, 100, 200, 300], "norm": [10.0, 40.0, 30.0, 10.0]})
    assert falls_to(points, 20, after=100) == 250
    assert np.isnan(falls_to(points, 5, after=100))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.51, 0.8, "yes"), (-0.8, -0.51, "yes"), (0.1, 0.49, "no"), (0.3, 0.7, "cannot tell")],
)
def test_the_rule_of_the_plan(low: float, high: float, said: str):
    found = Correlation((low + high) / 2, low, high, 0.01, 0.2, 100)
    assert laws.verdict(found, 0.5, fresh=True) == said
