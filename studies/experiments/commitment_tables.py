"""Rates of wins by branch step, and the rule of study E: from when on is luck committed?"""

import pandas as pd

from experiments.chosen import LEAD
from experiments.commitment_plan import STEPS
from experiments.looks import coverage
from grokseed.analysis.differences import mean_difference
from grokseed.analysis.seed_shares import crossed_share
from grokseed.analysis.significance import holm

LEAST = 8
"""Winners not at t98 yet that a step needs for the rule to look at it: later ones have the latest
winners alone."""


COLUMNS = ["role", "branch", "finished", "runs", "seeds", "rate", "rate_low", "rate_high"]
COLUMNS += ["rule_low", "rule_high", "looks", "gain", "low", "high", "p", "detectable"]


def table(done: pd.DataFrame, looks: int = 1) -> pd.DataFrame:
    """A row a branch step and role: rate of wins of the runs that were not at t98 by then, and its
    difference to the seeds' own at step 0.

    Args:
        done: the rows that count.
        looks: how often the rule was asked while runs were added.

    Returns:
        Columns `role`, `branch`, `finished` (runs at t98 by the branch, which nothing else here
        counts), `runs`, `seeds`, `rate` with `rate_low` and `rate_high`, the limits of the rule
        `rule_low` and `rule_high` with its `looks`, `gain` with `low` and `high`, `p`,
        `detectable`, `p_holm`. Limits of rates are over seeds and orders, of which each is that of
        a split: on another one, a loader seed gives an unrelated order.
    """
    rows = []
    for role in ("winner", "loser"):
        both = done.loc[done["role"] == role]
        finished = both["t98_step"] <= both["branch"]
        own = both.loc[~finished]
        by_seed = own.pivot_table("won", "pair", "branch", "mean")
        for step in by_seed.columns:
            some = own.loc[own["branch"] == step]
            won, order = some["won"], some.groupby(["split_seed", "order"]).ngroup()
            share = crossed_share(won, some["pair"], order)
            row = {"role": role, "branch": step, "finished": sum(finished[both["branch"] == step])}
            row |= {"runs": len(some), "seeds": len(set(some["pair"]))}
            row |= dict(zip(("rate", "rate_low", "rate_high"), share, strict=True))
            rule = crossed_share(won, some["pair"], order, coverage(looks))
            row |= dict(zip(("rule_low", "rule_high"), rule[1:], strict=True)) | {"looks": looks}
            known = step and 0 in by_seed
            gain = mean_difference(by_seed[step] - by_seed[0] if known else [], most=1)
            row |= {"gain": gain.mean, "low": gain.low, "high": gain.high, "p": gain.p}
            rows.append(row | {"detectable": gain.detectable})
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.assign(p_holm=holm(found["p"]))


def judged(found: pd.DataFrame) -> dict[int, dict]:
    """The winners' rows by step, of the steps that the rule looks at."""
    rows = found.loc[found["role"] == "winner"].set_index("branch").to_dict("index")
    return {step: rows[step] for step in STEPS if step in rows and rows[step]["seeds"] >= LEAST}


def committed(found: pd.DataFrame) -> tuple[str, int | None]:
    """The verdict and, if it is yes, the first step from which on luck is committed.

    `yes`: at that step and all later ones the rule's lower limit of the winners' rate is above half
    of the lead. `no`: at the last step its upper limit is below half of the lead. Else
    `cannot tell`, also while some step has no runs of winners yet.
    """
    there, rates, first = set(found.loc[found["role"] == "winner", "branch"]), judged(found), None
    if not there >= set(STEPS) or not rates:
        return "cannot tell", None
    for step in reversed(rates):
        if not rates[step]["rule_low"] > LEAD / 2:
            break
        first = step
    if first is not None:
        return "yes", first
    return ("no" if rates[max(rates)]["rule_high"] < LEAD / 2 else "cannot tell"), None
