"""What an ablation found, as Markdown: how often each kind of cell won, effects, single cells."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from grokseed.analysis.effects import WEIGHTS
from grokseed.analysis.seed_shares import crossed_share
from grokseed.analysis.survival import numbers
from grokseed.reports.cells import RUN
from grokseed.reports.listing import class_of, step_cell
from grokseed.reports.templating import TEMPLATES

MOST = 40
"""Cells that a README lists one by one."""

CHOSEN = ("recipient", "donor")
"""Kinds of cell whose seeds were chosen, often for their luck: a rate of them has no limits."""


def results(
    cells: pd.DataFrame, found: pd.DataFrame, screen_step: int, more: int = 0, brief: bool = False
) -> str:
    """How often each kind of cell won, main effects, and every cell of a few, as Markdown.

    Args:
        cells: as `cells.with_outcomes` gives them, of runs that are there.
        found: their effects on accuracy.
        screen_step: the step at which the screen rule reads the validation accuracy.
        more: runs of the folder that are no cell's.
        brief: leave out effects and cells, which the folder's tables have.
    """
    rows = []
    for kind in dict.fromkeys(cells["kind"]):
        some = cells.query("kind == @kind and won == won").drop_duplicates(RUN)
        if some.empty:
            continue
        won = numbers(some, "won")
        rows.append(
            {
                "kind": kind,
                "n": len(won),
                "won": int(won.sum()),
                "share": f"{won.mean():.1%}",
                "interval": _interval(str(kind), some),
                "accuracy": f"{numbers(some, 'accuracy').mean():.3f}",
            }
        )
    runs = cells.drop_duplicates(RUN)
    return TEMPLATES.get_template("cells.md.j2").render(
        n=len(cells),
        runs=len(runs),
        lost={s: n for s, n in Counter(runs["status"]).items() if s != "done"},
        more=more,
        brief=brief,
        screen_step=screen_step,
        kinds=rows,
        lucky=_lucky_recipients(cells),
        effects=[_effect_row(row) for row in found.loc[found["place"] == ""].to_dict("records")],
        places=_places(found),
        cells=[_cell_row(row) for row in cells.to_dict("records")] if len(cells) <= MOST else [],
    )


def _lucky_recipients(cells: pd.DataFrame) -> str:
    """The recipients that win without any graft, as words; empty if none does."""
    own = cells.query("kind == 'recipient' and won == won").drop_duplicates(RUN)
    runs, won = (Counter(some["recipient"].tolist()) for some in (own, own.loc[own["won"].eq(1)]))
    named = [
        f"{seed}{f' (in {won[seed]} of its {n} runs)' if n > 1 else ''}"
        for seed, n in runs.items()
        if won[seed]
    ]
    return f"Recipient{'s' * (len(named) > 1)} {', '.join(named)}" if named else ""


def _places(found: pd.DataFrame) -> list[dict[str, str]]:
    """Effects of weights at each place, under those over all places and the largest difference."""
    rows, of = [], ["question", "groups", "kind"]
    several = found.groupby(of)["places"].transform("max").gt(1)
    for row in found.loc[several & found["question"].isin(WEIGHTS)].to_dict("records"):
        pooled = row["place"] == ""
        rows.append(
            {
                **{name: str(row[name]) for name in ("question", "groups", "kind", "n")},
                "place": "all" if pooled else row["place"],
                "mean": f"{row['mean']:+.3f}",
                "interval": _span(row, "low", "high"),
                "interaction": f"{row['interaction']:+.3f}" if pooled else "",
                "interaction_interval": _span(row, "interaction_low", "interaction_high"),
            }
        )
    return rows


def _span(row: dict, low: str, high: str) -> str:
    return "" if pd.isna(row[low]) else f"{row[low]:+.3f} to {row[high]:+.3f}"


def _interval(kind: str, cells: pd.DataFrame) -> str:
    """Limits of the share of cells that won, over seeds of donors and recipients.

    Empty for one of each, and for several splits or orders, which are a third axis.
    """
    donors, recipients = cells["donor"].to_numpy(), cells["recipient"].to_numpy()
    places = cells[["split_seed", "loader_seed"]].drop_duplicates()
    if kind in CHOSEN or len(places) > 1 or len({*donors}) == len({*recipients}) == 1:
        return ""
    _, low, high = crossed_share(numbers(cells, "won"), donors, recipients)
    return f"{low:.1%} to {high:.1%}"


def _effect_row(row: dict) -> dict[str, str]:
    as_large = row["as_large"]
    return {
        **{name: str(row[name]) for name in ("question", "groups", "kind", "n")},
        "seeds": f"{row['donors']} x {row['recipients']}",
        "mean": f"{row['mean']:+.3f}",
        "interval": _span(row, "low", "high"),
        "detectable": "" if pd.isna(row["detectable"]) else f"{row['detectable']:.3f}",
        "p_holm": "" if pd.isna(row["p_holm"]) else f"{row['p_holm']:.3f}",
        "excess": "" if pd.isna(row["excess"]) else f"{row['excess']:+.3f}",
        "excess_interval": _span(row, "excess_low", "excess_high"),
        "as_large": "" if pd.isna(as_large) else f"{as_large:.0f} of {row['controls']:.0f}",
    }


def _cell_row(row: dict) -> dict[str, str]:
    return {
        **{name: str(row[name]) for name in ("kind", "groups", "recipient", "donor", "split")},
        "loader": str(row["loader_seed"]),
        "accuracy": "" if pd.isna(row["accuracy"]) else f"{row['accuracy']:.4f}",
        "memorised": step_cell(row["memorised_step"]),
        "t98": step_cell(row["t98_step"]),
        "class": class_of(row),
    }
