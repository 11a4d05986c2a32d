"""What the effects of grafts come to, in a title. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grokseed.analysis.effects import CONTROLS
from grokseed.analysis.lead import lead_at, leads
from grokseed.analysis.pairs import ALL_BUT

SURE = 0.05
"""A group's effect exceeds its control's surely if the p-value, by Holm, is below."""

NAMED = 3
"""With more splits the title says only how large their largest effects are."""


def answer(found: Sequence[Mapping], cells: Sequence[Mapping], splits: Mapping[str, str]) -> str:
    """The largest effect of one split, beside its control and the donors' lead, or of each split.

    Args:
        found: rows of `effects.effects_at_each`.
        cells: the cells behind them.
        splits: levels of the split, and their names.
    """
    for question, put, does in (("gain", "put in", "gain"), ("loss", "taken out", "lose")):
        rows = [row for row in found if row["question"] == question]
        own = [row for row in rows if row["kind"] in CONTROLS]
        if not own:
            continue
        n = len({row["groups"] for row in own})
        groups = f"{n} group{'s' * (n != 1)}"
        control, several = CONTROLS[own[0]["kind"]], len(splits) > 1
        none = f"None of {groups} {put} surely {does}s more than its {control}"
        if several:
            most = f"Of {groups} {put}, these {does} most: "
            most = most if _sure(own) else f"{none} on any split. Most: "
            return most + _on_each(own, splits)
        best = max(own, key=lambda row: row["mean"])
        most = f"Of {groups} {put}, {_name(best)} {does}s most: "
        most = most if _sure(own) else f"{none}. Most: {_name(best)}, "
        return most + _on_one(best, rows, cells)
    return "Effects of initial weights by layer group"


def _on_one(best: Mapping, rows: Sequence[Mapping], cells: Sequence[Mapping]) -> str:
    """An effect, its limits, its control's and the donors' lead."""
    said = [_limits(best) or "one pair of seeds"]
    at = best["groups"], best["loader_seed"], CONTROLS[best["kind"]]
    for row in rows:
        if (row["groups"], row["loader_seed"], row["kind"]) == at:
            said.append(f"{row['kind']} {row['mean']:+.3f}")
    said += _loader(best, rows)
    here = [cell for cell in cells if cell["loader_seed"] == best["loader_seed"]]
    lead = lead_at(best["question"], best["groups"], here, leads(here, "accuracy"))
    beside = f" of the donors' lead of {lead:+.3f}" if np.isfinite(lead) else ""
    return f"{best['mean']:+.3f} ({'; '.join(said)}){beside}"


def _on_each(own: Sequence[Mapping], splits: Mapping[str, str]) -> str:
    """The largest effect on each split, or of many splits their range."""
    best = {
        name: max(here, key=lambda row: row["mean"])
        for split, name in splits.items()
        if (here := [row for row in own if row["split"] == split])
    }
    if len(best) > NAMED:
        means = [row["mean"] for row in best.values()]
        groups = len({row["groups"] for row in best.values()})
        said = f"{min(means):+.3f} to {max(means):+.3f} on {len(best)} splits"
        return f"{said}, {groups} group{'s' * (groups > 1)}"
    said = []
    for name, row in best.items():
        effect = [f"{row['mean']:+.3f}", _limits(row), *_loader(row, own)]
        said.append(f"{_name(row)} on {name} ({', '.join(filter(None, effect))})")
    known = any(map(_limits, best.values()))
    return ", ".join(said) + ("" if known else "; one pair of seeds")


def _name(row: Mapping) -> str:
    """The groups, in words that cannot be read as all others."""
    return row["groups"].replace(ALL_BUT, "all groups but ")


def _limits(row: Mapping) -> str:
    """Empty for one pair of seeds."""
    return f"95 %: {row['low']:+.3f} to {row['high']:+.3f}" if np.isfinite(row["low"]) else ""


def _loader(row: Mapping, others: Sequence[Mapping]) -> list[str]:
    """The loader seed, if there are several."""
    several = len({other["loader_seed"] for other in others}) > 1
    return [f"loader {row['loader_seed']}"] if several else []


def _sure(own: Sequence[Mapping]) -> bool:
    """Whether a group's effect is surely larger than its control's, or none was tested."""
    tested = [row for row in own if np.isfinite(row["excess_p_holm"])]
    sure = [row["excess"] > 0 and row["excess_p_holm"] < SURE for row in tested]
    return not tested or any(sure)
