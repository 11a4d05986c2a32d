"""What the overfit guide (document 003) says of faults and their signs, judged by the ladders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grokseed.analysis.gradients import LARGE, SMALL
from grokseed.analysis.ladder import MOST_EPOCHS
from older_documents.ladder_arms import ARMS
from older_documents.ladder_sentences import Said
from older_documents.ladder_tables import Row, epochs_of, of_first_seed
from older_documents.readout_sentences import VERDICTS, over

HIGH, NARROW, DECAYED = (
    [name for name, arm in ARMS.items() if sign in arm.planted]
    for sign in ("learning rate too high", "insufficient capacity", "regularisation")
)


def of_faults(rows: Sequence[Row], faults: Sequence[dict[str, Any]]) -> Iterator[Said]:
    """Sentences on faults, of those that have ladders.

    Args:
        rows: of `ladder.csv`, all of them.
        faults: of `ladder_answer.by_fault`.
    """
    by_name = {row["fault"]: row for row in faults}
    own = by_name["none"]
    yield from _narrow(by_name)
    yield from _rates(by_name, own)
    yield from _not_finite(rows)
    yield from _vanishing(by_name)
    if decayed := [by_name[name] for name in DECAYED if name in by_name]:
        by = "; ".join(f"{row['fault']}: {_memorised(row)}" for row in decayed)
        told = [_answer(row["memorised"].k == 0) for row in decayed]
        text = "Regularisation must be off to overfit (003:93-107, 254)"
        yield text, over(told), f"{by}; without: {_memorised(own)}"
    failing = [row for row in faults if row["planted"] and row["failing"]]
    if not failing:
        return
    told = sum(row["told"] for row in failing), sum(row["failing"] for row in failing)
    text = "The table of blockers names the fault of a config that does not memorise (003:171-179)"
    missed = ", ".join(row["fault"] for row in failing if row["told"] < row["failing"])
    verdict = over(["yes" if row["told"] else "no" for row in failing])
    yield text, verdict, f"{told[0]} of {told[1]} ladders; not that of {missed or 'none'}"


def _narrow(by_name: dict[str, dict[str, Any]]) -> Iterator[Said]:
    """Capacity."""
    rows = [by_name[name] for name in (*NARROW, "none") if name in by_name]
    if len(rows) < 2:
        return
    right = [f"{row['fault']}: {100 * row['share']:.1f} % right" for row in rows]
    by = "; ".join(right).replace("none:", "64:").replace("d_model ", "width ")
    cannot = [_answer(row["memorised"].k == 0) for row in rows[:-1]]
    yield "A model that is too small cannot overfit the train set (003:20, 174)", over(cannot), by
    named = [row["told"] for row in rows[:-1]]
    text = "Its loss plateaus early (003:174)"
    by = "; ".join(f"{row['fault']} is named {row['causes']}" for row in rows[:-1])
    yield text, over([_answer(bool(k)) for k in named]), by.replace("d_model ", "width ")


def _rates(by_name: dict[str, dict[str, Any]], own: dict[str, Any]) -> Iterator[Said]:
    """Rates that are too high or too low."""
    high = [by_name[name] for name in HIGH if name in by_name]
    high = [row for row in high if row["failing"] and np.isfinite(row["rises"])]
    signs = [
        row for row in by_name.values() if row not in high and row["failing"] and row["planted"]
    ]
    signs = [row for row in signs if np.isfinite(row["rises"])]
    if high and signs:
        other = max(signs, key=lambda row: row["rises"])
        least = min(row["rises"] for row in high)
        told = [_answer(least > own["rises"]), _answer(least > other["rises"])]
        by = "; ".join(f"{row['fault']}: {100 * row['rises']:.0f} %" for row in high)
        by = f"epochs in which the loss rises, {by}; no fault: {100 * own['rises']:.0f} %"
        by += f"; {other['fault']}: {100 * other['rises']:.0f} %"
        text = "An oscillating loss is the sign of a rate that is too high (003:175)"
        yield text, over(told), by
    if slow := by_name.get("lr 1e-05"):
        right = f"{100 * slow['share']:.1f} % right after {MOST_EPOCHS} epochs"
        by = f"rate 1e-05: {right}; named {slow['causes']}"
        text = "Very slow progress is the sign of a rate that is too low (003:177)"
        yield text, _verdict(slow["told"] > 0), by


def _not_finite(rows: Sequence[Row]) -> Iterator[Said]:
    """NaN."""
    lost = [row for row in rows if row["status"] == "diverged" and row["norm_high"] > 0]
    own = of_first_seed(rows, "none")
    if not lost or own is None:
        return
    highest = max(row["norm_high"] for row in lost)
    rates = ", ".join(f"{rate:g}" for rate in sorted({row["rate"] for row in lost}))
    text = "NaN means numerical instability: a lower rate helps (003:176)"
    by = f"the loss is not finite in {len(lost)} trainings of rate {rates}"
    by += f"; at {own['rate']:g} the same run memorises by epoch {epochs_of([own['reached']])}"
    yield text, _verdict(bool(own["memorises"])), by
    by = f"before {len(lost)} losses of NaN the highest norm of a gradient is {highest:.2g}"
    yield "NaN gradients are exploding gradients (003:199)", _verdict(highest > LARGE), by


def _vanishing(by_name: dict[str, dict[str, Any]]) -> Iterator[Said]:
    """Gradients of zero."""
    if relu := by_name.get("relu"):
        by = f"ReLU: {_memorised(relu)}, lowest norm of a gradient {relu['low']:.1g}"
        text = "ReLU dies, its gradients are zero (003:178)"
        yield text, _verdict(relu["low"] < SMALL), by
    if small := by_name.get("init_scale 0.01"):
        others = [row for row in by_name.values() if row["low"] < SMALL and row is not small]
        names = ", ".join(row["fault"] for row in others)
        by = f"lowest norm {small['low']:.1g}, {_memorised(small)}"
        by += f"; below {SMALL:g} also with {names or 'none'}"
        told = [_answer(small["low"] < SMALL), _answer(not others)]
        text = "Gradients near zero point to the initial weights (003:178, 198)"
        yield text, over(told), by


def _memorised(row: dict[str, Any]) -> str:
    return f"{row['memorised'].k} of {row['memorised'].n} memorise"


def _answer(holds: bool) -> str:
    return "yes" if holds else "no"


def _verdict(holds: bool) -> str:
    return VERDICTS[_answer(holds)]
