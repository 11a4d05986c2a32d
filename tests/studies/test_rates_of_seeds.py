"""Rates of seeds that are much sooner than others, at `mini`."""

import pandas as pd

from diary_claims.rates_of_seeds import on_four_splits


def test_seeds_of_four_splits_are_compared_with_the_median_of_their_own() -> None:
    """On the second split times are 10 times as long, so that one cut would find none there."""
    times = [*[9000.0] * 30, 3000.0, 3001.0]
    rows = [
        {"split_seed": split, "model_seed": 100 * split + i, "t98_step": t * scale, "steps": 99_000}
        for split, scale in ((1, 1), (2, 10))
        for i, t in enumerate(times)
    ]
    runs = pd.DataFrame(rows).assign(loader_seed=8)
    dosed = runs.assign(graft="characters-2~2=0")
    found = on_four_splits(runs, dosed)
    assert (found.k, found.n) == (2, 64)
