"""What study F (studies/readable.py) found: its verdicts and its answer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from common.part import there
from common.study import Verdict, render
from experiments.readable_correlations import EARLY_STEP, ORDERS
from experiments.readable_tables import DOSES, SAME_OUTCOME

LEVEL, SMALL = 0.05, 1.05
"""p of a test. A ratio of times that is no effect, by a later rule, lies between the second and its
inverse: 5 % is the change that plan.md's power is for."""

LATER = "found by looking: rule made after correlations had been seen, before any dose"
"""What is said beside the verdict of `caused_later`."""

LED = "theirs: that with the screen's accuracy in 2,073 seeds looked at before, its sign turned"


def predicted(row: Mapping[str, float]) -> str:
    """Whether fresh seeds confirm an order's lead: yes, no or cannot tell.

    Yes if the correlation has the lead's sign and p < 0.05 after Holm. No if the interval lies
    outside that of the lead, on the side of 0. Else it cannot be told.

    Args:
        row: of an order, as `readable_tables.table` has it.
    """
    sign = np.sign(row["seen"])
    if row["p_holm"] < LEVEL and row["found"] * sign > 0:
        return "yes"
    most = max(row["low"] * sign, row["high"] * sign)
    least_of_lead = min(row["seen_low"] * sign, row["seen_high"] * sign)
    return "no" if most < least_of_lead else "cannot tell"


def caused(row: Mapping[str, float], planned: int) -> str:
    """Whether a unit of dose changes times: yes, no or cannot tell.

    Yes if p < 0.05. By plan.md doses of fewer than all seeds say no "no"; of all, the later rule.

    Args:
        row: of the slope, the last of `readable_tables.table`.
        planned: seeds of the whole study.
    """
    later = caused_later(row)
    return "cannot tell" if later == "no" and row["n"] < planned else later


def caused_later(row: Mapping[str, float]) -> str:
    """The same by the rule of 2026-11-29: no if the interval of the ratio lies within 5 % of 1."""
    if row["p"] < LEVEL:
        return "yes"
    return "no" if row["low"] > 1 / SMALL and row["high"] < SMALL else "cannot tell"


def same_outcome(found: pd.DataFrame) -> list[dict]:
    """The rows of the correlations with the lead's own outcome, in the order of `ORDERS`."""
    return found.loc[found["what"].str.endswith(SAME_OUTCOME)].to_dict("records")


def verdicts(found: pd.DataFrame, order: int, seeds: int, planned: int) -> list[Verdict]:
    """Of each order's correlation, and of whether the dosed order is a cause.

    Args:
        found, order, planned: as `said` takes them.
        seeds: with a dose.
    """
    rows = []
    for o, row in zip(ORDERS, found.to_dict("records"), strict=False):
        claim = (
            f"order-{o} characters of the initial token embedding say which seed is early: rank "
            f"correlation with t98 ({LED})"
        )
        rows.append(_of_order(claim, row))
    for o, row in zip(ORDERS, same_outcome(found), strict=False):
        claim = (
            f"order-{o} characters of the initial token embedding say which seed is accurate "
            f"early: rank correlation with the validation accuracy at step {EARLY_STEP:,} on fresh "
            "seeds, its sign turned (the outcome of the earlier correlation) [found by looking]"
        )
        rows.append(_of_order(claim, row))
    slope = found.iloc[-1].to_dict()
    known = np.isfinite(slope["high"])
    limits = (slope["found"], slope["low"], slope["high"]) if known else (np.nan, np.nan, np.nan)
    claim = (
        f"order-{order} characters are a cause: ratio of times a unit more of them (other than 1; "
        f"fewer than {planned:,} seeds cannot say no) [by a later rule, no if within 5 % of 1: "
        f"{caused_later(slope)}; {LATER}]"
    )
    sample = seeds, "seeds", slope["detectable"]
    n = slope["n"] if known else 0
    return [*rows, Verdict(claim, *limits, n, caused(slope, planned), np.nan, *sample)]


def _of_order(claim: str, row: Mapping) -> Verdict:
    limits = row["found"], row["low"], row["high"]
    sample = row["n"], "seeds", row["detectable"]
    led = row["seen"], *sample, row["seen_low"], row["seen_high"]
    return Verdict(claim, *limits, row["n"], predicted(row), *led)


def said(
    found: pd.DataFrame,
    order: int,
    times: pd.DataFrame,
    runs: tuple[int, int],
    planned: int,
) -> str:
    """The answer.

    Args:
        found: as `table` gives it.
        order: the order that was multiplied.
        times: as `by_dose` gives them.
        runs: number of runs of fresh seeds, and with a dose.
        planned: fresh seeds of the whole study.
    """
    *of_orders, of_doses = verdicts(found, order, len(times), planned)
    again = [row | {"said": predicted(row)} for row in same_outcome(found)]
    return render(
        "readable",
        found=found.to_dict("records"),
        read=_together({o: v.verdict for o, v in zip(ORDERS, of_orders, strict=False)}),
        early_step=EARLY_STEP,
        again=dict(zip(ORDERS, again, strict=False)),
        caused=of_doses.verdict,
        later=caused_later(found.iloc[-1].to_dict()),
        label=LATER,
        slope=found.iloc[-1].to_dict(),
        order=order,
        there=there(runs[0], planned, "all seeds"),
        dosed=there(runs[1], len(DOSES) * planned, "all seeds, all doses of a seed together"),
        seeds=len(times),
        planned=planned,
    )


def _together(read: Mapping[int, str]) -> str:
    """The verdicts of the orders in one phrase: which of them predict, else each where they differ,
    such as "yes, order 3" or "order 2 no, order 3 cannot tell"."""
    right = [f"order {order}" for order, verdict in read.items() if verdict == "yes"]
    if right:
        return f"yes, {' and '.join(right)}"
    if len(set(read.values())) == 1:
        return next(iter(read.values()))
    return ", ".join(f"order {order} {verdict}" for order, verdict in read.items())
