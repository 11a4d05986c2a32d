"""What every column means of the tables of studies B to F and of the attention norm. No torch."""

from __future__ import annotations

from grokseed.records.scan_columns import RUNS, Column


def rate(role: str, of: str) -> dict[str, Column]:
    """A rate of wins and its limits."""
    return {
        role: Column("number", "share", f"of {of} that win", "no runs"),
        f"{role}_low": Column("number", "share", "lower 95 % limit, over seeds"),
        f"{role}_high": Column("number", "share", "upper 95 % limit"),
    }


def difference(of: str) -> dict[str, Column]:
    """The limits of a difference, its test and what it could have found."""
    return {
        "low": Column("number", of, "lower 95 % limit"),
        "high": Column("number", of, "upper 95 % limit"),
        "p": Column("number", "", "two-sided p-value of none", "no test"),
        "detectable": Column("number", of, "smallest effect found with 80 % power", "no test"),
        "p_holm": Column("number", "", "p after Holm", "no test"),
    }


AREAS = {
    "step": Column("whole number", "steps", "at which a signal is read"),
    "signal": Column("text", "", "as `trajectories.npz` calls it, or all together"),
    "sense": Column("text", "", "side taken for that of winners", "all together"),
    "n": Column("whole number", "runs", "not at t98 by then"),
    "winners": Column("whole number", "runs", "of these that won later"),
    "auc": Column("number", "share", "area under the ROC curve; above 0.5: that side"),
    "low": Column("number", "share", "lower 95 % limit"),
    "high": Column("number", "share", "upper 95 % limit"),
}
EXCESS = {"excess": Column("number", "share", "winners' rate minus losers'", "no pair")}

EXPERIMENTS: dict[str, dict[str, Column]] = {
    "seeds.csv": {
        "pair": Column("whole number", "", "number of the pair"),
        "split_seed": RUNS["split_seed"],
        "winner": Column("whole number", "", "model seed of the winner"),
        "loser": Column("whole number", "", "model seed of the loser"),
        "other": Column("whole number", "", "model seed of another loser"),
        "cut": Column("number", "steps", "a run wins up to there"),
    },
    "ways.csv": {
        "way": Column("text", "", "what was relabelled"),
        "runs": Column("whole number", "runs", "that count"),
        "seeds": Column("whole number", "seeds", "with runs, of winners or losers, the fewer"),
        **rate("winner", "winners' runs"),
        **rate("loser", "losers' runs"),
        **EXCESS,
        **difference("share"),
    },
    "radii.csv": {
        "radius": Column("number", "", "e: weights w become w·√(1 - e²) + e·fresh"),
        "runs": Column("whole number", "runs", "that count"),
        "seeds": Column("whole number", "seeds", "with runs, of winners or losers, the fewer"),
        **rate("winner", "winners' runs"),
        **rate("loser", "losers' runs"),
        **EXCESS,
        **difference("share"),
    },
    "subsets.csv": {
        "groups": Column("text", "", "layer groups of the donor, joined by +"),
        "runs": Column("whole number", "runs", "that count"),
        "winners": Column("whole number", "seeds", "of the donor that has fewer"),
        **rate("winner", "runs with a winner's groups"),
        **rate("other", "runs with another loser's groups"),
        "excess": Column("number", "share", "the first rate minus the second", "one has no runs"),
        **difference("share"),
        "detectable": Column(
            "number", "share", "found with 80 % power by Holm's first step", "no test"
        ),
        "all_low": Column("number", "share", "lower limit; 95 % for all subsets at once"),
        "all_high": Column("number", "share", "upper limit; 95 % for all subsets at once"),
        "effect": Column("number", "share", "beyond proper subsets (Moebius)", "one has no runs"),
        "effect_low": Column("number", "share", "lower 95 % limit, by bootstrap", "no effect"),
        "effect_high": Column("number", "share", "upper 95 % limit, by bootstrap", "no effect"),
    },
    "branches.csv": {
        "role": Column("text", "", "winner or loser"),
        "branch": Column("whole number", "steps", "at which the fresh order begins"),
        "finished": Column("whole number", "runs", "at t98 by then, which no rate here counts"),
        "runs": Column("whole number", "runs", "that count, not at t98 by then"),
        "seeds": Column("whole number", "seeds", "of these runs"),
        **rate("rate", "runs"),
        "rule_low": Column("number", "share", "the rule's lower limit, for as many looks"),
        "rule_high": Column("number", "share", "its upper limit"),
        "looks": Column("whole number", "", "how many times the rule was asked"),
        "gain": Column("number", "share", "the rate minus the seeds' own at step 0", "step 0"),
        **difference("share"),
    },
    "found.csv": {
        "what": Column("text", "", "correlation, or ratio of times"),
        "n": Column("whole number", "runs", "or seeds with the dose"),
        "found": Column("number", "", "rank correlation, or ratio", "not known"),
        **difference(""),
        "seen": Column("number", "", "the earlier correlation, in results/mini_screen", "none"),
        "seen_low": Column("number", "", "its lower 95 % limit", "none"),
        "seen_high": Column("number", "", "its upper 95 % limit", "none"),
        "seen_n": Column("whole number", "runs", "behind it", "none"),
    },
    "verdicts.csv": {
        "claim": Column("text", "", "a statement about a quantity"),
        "ours": Column("number", "as claimed", "the quantity", "not known"),
        "low": Column("number", "as claimed", "lower 95 % limit", "not known"),
        "high": Column("number", "as claimed", "upper 95 % limit", "not known"),
        "n": Column("whole number", "runs", "behind it"),
        "verdict": Column("text", "", "yes, no or cannot tell, by the rule of studies/plan.md"),
        "figure": Column("number", "as claimed", "the claim's own", "none given"),
        "units": Column("whole number", "of", "independent, behind the limits", "the runs are"),
        "of": Column("text", "", "what the units are", "runs"),
        "detectable": Column("number", "as claimed", "effect found with 80 % power", "not known"),
        "figure_low": Column("number", "as claimed", "lower 95 % limit of the claim", "none given"),
        "figure_high": Column("number", "as claimed", "upper 95 % limit of it", "none given"),
    },
    "areas.csv": {
        "signal": Column("text", "", "as `trajectories.npz` calls it, at step 500"),
        "sample": Column("text", "", "a split, or all with ranks within a split"),
        "n": Column("whole number", "runs", "of the sample"),
        "winners": Column("whole number", "runs", "of these that won"),
        "auc": Column("number", "share", "area under the ROC curve; below 0.5: lower in winners"),
        "low": Column("number", "share", "lower 95 % limit"),
        "high": Column("number", "share", "upper 95 % limit"),
    },
    "areas_by_step.csv": AREAS,
    "areas_elsewhere.csv": AREAS,
    "order.csv": {"order": Column("whole number", "", "of the characters that were multiplied")},
}
"""The tables by their files' names."""
