"""The command that compares scans whose times do not vary: a ratio without limits, and why."""

import pytest
from compared_folders import folder
from matplotlib.text import Text

from grokseed import compare
from grokseed.analysis import paired
from grokseed.figures.compare import comparison_figure
from grokseed.reports.compared import read

EQUAL = "as the times of each set, or the ratios of matched times, are all equal."


@pytest.mark.parametrize(
    ("a", "b"), [([1000] * 10, [2000] * 10), ([1000, 2000, 5000], [2000, 4000, 10_000])]
)
def test_a_ratio_of_times_that_do_not_vary_has_no_limits(a, b, tmp_path, capsys):
    folders = [str(folder(tmp_path / "a", a)), str(folder(tmp_path / "b", b, lr=0.002))]
    assert compare.main(folders) == 0
    out = capsys.readouterr().out
    assert f"B takes 2.000 times A's steps. This ratio has no limits and no p-value, {EQUAL}" in out
    assert "The log-rank test's p-value is" in out
    assert "nan" not in out
    table = compare(folders[0], folders[1])
    ratio = table.loc["time ratio, B over A"]
    assert ratio[["low", "high"]].isna().all()
    assert ratio["method"].endswith("no limits, as times do not vary")
    assert {"variance the match removes", "matched seeds a set needs"}.isdisjoint(table.index)
    assert table.loc["B wins on a matched seed", "high"] > 0


@pytest.mark.parametrize("rise", [1, 2])
def test_a_trend_of_times_that_do_not_vary_has_no_limits(rise, tmp_path, capsys):
    folders = [
        str(folder(tmp_path / str(lr), [1000 * rise**i] * 6, lr=lr))
        for i, lr in enumerate((0.001, 0.002, 0.004))
    ]
    out = tmp_path / "out"
    assert compare.main(["--trend", *folders, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert f"Each doubling of lr multiplies the time to t98 by {rise:.3f}. This ratio" in printed
    assert f"{EQUAL} 18 runs of 6 seeds." in printed
    assert "nan" not in (out / "README.md").read_text()


@pytest.mark.parametrize(
    ("b", "title", "why"),
    [
        ([1000, 2000, 3000], "Each run of B takes as many steps as A's run", "equal times"),
        ([2000, 4000, 6000], "B takes 2.000 times A's steps, no limits", "times do not vary"),
        ([1000, 30_000, 30_000], "Too few runs got there for a ratio", "too few runs got there"),
    ],
)
def test_the_picture_says_what_the_verdict_says(b, title, why, tmp_path):
    """Not that too few runs got there, of runs that all did."""
    sets = [folder(tmp_path / "a", [1000, 2000, 3000]), folder(tmp_path / "b", b)]
    arms = paired.pair(*(read(path, "t98").with_logarithms for path in sets))
    fit = paired.fit(arms) if min(arms.events) >= 2 and not arms.same else None
    figure = comparison_figure(arms, fit, None, "t98")
    said = figure.get_suptitle() + " ".join(t.get_text() for t in figure.findobj(Text))
    assert title in said
    assert why in said
    assert ("too few" in said) == (b[1] == 30_000)
