"""What the figures of single studies say of made-up tables."""

import numpy as np
import pandas as pd
import pytest
from artists import legend, points
from figure_tables import of_components
from matplotlib.container import ErrorbarContainer
from study_tables import blends, doses, ladders, radii, signed, some_rows, ways

from diary.signatures_figure import peaks_by_time
from experiments.basin_figure import VERDICTS, basin_curve
from experiments.blends_figure import rates_by_blend
from experiments.readable_figure import correlations_by_order
from experiments.transport_figure import transport_rates
from grokseed.analysis.basin import Radius
from grokseed.figures.anatomy import shares
from grokseed.figures.rows import Row, rows_with_intervals
from older_documents.faults_figure import by_fault
from predictors.early_figure import areas


@pytest.mark.parametrize(("low", "sure"), [(0.45, True), (0.35, False)])
def test_the_largest_share_is_only_the_largest_found_where_intervals_overlap(low, sure) -> None:
    table = pd.DataFrame({"term": ["split", "model"], "share": [0.5, 0.3], "low": [low, 0.2]})
    title = shares(table.assign(high=[0.6, 0.4]), "").get_suptitle().replace("\n", " ").strip()
    what = "The largest share" if sure else "The largest share found"
    assert title.startswith(
        f"{what} of the spread of log t98 is split: 50 % (95 %: {100 * low:.0f} %"
    )
    assert title.endswith("Intervals overlap: which is largest is not shown") is not sure


def test_roundings_share_names_its_own_runs() -> None:
    (axes,) = of_components()["shares"].axes
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "rounding (n = 3 twins)"


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_radii_are_titled_by_the_verdict_and_show_the_differences(verdict: str) -> None:
    figure = basin_curve(
        radii(), Radius(0.11, 0.08, 0.14, 2.0, 32), 1.0, 4096, verdict, (0.47, 0.9)
    )
    title = figure.get_suptitle().replace("\n", " ")
    assert title.startswith(f"{VERDICTS[verdict]}; by the fitted curve half is lost at radius 0.11")
    assert "26 to 30 winners and as many losers" in title
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0.003", "0.1", "0.8"]
    shown = {str(c.get_label()): c for c in axes.containers if isinstance(c, ErrorbarContainer)}
    assert points(shown["difference"].lines[0]) == pytest.approx(
        np.array([[0.003, 70], [0.1, 40], [0.8, 0]])
    )
    assert axes.get_ylim()[0] < -30


def test_what_is_blended_is_compared_at_each_radius_with_a_line_through_the_reference() -> None:
    table = blends()
    figure = rates_by_blend(table, "all, towards a fresh draw", "", "", "")
    assert [axes.get_title() for axes in figure.axes] == ["e = 0.03", "e = 0.12", "e = 0.5"]
    for axes, radius in zip(figure.axes, (0.03, 0.12, 0.5), strict=True):
        own = table.loc[table["radius"] == radius].dropna()
        marks = [m for m in axes.containers if isinstance(m, ErrorbarContainer)]
        drawn = np.concatenate([points(mark.lines[0]) for mark in marks])
        assert drawn[:, 0] == pytest.approx(100 * own["rate"].to_numpy())
        (line,) = (line for line in axes.get_lines() if line.get_linestyle() == ":")
        assert points(line)[:, 0] == pytest.approx(100 * own["rate"].iloc[-1])
        assert [text.get_text() for text in axes.texts].count("n = 1,024") == len(own)
    assert "n = 0" in [text.get_text() for text in figure.axes[0].texts]


def test_a_signal_of_an_early_verdict_has_one_side_in_all_panels_and_at_all_steps() -> None:
    """The loss says nothing at first, and more by its high values then; at last by its low ones."""
    rows = [
        (scan, signal, step, auc, auc - 0.1, auc + 0.1, 9, step == 200)
        for scan, last in (("one", 0.1), ("other", 0.2))
        for signal, aucs in (("sample_accuracy", (0.45, 0.9)), ("sample_loss", (0.6, last)))
        for step, auc in zip((100, 200), aucs, strict=True)
    ]
    columns = ["scan", "signal", "step", "auc", "low", "high", "n", "chosen"]
    figure = areas(pd.DataFrame(rows, columns=columns))
    assert legend(figure)[:2] == ["high validation accuracy", "low validation loss"]
    drawn = [[points(line)[:, 1] for line in axes.get_lines()[:2]] for axes in figure.axes]
    assert drawn[0] == [pytest.approx([0.45, 0.9]), pytest.approx([0.4, 0.9])]
    assert drawn[1] == [pytest.approx([0.45, 0.9]), pytest.approx([0.4, 0.8])]
    band = np.asarray(figure.axes[0].collections[1].get_paths()[0].vertices)[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.3, 1.0))


def test_the_frame_cuts_no_mark_and_an_unlimited_bar_has_an_arrow() -> None:
    figure = rows_with_intervals("Seen", "", [Row("none", 0, 0, 20), Row("all", 100, 80, 100)], "%")
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < 100 < high
    assert not figure.legends[0].get_title().get_text()
    figure = rows_with_intervals("Seen", "", some_rows(), "steps", log=True)
    (axes,) = figure.axes
    arrows = [points(line) for line in axes.get_lines() if line.get_marker() == ">"]
    assert np.concatenate(arrows)[:, 0] == pytest.approx(axes.get_xlim()[1])
    assert figure.legends[0].get_title().get_text() == "arrow: the upper limit is not known"


def test_a_ladder_that_did_not_memorise_is_open_in_both_panels() -> None:
    figure = by_fault(ladders(), 200, "")
    for axes in figure.axes[:2]:
        marks = [line for line in axes.get_lines() if line.get_marker() not in ("", "None")]
        assert sum(line.get_markerfacecolor() == "none" for line in marks) == 3
    title = figure.get_suptitle().replace("\n", " ").strip()
    assert title == "2 ladders with a planted fault do not memorise; of 1 the fault is named"
    assert "bars: from the smallest" in figure.legends[0].get_title().get_text()


def test_the_ways_of_renaming_are_named_on_their_axis() -> None:
    figure = transport_rates(ways(), 4512)
    (axes,) = figure.axes
    assert axes.get_ylabel() == "what is renamed"
    assert "alone renamed" in figure.get_suptitle().replace("\n", " ")


def test_the_rows_of_every_order_name_it() -> None:
    (axes,) = correlations_by_order(doses(), 1024).axes
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["order 2: t98 (n = 1,024)", "order 2: other seeds (n = 2,073)"]


def test_signatures_say_what_the_correlation_is_of_and_why_runs_are_not_drawn() -> None:
    figure = peaks_by_time({"split 0": signed(), "others": signed()}, 1.1, 1.5)
    assert "within panels, pooled" in figure.get_suptitle().replace("\n", " ")
    assert legend(figure)[-1] == "not drawn (n = 2)"
    assert figure.legends[0].get_title().get_text().startswith("not drawn: t98 not reached")
