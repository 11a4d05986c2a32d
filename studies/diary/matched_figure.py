"""Times of two sets of runs on the same seeds, one against the other. Opens no file."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from grokseed.analysis.paired import Arms
from grokseed.figures.style import LABEL, STYLES, alpha, legend, new_figure


def matched_times(
    found: Arms, names: tuple[str, str], ratio: tuple[float, float, float] | None
) -> Figure:
    """A mark a seed: its time to t98 in both sets; open where a run did not reach it.

    Args:
        found: the times of both sets.
        names: of the sets, that of the horizontal axis first.
        ratio: of the second set's times to the first's, with its limits; None if not known.
    """
    both = found.matched
    what = f"How many times sooner {names[1]} runs are is not known yet"
    if ratio is not None:
        value, low, high = ratio
        what = f"{names[1]} runs take {value:.2f} times the steps of {names[0]} ones"
        what = f"{what} ({low:.2f} to {high:.2f})"
    what = what[0].upper() + what[1:]
    of = [f"{n} {name}" for n, name in zip(found.n, names, strict=True)]
    title = f"mini, {sum(both)} matched seeds; {' and '.join(of)} runs"
    figure, ((axes,),) = new_figure(what, title, size=(6, 5))
    reached = found.a_reached & found.b_reached
    style, handles = STYLES["fast"], []
    for some, fill, text in (
        (both & reached, style.colour, "both reached t98"),
        (both & ~reached, "none", "one or none did: its last step"),
    ):
        handles += axes.plot(
            found.a[some],
            found.b[some],
            ls="",
            marker="o",
            ms=4.5,
            mec=style.colour,
            mfc=fill,
            alpha=alpha(int(both.sum())),
            label=f"{text} (n = {some.sum()})",
        )
    seen = np.concatenate([found.a[both], found.b[both]])
    low, high = (seen.min() / 1.15, seen.max() * 1.15) if len(seen) else (1000, 22_000)
    handles += axes.plot([low, high], [low, high], "k:", lw=0.8, label="equal times")
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    for axis, name in ((axes.xaxis, names[0]), (axes.yaxis, names[1])):
        axis.set_major_locator(LogLocator(subs=(1, 2, 3, 4, 5, 7)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter("{x:,.0f}")
        axis.set_label_text(f"steps to t98, {name} (log scale)", fontsize=LABEL)
    legend(figure, handles)
    return figure
