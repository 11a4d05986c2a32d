"""Peak of the validation loss and fall of the norm by the time to generalise. Opens no file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from grokseed.analysis.correlation import pooled_ranks
from grokseed.analysis.survival import numbers
from grokseed.figures.style import LABEL, STYLES, WIDTH, legend, new_figure

FELL, NOT_YET = STYLES["fast"], STYLES["super"]
"""How runs are drawn whose norm fell before t98, and the others."""


def peaks_by_time(samples: Mapping[str, pd.DataFrame], flat: float, risen: float) -> Figure:
    """A panel a sample, a mark a run: how far its loss rose against when it generalised.

    Args:
        samples: by name, runs with columns `t98_step`, `median` (that of the run's split),
            `norm_fall_step`, `sample_loss_start`, `sample_loss_peak`. Runs that did not reach t98
            are not drawn.
        flat, risen: peaks over the start that count as none, and as a rise.
    """
    every = {name: _of(runs) for name, runs in samples.items()}
    time, peak = (np.concatenate([own[i] for own in every.values()]) for i in (0, 1))
    sample = np.repeat(list(every), [len(own[0]) for own in every.values()])
    found = pooled_ranks(peak, time, sample)
    figure, (panels,) = new_figure(
        "Time to t98 and the peak of the loss: rank correlation "
        f"{found.rho:.2f} ({found.low:.2f} to {found.high:.2f}) within panels, pooled",
        f"mini; dotted: half of the median time, peaks of {flat:g} and {risen:g} times the start",
        columns=[1.0] * len(samples),
        size=(WIDTH, 4.7),
        sharey=True,
    )
    handles: dict[str, Artist] = {}
    for axes, (name, (times, peaks, fell)) in zip(panels, every.items(), strict=True):
        for style, some, text in (
            (FELL, fell, "norm fell before t98"),
            (NOT_YET, ~fell, "norm had not fallen at t98"),
        ):
            look = {"marker": style.marker, "color": style.colour, "ms": style.size, "alpha": 0.7}
            look |= {"mec": "none", "ls": "", "zorder": style.order}
            handles[text] = axes.plot(times[some], peaks[some], label=text, **look)[0]
        for height in (flat, risen):
            axes.axhline(height, color="black", lw=0.8, ls=":")
        axes.axvline(0.5, color="black", lw=0.8, ls=":")
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator([0.125, 0.25, 0.5, 1, 2]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_title(f"{name} (n = {len(times):,})", fontsize=LABEL)
        axes.set_xlabel("t98 over the split's median\n(log scale)", fontsize=LABEL)
    panels[0].set_ylabel("peak of validation loss over its start", fontsize=LABEL)
    missing = sum(len(runs) for runs in samples.values()) - len(time)
    why = "not drawn: t98 not reached, or no loss measured" if missing else ""
    legend(figure, list(handles.values()), missing, heading=why)
    return figure


def _of(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times over the split's median, peaks over the start, and whether the norm fell before."""
    t98 = numbers(runs, "t98_step")
    peak = numbers(runs, "sample_loss_peak") / numbers(runs, "sample_loss_start")
    seen = ~np.isnan(t98) & ~np.isnan(peak)
    time = t98 / numbers(runs, "median")
    return time[seen], peak[seen], (numbers(runs, "norm_fall_step") < t98)[seen]
