"""What a scan's figures of accuracy, loss and norm show: artists, labels and n, not pixels."""

import io

import numpy as np
import pytest
from artists import collections, legend, points
from figure_tables import MIXED, of_scan, scan
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from grokseed.figures import scan as plots
from grokseed.figures.lines import FEW
from grokseed.figures.style import STYLES
from grokseed.figures.times import peak_against_time


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
def test_every_figure_names_its_axes_its_scan_and_its_n(classes, steps, generalised):
    for figure in of_scan(*scan(classes, steps, generalised), title="a scan").values():
        assert figure.get_suptitle().endswith("\na scan")
        assert len(figure.get_suptitle().splitlines()) > 1
        words = [text.get_text() for text in figure.findobj(Text)]
        assert any("optimiser steps" in text or text.startswith("class") for text in words)
        assert any("n = " in text for text in words)
        assert figure.axes[0].get_ylabel()


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
    assert figure.get_suptitle().startswith(
        "1 of 5 runs super (20.0%, 95 %: 0.5% to 71.6%), 1 fast"
    )


def test_a_rate_in_the_title_counts_neither_seeds_chosen_by_hand_nor_grafts():
    runs, trajectories = scan(MIXED, [400] * 5)
    runs["model_seed"] = [42, 1, 2, 3, 4]
    title = plots.accuracy(runs, trajectories, excluded=[42]).get_suptitle().replace("\n", " ")
    assert title.startswith(
        "0 of 4 runs super (0.0%, 95 %: 0.0% to 60.2%), 1 fast; 1 chosen by hand"
    )
    figure = plots.accuracy(runs, trajectories, excluded=[42])
    assert legend(figure)[:3] == [
        "super (n = 1, 1 chosen by hand)",
        "fast (n = 1)",
        "normal (n = 2)",
    ]
    title = plots.accuracy(runs, trajectories, excluded=[42, 1, 2, 3, 4]).get_suptitle()
    assert title.startswith("All seeds were chosen by hand")
    runs["graft"] = [None, None, None, None, "head=7"]
    title = plots.accuracy(runs, trajectories).get_suptitle().replace("\n", " ")
    assert title.strip() == "1 of 5 runs super, 1 fast"


def test_accuracy_draws_the_cuts_of_the_screen_rule_and_its_step():
    figure = plots.accuracy(*scan(MIXED, [400] * 5), screen_step=300)
    (axes,) = figure.axes
    assert figure.legends[0].get_title().get_text().endswith("dotted: its step, 300")
    level = [line for line in axes.get_lines() if len(set(points(line)[:, 1])) == 1]
    assert [points(line)[0, 1] for line in level] == [0.98, 0.25]
    assert [text.get_text() for text in axes.texts] == ["cut 0.98", "cut 0.25"]
    assert any(set(points(line)[:, 0]) == {300} for line in axes.get_lines())


def test_accuracy_draws_the_times_of_the_speedup_rule_and_nothing_of_the_screen_rule():
    times = [400] * 10 + [600] * 10
    runs, trajectories = scan(["normal"] * 20, times, times)
    figure = plots.accuracy(runs, trajectories, screen_step=300, rule="speedup")
    (axes,) = figure.axes
    upright = [points(line)[0, 0] for line in axes.get_lines() if np.ptp(points(line)[:, 0]) == 0]
    assert upright == pytest.approx([400 / 3, 400 / 1.5])
    assert not axes.texts
    heading = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert heading == (
        "super: t98 by the dashed step (median / 3 = 133); fast: by the dotted (median / 1.5 = 267)"
    )
    runs["t98_step"] = np.nan  # the median is not known
    figure = plots.accuracy(runs, trajectories, screen_step=300, rule="speedup")
    assert not figure.axes[0].get_lines()


def test_many_runs_are_bands_and_a_median_with_the_few_winners_over_them():
    n = FEW + 1
    runs, trajectories = scan(["super"] * 2 + ["normal"] * n, [400] * (n + 2))
    figure = plots.accuracy(runs, trajectories)
    (axes,) = figure.axes
    winners = [c for c in collections(axes) if len(c.get_segments()) == 2]
    (median,) = [line for line in axes.get_lines() if line.get_color() == STYLES["normal"].colour]
    ends = np.arange(3, n + 3) / (n + 2)
    assert points(median)[-1, 1] == pytest.approx(np.median(ends))
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    heights = [np.asarray(c.get_paths()[0].vertices)[:, 1].max() for c in bands]
    assert heights == pytest.approx([np.quantile(ends, 0.95), np.quantile(ends, 0.75)])
    assert len(winners) == 1
    assert winners[0].get_zorder() > max(c.get_zorder() for c in [*bands, median])
    heading = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert "quartiles and the middle 90 % of runs" in heading
    few = plots.accuracy(*scan(["normal"] * FEW, [400] * FEW))
    assert not [c for c in few.axes[0].collections if isinstance(c, PolyCollection)]
    assert few.legends[0].get_title().get_text() == "dashed: cuts of the screen rule"


def test_train_curves_are_drawn_where_they_were_measured():
    runs, trajectories = scan(MIXED, [400] * 5, train=True)
    for figure, rows in (
        (plots.accuracy(runs, trajectories), {"validation accuracy": 0, "train accuracy": 1}),
        (plots.loss_and_norm(runs, trajectories), {"validation loss": 0, "train loss": 1}),
    ):
        for what, row in rows.items():
            assert figure.axes[row].get_ylabel().startswith(what)
    (line,) = collections(plots.accuracy(runs, trajectories).axes[1])[0].get_segments()
    assert line == pytest.approx(np.column_stack([[100, 200, 300, 400], [0.25, 0.5, 0.75, 1]]))
    blank = trajectories.assign(train_loss=np.nan, train_accuracy=None)
    assert len(plots.accuracy(runs, blank).axes) == 1
    assert len(plots.loss_and_norm(runs, blank).axes) == 2


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


def test_loss_and_norm_show_each_run_of_a_few_and_say_where_the_loss_peaks():
    runs, trajectories = scan(["normal"] * 3 + ["super"] * 2, [400] * 5)
    figure = plots.loss_and_norm(runs, trajectories)
    assert legend(figure) == ["super (n = 2)", "fast (n = 0)", "normal (n = 3)"]
    title = figure.get_suptitle().replace("\n", " ")
    assert (
        title
        == "The median curve of the validation loss peaks at 9.5 nats (super), 7.0 nats (normal)"
    )
    for axes, start in zip(figure.axes, (5, 40), strict=True):
        drawn = [np.asarray(s)[0, 1] for c in collections(axes) for s in c.get_segments()]
        assert sorted(drawn) == [start + i for i in range(5)]


def test_an_ended_run_keeps_its_last_value_in_its_class():
    n = FEW + 1
    runs, trajectories = scan(["normal"] * n, [100] * (n - 1) + [400])
    axes = plots.loss_and_norm(runs, trajectories).axes[1]
    (median,) = axes.get_lines()
    assert np.interp(400, *points(median).T) == pytest.approx(40 + n // 2 + 1)
    assert points(median)[-1, 0] == 400


def test_points_that_are_not_finite_are_left_out():
    runs, trajectories = scan(["normal", "normal"], [400, 400])
    trajectories.loc[trajectories["step"] == 400, "sample_loss"] = np.inf
    trajectories.loc[trajectories["run"] == 1, "norm"] = np.nan
    figure = plots.loss_and_norm(runs, trajectories)
    figure.savefig(io.BytesIO(), format="png")
    drawn = [np.asarray(s) for c in collections(figure.axes[0]) for s in c.get_segments()]
    assert [line[-1, 0] for line in drawn] == [300, 300]
    assert legend(figure)[-1] == "not drawn (n = 1)"


def test_figures_tell_undecided_from_diverged_as_tables_do():
    status = ["done", "done", "diverged"]
    runs, trajectories = scan(["normal", None, None], [400] * 3, status=status)
    for figure in (plots.accuracy(runs, trajectories), plots.loss_and_norm(runs, trajectories)):
        assert legend(figure)[3:] == ["undecided (n = 1)", "diverged (n = 1)"]
    peaks = legend(peak_against_time(runs))
    assert peaks[3:5] == [
        "undecided (n = 1, 1 censored)",
        "diverged (n = 1, 1 censored)",
    ]
