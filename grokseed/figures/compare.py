"""The figures of a comparison: survival and power of two sets of runs, and a trend over several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from grokseed.analysis.paired import Arms, Paired
from grokseed.analysis.seeds_needed import POWER, Spread, power, seeds_needed
from grokseed.analysis.survival import Survival, kaplan_meier
from grokseed.analysis.trend import Trend
from grokseed.figures.style import (
    BLUE,
    GREEN,
    GREY,
    PINK,
    STEPS,
    VERMILION,
    WIDTH,
    legend,
    new_figure,
    steps_axis,
)

COLOURS = (BLUE, VERMILION)
POWER_COLOURS = (GREEN, PINK)
LINES = ("-", "--")


def comparison_figure(
    arms: Arms, fit: Paired | None, needs: Mapping[str, Spread] | None, landmark: str
) -> Figure:
    """Left: the share of each set yet to reach the landmark. Right: power by seeds in each set.

    Where runs share seeds, the curves have no bands, and the power is that of runs that share none.

    Args:
        fit: of both sets; if None, the right panel says that there is none.
        needs: as `spreads` gives them.
        landmark: its name.
    """
    title = f"time to {landmark}; A and B as in README.md"
    figure, ((left, right),) = new_figure(
        _seen(arms, fit), title, columns=(1, 1), size=(1.5 * WIDTH, 4.6)
    )
    for name, time, reached, colour, line in (
        ("A", arms.a, arms.a_reached, COLOURS[0], LINES[0]),
        ("B", arms.b, arms.b_reached, COLOURS[1], LINES[1]),
    ):
        ran = ~np.isnan(time)
        curve = kaplan_meier(time[ran], reached[ran])
        if arms.shared:
            unknown = np.full(len(curve.times), np.nan)
            curve = replace(curve, low=unknown, high=unknown)
        _curve(left, curve, name, colour, line)
    left.set(ylabel=f"share of runs yet to reach {landmark}", ylim=(-0.02, 1.02))
    steps_axis(left, STEPS)
    seeds = f"seeds in each set{', each with one run' if arms.shared else ''}"
    right.set(xlabel=seeds, ylabel="power at the ratio seen", ylim=(0, 1.02))
    right.spines[["top", "right"]].set_visible(False)
    if not fit or not needs:
        right.text(0.5, 0.5, _why_no_power(arms, fit), ha="center")
        legend(figure, left.get_legend_handles_labels()[0])
        return figure
    wanted = [seeds_needed(spread, fit.ratio) for spread in needs.values()]
    most = min(max([4 * fit.n, *(2 * n for n in wanted if n)]), 100_000)
    n = np.unique(np.geomspace(2, most, 120).astype(int))
    for (kind, spread), need, colour, line in zip(
        needs.items(), wanted, POWER_COLOURS, LINES, strict=False
    ):
        label = f"{kind}: {need:,} seeds for 80 %" if need else f"{kind}: over a million seeds"
        right.plot(n, power(spread, fit.ratio, n), line, color=colour, label=label)
    right.axhline(POWER, color=GREY, linewidth=0.8, linestyle=":")
    if not arms.shared:
        here = f"these runs (n = {fit.n:,}), ratio {fit.ratio:.3f}"
        right.axvline(fit.n, color="black", linewidth=0.8, label=here)
    right.set_xscale("log")
    right.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    right.xaxis.set_minor_locator(NullLocator())
    right.xaxis.set_major_formatter("{x:,.0f}")
    keys = [key for axes in (left, right) for key in axes.get_legend_handles_labels()[0]]
    legend(figure, keys)
    return figure


def trend_figure(
    levels: Mapping[str, float],
    medians: Sequence[Survival],
    trend: Trend,
    axis: str,
    unit: str,
    landmark: str,
) -> Figure:
    """Kaplan-Meier medians of several sets with their intervals, and the line fitted to all runs.

    Args:
        levels: of each set, as used in the fit, by their labels on the axis.
        medians: (sets,), each set's curve.
        axis: what the levels are.
        unit: a unit of the levels, such as "each doubling of lr".
    """
    limits = "no limits"
    if not np.isnan(trend.low):
        limits = f"95 %: {trend.low:.3f} to {trend.high:.3f}"
    what = f"Time to {landmark}: {unit} multiplies it by {trend.ratio:.3f} ({limits})"
    figure, ((axes,),) = new_figure(what, f"{trend.runs:,} runs")
    places = list(levels.values())
    for x, curve in zip(places, medians, strict=True):
        if np.isnan(curve.median):
            axes.plot(x, curve.last, "^", color=COLOURS[0], markerfacecolor="none")
        else:
            top = curve.median_high if np.isfinite(curve.median_high) else curve.last
            axes.vlines(x, curve.median_low, top, color=COLOURS[0])
            axes.plot(x, curve.median, "o", color=COLOURS[0])
    names = [f"{name}\nn = {curve.n:,}" for name, curve in zip(levels, medians, strict=True)]
    ends = np.linspace(min(places), max(places), 50)
    line = np.exp(trend.intercept + np.log(trend.ratio) * ends)
    axes.plot(ends, line, LINES[1], color=COLOURS[1], label="fitted to all runs")
    axes.set(xlabel=axis, ylabel=f"median steps to {landmark} (open: not reached by half)")
    axes.set_xticks(places, names)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    legend(figure, axes.get_legend_handles_labels()[0])
    return figure


def _seen(arms: Arms, fit: Paired | None) -> str:
    """How much sooner or later B is, with the interval, in a sentence."""
    if arms.same:
        return "Each run of B takes as many steps as A's run with the same seeds"
    if not fit:
        return "Too few runs got there for a ratio of B's times to A's"
    if np.isnan(fit.ratio_low):
        seen = f"B takes {fit.ratio:.3f} times A's steps, no limits"
        return f"A and B cannot be told apart: {seen}" if arms.varies else seen
    interval = (
        f"{fit.ratio:.3f} times A's steps (95 %: {fit.ratio_low:.3f} to {fit.ratio_high:.3f})"
    )
    if fit.ratio_low < 1 < fit.ratio_high:
        return f"A and B cannot be told apart: B takes {interval}"
    return f"B is {'sooner' if fit.ratio < 1 else 'later'}: it takes {interval}"


def _why_no_power(arms: Arms, fit: Paired | None) -> str:
    if arms.same:
        return "no time ratio: equal times"
    if not fit:
        return "no time ratio: too few runs got there"
    return "no limits: too few seeds" if arms.varies else "no limits: times do not vary"


def _curve(axes: Axes, curve: Survival, name: str, colour: str, line: str) -> None:
    steps = np.array([0.0, *curve.times, curve.last])
    share, low, high = (
        np.array([1.0, *values, *values[-1:]]) if len(values) else np.ones(2)
        for values in (curve.survival, curve.low, curve.high)
    )
    label = f"{name} (n = {curve.n:,}, {curve.censored:,} censored)"
    axes.step(steps, share, where="post", color=colour, linestyle=line, label=label)
    axes.fill_between(steps, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
