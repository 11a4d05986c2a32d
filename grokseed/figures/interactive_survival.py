"""Survival of groups of runs as an interactive chart. Opens no file, no torch.

The page that holds it gives the data `curves` (columns: `reports/curves.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from grokseed.figures.interactive_style import CURVES, LANDMARKS, PALETTE, spec_of
from grokseed.figures.style import STEPS


def survival(curves: Sequence[Mapping[str, Any]], landmark: str, groups: str) -> dict[str, Any]:
    """Kaplan-Meier curves of groups of runs, with a chooser of the landmark.

    Args:
        curves: one row a step of a curve: `landmark`, `group` (its name with its n), `step`,
            `left` (share still to reach it), `low` and `high` (95 % band).
        landmark: the one shown at first, among those that the curves have.
        groups: what the groups are, such as splits.

    Returns:
        A Vega-Lite specification without the data `curves`.
    """
    there = [name for name in LANDMARKS if any(row["landmark"] == name for row in curves)]
    names = list(dict.fromkeys(row["group"] for row in curves))
    timed = alt.param(
        name="survival_landmark",
        value=landmark,
        bind=alt.binding_select(
            options=there, labels=[LANDMARKS[name] for name in there], name="Still to reach: "
        ),
    )
    colour = (
        alt.Color("group:N", title=groups)
        .scale(domain=names, range=[PALETTE[at % len(PALETTE)] for at in range(len(names))])
        .legend(symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=2, labelLimit=260)
    )
    base = (
        alt.Chart(CURVES)
        .transform_filter("datum.landmark == survival_landmark")
        .encode(x=alt.X("step:Q", title=STEPS), color=colour)
    )
    share = alt.Y("left:Q", title="share of runs still to reach it").scale(domain=[0, 1])
    band = base.mark_area(interpolate="step-after", opacity=0.15).encode(
        y=alt.Y("low:Q").scale(domain=[0, 1]), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after").encode(
        y=share,
        tooltip=[
            alt.Tooltip("group:N"),
            alt.Tooltip("step:Q", format=","),
            *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("left", "low", "high")),
        ],
    )
    made = alt.layer(band, line).properties(name="survival", width=560, height=260)
    return spec_of(made.add_params(timed))
