"""When in training does luck commit? (study E of plan.md)

    python studies/commitment.py                 train what is missing, then say what was found
    python studies/commitment.py --export        train nothing

Design: 8 confirmed winners and 8 losers of the base scan, in pairs on one split. Each run is
branched at 8 steps: up to the branch it is the same run, from there on batches come in one of 16
fresh orders, the same 16 for all. Branches are at ends of epochs. Outcome: does the branch win? A
run that had reached t98 by the branch has won already, whatever comes: it is counted, and not
judged. Contrast: the winners' rate at each step against half of the lead, and against their own
rate at step 0. The lead is 1: the winners won the runs by which they were chosen, and the losers
did not.
"""

from pathlib import Path

import pandas as pd
from base import LOADER
from chosen import LEAD
from part import there
from study import Verdict, finish, render, write_verdicts
from study_of_pairs import carry_out, planned

from grokseed.analysis.differences import mean_difference
from grokseed.analysis.seed_shares import crossed_share
from grokseed.analysis.significance import holm
from grokseed.figures.commitment import commitment_curve
from grokseed.seeds import Seeds

OUT = Path("results/commitment")
PAIRS, ORDERS = 8, range(3000, 3016)
STEPS = (0, 220, 440, 880, 1320, 1760, 2640, 3520)
"""Multiples of an epoch's 22 steps: a new order begins with an epoch."""


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """All runs, each with its `pair`, `role`, `branch` step and `order`."""
    rows = []
    for pair in pairs.to_dict("records"):
        for role in ("winner", "loser"):
            for step in STEPS:
                for order in ORDERS:
                    graft = f"branch-{step}={order}"
                    seeds = Seeds(pair["split_seed"], pair[role], LOADER, LOADER + 1, graft)
                    labels = {"pair": pair["pair"], "role": role, "branch": step, "order": order}
                    rows.append((seeds, labels))
    return planned(rows)


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row a branch step and role: rate of wins of the runs that were not at t98 by then, and its
    difference to the seeds' own at step 0.

    Returns:
        Columns `role`, `branch`, `finished` (runs at t98 by the branch, which nothing else here
        counts), `runs`, `seeds`, `rate` with `rate_low` and `rate_high`, `gain` with `low` and
        `high`, `p`, `detectable`, `p_holm`.
    """
    rows = []
    for role in ("winner", "loser"):
        both = done.loc[done["role"] == role]
        finished = both["t98_step"] <= both["branch"]
        own = both.loc[~finished]
        by_seed = own.pivot_table("won", "pair", "branch", "mean")
        for step in by_seed.columns:
            some = own.loc[own["branch"] == step]
            share = crossed_share(some["won"], some["pair"], some["order"])
            row = {"role": role, "branch": step, "finished": sum(finished[both["branch"] == step])}
            row |= {"runs": len(some), "seeds": len(set(some["pair"]))}
            row |= dict(zip(("rate", "rate_low", "rate_high"), share, strict=True))
            known = step and 0 in by_seed
            gain = mean_difference(by_seed[step] - by_seed[0] if known else [], most=1)
            row |= {"gain": gain.mean, "low": gain.low, "high": gain.high, "p": gain.p}
            rows.append(row | {"detectable": gain.detectable})
    found = pd.DataFrame(rows)
    return found.assign(p_holm=holm(found["p"]))


def committed(found: pd.DataFrame) -> tuple[str, int | None]:
    """The verdict and, if it is yes, the first step from which on luck is committed.

    `yes`: at that step and all later ones the lower limit of the winners' rate is above half of the
    lead. `no`: at the last step the upper limit is below half of the lead. Else `cannot tell`.
    """
    rates = found.loc[found["role"] == "winner"].set_index("branch").to_dict("index")
    first = None
    for step in reversed(STEPS):
        if step not in rates or not rates[step]["rate_low"] > LEAD / 2:
            break
        first = step
    if first is not None:
        return "yes", first
    last = rates.get(STEPS[-1])
    return ("no" if last and last["rate_high"] < LEAD / 2 else "cannot tell"), None


def analyse(folder: Path, done: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Write the study's table, figure and answer."""
    found = table(done)
    found.to_csv(folder / "branches.csv", index=False, float_format="%.5g")
    verdict, step = committed(found)
    winners = found.loc[found["role"] == "winner"].to_dict("records")
    write_verdicts(folder, [_verdict(winners[-1], verdict)] if winners else [])
    finish(
        folder,
        said(found, len(done), len(whole)),
        {"branches": commitment_curve(found, verdict, step, LEAD / 2, len(whole))},
    )


def _verdict(last: dict, said: str) -> Verdict:
    claim = (
        "luck is settled before the end of training: share of winners not yet at t98 that win with "
        f"a fresh batch order from step {last['branch']:,} on (above a half)"
    )
    limits = last["rate"], last["rate_low"], last["rate_high"]
    return Verdict(claim, *limits, last["runs"], said, units=last["seeds"], of="winners")


def said(found: pd.DataFrame, runs: int, planned: int) -> str:
    """The answer."""
    verdict, step = committed(found)
    winners = found.loc[found["role"] == "winner"].to_dict("records")
    return render(
        "commitment",
        found=found.to_dict("records"),
        verdict=verdict,
        step=step,
        first=winners[0] if winners else None,
        last=winners[-1] if winners else None,
        there=there(runs, planned, "all seeds, steps and orders"),
    )


if __name__ == "__main__":
    carry_out(__doc__, OUT, PAIRS, plan, analyse)
