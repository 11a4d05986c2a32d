"""The pages of the studies whose folders hold a table alone say what the tables say today."""

from pathlib import Path

import pandas as pd

import power
import search_mini

RESULTS = Path(__file__).parents[2] / "results"


def test_the_page_on_power_is_todays() -> None:
    text = power.answer(pd.read_csv(RESULTS / "power" / "power.csv"))
    assert (RESULTS / "power" / "README.md").read_text() == text


def test_a_design_that_finds_nothing_is_counted() -> None:
    rows = [("A", "8 runs", "small", 0.1), ("A", "8 runs", "large", 0.79), ("B", "9", "x", 0.8)]
    text = power.answer(pd.DataFrame(rows, columns=["study", "n", "true_effect", "power"]))
    assert "1 of 2 designs find the largest effect that was tried with a power of 80 %" in text
    assert "; 1 finds the smallest one with that power" in text
    assert "| A | 8 runs | none of those tried |  | small | 0.10 |" in text


def test_the_page_on_the_search_for_mini_is_todays() -> None:
    text = search_mini.answer(pd.read_csv(RESULTS / "search_mini" / "candidates.csv"))
    assert (RESULTS / "search_mini" / "README.md").read_text() == text
    assert text.count("(**taken**)") == 1
