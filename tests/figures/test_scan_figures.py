"""What the figures show: artists, labels and n, not pixels."""

import io

import numpy as np
import pytest
from figure_tables import MIXED, of_scan, scan
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from grokseed.figures import scan as plots
from grokseed.figures.lines import FEW
from grokseed.figures.style import STYLES
from grokseed.figures.times import LEAST_EVENTS, peak_against_time, survival, too_few


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def points(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xydata())


def collections(axes) -> list[LineCollection]:
    return [c for c in axes.collections if isinstance(c, LineCollection)]


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
        figure.savefig(io.BytesIO(), format="png")
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
    assert title.startswith("0 of 4 runs super (0.0%, 95 %: 0.0% to 60.2%), 1 fast; seeds chosen")
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


def test_classes_have_a_column_each_with_train_and_validation_beside_each_other():
    runs, trajectories = scan(["normal"] * 3 + ["super"], [400] * 4, train=True)
    figure = plots.classes(runs, trajectories)
    tops = figure.axes[:2]
    assert [axes.get_title() for axes in tops] == ["super (n = 1)", "normal (n = 3)"]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == [
        "accuracy\n(share right)",
        "loss (nats)",
        "weight norm\n(L2)",
    ]
    train, validation = tops[1].get_lines()
    assert points(train)[-1].tolist() == [400, 1]
    assert points(train)[0, 0] == 100  # nothing is measured on the train set before the first step
    assert points(validation)[-1] == pytest.approx([400, 0.5])
    assert train.get_linestyle() != validation.get_linestyle()
    title = figure.get_suptitle().replace("\n", " ")
    assert title == (
        "Median run half right (train, validation) at step: super 200, 200; normal 200, 400"
    )
    without = plots.classes(runs, trajectories.drop(columns=["train_accuracy", "train_loss"]))
    assert [len(axes.get_lines()) for axes in without.axes] == [1] * 6
    assert "train" not in " ".join(legend(without))


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
    figure = survival(runs)
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
    figure = survival(runs)
    assert legend(figure) == ["all runs (n = 3, 3 censored)", "censored", "median not reached"]


def test_survival_says_so_where_its_axis_is_cut():
    runs, _ = scan(["normal"] * 200, [3000] * 200, [1000, *[None] * 199])
    (axes,) = survival(runs).axes
    assert 0.5 < axes.get_ylim()[0] < 1
    assert "axis cut" in axes.get_ylabel()


def test_loss_and_norm_show_each_run_of_a_few_and_say_where_the_loss_peaks():
    runs, trajectories = scan(["normal"] * 3 + ["super"] * 2, [400] * 5)
    figure = plots.loss_and_norm(runs, trajectories)
    assert legend(figure) == ["super (n = 2)", "fast (n = 0)", "normal (n = 3)"]
    title = figure.get_suptitle().replace("\n", " ")
    assert title == "The median validation loss peaks at 9.5 nats (super), 7.0 nats (normal)"
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


def test_peak_against_time_shows_censored_runs_apart_by_class():
    runs, _ = scan(
        MIXED,
        [400, 500, 600, 700, 300],
        [350, 450, None, 650, None],
        [6.0, 7.0, 8.0, 9.0, 10.0],
    )
    figure = peak_against_time(runs)
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
    runs, _ = scan(["normal"] * 2, [300, 400], [300, None], [6.0, 7.0])
    assert peak_against_time(runs).axes[0].get_xlim()[1] == pytest.approx(412)


def test_peak_against_time_has_no_room_for_censored_runs_where_there_are_none():
    runs, _ = scan(["fast"], [400], [350], [6.0])
    assert len(peak_against_time(runs).axes) == 1


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


def test_a_survival_curve_of_fewer_than_5_events_is_a_sentence():
    runs, _ = scan(["normal"] * 100, [3000] * 100, [1200, 900, 2100, 700, *[None] * 96])
    assert too_few(runs) == (
        "No survival curve: 4 of 100 runs reached t98 within 3,000 steps (at step 700, 900, 1,200, "
        "2,100), a share of 4.0% (95 %: 1.1% to 9.9%); a curve needs 5."
    )
    nothing, _ = scan([], [])
    assert too_few(nothing) == "No survival curve: no run was seen."
    enough, _ = scan(["normal"] * 100, [3000] * 100, [500] * LEAST_EVENTS + [None] * 95)
    assert too_few(enough) == ""


def test_survival_says_what_it_shows():
    runs, _ = scan(["normal"] * 10, [3000] * 10, [100 * i for i in range(1, 10)] + [None])
    assert survival(runs).get_suptitle().startswith("Half of the runs reach t98 by step 500 (95 %")
    rare, _ = scan(["normal"] * 10, [3000] * 10, [100] + [None] * 9)
    title = survival(rare).get_suptitle().replace("\n", " ")
    assert title == "1 of 10 runs reached t98 within 3,000 steps (10.0%, 95 %: 0.3% to 44.5%)"


@pytest.mark.parametrize("reached", [0, 1, 23])
def test_peaks_without_times_are_a_strip_by_class_over_the_whole_width(reached):
    n = 120
    times = [900 + i for i in range(reached)] + [None] * (n - reached)
    runs, _ = scan(["super"] * 6 + ["normal"] * (n - 6), [3000] * n, times)
    (axes,) = peak_against_time(runs).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["super", "normal"]
    assert axes.get_xlabel().startswith("class")
    shown = [p for line in axes.get_lines() for p in points(line)]
    assert sorted(peak for _, peak in shown) == [6.0 + i for i in range(n)]
    assert all(abs(x - (peak >= 12)) < 0.5 for x, peak in shown)
    filled = [len(points(li)) for li in axes.get_lines() if li.get_markerfacecolor() != "none"]
    assert sum(filled) == reached
    bars = sorted(np.asarray(s)[0, 1] for c in collections(axes) for s in c.get_segments())
    wanted = [np.quantile(some, [0.25, 0.5, 0.75]) for some in (range(6, 12), range(12, n + 6))]
    assert bars == pytest.approx(np.concatenate(wanted))


def test_peaks_of_a_few_runs_with_times_are_points_over_time():
    runs, _ = scan(["normal"] * 5, [400] * 5, [100, 200, 300, 350, 390], [6.0, 7.0, 8.0, 9.0, 10.0])
    (axes,) = peak_against_time(runs).axes
    assert sorted(points(axes.get_lines()[2])[:, 0]) == [100, 200, 300, 350, 390]
    title = peak_against_time(runs).get_suptitle()
    assert title == "Median peak of the validation loss, nats: 8.0 (normal)"
