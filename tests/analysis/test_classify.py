"""The two rules at their edges, and against exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from grokseed.analysis.classify import CLASSES, Thresholds, classify, counts


def records(**columns) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    missing = {"steps": [3000] * n, "status": ["done"] * n}
    for name in ("t98_step", "screen_val_accuracy"):
        missing[name] = [None] * n
    return pd.DataFrame({**missing, **columns})


def names(classes: pd.Series) -> list[str | None]:
    return [None if pd.isna(c) else str(c) for c in classes]


def screen(accuracy: float) -> str | None:
    return names(classify(records(screen_val_accuracy=[accuracy]), "screen"))[0]


def test_screen_at_its_edges():
    assert screen(0.98) == "fast"
    assert screen(math.nextafter(0.98, 1)) == "super"
    assert screen(0.25) == "fast"
    assert screen(math.nextafter(0.25, 0)) == "normal"
    assert (screen(0.0), screen(1.0)) == ("normal", "super")


@given(st.integers(1, 50_000), st.data())
def test_screen_reads_counts_of_right_answers_exactly(n, data):
    near = [n * 98 // 100, n * 98 // 100 + 1, n // 4, max(n // 4 - 1, 0), -(-n // 4)]
    k = data.draw(st.one_of(st.integers(0, n), st.sampled_from(near)).filter(lambda k: k <= n))
    share = Fraction(k, n)
    truth = "super" if share > Fraction(98, 100) else "normal" if share < Fraction(1, 4) else "fast"
    assert screen(k / n) == truth


def test_screen_of_runs_that_ended_before_its_step():
    runs = records(steps=[900, 900], t98_step=[900, None])
    assert names(classify(runs, "screen")) == ["super", None]


@pytest.mark.parametrize("rule", ["screen", "speedup"])
def test_runs_that_crashed_or_diverged_have_no_class(rule):
    runs = records(
        status=["done", "diverged", "crashed", "done"],
        steps=[3000, 2000, None, 3000],
        t98_step=[500, 400, None, 2000],
        screen_val_accuracy=[1.0, 0.99, None, 1.0],
    )
    found = names(classify(runs, rule, least_runs=0))
    assert found[1:3] == [None, None]
    assert found[0] is not None
    assert found[3] is not None


def test_speedup_at_its_edges():
    """Nine runs, five of them at 3,000 or later: the median is 3,000."""
    times = [1000, 1001, 2000, 2001, 3000, 3001, 4000, 5000, 6000]
    runs = records(steps=[9000] * 9, t98_step=times)
    expected = ["super", "fast", "fast", "normal", "normal"]
    assert names(classify(runs, "speedup", least_runs=0))[:5] == expected


def test_speedup_decides_a_censored_run_once_it_can_only_be_normal():
    """The median is 3,000: whoever had not generalised at 2,000 is less than 1.5 times sooner."""
    runs = records(steps=[3000, 3000, 3000, 2000, 1999], t98_step=[3000, 3000, 3000, None, None])
    assert names(classify(runs, "speedup", least_runs=0)) == [
        "normal",
        "normal",
        "normal",
        "normal",
        None,
    ]


def test_speedup_without_a_median_knows_only_the_surely_super():
    runs = records(steps=[3000] * 5, t98_step=[1000, 1001, None, None, None])
    assert names(classify(runs, "speedup", least_runs=0)) == ["super", None, None, None, None]


@pytest.mark.parametrize("runs", [records(steps=[3000] * 3), records(steps=[])])
def test_nothing_generalised_leaves_the_speedup_rule_undecided(runs):
    assert classify(runs, "speedup", least_runs=0).isna().all()


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=30))
def test_speedup_agrees_with_exact_fractions(observed):
    share, median = Fraction(1), None
    for step in sorted({t for t, _ in observed}):
        at_risk = sum(t >= step for t, _ in observed)
        share *= 1 - Fraction(sum(t == step and e for t, e in observed), at_risk)
        if median is None and share <= Fraction(1, 2):
            median = step
    last = max(t for t, _ in observed)

    def truth(t: int, reached: bool) -> str | None:
        if median is None:
            return "super" if reached and Fraction(last, t) >= 3 else None
        if not reached:
            return "normal" if Fraction(median, t) <= Fraction(3, 2) else None
        ratio = Fraction(median, t)
        return "super" if ratio >= 3 else "fast" if ratio >= Fraction(3, 2) else "normal"

    runs = records(
        steps=[t for t, _ in observed],
        t98_step=[t if e else None for t, e in observed],
    )
    assert names(classify(runs, "speedup", least_runs=0)) == [truth(t, e) for t, e in observed]


def test_other_thresholds():
    runs = records(screen_val_accuracy=[0.6, 0.4, 0.2])
    cuts = Thresholds(super_accuracy=0.5, normal_accuracy=0.3)
    assert names(classify(runs, "screen", cuts)) == ["super", "fast", "normal"]


@pytest.mark.parametrize(
    "cuts",
    [
        {"super_accuracy": 0.2},
        {"normal_accuracy": -0.1},
        {"super_accuracy": 1.1},
        {"fast_speedup": 4},
        {"fast_speedup": 0.5},
        {"super_speedup": math.inf},
        {"super_speedup": math.nan},
    ],
)
def test_thresholds_out_of_order_are_refused(cuts):
    with pytest.raises(ValueError, match="thresholds must have"):
        Thresholds(**cuts)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule must be one of screen, speedup, not 'luck'"):
        classify(records(steps=[1]), "luck")  # type: ignore[arg-type]


def test_classes_keep_the_index_order_and_table_of_their_runs():
    runs = records(screen_val_accuracy=[0.1, 0.99, 0.5])
    runs.index = [7, 3, 5]
    before = runs.copy()
    classes = classify(runs, "screen")
    pd.testing.assert_frame_equal(runs, before)
    assert classes.index.tolist() == [7, 3, 5]
    assert classes.name == "class"
    assert tuple(classes.cat.categories) == CLASSES
    assert names(classes.sort_values()) == ["super", "fast", "normal"]


def test_counts_has_every_row_and_the_exact_intervals():
    accuracy = [0.99] * 2 + [0.5] * 3 + [0.0] * 10 + [None] * 4
    runs = records(
        screen_val_accuracy=accuracy, status=["done"] * 16 + ["diverged"] * 2 + ["crashed"]
    )
    table = counts(runs, classify(runs, "screen"))
    assert table["n"].to_dict() == {
        "super": 2,
        "fast": 3,
        "normal": 10,
        "undecided": 1,
        "diverged": 2,
        "crashed": 1,
    }
    assert table["n"].dtype == np.int64
    for name, k in (("super", 2), ("fast", 3), ("normal", 10), ("undecided", 1)):
        interval = binomtest(k, 16).proportion_ci(0.95, "exact")
        assert table.loc[name, "share"] == k / 16
        assert table.loc[name, ["low", "high"]].tolist() == pytest.approx(list(interval))
    assert table.loc[["diverged", "crashed"], ["share", "low", "high"]].isna().all(axis=None)


def test_counts_of_no_runs():
    runs = records(status=[])
    table = counts(runs, classify(runs, "screen"))
    assert table["n"].tolist() == [0] * 6
    assert table.loc["super", ["low", "high"]].tolist() == [0, 1]


def test_the_speedup_rule_needs_20_runs():
    """A scan of fewer would be judged by a median of hardly more than its own winners."""
    runs = records(t98_step=[1000, *[3000] * 19])
    assert names(classify(runs, "speedup")) == ["super", *["normal"] * 19]
    assert classify(runs.iloc[:19], "speedup").isna().all()
