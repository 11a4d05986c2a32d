"""The times of a scan, from its table of runs: survival, and peaks of the loss. No torch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from grokseed.analysis.classify import CLASSES, without
from grokseed.analysis.dependence import share_of, why_no_limits
from grokseed.analysis.early import has_stopped
from grokseed.analysis.rates import Rate, rate
from grokseed.analysis.survival import Survival, numbers, time_to
from grokseed.figures.lines import labels
from grokseed.figures.style import (
    GOLDEN,
    SKY,
    STYLES,
    VERMILION,
    alpha,
    legend,
    new_figure,
    steps_axis,
)

LEAST_EVENTS = 5
"""Fewest runs with a t98 for which a survival curve is drawn."""

LEAST_SHARE = 0.2
"""Smallest share of runs with a t98 for which an axis of times is drawn."""


def too_few(runs: pd.DataFrame, excluded: Collection[int] = ()) -> str:
    """A sentence in place of the survival curve if fewer than 5 runs reached t98; else empty.

    Args:
        runs: one row a run, with columns `steps` and `t98_step`, empty where unknown.
        excluded: model seeds that do not count, as they were chosen by hand.
    """
    every, runs = runs, without(runs, excluded)
    if len(every) and not len(runs):
        return "No survival curve: all seeds were chosen by hand."
    curve = time_to("t98", runs)
    reached = curve.n - curve.censored
    if reached >= LEAST_EVENTS:
        return ""
    if not curve.n:
        return "No survival curve: no run was seen."
    share = _reached(runs, curve)
    at = f" (at {_listed(curve.times)})" if reached else ""
    return (
        f"No survival curve: {reached} of {curve.n:,} runs reached t98 within {curve.last:,.0f} "
        f"steps{at}, a share of {share.share:.1%}{_limits(share, ' (', ')')}; "
        f"a curve needs {LEAST_EVENTS}."
    )


def survival(runs: pd.DataFrame, title: str = "") -> Figure:
    """Share of runs yet to generalise over steps: Kaplan-Meier, with band, censor marks, median.

    There is no band where runs share seeds or have grafts (`survival.time_to`).

    Args:
        runs: one row a run, with columns `steps` and `t98_step`, empty where unknown.
        title: the scan's name, set below the figure's own title.
    """
    curve = time_to("t98", runs)
    figure, ((axes,),) = new_figure(_when(runs, curve), title)
    steps = np.array([0.0, *curve.times, curve.last if curve.n else 0.0])
    share, low, high = (
        np.array([1.0, *levels, *levels[-1:]]) if len(levels) else np.ones(2)
        for levels in (curve.survival, curve.low, curve.high)
    )
    (line,) = axes.step(steps, share, where="post", color="black", linewidth=1.4)
    line.set_label(f"all runs (n = {curve.n:,}, {curve.censored:,} censored)")
    handles: list[Artist] = [line]
    known = len(curve.times) > 0 and not np.isnan(curve.low).all()
    if known:
        band = axes.fill_between(steps, low, high, step="post", color=SKY, alpha=0.35, lw=0)
        band.set_label("95 % interval, pointwise")
        handles.append(band)
    if curve.censored:
        at = np.unique(curve.censor_times)
        handles += axes.plot(at, curve.at(at), "|", color="black", ms=9, label="censored")
    if not np.isnan(curve.median):
        corner = ([0, curve.median, curve.median], [0.5, 0.5, 0])
        label = f"median {curve.median:,.0f} steps{_span(curve)}"
        handles += axes.plot(*corner, ":", color=VERMILION, lw=1.4, label=label)
    axes.set(ylabel="share of runs yet to reach t98", ylim=(-0.02, 1.02))
    lowest = float(np.nanmin(low)) if known else float(share.min())
    if len(curve.times) and lowest > 0.5:
        # Rare events would be a flat line at the top of a full axis.
        margin = 0.05 * (1 - lowest)
        axes.set(ylabel="share of runs yet to reach t98 (axis cut)")
        axes.set_ylim(lowest - margin, 1 + margin)
    steps_axis(axes)
    none = ["median not reached"] if curve.n and np.isnan(curve.median) else []
    none += [f"no interval: {why}"] if (why := why_no_limits(runs)) else []
    legend(figure, handles, len(runs) - curve.n, "; ".join(none))
    return figure


def peak_against_time(runs: pd.DataFrame, title: str = "") -> Figure:
    """Peak of the validation loss against the time to generalise, one marker a run.

    Censored runs have no known time: they are drawn at the right, by class. If fewer than one run
    in five has a time, all runs are drawn by class over the whole width.

    Args:
        runs: with columns `status`, `class`, `steps`, `t98_step`, `sample_loss_peak`.
        title: the scan's name, set below the figure's own title.
    """
    time, peak = numbers(runs, "t98_step"), numbers(runs, "sample_loss_peak")
    last, label = numbers(runs, "steps"), labels(runs)
    reached, drawn = np.isfinite(time), np.isfinite(peak) & np.isfinite(last)
    timed = np.any(reached) and np.sum(drawn & reached) >= LEAST_SHARE * np.sum(drawn)
    groups = {name: drawn & (label == name) for name in STYLES}
    groups = {name: ours for name, ours in groups.items() if name in CLASSES or ours.any()}
    beside = sum(bool(np.any(ours & ~reached)) for ours in groups.values())
    widths = (4, beside) if timed and beside else (1,)
    what = _medians({name: peak[ours] for name, ours in groups.items()})
    figure, (panels,) = new_figure(what, title, columns=widths, sharey=True)
    panels[0].set_ylabel("peak of validation loss (nats)")
    handles: list[Artist] = []
    for name, ours in groups.items():
        look, there = STYLES[name], ours & reached
        closed = {"ls": "", "marker": look.marker, "ms": look.size, "mew": 0, "color": look.colour}
        text = f"{name} (n = {ours.sum():,}, {np.sum(ours & ~reached):,} censored)"
        handles.append(Line2D([], [], label=text, **closed))
        if timed:
            faint = {"alpha": alpha(there.sum()), "zorder": look.order}
            panels[0].plot(time[there], peak[there], **faint, **closed)
    if timed:
        steps_axis(panels[0], "t98 (optimiser steps)")
        panels[0].set_xlim(0, 1.03 * max(last[drawn], default=1))  # the last step that was seen
        panels[0].locator_params(axis="x", nbins=5)
        for aside in panels[1:]:
            _strip(aside, groups, peak, reached, shown=~reached)
            aside.set_xlabel("censored,\nby class")
    else:
        _strip(panels[0], groups, peak, reached, shown=drawn)
        panels[0].set_xlabel("class")
    stripped = [ours & (~reached if timed else drawn) for ours in groups.values()]
    said = ["open: t98 not reached"] if np.any(drawn & ~reached) else []
    if any(some.sum() >= LEAST_EVENTS for some in stripped):
        said.append(f"black bars: median and quartiles of {LEAST_EVENTS} runs or more")
    legend(figure, handles, int(np.sum(~drawn)), "; ".join(said))
    return figure


def _strip(
    axes: Axes,
    groups: dict[str, np.ndarray],
    peak: np.ndarray,
    reached: np.ndarray,
    shown: np.ndarray,
) -> None:
    """The peaks of each class side by side; open marks where t98 was not reached."""
    groups = {name: ours & shown for name, ours in groups.items() if np.any(ours & shown)}
    for column, (name, ours) in enumerate(groups.items()):
        look, n = STYLES[name], int(ours.sum())
        spread = np.zeros(len(peak))
        spread[ours] = 0.6 * ((np.arange(n) * GOLDEN + 0.5) % 1 - 0.5)
        size = look.size if n <= 100 else look.size / 2
        common = {"ls": "", "marker": look.marker, "ms": size, "color": look.colour}
        for some, fill in ((ours & ~reached, "none"), (ours & reached, look.colour)):
            if some.any():
                style = {"mfc": fill, "mew": 0.7, "alpha": alpha(n)}
                axes.plot(column + spread[some], peak[some], **common, **style)
        if n < LEAST_EVENTS:
            continue
        low, middle, high = np.quantile(peak[ours], [0.25, 0.5, 0.75])
        bars = {"color": "black", "zorder": 10}
        axes.hlines(middle, column - 0.38, column + 0.38, linewidth=2, **bars)
        axes.hlines([low, high], column - 0.38, column + 0.38, linewidth=0.8, **bars)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_xlim(-0.5, max(len(groups), 1) - 0.5)


def _when(runs: pd.DataFrame, curve: Survival) -> str:
    """The finding of the curve, in a sentence."""
    if not curve.n:
        return "No run was seen"
    if np.isnan(curve.median):
        reached = _reached(runs, curve)
        within = f"{reached.k:,} of {curve.n:,} runs reached t98 within {curve.last:,.0f} steps"
        return f"{within} ({reached.share:.1%}{_limits(reached, ', ')})"
    return f"Half of the runs reach t98 by step {curve.median:,.0f}{_span(curve)}"


def _reached(runs: pd.DataFrame, curve: Survival) -> Rate:
    """The share of runs that reached t98, with limits where they have any.

    Under an early verdict it is that of the curve, of which the limits are known at its end.
    """
    if has_stopped(runs):
        left, low, high = (levels[-1:] for levels in (curve.survival, curve.low, curve.high))
        n, reached = curve.n, curve.n - curve.censored
        if not len(left):
            none = rate(0, n)
            return replace(none, low=np.nan, high=np.nan) if why_no_limits(runs) else none
        return Rate(reached, n, 1 - float(left[0]), 1 - float(high[0]), 1 - float(low[0]))
    t98, last = numbers(runs, "t98_step"), numbers(runs, "steps")
    seen = ~(np.isnan(t98) & np.isnan(last))
    return share_of(~np.isnan(t98[seen]), runs.loc[seen])


def _limits(share: Rate, before: str, after: str = "") -> str:
    if np.isnan(share.low):
        return ""
    return f"{before}95 %: {share.low:.1%} to {share.high:.1%}{after}"


def _span(curve: Survival) -> str:
    if np.isnan(curve.median_low):
        return ""
    upper = "or more" if np.isinf(curve.median_high) else f"to {curve.median_high:,.0f}"
    return f" (95 %: {curve.median_low:,.0f} {upper})"


def _medians(peaks: dict[str, np.ndarray]) -> str:
    said = [f"{np.median(some):.1f} ({name})" for name, some in peaks.items() if len(some)]
    if not said:
        return "Peak of the validation loss: no run to show"
    return f"Median of the runs' own peaks of the validation loss, nats: {', '.join(said)}"


def _listed(steps: np.ndarray) -> str:
    return "step " + ", ".join(f"{step:,.0f}" for step in steps)
