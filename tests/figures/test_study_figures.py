"""What the figures of single studies say of made-up tables."""

import numpy as np
import pandas as pd
import pytest
from artists import legend, points

from grokseed.figures.anatomy import shares
from grokseed.figures.early import areas


@pytest.mark.parametrize(("low", "sure"), [(0.45, True), (0.35, False)])
def test_the_largest_share_is_only_the_largest_found_where_intervals_overlap(low, sure) -> None:
    table = pd.DataFrame({"term": ["split", "model"], "share": [0.5, 0.3], "low": [low, 0.2]})
    title = shares(table.assign(high=[0.6, 0.4]), "").get_suptitle().replace("\n", " ").strip()
    what = "The largest share" if sure else "The largest share found"
    assert title.startswith(
        f"{what} of the spread of log t98 is split: 50 % (95 %: {100 * low:.0f} %"
    )
    assert title.endswith("Intervals overlap: which is largest is not shown") is not sure


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
