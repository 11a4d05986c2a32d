"""The figures of an ablation show each cell, its kind and its n."""

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.container import ErrorbarContainer

from grokseed.figures.ablation import KINDS, cell_trajectories, effect_sizes, heat_map

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
    assert shown["0.600 (n = 2)"] == (0, 2)
    assert shown["0.300 (n = 1)"] == (1, 2)
    assert shown["0.200 (n = 1)"] == (2, 2)
    assert [t.get_text() for t in axes.get_yticklabels()][2:] == ["head"]
    assert [t.get_text().split("\n")[0] for t in axes.get_xticklabels()] == ["graft"] * 2 + ["sham"]
    assert len(axes.patches) == len(axes.texts) == 3 + 2 * 2
    assert colours.get_ylabel() == "mean share right"
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert "here" in figure.get_suptitle()


def test_times_are_medians_and_censored_ones_lie_beyond_the_end() -> None:
    squares = texts(heat_map(CELLS, "time", 400))
    assert "200 (n = 2)" in squares
    assert "> 400 (n = 1)" in squares


def test_diverged_cells_have_no_square() -> None:
    lost = CELLS.assign(status=["done"] * 4 + ["diverged"] * 2)
    assert len(texts(heat_map(lost, "accuracy", 400))) == 3


def test_an_effect_has_its_interval_and_stands_beside_its_control() -> None:
    rows = [
        ("gain", "head", "graft", 4, 0.5, 0.2, 0.6),
        ("gain", "head", "sham", 8, 0.1, -0.1, 0.2),
        ("gain", "block1", "graft", 4, 0.0, np.nan, np.nan),
        ("loss", "head", "reverse", 4, 0.3, 0.2, 0.4),
        ("split", "0 - 1", "graft", 4, 0.3, 0.2, 0.4),
    ]
    columns = ["question", "groups", "kind", "donors", "mean", "low", "high"]
    figure = effect_sizes(pd.DataFrame(rows, columns=columns).assign(recipients=3), "accuracy")
    gain, loss = figure.axes
    assert [t.get_text() for t in gain.get_yticklabels()] == ["head", "block1"]
    graft, sham = (made for made in gain.containers if isinstance(made, ErrorbarContainer))
    (bars,) = graft.lines[2]
    assert np.allclose(bars.get_segments()[0][:, 0], [0.2, 0.6])
    assert np.allclose(bars.get_segments()[1][:, 0], [0.0, 0.0])
    assert sham.get_label() == "sham (n = 8 x 3 seeds)"
    above, below = (np.asarray(made.lines[0].get_ydata(), float) for made in (graft, sham))
    assert above[0] < below[0]  # the axis runs down
    assert "loss" in loss.get_xlabel()


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
