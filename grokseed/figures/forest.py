"""Main effects of grafts on one scale, with intervals and the donors' lead. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.container import Container
from matplotlib.figure import Figure

from grokseed.analysis.effects import CONTROLS, WEIGHTS, effects
from grokseed.analysis.lead import leads, place
from grokseed.analysis.pairs import ALL_BUT
from grokseed.figures.ablation import KINDS
from grokseed.figures.style import LABEL, WIDTH, balanced, broken, legend, new_figure

SURE = 0.05
"""A group's effect exceeds its control's surely if the p-value, by Holm, is below."""

HEADINGS = {
    "gain": "gain: put into a recipient",
    "loss": "loss: taken from a donor",
    "among others": "among others: put in beside others",
}


def forest(table: pd.DataFrame, cells: pd.DataFrame, outcome: str, title: str = "") -> Figure:
    """Main effects of the groups with their intervals, each above its control, on one scale.

    The recipients' own weights are the line at 0, the donors' own the dashed line at their lead:
    the mean difference of the two at the splits and orders at which a row's group was put in or
    taken out. Where rows have different numbers of such places, each says its own, and the title
    compares groups at the places that all of them have.

    Args:
        table: what `effects.effects` gave for the column `accuracy`, a row an effect; those over
            all places are drawn.
        cells: the cells behind them, as `effects.effects` takes them.
        outcome: the quantity whose differences the effects are, with its unit.
        title: the ablation's name.
    """
    pooled = table.loc[table["question"].isin(WEIGHTS) & (table["place"] == "")]
    found = pooled.to_dict("records")
    every = cells.to_dict("records")
    rows: list[tuple[str, str]] = []
    for question in WEIGHTS:
        named = dict.fromkeys(row["groups"] for row in found if row["question"] == question)
        rows += [(question, group) for group in ("", *named)] if named else []
    own = [row for row in found if row["kind"] in CONTROLS]
    places = {(row["question"], row["groups"]): int(row["places"]) for row in own}
    differ = len({*places.values()}) > 1
    beside = {row: f" ({_places(n)})" for row, n in places.items()} if differ else {}
    texts = [broken(row[1] + beside.get(row, "")) if row[1] else HEADINGS[row[0]] for row in rows]
    heights = np.array([max(1, 0.3 + 0.6 * (1 + text.count("\n"))) for text in texts])
    at = np.cumsum(heights) - heights / 2
    size = WIDTH, 2.1 + 0.25 * float(heights.sum())
    figure, ((axes,),) = new_figure(_answer(found, cells), title, size=size)
    by_place = leads(every, "accuracy")
    reference = np.array([_reference(row, every, by_place) for row in rows])
    handles: list[Artist | Container]
    handles = [axes.axvline(0, color="black", lw=0.8, label="none: the recipients' own")]
    if np.isfinite(reference).any():
        style = {"colors": KINDS["donor"][0], "linestyles": "dashed", "linewidths": 1.4}
        marks = axes.vlines(reference, at - heights / 2, at + heights / 2, zorder=1, **style)
        marks.set_label(f"all: the donors' own lead ({_range(reference)})")
        handles.append(marks)
    for kind in dict.fromkeys(row["kind"] for row in found):
        own = [row for row in found if row["kind"] == kind]
        control = kind in CONTROLS.values()
        y = at[[rows.index((row["question"], row["groups"])) for row in own]]
        mean, low, high = (np.array([row[n] for row in own]) for n in ("mean", "low", "high"))
        bars = axes.errorbar(
            mean,
            y + (0.18 if control else -0.18),
            xerr=np.nan_to_num([mean - low, high - mean]).clip(0),
            fmt="s" if control else "o",
            color=KINDS[kind][0],
            mfc="none" if control else KINDS[kind][0],
            ms=4,
            lw=1.2,
            label=f"{kind} (n = {_span(own, 'donors')} x {_span(own, 'recipients')} seeds)",
        )
        handles.append(bars)
    axes.set_yticks(at, texts)
    for tick, (_, group) in zip(axes.yaxis.get_major_ticks(), rows, strict=True):
        tick.label1.set_fontweight("normal" if group else "bold")
        tick.tick1line.set_visible(bool(group))
    axes.set_ylim(heights.sum(), 0)
    axes.set_xlabel("\n".join(balanced(f"difference in {outcome}", 40)), fontsize=LABEL)
    heading = (
        "bars: 95 % intervals over seeds, none for one pair; n: seeds that give x seeds that get"
    )
    heading += "; a place: a split and an order" if differ else ""
    legend(figure, handles, heading=heading)
    return figure


def _where(row: tuple[str, str], cells: Sequence[Mapping]) -> set[tuple[int, int]]:
    """The places, splits and orders, at which a row's group was exchanged."""
    question, group = row
    wanted = {
        "gain": {("graft", group)},
        "loss": {("reverse", group), ("graft", ALL_BUT + group)},
        "among others": set(),
    }[question]
    return {
        place(cell)
        for cell in cells
        if (not wanted and cell["kind"] == "graft") or (cell["kind"], cell["groups"]) in wanted
    }


def _reference(
    row: tuple[str, str], cells: Sequence[Mapping], by_place: Mapping[tuple[int, int], float]
) -> float:
    """The donors' mean lead where a row's group was exchanged; NaN if they did not run there."""
    where = _where(row, cells)
    found = [lead for at, lead in by_place.items() if at in where]
    return float(np.mean(found)) if found else np.nan


def _answer(found: Sequence[Mapping], cells: pd.DataFrame) -> str:
    """The largest effect beside its control and the donors' lead, in a sentence."""
    for question, *verbs in (("gain", "put in", "gains"), ("loss", "taken out", "loses")):
        of_question = [row for row in found if row["question"] == question]
        groups = [row["groups"] for row in of_question if row["kind"] in CONTROLS]
        if groups:
            shared, at = _shared(question, groups, cells)
            if at:
                again = effects(shared, "accuracy")
                there = (again["question"] == question) & (again["place"] == "")
                of_question = again.loc[there].to_dict("records")
            return _most((question, *verbs), of_question, shared.to_dict("records"), at)
    return "Effects of initial weights by layer group"


def _shared(question: str, groups: Sequence[str], cells: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The cells at the places at which all groups were exchanged, and words for these if there are
    others; all cells if the groups share no place."""
    every = cells.to_dict("records")
    where = [_where((question, group), every) for group in groups]
    common = set.intersection(*where)
    if not common or common == set.union(*where):
        return cells, ""
    there = [place(cell) in common for cell in every]
    return cells.loc[there], f" at the {_places(len(common))} that all share"


def _most(verbs: Sequence[str], found: Sequence[Mapping], cells: Sequence[Mapping], at: str) -> str:
    (question, put, does), own = verbs, [row for row in found if row["kind"] in CONTROLS]
    best = max(own, key=lambda row: row["mean"])
    lead = _reference((question, best["groups"]), cells, leads(cells, "accuracy"))
    known = "one pair of seeds"
    if np.isfinite(best["low"]):
        known = f"95 %: {best['low']:+.3f} to {best['high']:+.3f}"
    for row in found:
        if (row["groups"], row["kind"]) == (best["groups"], CONTROLS[best["kind"]]):
            known += f"; {row['kind']} {row['mean']:+.3f}"
    if _sure(own):
        what = f"Of {len(own)} groups {put}, {best['groups']} {does} most{at}: {best['mean']:+.3f}"
    else:
        more = f"surely {does} more than its {CONTROLS[best['kind']]}"
        what = f"None of {len(own)} groups {put} {more}{at}. "
        what += f"Most: {best['groups']}, {best['mean']:+.3f}"
    beside = f" of the donors' lead of {lead:+.3f}" if np.isfinite(lead) else ""
    return f"{what} ({known}){beside}"


def _sure(own: Sequence[Mapping]) -> bool:
    """Whether a group's effect is surely larger than its control's, or none was tested."""
    tested = [row for row in own if np.isfinite(row["excess_p_holm"])]
    sure = [row["excess"] > 0 and row["excess_p_holm"] < SURE for row in tested]
    return not tested or any(sure)


def _places(n: int) -> str:
    return f"{n} place{'s' * (n != 1)}"


def _range(values: np.ndarray) -> str:
    low, high = np.nanmin(values), np.nanmax(values)
    return f"{low:+.3f}" if np.isclose(low, high) else f"{low:+.3f} to {high:+.3f}"


def _span(effects: Sequence[Mapping], name: str) -> str:
    numbers = [effect[name] for effect in effects]
    low, high = min(numbers), max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"
