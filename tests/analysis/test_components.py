"""Variance components against sums written out by hand, and by simulated coverage."""

import numpy as np
import pytest

from grokseed.analysis.components import components

SHAPE = (8, 9, 10)


def simulated(variances: dict[str, float], random: np.random.Generator) -> tuple:
    a, b, c = SHAPE
    sizes = {"a": (a, 1, 1), "b": (1, b, 1), "c": (1, 1, c), "ab": (a, b, 1), "ac": (a, 1, c)}
    sizes |= {"bc": (1, b, c), "abc": (a, b, c), "e": (a, b, c)}
    parts = {k: random.normal(0, v**0.5, sizes[k]) for k, v in variances.items()}
    cell = sum(part for name, part in parts.items() if name != "e")
    twin = (cell + random.normal(0, variances["e"] ** 0.5, SHAPE)).ravel()[::3]
    y = np.broadcast_to(cell + parts["e"], SHAPE)
    return y, np.stack((y.ravel()[::3], twin), 1)


def test_components_are_those_of_sums_written_out() -> None:
    random = np.random.default_rng(1)
    y = random.normal(size=(3, 4, 5))
    a_sum = sum(20 * (y[i].mean() - y.mean()) ** 2 for i in range(3)) / 2
    ab = [
        5 * (y[i, j].mean() - y[i].mean() - y[:, j].mean() + y.mean()) ** 2
        for i in range(3)
        for j in range(4)
    ]
    ac = [
        4 * (y[i, :, k].mean() - y[i].mean() - y[:, :, k].mean() + y.mean()) ** 2
        for i in range(3)
        for k in range(5)
    ]
    total = ((y - y.mean()) ** 2).sum()
    bc = sum(
        3 * (y[:, j, k].mean() - y[:, j].mean() - y[:, :, k].mean() + y.mean()) ** 2
        for j in range(4)
        for k in range(5)
    )
    b_sum = sum(15 * (y[:, j].mean() - y.mean()) ** 2 for j in range(4))
    c_sum = sum(12 * (y[:, :, k].mean() - y.mean()) ** 2 for k in range(5))
    abc = (total - 2 * a_sum - b_sum - c_sum - sum(ab) - sum(ac) - bc) / 24
    table = components(y).set_index("term")
    variance: dict = table["variance"].to_dict()
    expected = max((a_sum - sum(ab) / 6 - sum(ac) / 8 + abc) / 20, 0)
    assert variance["split"] == pytest.approx(expected, abs=1e-12)
    assert variance["split:model:loader and rounding"] == pytest.approx(abc)
    assert sum(table["share"]) == pytest.approx(1)


def test_tests_of_a_term_that_is_not_there_reject_as_often_as_they_say() -> None:
    random = np.random.default_rng(2)
    none = dict.fromkeys(("a", "ab", "abc"), 0.0)
    some = {"b": 0.5, "c": 0.5, "ac": 0.5, "bc": 0.5, "e": 1.0}
    tables = [components(*_call(simulated({**none, **some}, random)), draws=1) for _ in range(500)]
    for term in ("split:model", "split:model:loader"):
        rejected = np.mean([t.set_index("term").loc[term, "p"] < 0.05 for t in tables])
        assert 0.03 < rejected < 0.075, term
    main = np.mean([t.set_index("term").loc["split", "p"] < 0.05 for t in tables])
    assert main < 0.075  # the quasi F is approximate where interactions are few


@pytest.mark.parametrize(
    "variances",
    [
        {"a": 1.0, "b": 2.0, "c": 1.0, "ab": 1.0, "ac": 0.5, "bc": 0.5, "abc": 1.0, "e": 1.0},
        {"a": 0.2, "b": 0.2, "c": 0.2, "ab": 0.5, "ac": 0.5, "bc": 0.5, "abc": 3.0, "e": 1.0},
        {"a": 3.0, "b": 0.5, "c": 0.5, "ab": 0.3, "ac": 0.3, "bc": 0.3, "abc": 0.5, "e": 0.2},
    ],
)
def test_intervals_of_shares_cover_the_truth(variances: dict[str, float]) -> None:
    random = np.random.default_rng(3)
    truth = np.array(list(variances.values())) / sum(variances.values())
    held = np.zeros(8)
    for _ in range(400):
        table = components(*_call(simulated(variances, random)), draws=1000)
        held += (table["low"] <= truth) & (truth <= table["high"])
    coverage = held / 400
    assert coverage.min() > 0.92, coverage
    assert coverage.max() < 0.995, coverage


@pytest.mark.parametrize(
    "variances",
    [
        {"a": 1.0, "b": 2.0, "ab": 1.0, "ac": 0.5, "abc": 1.0, "e": 1.0},
        {"a": 0.2, "b": 0.2, "ab": 0.5, "ac": 0.0, "abc": 3.0, "e": 0.1},
    ],
)
def test_intervals_cover_the_truth_where_the_third_factor_is_nested(variances: dict) -> None:
    """Its levels on two levels of the first have nothing in common: none of "c" and "bc"."""
    random = np.random.default_rng(5)
    truth = np.array(list(variances.values())) / sum(variances.values())
    held, found = np.zeros(6), []
    for _ in range(300):
        table = components(*_call(simulated(variances, random)), draws=1000, nested=True)
        held += (table["low"] <= truth) & (truth <= table["high"])
        found.append(table)
    assert held.min() / 300 > 0.9, held / 300
    assert held.max() / 300 < 0.995, held / 300
    if not variances["ac"]:
        assert 0.03 < np.mean([table["p"][3] < 0.05 for table in found]) < 0.075


def test_a_nested_factor_pools_what_the_crossed_design_parts() -> None:
    """Sums of squares and degrees of freedom of C(A) are those of C and AC together, and so on."""
    y, twins = simulated(dict.fromkeys(("a", "b", "c", "abc", "e"), 1.0), np.random.default_rng(6))
    inside = y - y.mean(1, keepdims=True) - y.mean(2, keepdims=True) + y.mean((1, 2), keepdims=True)
    of_c = y.mean(1) - y.mean((1, 2))[:, None]
    a, b, c = SHAPE
    highest = (inside**2).sum() / (a * (b - 1) * (c - 1))
    table = components(y, twins=twins, nested=True).set_index("term")
    assert table.loc["loader in split", "freedom"] == a * (c - 1)
    assert table.loc["model:loader in split", "freedom"] == a * (b - 1) * (c - 1)
    own = b * (of_c**2).sum() / (a * (c - 1))
    assert table.loc["loader in split", "variance"] == pytest.approx((own - highest) / b)
    rounding = table.loc["rounding", "variance"]
    assert table.loc["model:loader in split", "variance"] == pytest.approx(highest - rounding)


def test_a_mean_square_that_is_low_by_chance_gives_no_upper_limit_below_an_expected_one() -> None:
    """It is the limit of a term with the expected mean square. Those of other terms stay."""
    there = {"a": 1, "b": 1, "c": 0, "ab": 1, "ac": 0.2, "bc": 0.2, "abc": 3, "e": 0.1}
    y, twins = simulated(there, np.random.default_rng(4))
    of_c = y.mean((0, 1)) - y.mean()
    low = y - of_c  # its mean square is 0
    squares = {}
    for name, axes in {"ac": (0, 2), "bc": (1, 2), "abc": (0, 1, 2)}.items():
        other = tuple({0, 1, 2} - set(axes))
        effect = y.mean(other, keepdims=True) if other else y
        for axis in axes:
            effect = effect - effect.mean(axis, keepdims=True)
        freedom = np.prod([SHAPE[axis] - 1 for axis in axes])
        squares[name] = (effect**2).sum() * y.size / effect.size / freedom
    expected = squares["ac"] + squares["bc"] - squares["abc"]
    own = (of_c**2).sum() * SHAPE[0] * SHAPE[1] / (SHAPE[2] - 1)
    even = low + of_c * (expected * (1 - 1e-9) / own) ** 0.5
    names = ("split", "model", "loader")
    by_chance, as_expected = (
        components(values, names, twins).set_index("term") for values in (low, even)
    )
    assert by_chance.loc["loader", "share"] == 0
    assert by_chance.loc["loader", "high"] > 0.01
    assert by_chance.loc["loader", "high"] == pytest.approx(as_expected.loc["loader", "high"], 1e-6)
    shares = by_chance["high"] / as_expected["high"]
    assert shares.drop("loader").tolist() == pytest.approx([1] * 7, abs=0.02)


def test_what_cannot_be_analysed_is_refused() -> None:
    with pytest.raises(ValueError, match="three axes"):
        components(np.zeros((4, 4)))
    with pytest.raises(ValueError, match="finite"):
        components(np.full((2, 2, 2), np.nan))


def _call(made: tuple) -> tuple:
    y, twins = made
    return y, ("split", "model", "loader"), twins
