"""Study A is judged at 8 levels and once more at 12, by limits that allow for it."""

from pathlib import Path

import pytest

import anatomy
import grokseed
from experiments import anatomy_tables

RESULTS = Path(__file__).parents[2] / "results"


def test_the_rule_of_12_levels_allows_for_the_look_at_8() -> None:
    assert anatomy_tables.looks_at("anatomy", 8) == 1
    assert anatomy_tables.looks_at("anatomy", 12) == 2
    assert anatomy_tables.looks_at("anatomy_wide", 8) == 1


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
