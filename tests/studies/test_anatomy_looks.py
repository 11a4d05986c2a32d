"""The rule of study A, asked at 8 levels and once more at 12, by limits that allow for it."""

from pathlib import Path

import pytest

import anatomy
import grokseed
from experiments import anatomy_tables
from experiments.looks import looks_at

RESULTS = Path(__file__).parents[2] / "results"


def test_whether_a_term_matters_follows_the_plan() -> None:
    def row(low: float, high: float, p: float) -> dict:
        return {"low": low, "high": high, "p_holm": p}

    assert anatomy.matters(row(0.1, 0.4, 0.001)) == "yes"
    assert anatomy.matters(row(0.0, 0.04, 0.5)) == "no"
    assert anatomy.matters(row(0.0, 0.2, 0.001)) == "cannot tell"
    assert anatomy.matters(row(0.1, 0.4, 0.2)) == "cannot tell"
    assert anatomy.matters(row(0.0, 0.1, float("nan"))) == ""
    assert anatomy.matters(row(0.1, 0.4, 0.03)) == "yes"
    assert anatomy.matters(row(0.1, 0.4, 0.03), looks=2) == "cannot tell"
    assert anatomy.matters(row(0.1, 0.4, 0.02), looks=2) == "yes"


def test_the_rule_of_12_levels_allows_for_the_look_at_8() -> None:
    before = anatomy_tables.LOOKED_AT
    assert looks_at(before["anatomy"], 8) == 1
    assert looks_at(before["anatomy"], 12) == 2
    assert looks_at(before["anatomy_wide"], 8) == 1


def test_a_second_look_takes_wider_limits_for_the_verdict_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = grokseed.load(RESULTS / "anatomy").runs
    asked = []

    def seen(row: dict, looks: int = 1) -> str:
        asked.append((row["term"], row["low"], row["high"], looks))
        return ""

    monkeypatch.setattr(anatomy, "matters", seen)
    once, _ = anatomy.table(runs, 8)
    twice, _ = anatomy.table(runs, 8, looks=2)
    assert once.equals(twice)
    first, second = asked[: len(once)], asked[len(once) :]
    for (term, low, high, looks), (_, least, most, more) in zip(first, second, strict=True):
        assert (looks, more) == (1, 2)
        assert least <= low <= high <= most
        assert least < low or most > high, term
