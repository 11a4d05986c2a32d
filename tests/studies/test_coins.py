"""Spreads put into made-up times are found, and a part of the study says what is missing."""

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest

import coins
from diary.coins_figure import fades, spreads
from grokseed.records.row import SEEDS


def made_up(cell: str, spread: float) -> pd.DataFrame:
    rows = [dict(zip(SEEDS, astuple(run), strict=True)) for run in coins.design(cell)]
    time = np.exp(np.random.default_rng(len(cell)).normal(9, spread, len(rows)))
    late = time > coins.MAX_STEPS
    return pd.DataFrame(rows).assign(
        t98_step=np.where(late, np.nan, time), steps=np.minimum(time, coins.MAX_STEPS)
    )


def test_no_two_runs_of_any_cell_share_a_seed() -> None:
    runs = [run for cell in coins.CELLS for run in coins.design(cell)]
    assert len(runs) == 9 * 300
    for stream in ("split", "model", "loader", "val"):
        assert len({getattr(run, stream) for run in runs}) == len(runs)


def test_spreads_are_what_was_put_in() -> None:
    runs = {"mini": made_up("mini", 0.4), "d_96": made_up("d_96", 0.2)}
    found = coins.table(runs).set_index("cell")
    assert found.loc["mini", "spread"] == pytest.approx(0.4 * 1.2816, rel=0.2)
    assert found.loc["d_96", "ratio_low"] < 0.5 < found.loc["d_96", "ratio_high"] < 1
    assert np.isnan(found.loc["mini", "ratio"])
    text = coins.answer(found.reset_index())
    beside = "Of 1 cells beside mini with 20 runs or more, times spread "
    assert f"{beside}less in 1 (d_96) and more in 0 (none), after Holm." in text
    assert found.loc["d_96", "p"] <= found.loc["d_96", "p_holm"] < 0.05
    assert "Still to be trained: p_71, p_127, d_48, layers_2" in text


def test_the_figure_shows_factors_and_says_what_each_cell_changes() -> None:
    runs = {cell: made_up(cell, 0.4) for cell in ("mini", "p_71", "layers_2", "train_50")}
    found = coins.table(runs)
    (axes,) = spreads(found, "mini", coins.CELLS).axes
    shown = [label.get_text().partition(" (n = ")[0] for label in axes.get_yticklabels()]
    assert shown == ["mini", "p = 71", "2 layers", "train fraction 0.5"]
    marks = next(line for line in axes.get_lines() if line.get_marker() not in ("", "None"))
    assert np.asarray(marks.get_xdata()) == pytest.approx(np.exp(found["spread"]))
    assert axes.get_xscale() == "log"
    assert {1.5, 2, 2.5} <= set(axes.get_xticks())
    assert "(times)" in axes.get_xlabel()


def test_a_cell_with_too_few_runs_has_no_spread() -> None:
    runs = {"mini": made_up("mini", 0.4), "all_larger": made_up("all_larger", 0.1)}
    runs["all_larger"] = runs["all_larger"].iloc[: coins.LEAST - 1]
    found = coins.table(runs)
    assert found.loc[1, ["spread", "ratio", "ratio_high"]].isna().all()
    assert (
        spreads(found, "mini", coins.CELLS).get_suptitle().startswith("Whether times spread less")
    )
    text = coins.answer(found)
    assert "None of 0 cells beside mini" in text
    assert "with all larger: **cannot tell**" in text
    assert "(319 of 2,700 runs count so far" in text
    assert "nan" not in text


def test_one_of_many_equal_cells_that_differs_by_chance_is_not_found() -> None:
    """A p of 0.03 in one of 8 cells."""
    row = {"p": 0.03, "p_holm": 8 * 0.03, "ratio": 0.8}
    assert fades(row) == ""
    assert fades(row | {"p_holm": 0.04}) == "less"
    assert fades({"p_holm": 0.04, "ratio": 1.2}) == "more"
    assert fades({"p_holm": np.nan, "ratio": np.nan}) == ""
