"""What the figures show: artists, labels and n, not pixels."""

import io

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.classify import CLASSES
from grokseed.figures import scan as plots
from grokseed.figures.style import STYLES


def scan(
    classes, steps, generalised=None, peak=None, status=None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs of given classes and lengths, each with 5 points of straight lines."""
    n = len(classes)
    runs = pd.DataFrame(
        {
            "status": status or ["done"] * n,
            "steps": steps,
            "t98_step": generalised or [None] * n,
            "sample_loss_peak": peak or [6.0 + i for i in range(n)],
            "class": pd.Categorical(classes, categories=CLASSES, ordered=True),
        }
    )
    points = [
        {
            "run": i,
            "step": int(share * last),
            "sample_accuracy": share * (i + 1) / n,
            "sample_loss": 5.0 + i + share,
            "norm": 40.0 + i + share,
        }
        for i, last in enumerate(steps)
        if last is not None
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    columns = ["run", "step", "sample_accuracy", "sample_loss", "norm"]
    return runs, pd.DataFrame(points, columns=columns)


def draw_all(runs: pd.DataFrame, trajectories: pd.DataFrame, title: str = "") -> list[Figure]:
    return [
        plots.accuracy(runs, trajectories, title),
        plots.survival(runs, title),
        plots.loss_and_norm(runs, trajectories, title),
        plots.peak_against_time(runs, title),
    ]


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def points(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xydata())


def collections(axes) -> list[LineCollection]:
    return [c for c in axes.collections if isinstance(c, LineCollection)]


MIXED = ["super", "fast", "normal", "normal", None]


@pytest.mark.parametrize(
    ("classes", "steps", "generalised"),
    [
        ([], [], []),
        (["super"], [100], [100]),
        (MIXED, [400, 500, 600, 700, 300], [400, 500, None, 700, None]),
        (["normal"] * 40, [3000] * 40, None),
        ([None] * 3, [None] * 3, None),
    ],
    ids=["none", "one", "mixed", "all censored", "all crashed"],
)
def test_every_figure_draws_and_names_its_axes_in_print_size(classes, steps, generalised):
    for figure in draw_all(*scan(classes, steps, generalised), title="a scan"):
        figure.savefig(io.BytesIO(), format="png")
        assert figure.get_suptitle().endswith("\na scan")
        for axes in figure.axes:
            if axes.get_xlabel() != "censored, by class":  # beside the axes it shares y with
                assert "optimiser steps" in axes.get_xlabel()
                assert axes.get_ylabel()
            texts = [axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels()]
            assert all(
                float(t.get_fontsize()) >= 8 for t in [*texts, *figure.legends[0].get_texts()]
            )
        assert any("n = " in text for text in legend(figure))


def test_legend_and_axes_do_not_overlap():
    runs, trajectories = scan(MIXED, [400, 500, 600, 700, None], [400, 500, None, 700, None])
    for figure in draw_all(runs, trajectories, "a name that is rather long " * 6):
        figure.savefig(io.BytesIO(), format="png")
        below = figure.legends[0].get_window_extent()
        width, height = figure.canvas.get_width_height()
        assert below.x0 >= 0
        assert below.x1 <= width
        assert below.y0 >= 0
        for axes in figure.axes:
            box = axes.get_tightbbox()
            assert box is not None
            assert box.y0 >= below.y1
            assert box.y1 <= height
            assert box.x0 >= 0
            assert box.x1 <= width


def test_accuracy_has_a_line_a_run_and_super_on_top():
    runs, trajectories = scan(MIXED, [400, 500, 600, 700, 300])
    figure = plots.accuracy(runs, trajectories.sample(frac=1, random_state=0))
    assert legend(figure) == [
        "super (n = 1)",
        "fast (n = 1)",
        "normal (n = 2)",
        "undecided (n = 1)",
    ]
    drawn = dict(zip(STYLES, collections(figure.axes[0]), strict=True))
    for name, lines in drawn.items():
        colour = np.asarray(lines.get_edgecolor())[0, :3]
        assert colour == pytest.approx(to_rgb(STYLES[name].colour))
        assert lines.get_zorder() <= drawn["super"].get_zorder()
    (fast,) = drawn["fast"].get_segments()
    assert fast == pytest.approx(
        np.column_stack([[0, 125, 250, 375, 500], [0, 0.1, 0.2, 0.3, 0.4]])
    )
    assert len(drawn["normal"].get_segments()) == 2


def test_classes_differ_by_more_than_colour():
    looks = list(STYLES.values())
    for cue in (
        {look.colour for look in looks},
        {look.marker for look in looks},
        {(look.line, look.width) for look in looks},
    ):
        assert len(cue) == len(looks)


def test_runs_are_found_by_row_number_and_the_undrawn_are_counted():
    runs, trajectories = scan(["super", "normal", "fast"], [100, 200, None])
    assert legend(plots.accuracy(runs, trajectories))[-1] == "not drawn (n = 1)"
    part = runs.loc[[1]]
    assert legend(plots.accuracy(part, trajectories)) == [
        "super (n = 0)",
        "fast (n = 0)",
        "normal (n = 1)",
    ]


def test_survival_says_how_many_and_marks_the_median():
    runs, _ = scan(["normal"] * 6, [5, 2, 7, 3, 2, 5], [5, 2, 7, None, 2, None])
    figure = plots.survival(runs)
    (axes,) = figure.axes
    assert legend(figure) == [
        "all runs (n = 6, 2 censored)",
        "95 % interval, pointwise",
        "censored",
        "median 5 steps (95 %: 2 or more)",
    ]
    stairs, marks, median = axes.get_lines()
    assert points(stairs)[:, 0].tolist() == [0, 2, 5, 7, 7]
    assert points(stairs)[:, 1] == pytest.approx([1, 4 / 6, 4 / 9, 0, 0])
    assert points(marks) == pytest.approx(np.array([[3, 4 / 6], [5, 4 / 9]]))
    assert points(median)[:, 0].tolist() == [0, 5, 5]
    assert axes.get_ylim()[0] <= 0


def test_survival_where_nothing_generalised_has_neither_band_nor_median():
    runs, _ = scan(["normal"] * 3, [3000] * 3)
    figure = plots.survival(runs)
    assert legend(figure) == ["all runs (n = 3, 3 censored)", "censored", "median not reached"]


def test_survival_says_so_where_its_axis_is_cut():
    runs, _ = scan(["normal"] * 200, [3000] * 200, [1000, *[None] * 199])
    (axes,) = plots.survival(runs).axes
    assert 0.5 < axes.get_ylim()[0] < 1
    assert "axis cut" in axes.get_ylabel()


def test_loss_and_norm_show_the_median_and_quartiles_of_a_class():
    runs, trajectories = scan(["normal"] * 3 + ["super"] * 2, [400] * 5)
    figure = plots.loss_and_norm(runs, trajectories)
    assert legend(figure) == ["super (n = 2)", "fast (n = 0)", "normal (n = 3)"]
    for axes, start in zip(figure.axes, (5, 40), strict=True):
        drawn = {line.get_color(): line for line in axes.get_lines()}
        normal = drawn[STYLES["normal"].colour]
        assert points(normal)[:, 1] == pytest.approx(start + 1 + np.linspace(0, 1, 201))
        assert points(drawn[STYLES["super"].colour])[0, 1] == start + 3.5
        assert [len(c.get_segments()) for c in collections(axes)] == [2]


def test_an_ended_run_keeps_its_last_value_in_its_class():
    runs, trajectories = scan(["normal"] * 3, [100, 200, 400])
    axes = plots.loss_and_norm(runs, trajectories).axes[1]
    (median,) = axes.get_lines()
    assert np.interp(400, *points(median).T) == pytest.approx(42)
    assert np.interp(100, *points(median).T) == pytest.approx(41.5)


def test_points_that_are_not_finite_are_left_out():
    runs, trajectories = scan(["normal", "normal"], [400, 400])
    trajectories.loc[trajectories["step"] == 400, "sample_loss"] = np.inf
    trajectories.loc[trajectories["run"] == 1, "norm"] = np.nan
    figure = plots.loss_and_norm(runs, trajectories)
    figure.savefig(io.BytesIO(), format="png")
    (line,) = figure.axes[0].get_lines()
    assert points(line)[-1, 0] == 300
    assert legend(figure)[-1] == "not drawn (n = 1)"


def test_peak_against_time_shows_censored_runs_apart_by_class():
    runs, _ = scan(
        MIXED,
        [400, 500, 600, 700, 300],
        [350, 450, None, 650, None],
        [6.0, 7.0, 8.0, 9.0, 10.0],
    )
    figure = plots.peak_against_time(runs)
    assert legend(figure) == [
        "super (n = 1, 0 censored)",
        "fast (n = 1, 0 censored)",
        "normal (n = 2, 1 censored)",
        "undecided (n = 1, 1 censored)",
    ]
    axes, aside = figure.axes
    reached = sorted(tuple(p) for line in axes.get_lines() for p in points(line))
    assert reached == [(350, 6), (450, 7), (650, 9)]
    assert [label.get_text() for label in aside.get_xticklabels()] == ["normal", "undecided"]
    for column, line in enumerate(aside.get_lines()):
        ((x, peak),) = points(line)
        assert abs(x - column) < 0.5
        assert peak == (8, 10)[column]
        assert line.get_markerfacecolor() == "none"


def test_peak_against_time_goes_as_far_as_was_looked():
    runs, _ = scan(["normal"] * 2, [300, 400], [None, None], [6.0, 7.0])
    assert plots.peak_against_time(runs).axes[0].get_xlim()[1] == pytest.approx(412)


def test_peak_against_time_has_no_room_for_censored_runs_where_there_are_none():
    runs, _ = scan(["fast"], [400], [350], [6.0])
    assert len(plots.peak_against_time(runs).axes) == 1


def test_figures_tell_undecided_from_diverged_as_tables_do():
    status = ["done", "done", "diverged"]
    runs, trajectories = scan(["normal", None, None], [400] * 3, status=status)
    for figure in (plots.accuracy(runs, trajectories), plots.loss_and_norm(runs, trajectories)):
        assert legend(figure)[3:] == ["undecided (n = 1)", "diverged (n = 1)"]
    peaks = legend(plots.peak_against_time(runs))
    assert peaks[3:5] == [
        "undecided (n = 1, 1 censored)",
        "diverged (n = 1, 1 censored)",
    ]


def test_drawing_changes_neither_its_tables_nor_matplotlibs_settings():
    runs, trajectories = scan(MIXED, [400, 500, 600, 700, 300])
    before, settings = (runs.copy(), trajectories.copy()), dict(matplotlib.rcParams)
    draw_all(runs, trajectories)
    pd.testing.assert_frame_equal(runs, before[0])
    pd.testing.assert_frame_equal(trajectories, before[1])
    assert dict(matplotlib.rcParams) == settings
