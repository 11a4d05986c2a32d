"""The table of study F (studies/readable.py): correlations with their leads, ratios of times."""

import numpy as np
import pandas as pd

from experiments.readable_correlations import ORDERS, log_time
from grokseed.analysis.correlation import Correlation
from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.significance import holm

DOSES = (0.0, 0.5, 1.5, 2.0, 3.0)
LEAST_DOSES = 3
"""A seed's slope counts only if it has these doses."""

SAME_OUTCOME = "correlation with the outcome of the earlier one"
"""What a row of `table` is of."""

LEAD = ["seen", "seen_low", "seen_high", "seen_n"]
"""Columns of the lead: correlation, limits, runs."""

COLUMNS = ["what", "n", "found", "low", "high", "detectable", "p", *LEAD]
NO_LEAD = (np.nan,) * len(LEAD)


def graft_of(order: int, dose: float) -> str:
    """The graft that gives a dose of an order."""
    return f"characters-{order}~{dose:g}=0"


def by_dose(runs: pd.DataFrame, dosed: pd.DataFrame, order: int) -> pd.DataFrame:
    """log t98 of each seed (split, model) at each dose of an order, including 1; NaN if missing.

    Seeds that only have dose 1 are left out.
    """
    index = ["split_seed", "model_seed"]
    columns = {1.0: runs.assign(time=log_time(runs)).set_index(index)["time"]}
    for dose in DOSES:
        own = dosed.loc[dosed["graft"] == graft_of(order, dose)]
        columns[dose] = own.assign(time=log_time(own)).set_index(index)["time"]
    table = pd.DataFrame(columns).sort_index(axis=1)
    return table.loc[table[list(DOSES)].notna().any(axis=1)]


def slope(times: pd.DataFrame) -> Difference:
    """The change of log t98 per unit of dose: the mean over seeds of least-squares slopes."""
    doses, slopes = times.columns.to_numpy(np.float64), []
    for row in times.to_numpy():
        known = ~np.isnan(row)
        if known.sum() >= LEAST_DOSES:
            slopes.append(np.polyfit(doses[known], row[known], 1)[0])
    return mean_difference(slopes)


def table(
    fresh: dict[int, Correlation],
    again: dict[int, Correlation],
    led: dict[int, Correlation],
    times: pd.DataFrame,
) -> pd.DataFrame:
    """Correlations, with the lead's as `seen`, then those with the lead's own outcome, then ratios
    of times at each dose to dose 1, then the slope.

    Args:
        fresh: with times.
        again: of the same runs, with the outcome that the lead was found with.
        led: the lead.
        times: as `by_dose` gives them.
    """
    correlated, same = (
        pd.DataFrame(
            [
                (f"order {o}: {what}", c[o].n, *_limits(c[o], c[o].rho), *_lead(led[o]))
                for o in ORDERS
            ],
            columns=COLUMNS,
        )
        for what, c in (("correlation", fresh), (SAME_OUTCOME, again))
    )
    rows = []
    for dose in DOSES if len(times) else ():
        found = mean_difference(times[dose] - times[1.0])
        rows.append((f"dose {dose:g}: ratio of times", found.n, *_as_ratio(found), *NO_LEAD))
    ratios = pd.DataFrame(rows, columns=COLUMNS)
    per_dose = slope(times)
    last = ("ratio of times a unit of dose", per_dose.n, *_as_ratio(per_dose), *NO_LEAD)
    parts = [correlated, same, ratios, pd.DataFrame([last], columns=COLUMNS)]
    families = [part.assign(p_holm=holm(part["p"])) for part in parts if len(part)]
    return pd.concat(families, ignore_index=True)


def _limits(found: Correlation | Difference, value: float) -> tuple[float, ...]:
    return value, found.low, found.high, found.detectable, found.p


def _lead(found: Correlation) -> tuple[float, ...]:
    return found.rho, found.low, found.high, found.n


def _as_ratio(found: Difference) -> tuple[float, ...]:
    with np.errstate(over="ignore"):
        ratio = [float(np.exp(v)) for v in _limits(found, found.mean)[:4]]
    return *ratio, found.p
