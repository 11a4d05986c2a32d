"""Two sets whose runs share seeds: coverage of the time ratio's limits, and judges from outside."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp, ttest_ind
from shared_seeds import log_times

from grokseed.analysis import paired, wins
from grokseed.analysis.crossed import crossed
from grokseed.analysis.hazard import hazard
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.over_seeds import over_seeds
from grokseed.analysis.paired import Arms, fit, holds

SOURCES = ("split", "model", "loader")
RATIO = 0.8

OWN, COMMON = "effects of each set's own", "effects in common"
DESIGNS = {
    "8 splits x 8 weights": ((8, 8), 1, True),
    "4 splits x 16 weights": ((4, 16), 1, True),
    "8 splits x 8 weights, not matched": ((8, 8), 1, False),
    "8 splits of 8 runs": ((8,), 8, True),
    "4 splits of 8 runs, not matched": ((4,), 8, False),
}
"""Numbers of seeds, runs a cell, and whether B's seeds are A's."""


def draw(random, sizes, runs, matched, own=0.25, end=np.inf) -> Arms:
    """Two sets of log-normal times, as `log_times` draws them."""
    cell, logs = log_times(random, sizes, runs, 2, matched, own)
    logs = logs + np.log([[1], [RATIO]])
    times, reached = np.exp(np.minimum(logs, end)), logs <= end
    seeds = {f"{source}_seed": at for source, at in zip(SOURCES, cell.T, strict=False)}
    table = pd.DataFrame({**seeds, "val_seed": range(len(cell))})
    if matched:
        return Arms(times[0], reached[0], times[1], reached[1], table)
    none, no = np.full(len(cell), np.nan), np.zeros(len(cell), bool)
    a, b = np.append(times[0], none), np.append(none, times[1])
    also = pd.concat([table, table + 100], ignore_index=True)
    return Arms(a, np.append(reached[0], no), b, np.append(no, reached[1]), also)


def alone(arms: Arms) -> Arms:
    return Arms(arms.a, arms.a_reached, arms.b, arms.b_reached)


def coverage(draws: int, *design, **kinds) -> tuple[float, float]:
    """How often the limits hold the truth, and, in the first forty draws, how often those that take
    rows as independent do."""
    random = np.random.default_rng(11)
    some = [draw(random, *design, **kinds) for _ in range(draws)]
    naive = sum(holds(alone(arms), RATIO) for arms in some[:40])
    return sum(holds(arms, RATIO) for arms in some) / draws, naive / 40


@pytest.mark.parametrize(("matched", "end"), [(True, 9.2), (False, np.inf)])
def test_limits_over_seeds_hold_the_truth_where_those_over_rows_do_not(matched, end) -> None:
    held, naive = coverage(90, (8, 8), 1, matched, end=end)
    assert 0.92 <= held <= 0.99
    assert naive < 0.8


def test_limits_hold_the_truth_if_sets_have_their_effects_in_common() -> None:
    held, naive = coverage(90, (8, 8), 1, True, own=0.0)
    assert 0.92 <= held <= 0.99
    assert naive > 0.9  # matched rows differ by chance alone: nothing was wrong


@pytest.mark.slow
@pytest.mark.parametrize("end", [np.inf, 9.0])
@pytest.mark.parametrize("own", [0.25, 0.0])
@pytest.mark.parametrize("name", DESIGNS)
def test_coverage_is_near_95_in_a_hundred(name, own, end) -> None:
    """At most 99.5, where rows are independent and limits over few seeds have theirs as a floor."""
    held, _ = coverage(400, *DESIGNS[name], own=own, end=end)
    assert 0.92 <= held <= 0.995


def test_over_one_source_they_are_students_limits_of_the_seeds_means() -> None:
    arms = draw(np.random.default_rng(1), (6,), 5, True)
    assert arms.shared == {"split": 6}
    mean = np.log(arms.b / arms.a).reshape(6, 5).mean(axis=1)
    theirs, found = ttest_1samp(mean, 0), fit(arms)
    low, high = np.exp(theirs.confidence_interval())
    got = (found.ratio, found.ratio_low, found.ratio_high)
    assert got == pytest.approx((np.exp(mean.mean()), low, high), rel=2e-3)
    assert found.p == pytest.approx(theirs[1], rel=0.01)
    before = fit(alone(arms))
    assert before.ratio_high / before.ratio_low < 0.8 * found.ratio_high / found.ratio_low
    assert before.p < found.p
    for limit, inwards in ((found.ratio_low, 1.001), (found.ratio_high, 0.999)):
        assert holds(arms, limit * inwards)
        assert not holds(arms, limit / inwards)


def test_over_seeds_of_each_sets_own_they_are_welchs() -> None:
    arms = draw(np.random.default_rng(2), (6,), 5, False)
    a, b = (np.log(x[~np.isnan(x)]).reshape(6, 5).mean(axis=1) for x in (arms.a, arms.b))
    theirs, found = ttest_ind(b, a, equal_var=False), fit(arms)
    wanted = np.exp(theirs.confidence_interval())
    assert (found.ratio_low, found.ratio_high) == pytest.approx(wanted, rel=2e-3)


def test_over_two_sources_the_error_is_that_of_the_mean_difference() -> None:
    arms = draw(np.random.default_rng(3), (6, 5), 1, True)
    wanted = crossed(np.log(arms.b / arms.a), arms.seeds["split_seed"], arms.seeds["model_seed"])
    over = fit(arms).over
    assert over is not None
    assert (over.mean, over.error) == pytest.approx((wanted.mean, wanted.error), rel=2e-3)
    assert over.freedom == pytest.approx(wanted.freedom, rel=5e-3)


def test_a_set_with_fewer_seeds_than_both_together_decides_the_correction() -> None:
    """Twelve seeds of four rows, each set with eight of them: as few as eight, not as twelve."""
    adds, seed = np.random.default_rng(5).standard_normal(48), np.repeat(range(12), 4)
    adds -= adds.mean()
    found = over_seeds(0.0, adds, [seed], [seed < 8, seed >= 4])
    square = np.sum(adds.reshape(12, 4).sum(axis=1) ** 2)
    assert found.error**2 == pytest.approx(square * 8 / 7)
    assert (found.freedom, found.seeds) == (pytest.approx(7), (8,))


def test_a_rows_influence_is_what_leaving_it_out_takes_away() -> None:
    arms = draw(np.random.default_rng(6), (8, 8), 1, True, end=9.2)
    a, b = arms.a.copy(), arms.b.copy()
    a[:6], b[-6:] = np.nan, np.nan
    some = Arms(a, arms.a_reached & ~np.isnan(a), b, arms.b_reached & ~np.isnan(b))
    model = paired._likelihood(some)
    influence = model.influence(model.top()) * model.scale
    every = np.log(fit(some).ratio)
    left = []
    for row in range(0, 64, 3):
        kept = np.arange(64) != row
        rest = paired._likelihood(
            Arms(a[kept], some.a_reached[kept], b[kept], some.b_reached[kept])
        )
        left.append(every - rest.top().x[1] * rest.scale)
    assert np.corrcoef(left, influence[::3])[0, 1] > 0.99
    assert np.polyfit(influence[::3], left, 1)[0] == pytest.approx(1, abs=0.1)


def test_too_few_seeds_give_no_limits() -> None:
    arms = draw(np.random.default_rng(7), (3, 20), 1, True)
    found = fit(arms)
    assert not arms.limited
    assert np.isnan([found.ratio_low, found.ratio_high, found.p, wins.matched(arms).low]).all()
    assert found.ratio == fit(alone(arms)).ratio
    assert holds(arms, 100.0)


def test_what_has_no_limits_over_seeds_has_none() -> None:
    arms = draw(np.random.default_rng(8), (8, 8), 1, True)
    found, win = fit(arms), wins.matched(arms)
    assert np.isnan([*found.removed[1:], wins.unmatched(arms).low, hazard(arms).high]).all()
    assert np.isnan(hazard(arms).p)
    before = wins.matched(alone(arms))
    assert win.share == before.share
    assert win.low < before.low < before.high < win.high


def test_rows_that_share_no_seeds_are_independent_to_the_last_digit() -> None:
    arms = draw(np.random.default_rng(9), (8, 8), 1, True, end=9.2)
    names = {f"{source}_seed": range(64) for source in SOURCES}
    for seeds in (names, names | {"split_seed": [3] * 64}, names | {"model_seed": [*range(64)]}):
        table = pd.DataFrame({**seeds, "val_seed": 0})
        own = Arms(arms.a, arms.a_reached, arms.b, arms.b_reached, table)
        assert own.shared == {}
        assert repr(fit(own)) == repr(fit(alone(arms)))
        assert (hazard(own), wins.matched(own)) == (hazard(alone(arms)), wins.matched(alone(arms)))


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        ({"split": [0, 0, 1, 1]}, {"split": [0, 0, 1, 1]}, {"split": 2}),
        ({"split": [0, 0, 1, 1]}, {"split": [0, 1, 2, 3]}, {"split": 2}),
        ({"split": [0] * 4}, {"split": [1] * 4}, {}),  # about one split each
        ({"split": [0, 1, 2, 3]}, {"split": [3, 2, 1, 0]}, {}),  # across sets alone
        (
            {"split": [0, 0, 1, 1], "model": [0, 1, 0, 1], "loader": [5] * 4},
            {"split": [2, 2, 3, 3], "model": [2, 3, 2, 3], "loader": [6] * 4},
            {"split": 2, "model": 2},
        ),
    ],
)
def test_sources_are_those_that_runs_of_a_set_share(a, b, shared) -> None:
    tables = []
    for first, seeds in ((0, a), (10, b)):
        own = {f"{source}_seed": seeds.get(source, range(first, first + 4)) for source in SOURCES}
        table = pd.DataFrame({**own, "val_seed": 0, "t98_step": [5, 6, 7, 8], "steps": 9})
        tables.append(outcome(table, "t98"))
    assert paired.pair(*tables).shared == shared
