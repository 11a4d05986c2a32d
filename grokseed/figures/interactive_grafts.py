"""The map of grafts as an interactive chart: effects by group, and the cells behind them. No torch.

The page that holds it gives the data `runs` and `cells`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from grokseed.analysis.effects import WEIGHTS
from grokseed.analysis.pairs import ALL_BUT
from grokseed.figures.ablation import KINDS
from grokseed.figures.interactive_style import CELLS, RUNS
from grokseed.figures.style import GOLDEN

MEANINGS = {
    "gain": "put into a recipient",
    "loss": "taken from a donor",
    "among others": "put in beside others",
}

BETWEEN = "; those beside others are differences between cells"


def grafts(effects: Sequence[Mapping[str, Any]], kinds: Sequence[str], unit: str) -> dict[str, Any]:
    """A square for each group and kind of graft, and a point for each cell of the clicked square.

    Args:
        effects: one row a square: `question`, `kind`, `groups`, `mean`, `low`, `high`, `n`,
            `donors`, `recipients` and `p_holm`; unknown values are None.
        kinds: kinds of the cells.
        unit: the quantity whose differences the effects are.

    Returns:
        A Vega-Lite specification without the data `runs` and `cells`.
    """
    shown = [
        {
            **row,
            "column": f"{row['kind']}: {MEANINGS[row['question']]}",
            "cells": _key(row, kinds),
            "interval": _told(row, "{low:+.3f} to {high:+.3f}", "low"),
            "p": _told(row, "{p_holm:.3f}", "p_holm"),
        }
        for row in effects
        if row["question"] in WEIGHTS
    ]
    groups = list(dict.fromkeys(row["groups"] for row in shown))
    columns = list(dict.fromkeys(row["column"] for row in shown))
    furthest = max((abs(row["mean"]) for row in shown), default=1) or 1
    square = alt.selection_point(name="square", fields=["cells"])
    base = alt.Chart(alt.Data(values=shown)).encode(
        x=alt.X("column:N", sort=columns, title=None).axis(labelAngle=-20, labelLimit=260),
        y=alt.Y("groups:N", sort=groups, title="group").axis(labelLimit=260),
    )
    colour = alt.Color("mean:Q", title="difference").scale(
        scheme="blueorange", domain=[-furthest, furthest], domainMid=0
    )
    tooltip = [
        alt.Tooltip("groups:N", title="groups"),
        alt.Tooltip("column:N", title="kind"),
        alt.Tooltip("mean:Q", title=f"difference in {unit}", format="+.3f"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("n:Q", title="n (pairs)"),
        alt.Tooltip("donors:Q", title="seeds that give"),
        alt.Tooltip("recipients:Q", title="seeds that get"),
        alt.Tooltip("p:N", title="p (Holm)"),
    ]
    faded = alt.when(square).then(alt.value(1)).otherwise(alt.value(0.35))
    squares = (
        base.properties(name="effects")
        .transform_filter("isValid(datum.cells)")
        .mark_rect(stroke="white", cursor="pointer")
        .encode(color=colour, tooltip=tooltip, opacity=faded)
    )
    without_cells = (
        base.transform_filter("!isValid(datum.cells)")
        .mark_rect(stroke="white")
        .encode(color=colour, tooltip=tooltip)
    )
    strong = f"abs(datum.mean) > {0.6 * furthest:.4g}"
    text = base.mark_text(fontSize=11).encode(
        text=alt.Text("mean:Q", format="+.2f"),
        color=alt.when(strong).then(alt.value("white")).otherwise(alt.value("black")),
    )
    width, height = 75 * max(len(columns), 1), 26 * max(len(groups), 1)
    heading = alt.TitleParams(
        f"Difference in {unit}",
        subtitle="mean of each group; click a square to see its cells"
        f"{BETWEEN if any(row['cells'] is None for row in shown) else ''}",
        anchor="start",
        fontSize=13,
    )
    chart = alt.layer(squares.add_params(square), without_cells, text)
    chart = chart.properties(name="squares", width=width, height=height, title=heading)
    made = alt.hconcat(chart, _cells(square, kinds, unit), spacing=40)
    made = made.resolve_scale(color="independent", yOffset="independent")
    return made.configure_view(stroke="#ddd").to_dict()


def _key(row: Mapping[str, Any], kinds: Sequence[str]) -> str | None:
    """The kind and groups of the cells that a square compares with others; None if it compares them
    with one another. A group that was only left out of grafts is taken from a donor there."""
    if row["question"] == "among others":
        return None
    if row["kind"] == "reverse" and "reverse" not in kinds:
        return f"graft: {ALL_BUT}{row['groups']}"
    return f"{row['kind']}: {row['groups']}"


def _told(row: Mapping[str, Any], text: str, needed: str) -> str:
    """The text with the row's numbers; one pair of seeds has no interval."""
    return "none: one pair of seeds" if row[needed] is None else text.format(**row)


def _cells(square: Any, kinds: Sequence[str], unit: str) -> alt.Chart:
    """A point for each cell, by kind: those of the clicked square, or all."""
    there = [kind for kind in KINDS if kind in kinds]
    of_run = alt.LookupData(
        data=RUNS, key="run", fields=["accuracy", "class", "model_seed", "split_seed", "graft"]
    )
    return (
        alt.Chart(CELLS)
        .transform_lookup(lookup="run", from_=of_run)
        .transform_calculate(cells="datum.kind + ': ' + datum.groups")
        .transform_filter(square)
        .transform_calculate(spread=f"(datum.run * {GOLDEN:.6f}) % 1")
        .mark_circle(size=28, opacity=0.55)
        .encode(
            x=alt.X("accuracy:Q", title=unit).scale(domain=[0, 1]),
            y=alt.Y("kind:N", title=None).scale(domain=there),
            yOffset=alt.YOffset("spread:Q"),
            color=alt.Color("kind:N", legend=None).scale(
                domain=there, range=[KINDS[kind][0] for kind in there]
            ),
            tooltip=[
                alt.Tooltip("kind:N"),
                alt.Tooltip("groups:N"),
                alt.Tooltip("model_seed:Q", title="model seed"),
                alt.Tooltip("split_seed:Q", title="split seed"),
                alt.Tooltip("graft:N"),
                alt.Tooltip("accuracy:Q", format=".3f"),
                alt.Tooltip("class:N"),
            ],
        )
        .properties(name="cells", width=330, height=max(40 * len(there), 120), title="Its cells")
    )
