"""The forest of an ablation shows each effect on its split, beside its control and the lead."""

import numpy as np
import pandas as pd
import pytest
from artists import collections, legend
from figure_tables import ablation
from matplotlib.colors import to_rgba
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure

from grokseed.analysis.effects import effects_at_each
from grokseed.figures.ablation import KINDS
from grokseed.figures.forest import MOST, forest

ROWS = pd.DataFrame(
    [
        ("gain", "head", "graft", 4, 0.5, 0.2, 0.6),
        ("gain", "head", "sham", 8, 0.1, -0.1, 0.2),
        ("gain", "block1", "graft", 4, 0.0, np.nan, np.nan),
        ("loss", "head", "reverse", 4, 0.3, 0.2, 0.4),
    ],
    columns=["question", "groups", "kind", "donors", "mean", "low", "high"],
).assign(recipients=3, split="0", loader_seed=8, excess=0.1, excess_p_holm=np.nan)

PLACED = pd.DataFrame(
    [
        ("recipient", "", 0, 8, 0.1),
        ("recipient", "", 0, 8, 0.3),
        ("donor", "", 0, 8, 0.8),
        ("recipient", "", 1, 8, 0.2),
        ("donor", "", 1, 8, 0.3),
        ("graft", "head", 0, 8, 0.5),
        ("graft", "block1", 0, 8, 0.5),
        ("graft", "block1", 1, 8, 0.7),
        ("graft", "all but head", 1, 8, 0.5),
    ],
    columns=["kind", "groups", "split_seed", "loader_seed", "accuracy"],
).assign(recipient=100, donor=1)
PLACED.loc[PLACED["kind"] == "donor", "recipient"] = 1
PLACED["split"], PLACED["parts"] = PLACED["split_seed"].astype(str), PLACED["groups"]


def forest_of(cells: pd.DataFrame) -> Figure:
    return forest(effects_at_each(cells, "accuracy"), cells, "accuracy")


def title_of(figure: Figure) -> str:
    return figure.get_suptitle().replace("\n", " ")


def rows_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def means(axes) -> dict[tuple[str, str], list[float]]:
    """The means in a panel, from the top down, by kind of cell and shape of their marks."""
    kinds, found = {to_rgba(colour): kind for kind, (colour, *_) in KINDS.items()}, {}
    for bars in axes.containers:
        line = bars.lines[0]
        found[kinds[to_rgba(line.get_color())], line.get_marker()] = list(line.get_xdata())
    return found


def leads_of(axes, rows: list[str]) -> dict[str, float]:
    """The donors' lead that is drawn at each row of a panel."""
    colour = to_rgba(KINDS["donor"][0])
    (drawn,) = (c for c in collections(axes) if tuple(np.asarray(c.get_colors())[0]) == colour)
    lines = [np.asarray(s) for s in drawn.get_segments() if len(s)]
    at = dict(zip(axes.get_yticks(), rows, strict=True))
    return {at[s[:, 1].mean()]: s[0, 0] for s in lines if np.isfinite(s).all()}


def test_all_effects_stand_on_one_scale_with_their_intervals_beside_their_controls() -> None:
    figure = forest(ROWS, PLACED.query("split_seed == 0"), "accuracy", "here")
    (axes,) = figure.axes
    assert rows_of(axes) == [
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
    assert title_of(figure) == (
        "Of 2 groups put in, head gains most: +0.500 (95 %: +0.200 to +0.600; sham +0.100) of the "
        "donors' lead of +0.600 here"
    )
    assert "all: the donors' own lead (+0.600)" in legend(figure)


def test_the_donors_lead_is_that_of_the_split_at_which_a_group_was_exchanged() -> None:
    one, other = forest_of(PLACED).axes
    rows = rows_of(one)
    assert rows[0] == "gain: put into a recipient"
    assert rows[1:] == ["head", "block1", "all but head", "loss: taken from a donor", "head"]
    put_in = [f"{row} put in" for row in rows[:4]] + rows[4:]
    assert leads_of(one, put_in) == pytest.approx({"head put in": 0.6, "block1 put in": 0.6})
    assert leads_of(other, put_in) == pytest.approx(
        {"block1 put in": 0.1, "all but head put in": 0.1, "head": 0.1}
    )


def test_opposite_effects_on_two_splits_have_a_panel_each_and_no_mean() -> None:
    cells = ablation(["block1", "head"])
    head = (cells["kind"] == "graft") & (cells["groups"] == "head")
    cells.loc[head, "accuracy"] += np.where(cells.loc[head, "split"] == "donor", 0.5, -0.5)
    figure = forest_of(cells)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["split 0, the donor's", "split 1, the recipient's"]
    graft = [means(axes)["graft", "o"] for axes in figure.axes]
    assert graft == [pytest.approx([-0.5, 0.01]), pytest.approx([-0.5, -0.99])]
    assert title_of(figure).startswith("Of 2 groups put in, these gain most: head on split 0 (+0.0")
    assert "block1 on split 1 (-0.500" in title_of(figure)


def test_a_group_that_was_not_put_in_on_a_split_has_no_mark_there() -> None:
    cells = ablation(["block1", "head"])
    cells = cells.loc[~((cells["split"] == "donor") & (cells["groups"] == "head"))]
    one, other = forest_of(cells).axes
    assert rows_of(one)[1:3] == ["block1", "head"]
    assert [len(means(axes)["graft", "o"]) for axes in (one, other)] == [1, 2]


def test_each_loader_seed_has_marks_of_its_own() -> None:
    cells = ablation(["head"], splits=["0"])
    later = cells.assign(loader_seed=7)
    later.loc[later["kind"] == "graft", "accuracy"] -= 0.4
    figure = forest_of(pd.concat([cells, later], ignore_index=True))
    (axes,) = figure.axes
    assert means(axes)["graft", "o"] == pytest.approx([-0.5])
    assert means(axes)["graft", "D"] == pytest.approx([-0.9])
    for loader in (8, 7):
        assert f"graft, loader {loader} (n = 3 x 2 seeds)" in legend(figure)
    assert "; loader 8) of the donors' lead of +0.600" in title_of(figure)


def test_of_many_effects_whole_groups_and_the_largest_are_drawn_and_this_is_said() -> None:
    parts = [f"block1.{part}" for part in range(30)]
    cells = ablation(["token_embedding", "block1", *parts], splits=["0"])
    figure = forest_of(cells.loc[cells["kind"] != "reverse"])
    (axes,) = figure.axes
    _, *gains = rows_of(axes)
    assert gains == ["token_embedding", "block1", *parts[-13:]]  # the later, the larger
    assert len(gains) == MOST
    heading = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert f"drawn are {MOST} of 32 effects" in heading
    assert heading.endswith("all are in effects.csv")


def test_the_title_says_of_many_splits_only_how_large_the_largest_effects_are() -> None:
    cells = ablation(["head"], splits=[str(split) for split in range(4)])
    title = title_of(forest_of(cells))
    assert title.endswith("these gain most: -0.500 to -0.500 on 4 splits, 1 group")


@pytest.mark.parametrize(
    ("excess", "p", "sure"), [(0.4, 0.01, True), (0.4, 0.2, False), (-0.4, 0.01, False)]
)
def test_the_title_says_if_no_group_surely_gains_more_than_its_control(
    excess: float, p: float, sure: bool
) -> None:
    rows = ROWS.assign(excess=[excess, np.nan, np.nan, 0.1], excess_p_holm=[p, *[np.nan] * 3])
    title = title_of(forest(rows, PLACED.query("split_seed == 0"), "accuracy"))
    none = "None of 2 groups put in surely gains more than its sham. Most: head, "
    assert title.startswith(none) is not sure
