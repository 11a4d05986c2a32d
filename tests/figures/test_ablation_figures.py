"""The figures of an ablation show each cell, its kind and its n."""

from typing import cast

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from grokseed.figures.ablation import FEW, KINDS, cell_trajectories, heat_map

CELLS = pd.DataFrame(
    [
        ("recipient", "", "0", 8, 0.1, np.nan, 0),
        ("donor", "", "0", 8, 0.9, 300.0, 1),
        ("graft", "head", "0", 8, 0.5, np.nan, 2),
        ("graft", "head", "0", 8, 0.7, 200.0, 3),
        ("sham", "head", "0", 8, 0.2, np.nan, 4),
        ("graft", "head", "0", 7, 0.3, np.nan, 5),
    ],
    columns=["kind", "groups", "split", "loader_seed", "accuracy", "t98_step", "run"],
).assign(status="done", steps=400)


def texts(figure) -> list[str]:
    axes, *_ = figure.axes
    return [text.get_text() for text in axes.texts]


def test_a_square_is_the_mean_of_its_cells_and_says_how_many() -> None:
    figure = heat_map(CELLS, "accuracy", 400, "here")
    axes, colours = figure.axes
    shown = dict(zip(texts(figure), (text.get_position() for text in axes.texts), strict=True))
    assert shown["0.600\nn = 2"] == (0, 2)
    assert shown["0.200"] == (1, 2)
    assert shown["0.300"] == (2, 2)
    assert [t.get_text() for t in axes.get_yticklabels()][2:] == ["head"]
    below = [t.get_text().split("\n")[0] for t in axes.get_xticklabels()]
    assert below == ["graft", "sham", "graft"]
    assert colours.get_xlabel() == "mean accuracy at step 400 (share right)"
    assert axes.get_xlabel().endswith("\na number without n is of one run")
    assert axes.get_ylabel()
    title = figure.get_suptitle().replace("\n", " ")
    assert title == (
        "Mean validation accuracy at step 400: recipients' own 0.100, donors' own 0.900, best of "
        "3 exchanges 0.600 (graft, head, split 0, loader seed 8) here"
    )


def test_none_and_all_stand_once_over_all_kinds_of_a_split_and_order() -> None:
    axes, _ = heat_map(CELLS, "accuracy", 400).axes
    wide = {
        text.get_text(): (text.get_position(), cast(Rectangle, patch).get_width())
        for text, patch in zip(axes.texts, axes.patches, strict=True)
    }
    assert wide["0.100"] == ((0.5, 0), 2)
    assert wide["0.900"] == ((0.5, 1), 2)
    assert len(axes.patches) == 3 + 2


def test_times_are_medians_and_censored_ones_lie_beyond_the_end() -> None:
    squares = texts(heat_map(CELLS, "time", 400))
    assert "200\nn = 2" in squares
    assert "> 400" in squares


def test_diverged_cells_have_no_square() -> None:
    lost = CELLS.assign(status=["done"] * 4 + ["diverged"] * 2)
    assert len(texts(heat_map(lost, "accuracy", 400))) == 3


def test_many_cells_of_a_kind_are_a_median_and_a_band() -> None:
    n = FEW + 1
    cells = pd.DataFrame({"kind": ["donor"] + ["sham"] * n, "run": range(n + 1)})
    cells = cells.assign(split="0", loader_seed=8)
    points = pd.DataFrame(
        [(run, step, run / 100) for run in range(n + 1) for step in (0, 100)],
        columns=["run", "step", "sample_accuracy"],
    )
    figure = cell_trajectories(cells, points)
    (axes,) = figure.axes
    (median,) = axes.get_lines()
    assert np.asarray(median.get_ydata(), float) == pytest.approx((n + 1) / 200)
    assert figure.get_suptitle() == "Median validation accuracy at the end: donor 0.00, sham 0.21"


def test_with_one_split_and_order_each_kind_of_many_cells_has_a_panel() -> None:
    kinds = ["donor", "recipient"] + ["graft"] * (FEW + 1) + ["sham"] * 2
    cells = pd.DataFrame({"kind": kinds, "run": range(len(kinds)), "split": "0", "loader_seed": 8})
    points = pd.DataFrame({"run": cells["run"], "step": 100, "sample_accuracy": 0.5})
    shown = cell_trajectories(cells, points).axes
    assert [axes.get_title() for axes in shown] == [
        f"graft (n = {FEW + 1}), split 0, loader seed 8",
        "sham (n = 2), split 0, loader seed 8",
    ]
    drawn = [
        sum(len(c.get_segments()) for c in axes.collections if isinstance(c, LineCollection))
        for axes in shown
    ]
    assert drawn == [2, 4]  # the baselines in both


def test_no_median_is_given_of_cells_of_several_splits_or_orders() -> None:
    points = pd.DataFrame(
        [(run, 100, 0.5) for run in range(6)], columns=["run", "step", "sample_accuracy"]
    )
    title = cell_trajectories(CELLS, points).get_suptitle()
    assert title.startswith("Validation accuracy of every cell at each split and order")


def test_every_cell_is_a_line_of_its_kind_in_its_panel() -> None:
    points = pd.DataFrame(
        [(run, step, run / 10) for run in range(6) for step in (0, 100)],
        columns=["run", "step", "sample_accuracy"],
    )
    figure = cell_trajectories(CELLS, points)
    assert [axes.get_title() for axes in figure.axes] == [
        "split 0, loader seed 8, n = 5",
        "split 0, loader seed 7, n = 1",
    ]
    drawn = [
        (tuple(np.asarray(collection.get_colors())[0, :3]), np.asarray(segment)[0, 1])
        for collection in figure.axes[0].collections
        if isinstance(collection, LineCollection)
        for segment in collection.get_segments()
    ]
    assert sorted(float(y) for _, y in drawn) == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert len({colour for colour, _ in drawn}) == 4
    (legend,) = figure.legends
    assert "graft (n = 3)" in [text.get_text() for text in legend.get_texts()]
    assert set(CELLS["kind"]) <= set(KINDS)
