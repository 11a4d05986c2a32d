"""Interactive charts of a scan's runs, as Altair charts with named data. Opens no file, no torch.

The page that holds them gives the data `runs` and `points` (columns: `reports/columnar.py`), so
that a chart's own text is small.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from grokseed.figures.interactive_style import (
    LANDMARKS,
    POINTS,
    RUNS,
    Counts,
    colour_of,
    dash_of,
    fill_of,
    shape_of,
    spec_of,
    title_of,
)
from grokseed.figures.style import STEPS

IN_LINES = {
    "train_accuracy": "train accuracy (share)",
    "val_accuracy": "validation accuracy (share)",
    "val_loss": "validation loss (nats)",
    "norm": "weight norm (L2)",
}
"""Columns of `points` that are drawn by step, with their axes' titles."""


def explorer(
    classes: Counts, spans: Mapping[str, tuple[float, float]], landmark: str, title: str
) -> dict[str, Any]:
    """Runs as points in two figures, counts by class, and trajectories of the chosen runs.

    A brush over points, a click on one and a click on a class in the legend choose runs; a double
    click clears the choice. All figures follow the choice.

    Args:
        classes: how many runs each class has.
        spans: smallest and largest value of `step` and of the columns of `IN_LINES` that the points
            have, so that axes stay fixed while runs are chosen.
        landmark: a key of `LANDMARKS`: the one whose time is shown at first.
        title: the number of trajectories drawn, in words.

    Returns:
        A Vega-Lite specification without its data.
    """
    brush = alt.selection_interval(name="brush")
    pick = alt.selection_point(name="pick", fields=["run"])
    of_class = alt.selection_point(name="of_class", fields=["class"], bind="legend")
    chosen = brush & pick & of_class
    timed = alt.param(
        name="landmark",
        value=landmark,
        bind=alt.binding_select(
            options=list(LANDMARKS), labels=list(LANDMARKS.values()), name="Time to: "
        ),
    )
    base = (
        _timed(alt.Chart(RUNS))
        .mark_point(size=40, strokeWidth=1)
        .encode(
            color=colour_of(classes),
            fill=fill_of(classes),
            shape=shape_of(classes),
            fillOpacity=alt.when(alt.datum.reached).then(alt.value(0.85)).otherwise(alt.value(0)),
            opacity=alt.when(chosen).then(alt.value(0.9)).otherwise(alt.value(0.07)),
            tooltip=_tooltip(),
        )
    )
    times = base.encode(
        x=alt.X("time:Q", title="step (optimiser steps)"),
        y=alt.Y("sample_loss_peak:Q", title="peak of validation loss (nats)").scale(zero=False),
    ).properties(
        name="times",
        width=330,
        height=260,
        title=title_of("Time and loss peak", "hollow: not reached by the run's last step"),
    )
    norms = base.encode(
        x=alt.X("norm_peak:Q", title="largest weight norm (L2)")
        .scale(zero=False)
        .axis(tickCount=6),
        y=alt.Y("accuracy:Q", title="validation accuracy (share)").scale(domain=[0, 1]),
    ).properties(
        name="norms",
        width=330,
        height=260,
        title=title_of("Weight norm and accuracy", "accuracy at the screen step"),
    )
    points = alt.hconcat(times.add_params(brush, pick, of_class), norms, _bars(classes, chosen))
    columns = [name for name in IN_LINES if name in spans]
    across, width = (3, 255) if len(columns) == 3 else (2, 405)
    lines = [_line(name, classes, spans, chosen).properties(width=width) for name in columns]
    rows = [
        alt.hconcat(*lines[at : at + across], spacing=25) for at in range(0, len(lines), across)
    ]
    below = alt.vconcat(*rows, title=title_of("Trajectories of the chosen runs", title))
    made = alt.vconcat(points, below, spacing=25).add_params(timed)
    spec = spec_of(made.resolve_scale(color="shared", shape="shared"))
    for param in spec["params"]:
        if param["name"] in ("brush", "pick"):
            param["views"] = ["times", "norms"]
    return spec


def _timed(chart: alt.Chart) -> alt.Chart:
    """Add `time`, the step of the chosen landmark or else the last step, and which of both it
    is."""
    told = {
        f"{name}_told": f"isValid({step}) ? format({step}, ',') : 'not reached'"
        for name, step in ((name, f"datum.{name}_step") for name in LANDMARKS)
    }
    return chart.transform_calculate(
        **told,
        reached="isValid(datum[landmark + '_step'])",
        time="isValid(datum[landmark + '_step']) ? datum[landmark + '_step'] : datum.steps",
    )


def _bars(classes: Counts, chosen: Any) -> Any:
    """How many of the chosen runs are of each class, out of how many."""
    found = (
        _timed(alt.Chart(RUNS))
        .transform_joinaggregate(of="count()", groupby=["class"])
        .transform_filter(chosen)
        .transform_aggregate(chosen="count()", of="max(of)", groupby=["class"])
        .transform_calculate(
            text="format(datum.chosen, ',') + ' of ' + format(datum.of, ',')",
            share="datum.chosen / datum.of",
        )
        .encode(y=alt.Y("class:N", title=None).scale(domain=list(classes)))
    )
    bars = found.mark_bar(height=14).encode(
        x=alt.X("share:Q", title="share of the class")
        .scale(domain=[0, 1])
        .axis(format="%", tickCount=2),
        color=colour_of(classes),
    )
    text = found.mark_text(align="left", x=3, dy=-15, fontSize=11).encode(text="text:N")
    return alt.layer(bars, text).properties(
        name="counts", width=140, height=260, title=title_of("Chosen runs", "of each class")
    )


def _line(
    name: str, classes: Counts, spans: Mapping[str, tuple[float, float]], chosen: Any
) -> alt.Chart:
    from_runs = alt.LookupData(
        data=RUNS,
        key="run",
        fields=[
            *("class", "split_seed", "model_seed", "loader_seed", "sample_loss_peak", "norm_peak"),
            *("accuracy", "steps", *(f"{landmark}_step" for landmark in LANDMARKS)),
        ],
    )
    span = (0, 1) if name.endswith("accuracy") else spans[name]
    y = alt.Y(f"{name}:Q", title=IN_LINES[name]).scale(domain=span, nice=True)
    chart = alt.Chart(POINTS).transform_lookup(lookup="run", from_=from_runs)
    return (
        _timed(chart)
        .transform_filter(chosen)
        .transform_filter(f"isValid(datum.{name})")
        .mark_line(strokeWidth=1.2, opacity=0.65)
        .encode(
            x=alt.X("step:Q", title=STEPS).scale(domain=spans["step"]).axis(tickCount=4),
            y=y,
            color=colour_of(classes),
            strokeDash=alt.StrokeDashValue.from_dict(dash_of(classes)),
            detail="run:N",
            tooltip=[
                alt.Tooltip("model_seed:Q", title="model seed"),
                alt.Tooltip("class:N"),
            ],
        )
        .properties(name=f"lines_{name}", height=190)
    )


def _tooltip() -> list[alt.Tooltip]:
    named = {"split_seed": "split seed", "model_seed": "model seed", "loader_seed": "loader seed"}
    steps = {f"{name}_told": f"{name} (step)" for name in LANDMARKS}
    numbers = {
        "sample_loss_peak": "peak of validation loss (nats)",
        "norm_peak": "largest weight norm",
        "accuracy": "validation accuracy at the screen step",
    }
    return [
        *(alt.Tooltip(f"{name}:Q", title=text) for name, text in named.items()),
        alt.Tooltip("class:N"),
        *(alt.Tooltip(f"{name}:N", title=text) for name, text in steps.items()),
        *(alt.Tooltip(f"{name}:Q", title=text, format=".4") for name, text in numbers.items()),
        alt.Tooltip("graft:N"),
    ]
