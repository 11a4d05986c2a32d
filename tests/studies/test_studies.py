"""What the studies say follows from their tables, whichever way these point."""

import graft_42_56
import graft_mini
import pandas as pd
import pytest
from graft_42_56 import GROUPS


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
    return pd.DataFrame(rows, columns=["kind", "groups", "split", "loader_seed", "accuracy"])


@pytest.mark.parametrize(
    ("on_56", "on_42", "said"),
    [
        (0.6, 1.0, "yes, 42's split was what the culprits lacked"),
        (0.6, 0.7, "no, the split hardly matters to the culprits"),
        (1.0, 1.0, "no, the split hardly matters to the culprits"),
        (0.1, 0.6, "no: the culprits do more on 42's split"),
        (0.6, 0.1, "no: the culprits do more on 56's split"),
    ],
)
def test_whether_the_split_was_the_something_else_depends_on_the_cells(on_56, on_42, said):
    text = graft_42_56.answer(pair(on_56=on_56, on_42=on_42))
    assert f"By the rule chosen before, {said}" in text
    assert "| 56's weights on 42's split | 0.250 | 25 % |" in text
    assert "| 42's weights on 56's split | 0.500 | 50 % |" in text
    assert "| 42's weights and split, loader 7 | 0.125 | 12 % |" in text
    assert "2 runs with shams' reach 0.100 to 0.300" in text
    assert "No single group closes more than 12.5 %" in text
    best = graft_42_56.TOGETHER if on_56 > 0.75 else "block1"
    assert f"56's split is {best}." in text


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
    text = graft_mini.answer(cells, effects, rate=0.1)
    assert "1 of 1 groups of 20 winners gain more than the same groups of 20 shams do: head" in text
    assert "and 0 gain less." in text
    assert "loses between 0.60 (head) and 0.60 (head)" in text
    row = "| head | +0.200 (+0.100 to +0.300) | 0.150 | 0.01 | +0.60 (+0.50 to +0.70) | +0.50"
    assert row in text
    assert "in 2 of 4 (" in text
    assert "in 0 of 4 (0% to 60%) with a sham's, where new draws at the scan's own 10.0%" in text
    assert "69% (16 draws) to 82% (24)" in text
