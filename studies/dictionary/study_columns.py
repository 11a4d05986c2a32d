"""What every column means of the tables that studies write into `results/`. No torch."""

from __future__ import annotations

from dictionary.graft_columns import GRAFTS
from dictionary.readout_columns import READOUTS
from dictionary.sharing_columns import SHARING
from grokseed.records.scan_columns import RUNS, Column

CUTS = {
    "split_seed": RUNS["split_seed"],
    "n": Column("whole number", "runs", "of the base scan"),
    "reached": Column("whole number", "runs", "that reached t98"),
    "median": Column("number", "steps", "to t98, Kaplan-Meier", "half never did"),
    "low": Column("number", "steps", "its lower 95 % limit"),
    "high": Column("number", "steps", "its upper 95 % limit"),
    "cut": Column("number", "steps", "half of the median: a run wins up to there"),
}
"""Of a split's base scan."""

LUCK = "0.05, or its median is not known"
SPREAD = "over 3 % did not reach t98"

STUDIES: dict[str, dict[str, Column]] = {
    "groups.csv": {
        "folder": Column("text", "", "a study's, below results/; it may be one still to come"),
        "group": Column("text", "", "the heading that it is below in results/README.md"),
    },
    "rates.csv": {
        "class": Column("text", "", "super, or not normal, by the screen rule"),
        "axis": Column("text", "", "split or loader: a row about one seed", "all runs"),
        "seed": Column("whole number", "", "of the axis", "all runs"),
        "n": Column("whole number", "runs", "whose class is known"),
        "k": Column("whole number", "runs", "of the class"),
        "share": Column("number", "share", "k / n"),
        "low": Column("number", "share", "lower 95 % limit, over the seeds that runs share"),
        "high": Column("number", "share", "upper 95 % limit"),
    },
    "weight_decay.csv": {
        "weight_decay": Column("number", "", "of the config"),
        "n": Column("whole number", "runs", "with a last step"),
        "learned": Column("whole number", "runs", "that memorised or reached t98"),
        "reached": Column("whole number", "runs", "that reached t98"),
        "median": Column("number", "steps", "to t98, Kaplan-Meier", "fewer than half reached it"),
        "median_low": Column("number", "steps", "its lower 95 % limit", "not known"),
        "median_high": Column("number", "steps", "its upper 95 % limit, inf for none"),
        "matched": Column("whole number", "seeds", "that weight decay 0.05 has too"),
        "ratio": Column("number", "", "time over that at 0.05", "0.05, or two runs did not reach"),
        "low": Column("number", "", "lower 95 % limit of the ratio", "no ratio"),
        "high": Column("number", "", "upper 95 % limit of the ratio", "no ratio"),
        "p": Column("number", "", "two-sided, of a ratio of 1", "no ratio"),
        "p_holm": Column("number", "", "after Holm over the values", "no ratio"),
        "medians": Column("number", "", "the median over that at 0.05", "a median is not known"),
    },
    "luck_kept.csv": {
        "weight_decay": Column("number", "", "of the config"),
        "n": Column("whole number", "seeds", "that weight decay 0.05 has too"),
        "reached": Column("whole number", "runs", "of these seeds that reached t98"),
        "rho": Column("number", "", "rank correlation with times at 0.05", "0.05, or none"),
        "rho_low": Column("number", "", "its lower 95 % limit", "no correlation"),
        "rho_high": Column("number", "", "its upper 95 % limit", "no correlation"),
        "rho_detectable": Column("number", "", "found with 80 % power", "no correlation"),
        "early": Column("whole number", "seeds", "1.5 times sooner than the median at 0.05", LUCK),
        "kept": Column("whole number", "seeds", "of `early`: the same at this value", LUCK),
        "kept_low": Column("number", "share", "lower 95 % limit of kept / early", LUCK),
        "kept_high": Column("number", "share", "upper 95 % limit of kept / early", LUCK),
        "others": Column("whole number", "seeds", "that are not early at 0.05", LUCK),
        "new": Column("whole number", "seeds", "of `others`: early at this value", LUCK),
        "new_low": Column("number", "share", "lower 95 % limit of new / others", LUCK),
        "new_high": Column("number", "share", "upper 95 % limit of new / others", LUCK),
        "p": Column("number", "", "Fisher's, two-sided, of equal shares", LUCK),
        "factor": Column("number", "", "90th over 10th percentile of t98", SPREAD),
        "factor_low": Column("number", "", "its lower 95 % limit, by bootstrap", SPREAD),
        "factor_high": Column("number", "", "its upper 95 % limit, by bootstrap", SPREAD),
        "spread": Column("number", "", "log of it over that at 0.05", f"0.05, or {SPREAD}"),
        "spread_low": Column("number", "", "its lower 95 % limit, seeds paired", "no spread"),
        "spread_high": Column("number", "", "its upper 95 % limit, seeds paired", "no spread"),
        "p_holm": Column("number", "", "p after Holm over the values", LUCK),
    },
    **GRAFTS,
    **READOUTS,
    "coins.csv": {
        "cell": Column("text", "", "folder beside the table"),
        "n": Column("whole number", "runs", "with a last step"),
        "reached": Column("whole number", "runs", "that reached t98"),
        "median": Column("number", "steps", "to t98, Kaplan-Meier", "fewer than half reached it"),
        "spread": Column("number", "log", "median over the time of the soonest tenth", "no median"),
        "spread_low": Column("number", "log", "lower 95 % limit", "no median"),
        "spread_high": Column("number", "log", "upper 95 % limit", "no median"),
        "ratio": Column("number", "", "spread over that of mini", "mini, or no median"),
        "ratio_low": Column("number", "", "lower 95 % limit", "mini, or no median"),
        "ratio_high": Column("number", "", "upper 95 % limit", "mini, or no median"),
        "p": Column("number", "", "two-sided, of a ratio of 1", "mini, or no median"),
        "detectable": Column("number", "", "ratio found with 80 % power", "mini, or no median"),
        "p_holm": Column("number", "", "after Holm over the cells", "mini, or no median"),
    },
    **SHARING,
    "power.csv": {
        "study": Column("text", "", "of studies/plan.md"),
        "n": Column("text", "", "size of the design"),
        "true_effect": Column("text", "", "what was simulated"),
        "power": Column("number", "share", "of simulated studies that find it at 5 %"),
    },
    "findable.csv": {
        "term": Column("text", "", "of components.csv"),
        "levels": Column("whole number", "", "of each factor in the made-up studies"),
        "found": Column("number", "share", "of the term in components.csv"),
        "share": Column("number", "share", "of the term in the made-up studies"),
        "test": Column("number", "share", "of them whose test finds it at 5 %, before Holm"),
        "power": Column("number", "share", "of them that say that the term matters"),
    },
    "candidates.csv": {
        "candidate": Column("text", "", "what a config changes"),
        "batches_an_epoch": Column("whole number", "", "batches of an epoch"),
        "n": Column("whole number", "runs", "seeds trained"),
        "memorised_median": Column("number", "steps", "of those that memorised"),
        "generalised_first": Column("number", "steps", "first run to complete", "none did"),
        "generalised_median": Column("number", "steps", "Kaplan-Meier", "half never did"),
        "censored": Column("whole number", "runs", "that did not complete"),
        "generalised_to_memorised": Column("number", "", "ratio of medians", "half never did"),
        "screen_step": Column("whole number", "steps", "best step for a screen"),
        "normal": Column("number", "share", "of runs below 0.25 there"),
        "super": Column("number", "share", "of runs above 0.98 there"),
    },
    "splits.csv": {
        **CUTS,
        "thrice": Column(
            "whole number", "runs", "of the base scan, 3 times sooner than the median"
        ),
        "seeds": Column("whole number", "runs", "of the base scan and of the search"),
        "won": Column("whole number", "runs", "of these that won"),
        "share": Column("number", "share", "2 times sooner than the median of all runs"),
        "share_low": Column("number", "share", "lower 95 % limit, with the median's error"),
        "share_high": Column("number", "share", "upper 95 % limit, with the median's error"),
        "twinned": Column("whole number", "winners", "with two one-ulp twins"),
        "confirmed": Column("whole number", "winners", "whose twins both won"),
    },
    "cuts.csv": CUTS,
}
"""The tables by their files' names."""
