"""Rates of wins of runs that were branched into new batch orders at some step. Opens no file."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from common.bars import interval_bars
from experiments.transport_figure import ROLES, of
from grokseed.figures.style import LABEL, STYLES, legend, new_figure

APART = 40
"""Steps between the bars of the two roles, which would hide each other."""


def commitment_curve(
    found: pd.DataFrame, verdict: str, step: int | None, half: float, planned: int
) -> Figure:
    """Rates of wins by branch step with 95 % intervals, a line a role.

    Args:
        found: a row a role and step, by rising step: `role`, `branch`, `finished`, `runs`, `seeds`,
            `rate`, `rate_low` and `rate_high`, and the rule's own `rule_low`.
        verdict: `yes`, `no` or `cannot tell`.
        step: at which luck is committed; None if it is not.
        half: of the lead.
        planned: number of runs of the whole study.
    """
    what = {
        "yes": f"From step {step or 0:,} on winners not at t98 yet win in most batch orders",
        "no": "Even at the last step tried, winners win in fewer than half of fresh orders",
        "cannot tell": "At which step winners are sure to win cannot be told yet",
    }[verdict]
    runs = sum(found["runs"]) + sum(found["finished"])
    figure, ((axes,),) = new_figure(what, f"mini, {of(runs, planned)}, branched", size=(6, 4))
    handles = []
    for i, (role, look) in enumerate(ROLES.items()):
        own = found[found["role"] == role]
        if own.empty:
            continue
        bars = interval_bars(
            axes,
            own["branch"] + APART * i,
            [100 * own[name] for name in ("rate", "rate_low", "rate_high")],
            look,
            ls=STYLES[look].line,
            label=f"{role}s (n = {own['seeds'].max()}, {list(own['seeds'])[-1]} at the last step)",
        )
        handles.append(bars)
    handles.append(
        axes.axhline(100 * half, color="black", lw=0.8, ls=":", label="half of the lead")
    )
    axes.set_ylim(-2, 102)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("step at which a fresh order of batches begins", fontsize=LABEL)
    axes.set_ylabel("branches that win (%), of those not at t98 yet", fontsize=LABEL)
    heading = "bars: 95 % intervals over seeds and orders"
    if np.any(found["rule_low"] < found["rate_low"]):  # the rule was asked more than once
        heading += "; the title's rule takes wider ones, as it was asked more than once"
    legend(figure, handles, heading=heading)
    return figure
