"""Shares, times and recall of runs under an early verdict, against the runs that it hid."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, norm

from grokseed.analysis.classify import classify, counts
from grokseed.analysis.early import recalls, share, weights
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.shares import shares
from grokseed.analysis.survival import kaplan_meier, time_to
from grokseed.early import is_spared
from grokseed.reports.classes import main_rule
from grokseed.seeds import Seeds

RULE = "norm<44@800"
TENTH = np.array([is_spared(Seeds(0, m, 8, 9)) for m in range(40_000)])


def scan(
    random: np.random.Generator, n: int, cut: float = 9000, judged: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A scan whose rule, by a noisy sign, stops at step 800 what would take long, and its truth.

    Args:
        cut: of the sign.
        judged: share of runs that the rule judges.
    """
    model = np.sort(random.choice(len(TENTH), n, replace=False))
    time = np.ceil(random.lognormal(np.log(9000), 0.4, n))
    seeds = {"split_seed": 0, "model_seed": model, "loader_seed": 8, "val_seed": 9}
    end = np.minimum(time, 16000)
    table = {"status": "done", "steps": end, "t98_step": np.where(time <= 16000, time, np.nan)}
    whole = pd.DataFrame({**seeds, **table, "screen_val_accuracy": (time < 6000).astype(float)})
    under = random.random(n) < judged
    fails = under & (time * random.lognormal(0, 0.15, n) > cut)
    stops = fails & ~TENTH[model]
    verdict = np.select([~under, stops, fails], ["", "stopped", "spared"], "kept")
    seen = whole.assign(early=[f"{v} {RULE}" if v else "" for v in verdict])
    seen.loc[stops, ["t98_step", "screen_val_accuracy"]] = np.nan
    seen.loc[stops, "steps"] = 800
    seen.loc[stops, "status"] = "stopped"
    return seen, whole


@pytest.mark.parametrize(
    ("n", "cut", "judged", "draws"),
    [
        (300, 9000, 1.0, 150),
        pytest.param(300, 9000, 1.0, 1000, marks=pytest.mark.slow),
        pytest.param(1000, 9000, 1.0, 1000, marks=pytest.mark.slow),
        pytest.param(300, 7000, 0.6, 1000, marks=pytest.mark.slow),
        pytest.param(300, 5500, 1.0, 1000, marks=pytest.mark.slow),
    ],
)
def test_estimates_are_unbiased_and_their_intervals_hold_the_truth(
    n: int, cut: float, judged: float, draws: int
) -> None:
    """With a cut of 5,500 the rule misses a fifth of what it should keep.

    With 9,000 the median falls where the rule begins to stop runs: of 300 runs some 15 spared ones
    tell the rest, and the median's interval covers 90 %.
    """
    random = np.random.default_rng(int(cut))
    truth = float(norm.cdf(np.log(6000 / 9000) / 0.4))  # half a step of rounding up
    found = []
    for _ in range(draws):
        seen, _ = scan(random, n, cut, judged)
        one = share(seen, seen["screen_val_accuracy"].to_numpy() > 0.5)
        curve = time_to("t98", seen)
        covered = one.low <= truth <= one.high, curve.median_low <= 9000 <= curve.median_high
        found.append((one.share / truth, curve.median / 9000, *covered))
    # Where a rule spared none the median is not known: in one of thousands of scans.
    assert np.isnan(found).any(axis=1).sum() <= draws // 500
    share_ratio, median_ratio, share_covered, median_covered = np.nanmean(found, 0)
    error = np.nanstd(found, 0) / draws**0.5
    assert abs(share_ratio - 1) < 3 * error[0]
    assert abs(median_ratio - 1) < 3 * error[1] + 0.01  # a median of few is a little late
    slack = 3 * (0.05 * 0.95 / draws) ** 0.5
    assert 0.95 - slack <= share_covered <= 0.995
    least = 0.9 if (n, cut) == (300, 9000) else 0.94
    assert least - slack <= median_covered <= 0.97 + slack


def test_stopped_runs_as_censored_ones_would_be_biased():
    """What the weights are for: the naive median is half too early or more."""
    seen, whole = scan(np.random.default_rng(1), 4000)
    naive = kaplan_meier(
        seen["t98_step"].fillna(seen["steps"]).to_numpy(), seen["t98_step"].notna().to_numpy()
    )
    right = time_to("t98", whole)
    assert naive.median < 0.85 * right.median
    ours = time_to("t98", seen)
    for q in (0.1, 0.5, 0.75):
        assert ours.quantile(q) == pytest.approx(right.quantile(q), rel=0.05)


def test_weights_of_one_are_the_curve_of_scipy():
    random = np.random.default_rng(0)
    time = random.integers(1, 40, 120)
    event = random.random(120) < 0.7
    plain, ours = kaplan_meier(time, event), kaplan_meier(time, event, weights=np.ones(120))
    for name in ("times", "survival", "low", "high"):
        assert np.allclose(getattr(ours, name), getattr(plain, name)), name
    assert (ours.median, ours.median_low, ours.median_high) == (
        *(plain.median, plain.median_low, plain.median_high),
    )


def by_hand() -> pd.DataFrame:
    """Twelve runs: four kept, two spared, six stopped."""
    spared, others = np.flatnonzero(TENTH)[:3], np.flatnonzero(~TENTH)[:9]
    rows = [
        (spared[0], "done", "kept", 2000, 2000, 1.0),
        *((model, "done", "kept", 2000, 2000, 1.0) for model in others[:3]),
        (spared[1], "done", "spared", 3000, 3000, 0.9),
        (spared[2], "done", "spared", 8000, np.nan, 0.0),
        *((model, "stopped", "stopped", 800, np.nan, np.nan) for model in others[3:]),
    ]
    names = ["model_seed", "status", "early", "steps", "t98_step", "screen_val_accuracy"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(
        split_seed=0, loader_seed=8, val_seed=9, early=[f"{v} {RULE}" for v in table["early"]]
    )


def test_a_case_worked_by_hand():
    runs = by_hand()
    assert weights(runs) == pytest.approx([1, 1, 1, 1, 4, 4, 0, 0, 0, 0, 0, 0])
    fast = runs["screen_val_accuracy"].to_numpy() > 0.5
    (found,) = recalls(runs, fast)
    assert (found.rule, found.stopped, found.spared, found.kept) == (RULE, 6, 2, 4)
    assert (found.recall.k, found.recall.n) == (1, 2)  # of the tenth's three, two are fast
    assert found.recall.low == pytest.approx(beta.ppf(0.025, 1, 2))
    assert found.recall.high == pytest.approx(beta.ppf(0.975, 2, 1))
    assert found.saved == pytest.approx((4 * 2000 + 4 * 3000 + 4 * 8000) / (8000 + 11000 + 6 * 800))
    one = share(runs, fast)
    assert (one.k, one.n) == (5, 12)
    assert one.share == pytest.approx(4 / 12 + 8 / 12 * 1 / 2)
    curve = time_to("t98", runs)
    assert curve.survival == pytest.approx([8 / 12, 4 / 12])
    assert (curve.n, curve.censored) == (6, 1)
    table = counts(runs, classify(runs, "screen"))
    assert table["n"].to_dict() == {
        "super": 4,
        "fast": 1,
        "normal": 1,
        "undecided": 0,
        "diverged": 0,
        "crashed": 0,
        "stopped": 6,
    }
    assert table.loc["normal", "share"] == pytest.approx(1 / 3)


def test_what_was_known_by_the_stop_is_not_lost():
    """Three of six stopped runs had the event by then: they stand for themselves."""
    runs = by_hand().assign(memorised_step=[*[700.0] * 5, 900, *[600.0] * 3, *[np.nan] * 3])
    at = runs["memorised_step"].to_numpy(np.float64)
    assert weights(runs, at) == pytest.approx([1] * 5 + [4] + [1] * 3 + [0] * 3)
    curve = time_to("memorised", runs)
    assert curve.times.tolist() == [600, 700, 900]
    assert curve.survival == pytest.approx([9 / 12, 4 / 12, 0])
    memorised = runs.assign(memorised_step=[*[700.0] * 5, 900, *[600.0] * 6])
    all_known, done = time_to("memorised", memorised), memorised.assign(status="done")
    assert all_known.n == 12
    assert all_known.median == time_to("memorised", done).median


def test_a_class_that_was_read_before_the_stop_counts():
    runs = by_hand().assign(screen_val_accuracy=[1.0] * 4 + [0.9, 0.0] + [0.1] * 5 + [0.99])
    table = counts(runs, classify(runs, "screen"))
    done = counts(runs.assign(status="done"), classify(runs.assign(status="done"), "screen"))
    assert table.loc[["super", "normal"], "n"].tolist() == [5, 6]
    pd.testing.assert_frame_equal(table, done)


def test_the_speedup_rule_takes_runs_that_stand_for_the_stopped_ones():
    """Half of the runs reach t98 before the check, but none tells of those that it stopped."""
    seeds = {"split_seed": 0, "model_seed": range(40), "loader_seed": 8, "val_seed": 9}
    early = {"t98_step": [500.0] * 30 + [np.nan] * 10, "steps": [500.0] * 30 + [800.0] * 10}
    verdict = [f"kept {RULE}"] * 30 + [f"stopped {RULE}"] * 10
    runs = pd.DataFrame({**seeds, **early, "early": verdict, "screen_val_accuracy": 1.0})
    runs = runs.assign(status=["done"] * 30 + ["stopped"] * 10)
    assert time_to("t98", runs).median == 500
    assert np.isnan(shares(runs)["share"]).all()
    assert main_rule(runs) == "screen"
    assert main_rule(runs.assign(status="done", early="")) == "speedup"


def test_where_none_was_spared_nothing_is_said_beyond_the_step():
    runs = by_hand()
    runs = runs.loc[~runs["early"].str.startswith("spared")]
    assert weights(runs) is None
    assert np.isnan(time_to("t98", runs).median)
    fast = runs["screen_val_accuracy"].to_numpy() > 0.5
    one = share(runs, fast)
    assert one.share == pytest.approx(0.4)  # a lower bound
    assert one.high == 1
    (found,) = recalls(runs, fast)
    assert np.isnan(found.saved)


def test_shares_by_the_speedup_rule_are_those_of_all_runs():
    seen, whole = scan(np.random.default_rng(2), 4000)
    ours, right = shares(seen), shares(whole)
    for name in ("fast", "normal"):
        assert ours.loc[name, "share"] == pytest.approx(right.loc[name, "share"], abs=0.015)
        assert ours.loc[name, "low"] < right.loc[name, "share"] < ours.loc[name, "high"]


def test_runs_that_were_stopped_are_not_paired():
    with pytest.raises(ValueError, match="without --keep trains them to the end"):
        outcome(by_hand(), "t98")


def test_where_none_was_spared_what_came_by_the_first_stop_is_known():
    """One run is stopped at step 800 and one at 1,200: an event at 800 is seen, none after it."""
    rule = "norm<44@800,norm<40@1200"
    runs = pd.DataFrame({"memorised_step": [700, 800, 900, 1000, np.nan, np.nan]})
    runs = runs.assign(split_seed=0, model_seed=range(6), loader_seed=8, val_seed=9)
    runs = runs.assign(status=["done"] * 4 + ["stopped"] * 2, steps=[3000] * 4 + [800, 1200])
    runs = runs.assign(early=[f"kept {rule}"] * 4 + [f"stopped {rule}"] * 2)
    curve = time_to("memorised", runs)
    assert curve.times.tolist() == [700, 800]
    assert curve.survival == pytest.approx([5 / 6, 4 / 6])
    assert (curve.n, curve.censored, curve.last) == (6, 4, 800)


def test_an_event_at_the_step_of_the_check_was_seen():
    runs = by_hand()
    at = np.array([*[np.nan] * 5, 800, *[800] * 2, *[np.nan] * 4])
    assert weights(runs, at) == pytest.approx([1] * 4 + [5, 1, 1, 1] + [0] * 4)


def test_a_run_spared_by_a_rule_that_stopped_none_stands_for_itself():
    runs = by_hand()
    other = runs.iloc[[4]].assign(model_seed=-1, early="spared norm<30@400")
    both = pd.concat([runs, other], ignore_index=True)
    one = share(both, both["screen_val_accuracy"].to_numpy() > 0.5)
    assert (one.k, one.n) == (6, 13)
    assert one.share == pytest.approx(5 / 13 + 8 / 13 / 2)
