"""The figures of an ablation show each cell, its kind and its n."""

from typing import cast

import numpy as np
import pandas as pd
import pytest
from figure_tables import ablation
from matplotlib.collections import LineCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.patches import Rectangle

from grokseed.analysis.effects import effects
from grokseed.figures.ablation import FEW, KINDS, cell_trajectories, heat_map
from grokseed.figures.forest import forest

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
        "3 exchanges 0.600 (graft, head, split 0, order 8) here"
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


ROWS = pd.DataFrame(
    [
        ("gain", "head", "graft", 4, 0.5, 0.2, 0.6),
        ("gain", "head", "sham", 8, 0.1, -0.1, 0.2),
        ("gain", "block1", "graft", 4, 0.0, np.nan, np.nan),
        ("loss", "head", "reverse", 4, 0.3, 0.2, 0.4),
        ("split", "0 - 1", "graft", 4, 0.3, 0.2, 0.4),
    ],
    columns=["question", "groups", "kind", "donors", "mean", "low", "high"],
).assign(recipients=3, place="", places=[1, 1, 1, 1, 2], excess=0.1, excess_p_holm=np.nan)

PLACED = pd.DataFrame(
    [
        ("recipient", "", 0, 8, 0.1),
        ("recipient", "", 0, 8, 0.3),
        ("donor", "", 0, 8, 0.8),
        ("recipient", "", 1, 8, 0.2),
        ("donor", "", 1, 8, 0.3),
        ("donor", "", 2, 8, 1.0),
        ("graft", "head", 0, 8, 0.5),
        ("graft", "block1", 0, 8, 0.5),
        ("graft", "block1", 1, 8, 0.5),
        ("graft", "all but head", 1, 8, 0.5),
    ],
    columns=["kind", "groups", "split_seed", "loader_seed", "accuracy"],
).assign(recipient=100, donor=1)
PLACED["split"], PLACED["parts"] = PLACED["split_seed"].astype(str), PLACED["groups"]


def test_all_effects_stand_on_one_scale_with_their_intervals_beside_their_controls() -> None:
    figure = forest(ROWS, PLACED.query("split_seed == 0"), "accuracy", "here")
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "gain: put into a recipient",
        "head",
        "block1",
        "loss: taken from a donor",
        "head",
    ]
    graft, sham, reverse = (m for m in axes.containers if isinstance(m, ErrorbarContainer))
    (bars,) = graft.lines[2]
    assert np.allclose(bars.get_segments()[0][:, 0], [0.2, 0.6])
    assert np.allclose(bars.get_segments()[1][:, 0], [0.0, 0.0])
    assert sham.get_label() == "sham (n = 8 x 3 seeds)"
    ticks = axes.get_yticks()
    assert axes.get_ylim()[0] > max(ticks) > min(ticks) > axes.get_ylim()[1]
    above, below = (np.asarray(made.lines[0].get_ydata(), float) for made in (graft, sham))
    assert above[0] < ticks[1] < below[0]  # the axis runs down
    assert abs(np.asarray(reverse.lines[0].get_ydata(), float)[0] - ticks[4]) < 0.5
    assert figure.get_suptitle().replace("\n", " ") == (
        "Of 2 groups put in, head gains most: +0.500 (95 %: +0.200 to +0.600; sham +0.100) of the "
        "donors' lead of +0.600 here"
    )


def test_the_donors_lead_is_that_of_the_splits_at_which_a_group_was_exchanged() -> None:
    figure = forest(ROWS, PLACED, "accuracy")
    (axes,) = figure.axes
    (marks,) = [
        c
        for c in axes.collections
        if isinstance(c, LineCollection) and str(c.get_label()).startswith("all")
    ]
    drawn = [np.asarray(s) for s in marks.get_segments() if len(s)]
    lead = {float(np.mean(s[:, 1])): float(s[0, 0]) for s in drawn if np.isfinite(s).all()}
    head, block1, _, lost = axes.get_yticks()[1:]
    assert lead == pytest.approx({head: 0.6, block1: 0.35, lost: 0.1})
    keys = [text.get_text() for text in figure.legends[0].get_texts()]
    assert keys[:2] == ["none: the recipients' own", "all: the donors' own lead (+0.100 to +0.600)"]


def test_effects_are_drawn_from_what_the_analysis_gives() -> None:
    cells = ablation(["head", "block1"])
    figure = forest(effects(cells, "accuracy"), cells, "accuracy")
    (axes,) = figure.axes
    assert len([m for m in axes.containers if isinstance(m, ErrorbarContainer)]) == 3
    assert "lead of +0.600" in figure.get_suptitle().replace("\n", " ")


def test_groups_of_different_places_are_compared_where_all_were_put_in() -> None:
    """Head gains more than block1 at both splits; at the donor's, it was not put in."""
    cells = ablation(["block1", "head"])
    own, head = cells["split"] == "donor", (cells["kind"] == "graft") & (cells["groups"] == "head")
    cells.loc[own & (cells["kind"] == "graft"), "accuracy"] += 0.5
    cells = cells.loc[~(own & head)]
    figure = forest(effects(cells, "accuracy"), cells, "accuracy")
    title = figure.get_suptitle().replace("\n", " ")
    assert title.startswith(
        "Of 2 groups put in, head gains most at the 1 place that all share: -0.490"
    )
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[1:3] == ["block1 (2 places)", "head (1 place)"]
    heading = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert heading.endswith("a place: a split and an order")


@pytest.mark.parametrize(
    ("excess", "p", "sure"), [(0.4, 0.01, True), (0.4, 0.2, False), (-0.4, 0.01, False)]
)
def test_the_title_says_if_no_group_surely_gains_more_than_its_control(
    excess: float, p: float, sure: bool
) -> None:
    rows = ROWS.assign(excess=[excess, np.nan, np.nan, 0.1, 0.1], excess_p_holm=[p, *[np.nan] * 4])
    title = (
        forest(rows, PLACED.query("split_seed == 0"), "accuracy").get_suptitle().replace("\n", " ")
    )
    assert (
        title.startswith("None of 2 groups put in surely gains more than its sham. Most: head, ")
    ) is not sure


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
