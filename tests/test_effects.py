"""Main effects, on tables small enough to work out by hand, and the crossed bootstrap."""

import numpy as np
import pandas as pd
import pytest

from grokseed.effects import effects
from grokseed.stats import crossed_bootstrap


def table(*rows: tuple) -> pd.DataFrame:
    columns = ["kind", "groups", "parts", "base", "source", "split_seed", "train_seed", "accuracy"]
    made = pd.DataFrame(rows, columns=columns)
    return made.assign(split=made["split_seed"].astype(str))


OWN = [
    ("recipient", "", "", 5, 5, 0, 8, 0.1),
    ("recipient", "", "", 6, 6, 0, 8, 0.2),
    ("donor", "", "", 1, 1, 0, 8, 0.9),
]


def the(found: pd.DataFrame, question: str, groups: str, kind: str) -> dict:
    (row,) = found.query("question == @question and groups == @groups and kind == @kind").to_dict(
        "records"
    )
    return row


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
    assert (graft["n"], graft["bases"], graft["sources"]) == (2, 2, 1)
    assert graft["excess"] == pytest.approx(0.25 - 0.125)
    assert (graft["controls_as_large"], graft["controls"]) == (1, 2)  # 0.25 and 0 against 0.25
    assert 0.1 <= graft["low"] <= 0.25 <= graft["high"] <= 0.4
    assert np.isnan(sham["excess"])
    assert len(found) == 2


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
            "block1": 0.4 - 0.1,
            up: 0.3 - 0.1,
            down: 0.4 - 0.3,
        }
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
    assert the(found, "order", "8 - 7", "graft")["mean"] == pytest.approx(-0.4)


def test_cells_that_are_still_to_come_are_left_out() -> None:
    waiting = ("graft", "head", "head", 5, 1, 0, 8, np.nan)
    assert effects(table(*OWN, waiting), "accuracy").empty
    assert effects(table(), "accuracy").empty


def test_the_crossed_bootstrap_knows_which_runs_share_a_seed() -> None:
    random = np.random.default_rng(1)
    rows, columns = np.divmod(np.arange(400), 20)
    noise = random.normal(size=400)
    of_rows, of_columns = random.normal(size=(2, 20))
    one = np.ones((1, 400), bool)
    alone = crossed_bootstrap(noise, np.arange(400), np.zeros(400), one).std()
    assert alone == pytest.approx(1 / 20, rel=0.15)  # the error of a mean of 400
    shared = crossed_bootstrap(
        of_rows[rows] + of_columns[columns] + noise, rows, columns, one
    ).std()
    expected = np.sqrt((of_rows.var() + of_columns.var()) / 20 + 1 / 400)
    assert shared == pytest.approx(expected, rel=0.2)


def test_bootstrap_means_of_groups_are_paired() -> None:
    values, first = np.array([1.0, 5.0, 3.0, 7.0]), np.array([0, 1, 0, 1])
    groups = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], bool)
    draws = crossed_bootstrap(values, first, np.zeros(4), groups, draws=50)
    assert draws.shape == (50, 3)
    assert draws[:, 1] - draws[:, 0] == pytest.approx(np.full(50, 2.0))
    assert np.isnan(draws[:, 2]).all()
    assert draws[:, 0].min() >= 1
    assert draws[:, 0].max() <= 5
