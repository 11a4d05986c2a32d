"""What the studies say follows from their tables, whichever way these point."""

import os
import signal
import sys
from pathlib import Path

import pandas as pd
import pytest

import graft_42_56
import graft_mini
from common.study import options_of
from graft_42_56 import GROUPS
from grokseed.analysis.rates import rate
from grokseed.config import Config
from grokseed.model.layout import select

RESULTS = Path(__file__).parents[2] / "results"


def pair(**accuracy: float) -> pd.DataFrame:
    """The cells of 42 and 56: culprits on each split, a graft that does well, shams."""
    rows = [
        ("donor", "", "donor", 8, 1.0),
        ("recipient", "", "recipient", 8, 0.0),
        ("recipient", "", "donor", 8, 0.25),
        ("donor", "", "recipient", 8, 0.5),
        ("donor", "", "donor", 7, 0.125),
        ("graft", graft_42_56.TOGETHER, "recipient", 8, accuracy["on_56"]),
        ("graft", graft_42_56.TOGETHER, "donor", 8, accuracy["on_42"]),
        *(
            ("graft", group, split, 8, 0.125)
            for group in GROUPS
            for split in ("donor", "recipient")
        ),
        ("graft", "block1", "recipient", 8, 0.75),
        ("sham", graft_42_56.TOGETHER, "recipient", 8, 0.1),
        ("sham", graft_42_56.TOGETHER, "donor", 8, 0.3),
    ]
    cells = pd.DataFrame(rows, columns=["kind", "groups", "split", "loader_seed", "accuracy"])
    config = Config()
    held = ["+".join(select(config, groups)) if groups else "" for groups in cells["groups"]]
    runs = {"split_seed": 0, "model_seed": range(len(cells)), "val_seed": 9, "graft": ""}
    return cells.assign(**runs, parts=held, won=(cells["accuracy"] >= 0.25) * 1)


@pytest.mark.parametrize(
    ("on_56", "on_42", "said", "so"),
    [
        (0.6, 1.0, "**yes**.", "42's split was what they lacked."),
        (0.6, 0.7, "**no**.", "the split hardly matters to them."),
        (1.0, 1.0, "**no**.", "the split hardly matters to them."),
        (0.1, 0.6, "**in part**.", "the split decides what they do, and they do more on 42's."),
        (
            0.6,
            0.1,
            "**in part**, but in the other direction.",
            "the split decides what they do, but they do more on 56's own.",
        ),
    ],
)
def test_whether_the_split_was_the_something_else_depends_on_the_cells(on_56, on_42, said, so):
    text = graft_42_56.answer(pair(on_56=on_56, on_42=on_42))
    assert f"by the rule chosen before, {said}" in text
    assert so in text
    assert "| 56's weights on 42's split | 0.250 | 25 % |" in text
    assert "| 42's weights on 56's split | 0.500 | 50 % |" in text
    assert "| 42's weights and split, loader 7 | 0.125 | 12 % |" in text
    assert "2 runs with shams' reach 0.100 to 0.300" in text
    assert "layer groups by itself closes more than 12.5 %" in text
    best = graft_42_56.TOGETHER if on_56 > 0.75 else "block1"
    assert f"several groups included, is {best}." in text
    together = 1 + (on_56 >= 0.25)  # with all of 42's weights too
    said = f"{together} of 2 runs with all three culprits of 42 win"
    assert f"on 56's split, {said}" in text
    assert "and 1 of 10 others: block1 (0.750);" in text
    assert f"On 42's split {1 + (on_42 >= 0.25)} of 3 do, and 2 of 9 others;" in text
    itself = "of seed 42 itself, with all of its weights, are {} of these {} runs and 1 of the {} "
    assert itself.format(1, 2, together) in text
    assert itself.format(2, 3, 1 + (on_42 >= 0.25)) in text


def test_the_culprits_gain_at_each_place_is_a_difference_of_two_runs():
    """By hand, from made-up accuracies at all four places; the order of the cells says nothing."""
    at = {(56, 8): (0.1, 0.9), (56, 7): (0.2, 0.7), (42, 8): (0.3, 0.4), (42, 7): (0.5, 0.1)}
    split = {56: "recipient", 42: "donor"}
    rows = [
        (kind, groups, split[s], order, accuracy)
        for (s, order), both in at.items()
        for kind, groups, accuracy in zip(
            ("recipient", "graft"), ("", graft_42_56.TOGETHER), both, strict=True
        )
    ]
    rows += [("sham", graft_42_56.TOGETHER, "donor", 8, accuracy) for accuracy in (0.2, 0.6)]
    cells = pd.DataFrame(rows, columns=["kind", "groups", "split", "loader_seed", "accuracy"])
    cells["won"] = (cells["accuracy"] > 0.25) * 1
    found = graft_42_56.places(cells.iloc[::-1])
    assert found["gain"].tolist() == pytest.approx([0.8, 0.5, 0.1, -0.4])
    assert found["won"].tolist() == [1, 1, 1, 0]
    assert found["shams"].tolist() == [0, 0, 2, 0]
    assert found["shams_gain"].iloc[2] == pytest.approx(0.1)


def test_the_pages_of_grafts_say_what_their_tables_do():
    folder = RESULTS / "graft_42_56"
    cells = pd.read_csv(folder / "cells.csv", keep_default_na=False)
    page = (folder / "README.md").read_text()
    assert graft_42_56.answer(cells).strip() in page
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "places.csv"), graft_42_56.places(cells), rtol=1e-4
    )
    effects = pd.read_csv(folder / "effects.csv").query(
        "outcome == 'accuracy' and question == 'gain' and kind == 'graft' and place.notna()"
    )
    of_three = effects.loc[effects["groups"] == graft_42_56.TOGETHER].set_index("place")["mean"]
    for row in graft_42_56.places(cells).to_dict("records"):
        place = f"split {row['split']}, loader {row['loader_seed']}"
        assert row["gain"] == pytest.approx(of_three.loc[place], abs=1e-5)
        assert f"| {row['gain']:+.2f} |" in page
    folder = RESULTS / "graft_mini"
    left = graft_mini.wins_left(pd.read_csv(folder / "cells.csv"))
    pd.testing.assert_frame_equal(pd.read_csv(folder / "wins_left.csv"), left, rtol=1e-4)
    others = left.loc[left["groups"] == graft_mini.OTHERS].set_index("kind").to_dict("index")
    said = f"{others['reverse']['share']:.0%} ({others['reverse']['low']:.0%} to"
    assert said in (folder / "README.md").read_text()


def replaced(ffn: float, other: float, kind: str = "reverse") -> pd.DataFrame:
    """Cells of 20 winners with a group of 6 seeds: the first winners win, as often as asked."""
    rows = [
        (kind, group, winner, source, float(winner < 20 * share))
        for group, share in (("head", other), (graft_mini.FFN, ffn), ("token_embedding", other))
        for winner in range(20)
        for source in range(100, 106)
    ]
    return pd.DataFrame(rows, columns=["kind", "groups", "recipient", "donor", "won"])


def test_what_is_left_of_wins_is_over_winners_and_sources():
    cells = pd.concat((replaced(0.5, 0.1), replaced(0.25, 0.0, "fresh")))
    found = graft_mini.wins_left(cells).set_index(["kind", "groups"])
    row = found.loc["reverse", graft_mini.OTHERS]
    assert row[["n", "winners", "sources", "won"]].tolist() == [240, 20, 6, 24]
    # A winner's runs are all alike here: limits are those of 2 of 20 winners, not of 24 of 240.
    exact = rate(2, 20)
    assert row["share"] == exact.share
    assert row["low"] < 0.04 < 0.25 < row["high"]
    assert found.loc["both", graft_mini.FFN]["won"] == 60 + 30
    assert found.loc["fresh", "head"]["won"] == 0
    assert (
        not set(found.loc["reverse"].index)
        - {"head", "token_embedding"}
        - {
            graft_mini.FFN,
            graft_mini.OTHERS,
        }
    )


def test_searches_of_winners_and_shams_are_counted_apart():
    cells = pd.DataFrame(
        [
            (
                kind,
                group,
                recipient,
                donor,
                float(kind == "graft" and group == "head" and donor == 1),
            )
            for kind, donors in (("graft", (1, 2)), ("sham", (3, 4)))
            for group in ("head", "block1")
            for recipient in (5, 6)
            for donor in donors
        ],
        columns=["kind", "groups", "recipient", "donor", "won"],
    )
    effects = pd.DataFrame(
        [
            ("accuracy", "gain", "head", "graft", 0.4, 0.3, 0.5, 0.2, 0.1, 0.3),
            ("accuracy", "loss", "head", "reverse", 0.6, 0.5, 0.7, 0.0, -0.1, 0.1),
            ("accuracy", "loss", "head", "fresh", 0.5, 0.4, 0.6, None, None, None),
            ("won", "gain", "head", "graft", 0.9, 0.8, 1.0, 0.9, 0.8, 1.0),
        ],
        columns=[
            *("outcome", "question", "groups", "kind", "mean", "low", "high"),
            *("excess", "excess_low", "excess_high"),
        ],
    ).assign(excess_detectable=0.15, excess_p_holm=0.01)
    text = graft_mini.answer(cells, effects, rate(10, 100))
    assert "With one group other" not in text  # no winner has had one replaced
    assert "(20 winners, 20 shams, 1 groups). They gain more from a winner than from a" in text
    assert "than from a sham with head." in text
    assert "gain less" not in text
    assert "loses between 0.60 (head) and 0.60 (head)" in text
    row = "| head | +0.200 (+0.100 to +0.300) | 0.150 | 0.01 | +0.60 (+0.50 to +0.70) | +0.50"
    assert row in text
    assert "in 2 of 4 (" in text
    assert "in 0 of 4 (0% to 100%) with a sham's. If each run won by chance, at the scan's" in text
    assert "69% (16 draws) to 82% (24)" in text
    base = "the share of all seeds of `mini_screen` that win, 10.0% (4.9% to 17.6%)"
    text = graft_mini.answer(pd.concat((cells, replaced(0.9, 0.1))), effects, rate(10, 100))
    assert f"of 240 runs. That cannot be told from {base}." in text
    assert "of 120 runs. That is more than the share of all seeds. (Found by looking" in text


def test_a_study_that_is_asked_to_end_saves_its_runs_as_after_ctrl_c(monkeypatch, capsys):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    try:
        options_of("A study.")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)  # while runs are saved
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    stopped = "\nStopped; what is finished is stored. The same command goes on.\n"
    assert capsys.readouterr().err == stopped
    sys.excepthook(ValueError, ValueError("another"), None)
    assert "ValueError: another" in capsys.readouterr().err
