"""What study F (studies/readable.py) found: its verdicts and its answer."""

import numpy as np
import pandas as pd
from part import there
from readable_tables import DOSES, ORDERS
from study import Verdict, render

LEAD = 0.10
"""The rank correlation of order 2 in 2,073 seeds looked at before."""


def verdicts(
    found: pd.DataFrame, right: list[int], order: int, runs: int, seeds: int, planned: int
) -> list[Verdict]:
    """Of each order's correlation, and of whether the dosed order is a cause.

    Args:
        found, right, order: as `said` takes them.
        runs: of fresh seeds.
        seeds: with a dose.
        planned: fresh seeds of the whole study.
    """
    rows = []
    for o, row in zip(ORDERS, found.to_dict("records"), strict=False):
        claim = (
            f"order-{o} characters of the initial token embedding say which seed is early: rank "
            "correlation with t98"
        )
        limits = row["found"], row["low"], row["high"]
        said = "yes" if o in right else "no" if runs >= planned else "cannot tell"
        figure = LEAD if o == min(ORDERS) else np.nan
        sample = row["n"], "seeds", row["detectable"]
        rows.append(Verdict(claim, *limits, row["n"], said, figure, *sample))
    slope = found.iloc[-1].to_dict()
    known = np.isfinite(slope["high"])
    limits = (slope["found"], slope["low"], slope["high"]) if known else (np.nan,) * 3
    claim = f"order-{order} characters are a cause: ratio of times a unit more of them (not 1)"
    caused = "yes" if slope["p"] < 0.05 else "no" if seeds >= planned else "cannot tell"
    ratio, low, high = limits
    sample = seeds, "seeds", slope["detectable"]
    n = slope["n"] if known else 0
    return [*rows, Verdict(claim, ratio, low, high, n, caused, np.nan, *sample)]


def said(
    found: pd.DataFrame,
    right: list[int],
    order: int,
    times: pd.DataFrame,
    runs: tuple[int, int],
    planned: int,
) -> str:
    """The answer.

    Args:
        found: as `table` gives it.
        right: the confirmed orders.
        order: the order that was multiplied.
        times: as `by_dose` gives them.
        runs: number of runs of fresh seeds, and with a dose.
        planned: fresh seeds of the whole study.
    """
    *of_orders, of_doses = verdicts(found, right, order, runs[0], len(times), planned)
    read = {verdict.verdict for verdict in of_orders}
    return render(
        "readable",
        found=found.to_dict("records"),
        right=right,
        read="yes" if "yes" in read else min(read),
        caused=of_doses.verdict,
        slope=found.iloc[-1].to_dict(),
        order=order,
        there=there(runs[0], planned, "all seeds"),
        dosed=there(runs[1], len(DOSES) * planned, "all seeds, all doses of a seed together"),
        seeds=len(times),
    )
