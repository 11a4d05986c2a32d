"""Every artist of every figure of the package lies inside the figure, and no words overlap."""

import ast
from itertools import combinations
from pathlib import Path

import matplotlib
import pytest
from figure_tables import (
    MIXED,
    ablation,
    of_ablation,
    of_components,
    of_scan,
    of_times,
    scan,
)
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from study_tables import of_studies

import grokseed.figures
from grokseed.figures.style import WIDTH

LONG = "(x//y)if(y%2==1)else(x-y) mod 97, a rather long name of a scan " * 4
MANY = ["super"] * 3 + ["fast"] * 60 + ["normal"] * 120 + [None] * 50
GROUPS = ["token_embedding", "block1.attention.out", "head"]
WORDS = "token_embedding+position_embedding+block1.attention.qkv+block2.ffn.down+head"

SCANS = {
    "none": ([], []),
    "one": (["super"], [100], [100]),
    "mixed": (MIXED, [400, 500, 600, 700, 300], [400, 500, None, 700, None]),
    "one censored": (["super"] * 2 + ["normal"] * 2, [400] * 4, [100, 200, 300, None]),
    "crashed": ([None] * 3, [None] * 3),
    "all censored": (["normal"] * 40, [3000] * 40),
    "diverged too": (MIXED, [4e5] * 5, [3e5] * 5, None, ["done"] * 4 + ["diverged"]),
    "many": (MANY, [20_000] * 233, [1000, 2000, 3000, *range(5000, 5060), *[None] * 170]),
}
ABLATIONS = {
    "small": ablation(["head"], splits=["0"]),
    "usual": ablation(GROUPS),
    "wide": ablation(GROUPS, splits=["donor", "recipient", "3", "1000000"]),
    "tall": ablation([f"block{i}.attention" for i in range(30)], donors=12),
    "long names": ablation([WORDS, "head"]),
}


def texts(figure: Figure) -> list[Text]:
    """The words that are drawn: of ticks only those within the axes' limits."""
    ticks = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    beyond = {text for axis in ticks for text in ticklabels(axis, drawn=False)}
    shown = [text for text in figure.findobj(Text) if text not in beyond and visible(text)]
    return [text for text in shown if isinstance(text, Text) and text.get_text().strip()]


def ticklabels(axis: Axis, drawn: bool) -> list[Text]:
    low, high = sorted(axis.get_view_interval())
    margin = 1e-9 * (high - low)
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [
        label
        for tick in ticks
        for label in (tick.label1, tick.label2)
        if (low - margin <= tick.get_loc() <= high + margin) == drawn
    ]


def visible(text) -> bool:
    return text.get_visible() and (text.axes is None or text.axes.get_visible())


def check(figure: Figure) -> None:
    figure.draw_without_rendering()
    width, height = figure.canvas.get_width_height()
    drawn = texts(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn]
    others = [*figure.legends, *(axes for axes in figure.axes if axes.get_visible())]
    for name, box in [*boxes, *((str(other), other.get_tightbbox()) for other in others)]:
        assert box is not None
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, f"{name!r} at {box} is cut off: the figure has {width} x {height}"
    for (one, box), (other, its) in combinations(boxes, 2):
        wide = min(box.x1, its.x1) - max(box.x0, its.x0)
        high = min(box.y1, its.y1) - max(box.y0, its.y0)
        assert wide <= 1 or high <= 1, f"{one!r} lies on {other!r}"
    printed = min(1, WIDTH / figure.get_figwidth())
    assert min(float(text.get_fontsize()) for text in drawn) * printed >= 5
    if figure.get_figwidth() <= WIDTH:
        assert min(float(text.get_fontsize()) for text in drawn) >= 7


@pytest.mark.parametrize("made", SCANS.values(), ids=SCANS)
def test_every_figure_of_a_scan_holds_all_that_it_shows(made) -> None:
    for figure in of_scan(*scan(*made, train=True), LONG).values():
        check(figure)


def test_the_figures_of_a_scan_without_train_accuracy_hold_all_that_they_show() -> None:
    """As an earlier version stored it: with fewer lines than the others above."""
    for figure in of_scan(*scan(*SCANS["mixed"], train=False), LONG).values():
        check(figure)


@pytest.mark.parametrize("cells", ABLATIONS.values(), ids=ABLATIONS)
def test_every_figure_of_an_ablation_holds_all_that_it_shows(cells) -> None:
    for figure in of_ablation(cells, LONG).values():
        check(figure)


@pytest.mark.parametrize(("n", "late"), [(3, 0.0), (200, 0.0), (60, 0.7)])
def test_every_figure_of_a_comparison_holds_all_that_it_shows(n: int, late: float) -> None:
    for figure in of_times(n, late).values():
        check(figure)


def test_the_figure_of_variance_components_holds_all_that_it_shows() -> None:
    for figure in of_components("1,728 runs, 12 x 12 x 12").values():
        check(figure)


@pytest.mark.parametrize("name", of_studies())
def test_every_figure_of_a_study_holds_all_that_it_shows(name) -> None:
    check(of_studies()[name]())


def test_the_check_finds_a_legend_that_is_cut_off_and_words_on_words() -> None:
    figure = of_ablation(ABLATIONS["small"])["effects"]
    figure.legends[0].get_texts()[0].set_text("recipients " * 20)
    with pytest.raises(AssertionError, match="cut off"):
        check(figure)
    figure = of_ablation(ABLATIONS["small"])["effects"]
    figure.text(0.5, 0.99, "on the title", va="top")
    with pytest.raises(AssertionError, match="lies on"):
        check(figure)


def test_every_figure_is_checked_and_none_uses_global_state() -> None:
    folder = Path(grokseed.figures.__file__).parent
    studies = folder.parents[1] / "studies"
    made = set()
    for path in [*folder.glob("*.py"), *studies.glob("*/*_figure.py")]:
        text = path.read_text()
        assert "pyplot" not in text
        made |= {
            node.name
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)
            and isinstance(node.returns, ast.Name)
            and node.returns.id == "Figure"
        }
    tables = "\n".join(p.read_text() for p in sorted(Path(__file__).parent.glob("*_tables.py")))
    called = {
        node.func.id
        for node in ast.walk(ast.parse(tables))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert made
    assert made <= called


def test_drawing_changes_neither_its_tables_nor_matplotlibs_settings() -> None:
    settings = dict(matplotlib.rcParams)
    runs, points = scan(MIXED, [400, 500, 600, 700, 300], train=True)
    tables = [runs, points, ABLATIONS["usual"]]
    before = [table.copy() for table in tables]
    of_scan(runs, points)
    of_ablation(ABLATIONS["usual"])
    for table, copy in zip(tables, before, strict=True):
        assert table.equals(copy)
    assert dict(matplotlib.rcParams) == settings
