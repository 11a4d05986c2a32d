"""Areas of signals by step, above the shares of fresh orders with which winners win."""

import pandas as pd
from matplotlib.figure import Figure

from common.bars import interval_bars
from experiments.commitment_tables import judged
from grokseed.figures.style import LABEL, STYLES, legend, new_figure, steps_axis

TOGETHER = "all together"
"""What a table calls the discriminant of all signals."""

DRAWN = {
    TOGETHER: ("fast", "all signals together"),
    "sample_loss": ("super", "lower validation loss"),
    "sample_accuracy": ("normal", "higher validation accuracy"),
    "norm.block1.attention": ("diverged", "lower norm of attention"),
    "train_loss": ("undecided", "lower train loss"),
}
"""The signals of the figure, their looks and names; the table has all."""

APART = 25
"""Steps between the bars of two signals, which would hide each other."""


def in_words(signal: str) -> str:
    """A column of the trajectories, or the discriminant, as a sentence names it."""
    if signal == TOGETHER:
        return "all signals together"
    if signal.startswith("norm."):
        return f"the norm of {signal.removeprefix('norm.')}"
    return f"the {signal.replace('sample_', 'validation ').replace('train_', 'train ')}"


def settled_and_seen(
    found: pd.DataFrame,
    branches: pd.DataFrame,
    at: int,
    first: tuple[int, str] | None,
    seen: float,
) -> Figure:
    """Two panels over one axis of steps: how often winners win in fresh orders, and how well
    signals tell winners from others, both with 95 % intervals.

    Args:
        found: the table of areas.
        branches: that of study E.
        at: the step by which luck is settled.
        first: the first step at which a signal has an area of `seen` or more, and the signal.
    """
    row = found.loc[(found["step"] == at) & (found["signal"] == TOGETHER)].iloc[0]
    limits = f"{row['auc']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    later = f"{seen:g} or more first at step {first[0]:,}" if first else f"never {seen:g}"
    most, won = found["n"].max(), found["winners"].max()
    figure, ((above,), (below,)) = new_figure(
        f"At step {at:,}, where luck is settled, all signals together have an area of {limits}; "
        f"the best one has {later}",
        f"mini; above: {branches['seeds'].max()} winners; below: {most} seeds, {won} win; bars: "
        "95 % intervals",
        rows=(1, 1.4),
        size=(6, 5.4),
        sharex=True,
    )
    rates = pd.DataFrame.from_dict(judged(branches), orient="index")
    shares = [100 * rates[name] for name in ("rate", "rate_low", "rate_high")]
    interval_bars(above, rates.index, shares, "normal", ls=STYLES["normal"].line, lw=1)
    above.set_ylim(0, 102)
    above.set_xlim(left=-80)
    above.set_ylabel("fresh orders in which\nwinners win (%)", fontsize=LABEL)
    handles = []
    for number, (signal, (look, name)) in enumerate(DRAWN.items()):
        own = found.loc[found["signal"] == signal]
        steps = own["step"].to_numpy() + APART * (number - (len(DRAWN) - 1) / 2)
        areas = [own[limit] for limit in ("auc", "low", "high")]
        bars = interval_bars(below, steps, areas, look, ls=STYLES[look].line, lw=1, label=name)
        handles.append(bars)
    handles.append(below.axhline(0.5, color="black", lw=0.8, ls=":", label="chance"))
    below.set_ylim(0.2, 1.01)
    below.set_ylabel("area under the ROC curve", fontsize=LABEL)
    for axes in (above, below):
        axes.axvline(at, color="black", lw=0.8, ls="--")
    steps_axis(below)
    legend(figure, handles, heading=f"dashed: step {at:,}, where luck is settled")
    return figure
