"""Limits of rates where runs share seeds: against truth in simulated scans, and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from grokseed.analysis.classify import classify, counts
from grokseed.analysis.dependence import (
    draws_of,
    share_of,
    shared_in,
    shared_sources,
    why_no_limits,
)
from grokseed.analysis.rates import rate
from grokseed.analysis.seed_shares import crossed_share
from grokseed.analysis.shares import rates
from grokseed.analysis.survival import time_to

RULE = "sample_loss<9.5@100"


def seeds(split: object = 0, model: object = 0, loader: object = 8, n: int = 8) -> pd.DataFrame:
    columns = {"split_seed": split, "model_seed": model, "loader_seed": loader}
    return pd.DataFrame(columns, index=range(n))


@pytest.mark.parametrize(
    ("runs", "shared"),
    [
        (seeds(model=range(8)), []),
        (seeds(split=range(8), model=range(8), loader=range(8)), []),
        (seeds(), []),  # one run again and again, such as twins: about these seeds alone
        (seeds(split=[0] * 4 + [1] * 4, model=range(8)), ["split"]),
        (seeds(split=[0] * 4 + [1] * 4, model=[*range(4)] * 2), ["split", "model"]),
        (seeds(split=[0] * 4 + [1] * 4, model=[0, 0, 1, 1, 2, 2, 3, 3]), ["split"]),
        (seeds(model=[0, 0, 1, 1, 2, 2, 3, 3], loader=[0, 1] * 4), ["model", "loader"]),
        (seeds(split=[0, 1] * 4, loader=[5, 6] * 4, model=range(8)), ["split"]),
        (
            seeds(split=[0] * 4 + [1] * 4, model=[0, 0, 1, 1] * 2, loader=[0, 1] * 4),
            ["split", "model"],  # an order is that of a split
        ),
        (seeds(split=[0, 0, 1, 1, 2, 2, 3, 3], loader=[*range(4)] * 2), ["split"]),
        (seeds(split=range(8), loader=[0, 1] * 4), []),
    ],
)
def test_sources_are_shared_if_several_seeds_are_in_several_runs(runs, shared) -> None:
    assert shared_sources(runs) == shared
    if shared:
        assert why_no_limits(runs).startswith(f"runs share {shared[0]}")
        assert f"{shared[-1]} seeds" in why_no_limits(runs)
    else:
        assert why_no_limits(runs) == ""


def test_limits_are_over_the_seeds_that_are_shared_and_missing_for_grafts() -> None:
    hit = np.arange(8) < 3
    assert share_of(hit, seeds(model=range(8))) == rate(3, 8)
    crossed = seeds(split=[0] * 4 + [1] * 4, model=[*range(4)] * 2)
    found = share_of(hit, crossed)
    _, low, high = crossed_share(hit, crossed["split_seed"], crossed["model_seed"])
    assert (found.k, found.n, found.low, found.high) == (3, 8, low, high)
    one_split = seeds(model=[0, 0, 1, 1, 2, 2, 3, 3], loader=[0, 1] * 4)
    found = share_of(hit, one_split)
    axes = one_split["model_seed"], one_split["loader_seed"]
    assert (found.share, found.low, found.high) == crossed_share(hit, *axes)
    grafted = seeds(model=range(8)).assign(graft=[None] * 7 + ["head=3"])
    assert np.isnan(share_of(hit, grafted).high)
    assert why_no_limits(grafted) == "grafted runs are no sample"


def test_runs_on_two_splits_share_their_weights_and_no_order_of_the_examples() -> None:
    cells = pd.DataFrame({"model_seed": [0, 0, 1, 1] * 2, "loader_seed": [0, 1] * 4})
    sets = np.repeat(np.eye(2, dtype=bool), 4, axis=1)
    for split, orders in ((0, [0, 1, 0, 1]), ([0] * 4 + [1] * 4, [2, 3, 2, 3])):
        table = cells.assign(split_seed=split)
        assert shared_in(table, sets) == {"model": 2, "loader": 2}  # each set by itself
        assert draws_of("loader", table).tolist() == [0, 1, 0, 1, *orders]
        assert draws_of("model", table).tolist() == [0, 0, 1, 1] * 2


def test_limits_where_orders_are_nested_in_splits_hold_the_truth() -> None:
    """8 splits of 2 orders each, and 32 weights."""
    random, shape, threshold = np.random.default_rng(4), (8, 32, 2), 0.8
    split, model, loader = np.indices(shape).reshape(3, -1)
    runs, truth, held = seeds(split, model, loader, split.size), norm.sf(threshold), 0
    for _ in range(200):
        parts = (
            (0.02, (8, 1, 1)),
            (0.08, (1, 32, 1)),
            (0.25, (8, 32, 1)),
            (0.02, (8, 1, 2)),
            (0.63, shape),
        )
        total = sum(variance**0.5 * random.standard_normal(size) for variance, size in parts)
        found = share_of(np.ravel(total) > threshold, runs)
        held += found.low <= truth <= found.high
    assert 0.92 < held / 200 < 0.995


def test_limits_over_splits_hold_the_truth_where_those_over_runs_do_not() -> None:
    """12 splits of 30 model seeds: half of the variance behind a win is the split's."""
    random, splits, each, threshold = np.random.default_rng(3), 12, 30, 0.8
    runs = seeds(np.repeat(range(splits), each), range(splits * each), n=splits * each)
    truth, held, naive = norm.sf(threshold), 0, 0
    for _ in range(400):
        split = np.repeat(random.standard_normal(splits), each)
        hit = np.sqrt(0.5) * (split + random.standard_normal(splits * each)) > threshold
        found, exact = share_of(hit, runs), rate(int(hit.sum()), len(hit))
        held += found.low <= truth <= found.high
        naive += exact.low <= truth <= exact.high
    assert 0.92 < held / 400 < 0.995
    assert naive / 400 < 0.6


def test_tables_and_curves_take_no_runs_as_independent_that_share_seeds() -> None:
    runs = seeds(split=np.repeat(range(4), 10), model=range(40), n=40).assign(
        status="done", steps=3000.0, t98_step=[500.0, *range(1000, 1039)], screen_val_accuracy=0.1
    )
    own = runs.assign(split_seed=0)
    for some, known in ((own, True), (runs, False)):
        curve = time_to("t98", some)
        assert np.isfinite(curve.median)
        assert np.isfinite(curve.low).all() == known
        assert np.isnan([curve.median_low, curve.median_high]).tolist() == [not known] * 2
        table = rates(some, classify(some, "speedup"), "speedup")
        assert bool(np.isfinite(table["low"].to_numpy()).any()) == known
        assert table.loc["normal", "share"] == pytest.approx(39 / 40)
    screened = counts(runs.assign(screen_val_accuracy=[0.9] + [0.1] * 39), classify(runs, "screen"))
    assert screened["low"].head(3).notna().tolist() == [True] * 3


def test_a_verdicts_runs_have_no_limits_where_they_share_seeds() -> None:
    runs = seeds(model=range(8)).assign(
        status=["done"] * 6 + ["stopped"] * 2,
        steps=3000.0,
        t98_step=np.nan,
        screen_val_accuracy=[0.9, 0.1, 0.1, 0.1, 0.1, 0.1, np.nan, np.nan],
        early=[f"{word} {RULE}" for word in ["kept"] * 5 + ["spared"] + ["stopped"] * 2],
    )
    assert counts(runs, classify(runs, "screen"))["low"].head(3).notna().tolist() == [True] * 3
    runs["split_seed"] = [0, 1] * 4
    assert counts(runs, classify(runs, "screen"))["low"].head(3).isna().tolist() == [True] * 3
