"""What the figures of times show: survival curves, and peaks of the loss against them."""

import numpy as np
import pytest
from artists import collections, legend, points
from figure_tables import MIXED, scan

from grokseed.figures.times import LEAST_EVENTS, peak_against_time, survival, too_few


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
    assert legend(figure) == ["all runs (n = 3, 3 censored)", "censored"]
    assert figure.legends[0].get_title().get_text() == "median not reached"


def test_survival_says_so_where_its_axis_is_cut():
    runs, _ = scan(["normal"] * 200, [3000] * 200, [1000, *[None] * 199])
    (axes,) = survival(runs).axes
    assert 0.5 < axes.get_ylim()[0] < 1
    assert "axis cut" in axes.get_ylabel()


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
    assert figure.legends[0].get_title().get_text() == "open: t98 not reached"
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


def test_a_survival_curve_of_fewer_than_5_events_is_a_sentence():
    runs, _ = scan(["normal"] * 100, [3000] * 100, [1200, 900, 2100, 700, *[None] * 96])
    assert too_few(runs) == (
        "No survival curve: 4 of 100 runs reached t98 within 3,000 steps (at step 700, 900, 1,200, "
        "2,100), a share of 4.0% (95 %: 1.1% to 9.9%); a curve needs 5."
    )
    nothing, _ = scan([], [])
    assert too_few(nothing) == "No survival curve: no run was seen."
    chosen, _ = scan(["super"] * 2, [3000] * 2, [900, 950])
    chosen["model_seed"] = [42, 56]
    assert too_few(chosen, [42, 56]) == "No survival curve: all seeds were chosen by hand."
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


def test_bars_and_open_marks_are_explained_where_they_are_drawn():
    times = [400] * 5 + [None] * 5
    runs, _ = scan(["normal"] * 10, [500] * 10, times)
    heading = peak_against_time(runs).legends[0].get_title().get_text()
    assert heading == "open: t98 not reached; black bars: median and quartiles of 5 runs or more"
    heading = peak_against_time(runs.iloc[:6]).legends[0].get_title().get_text()
    assert heading == "open: t98 not reached"
    assert not peak_against_time(runs.iloc[:5]).legends[0].get_title().get_text()


def test_peaks_of_a_few_runs_with_times_are_points_over_time():
    runs, _ = scan(["normal"] * 5, [400] * 5, [100, 200, 300, 350, 390], [6.0, 7.0, 8.0, 9.0, 10.0])
    (axes,) = peak_against_time(runs).axes
    assert sorted(points(axes.get_lines()[2])[:, 0]) == [100, 200, 300, 350, 390]
    title = peak_against_time(runs).get_suptitle().replace("\n", " ").strip()
    assert title == "Median of the runs' own peaks of the validation loss, nats: 8.0 (normal)"


def test_survival_of_runs_that_share_seeds_has_no_band_and_says_why():
    runs, _ = scan(["normal"] * 20, [3000] * 20, [*range(100, 1100, 100), *[None] * 10])
    assert "95 %" in survival(runs).get_suptitle()
    figure = survival(runs.assign(split_seed=[0] * 10 + [1] * 10))
    assert "95 %" not in figure.get_suptitle()
    assert not collections(figure.axes[0])
    heading = figure.legends[0].get_title().get_text()
    assert heading == "no interval: runs share split seeds"
    few, _ = scan(["normal"] * 6, [3000] * 6, [1000, *[None] * 5])
    assert "95 %: 0.4% to 64.1%" in too_few(few)
    said = too_few(few.assign(split_seed=[0, 0, 0, 1, 1, 1]))
    assert "share of 16.7%" in said
