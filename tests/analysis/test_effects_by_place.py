"""Main effects in several places: told apart, pooled beside their interaction, in one order."""

import numpy as np
import pandas as pd
import pytest
from effect_tables import crossed_over_places, the

from grokseed.analysis.effects import effects


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
