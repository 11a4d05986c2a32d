"""Does more weight decay make runs generalise sooner, and do they generalise without any?
(plan.md, "The diary's claims")

    python studies/weight_decay.py                    train what is missing, say what was found
    python studies/weight_decay.py --values 0.02,0.1  these alone
    python studies/weight_decay.py --export           train nothing

Design: weight decay 0.05 (mini's own), 0.01, 0.02, 0.1, 0.2, 0.5, 1 and 0, 64 matched seeds each,
every seed with a split, initial weights and an order of its own; to t98 or step 22,000, at weight
decay 0 to step 100,000. A folder a value below results/weight_decay. Outcome: log t98, censored if
not reached. Contrast: the ratio of times to those at 0.05 on the same seeds, with Holm over the
values, and the trend over all values except 0 at which most runs memorise or reach t98.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.arms import to_train, unshared
from common.part import read, there
from common.study import render
from diary.weight_decay_figure import against, ends, times
from diary.weight_decay_luck import luck_kept
from diary.weight_decay_trend import doubling, never, too_much
from grokseed.analysis import paired, trend
from grokseed.analysis.outcomes import outcome
from grokseed.analysis.significance import holm, least_ratio
from grokseed.analysis.survival import numbers, time_to
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.seeds import Seeds

OUT = Path("results/weight_decay")
OWN, VALUES = 0.05, (0.05, 0.1, 0.02, 0.2, 0.01, 0.5, 1.0, 0.0)
EACH, FIRST_SEED, MAX_STEPS, MAX_STEPS_AT_0 = 64, 40_000, 22_000, 100_000
Line = trend.Trend | None


def design() -> list[Seeds]:
    """The runs at every value. No two seeds share a split, weights or an order."""
    return unshared(FIRST_SEED, EACH)


def config(value: float) -> grokseed.Config:
    steps = MAX_STEPS if value else MAX_STEPS_AT_0
    return grokseed.preset("mini", weight_decay=value, max_steps=steps, stop_when="t98")


def folder(value: float) -> Path:
    return OUT / f"{value:g}"


def by_value() -> dict[float, pd.DataFrame]:
    """The runs that count of every value that has some, in rising order."""
    some = [value for value in sorted(VALUES) if folder(value).exists()]
    runs = {value: read(folder(value), design()) for value in some}
    return {value: table for value, table in runs.items() if len(table)}


def table(runs: dict[float, pd.DataFrame]) -> pd.DataFrame:
    """A row a value: how many reached t98, the median, and the ratio of times to those at 0.05.

    Returns:
        Columns `weight_decay`, `n`, `learned` (runs that memorised or reached t98), `reached`,
        `median`, `median_low`, `median_high` (steps), `matched` (seeds that 0.05 has too), `ratio`,
        `low`, `high`, `p` of a ratio of 1, `p_holm`; NaN if fewer than two runs of a value reached
        t98. `medians` is the ratio of medians.
    """
    outcomes = {value: outcome(some, "t98") for value, some in runs.items()}
    rows = []
    for value, some in runs.items():
        curve = time_to("t98", some)
        ratio, matched = (np.nan,) * 4, 0
        if value != OWN and OWN in outcomes:
            arms = paired.pair(outcomes[OWN], outcomes[value])
            matched = int(arms.matched.sum())
            if min(arms.events) >= 2:
                found = paired.fit(arms)
                ratio = found.ratio, found.ratio_low, found.ratio_high, found.p
        limits = curve.median, curve.median_low, curve.median_high
        seen = [~np.isnan(numbers(some, name)) for name in ("memorised_step", "t98_step")]
        learned = int(np.sum(np.any(seen, axis=0)))
        reached = curve.n - curve.censored
        rows.append((value, curve.n, learned, reached, *limits, matched, *ratio))
    steps = ["median", "median_low", "median_high"]
    columns = ["weight_decay", "n", "learned", "reached", *steps, "matched", "ratio"]
    found = pd.DataFrame(rows, columns=[*columns, "low", "high", "p"])
    own = found.loc[found["weight_decay"] == OWN, "median"]
    medians = found["median"] / (own.iloc[0] if len(own) else np.nan)
    return found.assign(p_holm=holm(found["p"]), medians=medians)


def main(argv: list[str] | None = None) -> None:
    values, how = to_train(__doc__, "values", VALUES, argv, float)
    for value in values:
        grokseed.scan(config(value), runs=design(), out=folder(value), **how)
    analyse()


def analyse() -> None:
    """Write the table and the answer for the values that have runs."""
    runs = by_value()
    if not runs:
        raise SystemExit(f"{OUT} holds no run that counts yet")
    found = table(runs)
    found.to_csv(OUT / "weight_decay.csv", index=False, float_format="%.6g")
    line, sure = doubling(runs, too_much(found)), doubling(runs, never(found))
    luck = luck_kept(runs, OWN)
    luck.to_csv(OUT / "luck_kept.csv", index=False, float_format="%.6g")
    save(times(found, len(VALUES), OWN, (MAX_STEPS, MAX_STEPS_AT_0)), OUT / "times")
    page = answer(found, line, sure, luck.to_dict("records"))
    write_atomically(OUT / "README.md", page.encode())


def answer(found: pd.DataFrame, line: Line, sure: Line, luck: Sequence[dict] = ()) -> str:
    """The page.

    Args:
        line: the trend over the values that are not `too_much`.
        sure: over those at which all runs memorise or reach t98.
        luck: rows of `luck_kept`.
    """
    return render(
        "weight_decay",
        found=found.to_dict("records"),
        against=against(found, OWN),
        too_much=[f"{value:g}" for value in too_much(found)],
        line=line,
        sure=sure,
        never=found.loc[found["weight_decay"].isin(never(found))].to_dict("records"),
        least=least_ratio(line.se, line.units - 1) if line else np.nan,
        there=there(sum(found["n"]), len(VALUES) * EACH, "the seeds of every value that has some"),
        missing=[f"{v:g}" for v in VALUES if v not in set(found["weight_decay"])],
        each=EACH,
        luck=luck,
        **ends(found, too_much(found)),
    )


if __name__ == "__main__":
    main()
