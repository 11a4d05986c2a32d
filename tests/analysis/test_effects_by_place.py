"""Main effects in several places: told apart, pooled beside their interaction, in one order."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from effect_tables import crossed_over_places, table, the
from scipy.stats import ttest_1samp, ttest_rel

from grokseed.analysis.effects import effects, effects_at_each


def test_effects_are_told_apart_by_place_and_pooled_only_beside_their_interaction() -> None:
    found = effects(crossed_over_places(), "accuracy")
    grafts = found.query("question == 'gain' and kind == 'graft'")
    assert grafts["place"].tolist() == [
        "",
        *("split 7, loader 9", "split 7, loader 10", "split 42, loader 9", "split 42, loader 10"),
    ]
    assert grafts["mean"].tolist() == pytest.approx([0.2, 0, 0, 0.4, 0.4])
    assert grafts["n"].tolist() == [24, 6, 6, 6, 6]
    pooled = grafts.iloc[0]
    assert (pooled["places"], pooled["interaction"]) == (4, pytest.approx(-0.4))
    assert pooled["between"] == "split 7, loader 9 - split 42, loader 9"
    assert pooled["interaction_low"] < -0.4 < pooled["interaction_high"] < 0
    assert pooled["interaction_p"] < 0.05
    assert grafts.iloc[1:]["interaction"].isna().all()


def test_shams_are_judged_only_at_the_places_where_they_were_run() -> None:
    found = effects(crossed_over_places(), "accuracy")
    assert the(found, "gain", "head", "graft")["excess"] == pytest.approx(0.4 - 0.1)
    on_42 = the(found, "gain", "head", "graft", "split 42, loader 9")
    assert on_42["excess"] == pytest.approx(0.4 - 0.1)
    assert np.isnan(the(found, "gain", "head", "graft", "split 7, loader 9")["excess"])
    assert on_42["excess_p"] < 0.05 < on_42["mean"]
    assert on_42["excess_low"] < 0.3 < on_42["excess_high"]


def test_levels_have_one_order_whatever_the_order_of_the_rows() -> None:
    cells = crossed_over_places()
    once = effects(cells, "accuracy")
    other = effects(cells.sample(frac=1, random_state=3), "accuracy")
    assert set(once.query("question == 'split'")["groups"]) == {"7 - 42"}
    assert set(once.query("question == 'order'")["groups"]) == {"9 - 10"}
    key = ["question", "groups", "kind", "place"]
    once, other = (some.sort_values(key).reset_index(drop=True) for some in (once, other))
    pd.testing.assert_frame_equal(once, other)


GAINS = {
    ("head", 1): (0.20, 0.25, 0.30, 0.26),
    ("head", 2): (0.10, 0.12, 0.25, 0.17),
    ("head", 3): (0.05, 0.11, 0.10, 0.09),
    ("block1", 1): (0.02, 0.05, -0.01, 0.04),
    ("block1", 2): (0.03, 0.00, 0.01, 0.06),
    ("block1", 3): (0.01, 0.04, 0.05, 0.00),
}
"""Gains of four recipients from one donor, by group and split."""


def on_three_splits() -> pd.DataFrame:
    rows = [
        ("graft", group, group, recipient, 9, split, 8, 0.1 + gain)
        for (group, split), gains in GAINS.items()
        for recipient, gain in enumerate(gains)
    ]
    own = [("recipient", "", "", r, r, split, 8, 0.1) for split in (1, 2, 3) for r in range(4)]
    return effects(table(*own, *rows), "accuracy")


def test_an_interaction_is_tested_over_all_pairs_of_places() -> None:
    """With one donor two places differ by a t test over recipients, and there are three pairs."""
    found = the(on_three_splits(), "gain", "head", "graft")
    of = [GAINS["head", split] for split in (1, 2, 3)]
    p_values = [ttest_rel(one, other).pvalue for one, other in combinations(of, 2)]
    assert found["between"] == "split 1, loader 8 - split 3, loader 8"
    assert min(p_values) < 0.05
    assert found["interaction_p"] == pytest.approx(3 * min(p_values))


def test_p_values_at_a_place_are_adjusted_over_groups_and_places() -> None:
    """Six tests at places, but two over all places."""
    gains = on_three_splits().query("question == 'gain'")
    each = gains.loc[gains["place"] != ""]
    tests: Any = [ttest_1samp(values, 0) for values in GAINS.values()]
    p_values = sorted(test.pvalue for test in tests)
    assert sorted(each["p"]) == pytest.approx(p_values)
    assert each["p_holm"].min() == pytest.approx(6 * p_values[0])
    pooled = gains.loc[gains["place"] == ""]
    assert pooled["p_holm"].min() == pytest.approx(2 * pooled["p"].min())


def test_effects_at_each_place_are_those_of_the_whole_table_and_one_place_has_them_too() -> None:
    cells = crossed_over_places()
    found = effects_at_each(cells, "accuracy")
    rows = effects(cells, "accuracy").query("question == 'gain'")
    names = ["mean", "low", "high", "n", "p_holm", "excess", "excess_p_holm"]
    for row in found.to_dict("records"):
        place = f"split {row['split']}, loader {row['loader_seed']}"
        its = the(rows, row["question"], row["groups"], row["kind"], place)
        assert [row[n] for n in names] == pytest.approx([its[n] for n in names], nan_ok=True)
    assert len(found) == len(rows.query("place != ''")) == 6
    one = cells.query("split_seed == 42 and loader_seed == 9")
    assert sorted(effects_at_each(one, "accuracy")["mean"]) == pytest.approx([0.1, 0.4])


def test_a_baseline_at_the_other_level_of_a_split_counts() -> None:
    """Seed 42's split is asked for twice, by its number and as the donor's."""
    cells = crossed_over_places().query("split_seed == 42 and loader_seed == 9 and kind != 'sham'")
    level = np.where(cells["kind"] == "graft", "donor", "42")
    found = effects_at_each(cells.assign(split=level), "accuracy")
    assert found["split"].tolist() == ["donor"]
    assert found["mean"].tolist() == pytest.approx([0.4])


def test_a_split_is_compared_with_no_sham() -> None:
    """A control is one of weights: shams say nothing of what a split does to grafts."""
    rows = [
        (kind, *of, 5, donor, split, 8, 0.1 * donor + 0.3 * split)
        for kind, of, donors in (("graft", ("head",) * 2, (1, 2)), ("sham", ("head",) * 2, (3, 4)))
        for donor in donors
        for split in (0, 1)
    ]
    own = [("recipient", "", "", 5, 5, split, 8, 0.1) for split in (0, 1)]
    found = effects(table(*own, *rows), "accuracy")
    assert the(found, "gain", "head", "graft")["excess"] == pytest.approx(-0.2)
    assert the(found, "split", "0 - 1", "graft")["n"] == 2
    assert np.isnan(the(found, "split", "0 - 1", "graft")["excess"])
