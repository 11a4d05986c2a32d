"""Study F's verdicts (studies/experiments/readable_answer.py) follow the rules of plan.md."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from experiments import readable_tables
from experiments.readable_answer import caused, caused_later, predicted, said, verdicts
from experiments.readable_figure import correlations_by_order


def test_a_verdict_has_its_seeds_and_what_it_would_have_found() -> None:
    led = 0.1, 0.05, 0.15, 2073
    rows = [("order 2", 900, 0.3, 0.2, 0.4, 0.09, 0.01, *led), ("order 3", 900, *[0.1] * 9)]
    rows += [("slope", 1500, 1.2, 1.1, 1.3, 0.02, 0.01, *readable_tables.NO_LEAD)]
    found = pd.DataFrame(rows, columns=readable_tables.COLUMNS)
    first, _, cause = verdicts(found.assign(p_holm=found["p"]), 2, 300, 1024)
    assert (first.verdict, first.figure, cause.verdict) == ("yes", 0.1, "yes")
    assert (first.figure_low, first.figure_high) == (0.05, 0.15)
    assert (first.n, first.units, first.of, first.detectable) == (900, 900, "seeds", 0.09)
    assert (cause.n, cause.units, cause.of, cause.detectable) == (1500, 300, "seeds", 0.02)


def test_orders_whose_leads_end_differently_are_named_each() -> None:
    own = 1024, -0.04, -0.09, 0.03, 0.09, 0.3
    rows = [("order 2: correlation", *own, -0.14, -0.18, -0.1, 2073)]
    rows += [("order 3: correlation", *own, -0.1, -0.14, -0.06, 2073)]
    rows += [("slope", 0, 1.0, 0.9, np.inf, np.nan, np.nan, *readable_tables.NO_LEAD)]
    found = pd.DataFrame(rows, columns=readable_tables.COLUMNS).assign(p_holm=0.5)
    text = said(found, 2, pd.DataFrame(), (1024, 0), 1024)
    assert "predict it: **order 2 no, order 3 cannot tell**" in text
    shown = [text.get_text() for text in correlations_by_order(found, 1024).findobj(Text)]
    assert any("order 2 do not go with t98 as seen in other seeds" in text for text in shown)
    assert "order 2: other seeds (n = 2,073)" in shown


@pytest.mark.parametrize(
    ("found", "low", "high", "p", "said"),
    [
        (-0.08, -0.14, -0.02, 0.01, "yes"),
        (-0.05, -0.11, 0.01, 0.10, "cannot tell"),  # it holds the lead, -0.1
        (-0.03, -0.09, 0.03, 0.33, "cannot tell"),  # it holds a part of the lead's interval
        (0.01, -0.05, 0.07, 0.75, "no"),
        (0.08, 0.02, 0.14, 0.01, "no"),  # the lead's size with the other sign
        (-0.20, -0.26, -0.14, 0.001, "yes"),
        (np.nan, -1.0, 1.0, np.nan, "cannot tell"),
    ],
)
def test_a_correlation_is_none_only_if_its_interval_excludes_that_of_the_lead(
    found: float, low: float, high: float, p: float, said: str
) -> None:
    for sign in (1, -1):
        limits = sorted([sign * low, sign * high])
        row = {"found": sign * found, "low": limits[0], "high": limits[1], "p_holm": p}
        led = sorted([sign * -0.14, sign * -0.06])
        row |= {"seen": sign * -0.1, "seen_low": led[0], "seen_high": led[1]}
        assert predicted(row) == said


@pytest.mark.parametrize(
    ("low", "high", "p", "said"),
    [
        (0.97, 1.04, 0.8, "no"),
        (0.94, 1.04, 0.6, "cannot tell"),
        (0.97, 1.06, 0.5, "cannot tell"),
        (1.01, 1.04, 0.001, "yes"),
        (0.0, np.inf, np.nan, "cannot tell"),
    ],
)
def test_a_dose_is_no_cause_only_if_its_ratio_is_surely_within_5_percent_of_1(
    low: float, high: float, p: float, said: str
) -> None:
    row = {"low": low, "high": high, "p": p}
    assert caused(row | {"n": 1024}, 1024) == caused_later(row) == said
    # By the plan of 2026-11-24 fewer than all seeds say yes or cannot tell.
    assert caused(row | {"n": 1023}, 1024) == ("cannot tell" if said == "no" else said)


def test_a_claim_of_a_cause_says_what_the_later_rule_would() -> None:
    own = 1024, -0.04, -0.09, 0.03, 0.09, 0.3
    rows = [(f"order {order}: correlation", *own, *readable_tables.NO_LEAD) for order in (2, 3)]
    rows += [("slope", 113, 0.992, 0.962, 1.023, 1.045, 0.6, *readable_tables.NO_LEAD)]
    found = pd.DataFrame(rows, columns=readable_tables.COLUMNS).assign(p_holm=0.5)
    cause = verdicts(found, 2, 113, 1024)[-1]
    assert cause.verdict == "cannot tell"
    assert "fewer than 1,024 seeds cannot say no" in cause.claim
    assert "no if within 5 % of 1: no; found by looking: rule made after" in cause.claim
