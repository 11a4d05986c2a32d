"""Claims about weight decay: none at all, and more of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import weight_decay
from common.part import counted
from common.verdict import (
    HOLDS,
    IN_PART,
    Number,
    looked_ratio,
    mostly,
    near,
    near_ratio,
    share,
    within,
)
from diary.weight_decay_figure import against
from diary_claims.row import DIARY, Evidence, row
from grokseed.analysis.significance import least_ratio
from grokseed.analysis.survival import numbers, time_to

NO_DECAY = share(1, 1539)


def claims(results: Path) -> Iterator[dict[str, object]]:
    """Without any weight decay against mini's own, and the trend over all values but 0."""
    found, runs = _decays(results, (0.0, weight_decay.OWN))
    claimed, ours, n, early, arrived = Number(100 / 12), Number(), 0, Number(), Number()
    if len(runs) == 2:
        none = weight_decay.table(runs).set_index("weight_decay").loc[0]
        ours = Number(*(float(none[name]) for name in ("ratio", "low", "high")))
        n, super_by = int(none["n"]), time_to("t98", runs[weight_decay.OWN]).median / 3
        arrived = share(int(none["reached"]), n)
        if not np.isnan(super_by):
            early = share(int(np.sum(numbers(runs[0.0], "t98_step") <= super_by)), n)
    text = "runs generalise without weight decay: share that reach t98 by step 100,000"
    yield row(text, DIARY, Number(1.0), arrived, n, found, mostly(arrived))
    text = "without weight decay runs generalise later: t98 over t98 with mini's weight decay, 0.05"
    text += f" {looked_ratio(claimed, ours)}"
    yield row(text, DIARY, claimed, ours, n, found, near_ratio(claimed, ours))
    text = (
        "share of seeds that are super without weight decay: t98 3 times sooner than the median "
        "with mini's weight decay, 0.05"
    )
    yield row(text, DIARY, NO_DECAY, early, n, found, near(NO_DECAY, early))
    values = [value for value in sorted(weight_decay.VALUES) if value]
    some = [v for v in values if Evidence(results, _of_decay(v), "mini").there]
    found, runs = _decays(results, some or values)
    ours, n, units, table = Number(), 0, None, weight_decay.table(runs)
    too_much = weight_decay.too_much(table)
    line = weight_decay.doubling(runs, too_much)
    sure = weight_decay.doubling(runs, weight_decay.never(table))
    if line:
        ours, n = Number(line.ratio, line.low, line.high), line.runs
        units = line.seeds, "seeds"
    named = ", ".join(f"{value:g}" for value in runs or values if value not in too_much)
    text = (
        "more weight decay makes runs sooner: factor on t98 for each doubling of weight decay "
        f"({named}), below 1"
    )
    if said := against(table, weight_decay.OWN):
        text += f" [by single values, after Holm, runs are {said}]"
    if sure and line and sure.ratio != line.ratio:
        text += (
            f" [only values at which all runs memorise: {sure.ratio:.2f}, {sure.low:.2f} to "
            f"{sure.high:.2f}; found by looking]"
        )
    least, verdict = least_ratio(line.se, line.units - 1) if line else np.nan, within(ours, 0, 1)
    if verdict == HOLDS and too_much:  # up to a point
        verdict = IN_PART
    yield row(text, DIARY, Number(), ours, n, found, verdict, units, least)


def _of_decay(value: float) -> str:
    return f"{weight_decay.OUT.name}/{value:g}"


def _decays(results: Path, values: Sequence[float]) -> tuple[Evidence, dict[float, pd.DataFrame]]:
    """The folders of some values, and the runs that count of those that have some."""
    found = Evidence(results, ",".join(map(_of_decay, values)), "mini")
    scans = zip(values, found.scans, strict=True) if found.there else ()
    runs = {value: counted(scan.runs, weight_decay.design()) for value, scan in scans}
    return found, {value: table for value, table in runs.items() if len(table)}
