"""Main effects, on tables small enough to work out by hand."""

import numpy as np
import pytest
from effect_tables import table, the

from grokseed.analysis.effects import effects

OWN = [
    ("recipient", "", "", 5, 5, 0, 8, 0.1),
    ("recipient", "", "", 6, 6, 0, 8, 0.2),
    ("donor", "", "", 1, 1, 0, 8, 0.9),
]


def test_a_gain_is_over_the_recipients_own_run_and_its_excess_over_the_shams() -> None:
    found = effects(
        table(
            *OWN,
            ("graft", "head", "head", 5, 1, 0, 8, 0.5),
            ("graft", "head", "head", 6, 1, 0, 8, 0.3),
            ("sham", "head", "head", 5, 3, 0, 8, 0.2),
            ("sham", "head", "head", 6, 3, 0, 8, 0.6),
            ("sham", "head", "head", 5, 4, 0, 8, 0.1),
            ("sham", "head", "head", 6, 4, 0, 8, 0.2),
            ("graft", "block1", "block1.ffn.up", 5, 1, 0, 7, 0.5),  # no baseline in this order
        ),
        "accuracy",
    )
    graft, sham = (the(found, "gain", "head", kind) for kind in ("graft", "sham"))
    assert graft["mean"] == pytest.approx((0.4 + 0.1) / 2)
    assert sham["mean"] == pytest.approx((0.1 + 0.4 + 0 + 0) / 4)
    assert (graft["n"], graft["recipients"], graft["donors"]) == (2, 2, 1)
    assert graft["excess"] == pytest.approx(0.25 - 0.125)
    assert (graft["as_large"], graft["controls"]) == (1, 2)  # 0.25 and 0 against 0.25
    assert np.isnan(graft["excess_low"])  # one donor: it has no spread of its own
    assert graft["low"] < 0.25 < graft["high"]
    assert np.isnan(sham["excess"])
    assert len(found) == 2


def test_limits_of_two_donors_are_no_wider_than_outcomes_can_differ() -> None:
    graft = [("graft", "head", "head", r, 1, 0, 8, a) for r, a in ((5, 0.9), (6, 0.3))]
    row = the(effects(table(*OWN, *graft), "accuracy"), "gain", "head", "graft")
    assert row["mean"] == pytest.approx(0.45)
    assert (row["low"], row["high"]) == (-1, 1)  # Student's with one degree of freedom: -4 to 5


def test_an_excess_compares_what_was_run_on_the_same_split_order_and_recipient() -> None:
    found = effects(
        table(
            *OWN,
            ("recipient", "", "", 5, 5, 1, 8, 0.5),
            ("graft", "head", "head", 5, 1, 0, 8, 0.3),
            ("graft", "head", "head", 5, 2, 0, 8, 0.4),
            ("graft", "head", "head", 6, 1, 0, 8, 0.9),
            ("graft", "head", "head", 5, 1, 1, 8, 1.0),
            ("sham", "head", "head", 5, 3, 0, 8, 0.2),
        ),
        "accuracy",
    )
    graft = the(found, "gain", "head", "graft")
    assert graft["n"] == 4
    assert graft["excess"] == pytest.approx((0.2 + 0.3) / 2 - 0.1)
    assert graft["excess_low"] < graft["excess"] < graft["excess_high"]
    assert np.isnan(graft["as_large"])


def test_a_loss_is_of_the_donors_own_run_in_either_spelling() -> None:
    found = effects(
        table(
            *OWN,
            ("reverse", "head", "head", 1, 5, 0, 8, 0.2),
            ("fresh", "head", "head", 1, 99, 0, 8, 0.8),
            ("graft", "all but block1", "head+token_embedding", 5, 1, 0, 8, 0.6),
        ),
        "accuracy",
    )
    assert the(found, "loss", "head", "reverse")["mean"] == pytest.approx(0.7)
    assert the(found, "loss", "head", "reverse")["excess"] == pytest.approx(0.7 - 0.1)
    assert the(found, "loss", "block1", "reverse")["mean"] == pytest.approx(0.3)
    assert the(found, "gain", "all but block1", "graft")["mean"] == pytest.approx(0.5)
    assert np.isnan(the(found, "loss", "block1", "reverse")["low"])  # one donor, one recipient


def test_one_run_in_two_spellings_counts_once() -> None:
    reverse = ("reverse", "head", "head", 1, 5, 0, 8, 0.2)
    graft = ("graft", "all but head", "token_embedding", 5, 1, 0, 8, 0.2)
    found = effects(table(*OWN, reverse, graft), "accuracy")
    assert the(found, "loss", "head", "reverse")["n"] == 1


def test_among_others_a_group_is_what_it_adds_to_each_set() -> None:
    a, b, up, down = "token_embedding", "head", "block1.ffn.up", "block1.ffn.down"
    values = {a: 0.1, b: 0.2, f"{a}+{b}": 0.7, f"{a}+{up}+{down}": 0.4, f"{a}+{up}": 0.3}
    rows = [("graft", parts, parts, 5, 1, 0, 8, value) for parts, value in values.items()]
    found = effects(table(*OWN, *rows), "accuracy")
    among = found[found["question"] == "among others"].set_index("groups")["mean"]
    assert among.to_dict() == pytest.approx(
        {
            a: 0.7 - 0.2,
            b: 0.7 - 0.1,
            "block1.ffn": 0.4 - 0.1,
            up: 0.3 - 0.1,
            down: 0.4 - 0.3,
        }
    )


def test_among_others_a_part_of_a_group_is_not_called_the_group() -> None:
    """From `down` to the whole block, attention and `up` are added, which are no group."""
    qkv, up, down = "block1.attention.qkv", "block1.ffn.up", "block1.ffn.down"
    block = f"{qkv}+{up}+{down}"
    values = {down: 0.2, f"{up}+{down}": 0.3, block: 0.7, "head": 0.1, f"{block}+head": 0.9}
    rows = [("graft", parts, parts, 5, 1, 0, 8, value) for parts, value in values.items()]
    found = effects(table(*OWN, *rows), "accuracy")
    among = found[found["question"] == "among others"].set_index("groups")["mean"]
    assert among.to_dict() == pytest.approx(
        {qkv: 0.7 - 0.3, up: 0.3 - 0.2, "block1": 0.9 - 0.1, "head": 0.9 - 0.7}
    )


def test_split_and_order_are_factors_too() -> None:
    found = effects(
        table(
            ("recipient", "", "", 5, 5, 0, 8, 0.1),
            ("recipient", "", "", 5, 5, 1, 8, 0.4),
            ("graft", "head", "head", 5, 1, 0, 8, 0.5),
            ("graft", "head", "head", 5, 1, 0, 7, 0.9),
        ),
        "accuracy",
    )
    assert the(found, "split", "0 - 1", "recipient")["mean"] == pytest.approx(-0.3)
    assert the(found, "order", "7 - 8", "graft")["mean"] == pytest.approx(0.4)


def test_a_donors_split_comes_before_a_recipients_and_both_before_numbers() -> None:
    rows = [
        *(("recipient", "", "", 5, 5, split, 8, value) for split, value in ((3, 0.1), (5, 0.2))),
        *(("recipient", "", "", 5, 5, split, 8, value) for split, value in ((10, 0.4), (1, 0.8))),
    ]
    cells = table(*rows).assign(split=["3", "recipient", "10", "donor"])
    found = effects(cells, "accuracy")
    levels = ["donor - recipient", "donor - 3", "donor - 10"]
    assert found["groups"].tolist() == levels
    assert found["mean"].tolist() == pytest.approx([0.6, 0.7, 0.4])
    assert set(found["places"]) == {1}


def test_p_values_are_adjusted_over_the_groups_of_a_question_and_kind() -> None:
    random, rows = np.random.default_rng(1), []
    for recipient in range(4):
        rows.append(("recipient", "", "", recipient, recipient, 0, 8, 0.0))
        for donor in range(10, 15):
            for group, gain in (("head", 0.5), ("block1", 0.3), ("token_embedding", 0.0)):
                value = gain + 0.2 * random.normal()
                rows.append(("graft", group, group, recipient, donor, 0, 8, value))
    found = effects(table(*rows), "accuracy").sort_values("p")
    assert found["groups"].tolist()[2] == "token_embedding"
    smallest, middle, largest = found["p"].tolist()
    expected = [3 * smallest, max(3 * smallest, 2 * middle), max(2 * middle, largest)]
    assert found["p_holm"].tolist() == pytest.approx(expected)
    for row in found.to_dict("records"):
        # 80 % power needs more than reaching the limit, which half of studies do.
        half = row["mean"] - row["low"]
        assert 1.2 * half < row["detectable"] < 1.6 * half
        assert (row["p"] < 0.05) == (row["low"] * row["high"] > 0)


def test_levels_of_the_split_are_compared_by_name_over_all_their_seeds() -> None:
    rows = [
        ("recipient", "", "", 5, 5, seed, 8, accuracy)
        for seed, accuracy in ((1, 0.6), (2, 0.8), (5, 0.1))
    ]
    cells = table(*rows).assign(split=["donor", "donor", "recipient"])
    found = effects(cells, "accuracy")
    assert found["groups"].tolist() == ["donor - recipient"]
    assert found["place"].tolist() == [""]
    assert found["mean"].tolist() == pytest.approx([0.6])


def test_cells_that_are_still_to_come_are_left_out() -> None:
    waiting = ("graft", "head", "head", 5, 1, 0, 8, np.nan)
    assert effects(table(*OWN, waiting), "accuracy").empty
    assert effects(table(), "accuracy").empty


@pytest.mark.parametrize(("winners", "losers"), [((1, 2), (5,)), ((1,), (5, 6))])
def test_a_loss_has_limits_over_the_winners_that_lost_something(winners, losers) -> None:
    """Two winners have a spread; with one, each control donor is a draw of its own."""
    rows = [("donor", "", "", 2, 2, 0, 8, 0.8)]
    rows += [
        ("reverse", "head", "head", w, s, 0, 8, 0.1 * w + s / 50) for w in winners for s in losers
    ]
    rows += [
        ("fresh", "head", "head", w, s, 0, 8, 0.7 - 0.05 * w) for w in winners for s in (98, 99)
    ]
    row = the(effects(table(*OWN, *rows), "accuracy"), "loss", "head", "reverse")
    assert row["excess"] > 0.3
    assert np.isnan(row["excess_low"]) == (len(winners) == 1)
    assert np.isnan(row["as_large"]) == (len(winners) == 2)
