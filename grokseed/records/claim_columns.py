"""What every column means of the tables about claims, the diary's and papers'. No torch."""

from __future__ import annotations

from grokseed.records.scan_columns import RUNS, Column

CLAIMS: dict[str, dict[str, Column]] = {
    "claims.csv": {
        "claim": Column("text", "", "what is claimed, with its unit and cuts"),
        "source": Column("text", "", "who claims it"),
        "figure": Column("number", "as claimed", "the claim's own", "none given"),
        "figure_low": Column("number", "as claimed", "its lower 95 % limit", "not known"),
        "figure_high": Column("number", "as claimed", "its upper 95 % limit", "not known"),
        "ours": Column("number", "as claimed", "the same quantity here", "not run yet"),
        "ours_low": Column("number", "as claimed", "lower 95 % limit", "not known"),
        "ours_high": Column("number", "as claimed", "upper 95 % limit", "not known"),
        "n": Column("whole number", "runs", "behind ours; 0 where none was run yet"),
        "units": Column("whole number", "of", "independent, behind the limits", "not run yet"),
        "of": Column("text", "", "what the units are: seeds, pairs, splits", "not run yet"),
        "detectable": Column(
            "number",
            "as claimed",
            "effect found with 80 % power",
            "not known. A claim that does not hold then has limits that exclude its figure, or the "
            "cut that it names where it has no figure: the limits bound the effect",
        ),
        "preset": Column("text", "", "of the runs"),
        "numerics": Column("text", "", "what decides bits, of all runs", "not run yet"),
        "folder": Column(
            "text", "", "where the runs are, and a study's own page", "none is planned"
        ),
        "verdict": Column(
            "text", "", "holds, holds in part, does not hold, or cannot tell at this n"
        ),
    },
    "signatures.csv": {
        "folder": Column("text", "", "whose runs they are"),
        "what": Column("text", "", "a short name"),
        "claim": Column("text", "", "what the diary says of all such runs, with its cuts"),
        "ours": Column("number", "as claimed", "the quantity here", "no such runs"),
        "low": Column("number", "as claimed", "lower 95 % limit", "not known"),
        "high": Column("number", "as claimed", "upper 95 % limit", "not known"),
        "n": Column("whole number", "runs", "behind it"),
        "units": Column("whole number", "of", "independent, behind the limits"),
        "of": Column("text", "", "what the units are"),
        "verdict": Column("text", "", "as in claims.csv"),
        "figure": Column("number", "as claimed", "the diary's own", "none given"),
        "planned": Column("True or False", "", "whether studies/plan.md had it"),
    },
    "kinds.csv": {
        "folder": Column("text", "", "whose runs they are"),
        "split_seed": RUNS["split_seed"],
        "quantity": Column("text", "", "whose log was fitted"),
        "n": Column("whole number", "runs", "of it"),
        "normal": Column("number", "", "BIC of one normal distribution"),
        "skewed": Column("number", "", "BIC of one skew-normal distribution"),
        "mixed": Column("number", "", "BIC of two normal distributions"),
        "gain": Column("number", "", "the lower one of the first two minus the third"),
        "share": Column("number", "share", "of the component with the lower mean"),
        "verdict": Column("text", "", "on two kinds of runs, as in claims.csv"),
    },
    "search.csv": {
        "way": Column("text", "", "how an early seed is searched for"),
        "split_seed": RUNS["split_seed"],
        "folder": Column("text", "", "whose runs they are"),
        "n": Column("whole number", "runs", "each of a seed of its own"),
        "best": Column("number", "steps", "to abandon a run at; or runs side by side"),
        "plain": Column("number", "steps", "expected to a first t98, without the search"),
        "searched": Column("number", "steps", "expected with it, of all runs together"),
        "gain": Column("number", "", "plain over searched"),
        "low": Column("number", "", "lower 95 % limit"),
        "high": Column("number", "", "upper 95 % limit; for the best restart from `earliest` on"),
        "earliest": Column("number", "steps", "at which the first run memorised"),
        "worth": Column("text", "", "yes, no or cannot tell, by the rule of studies/plan.md"),
    },
    "early.csv": {
        "scan": Column("text", "", "which scan, and where its runs end"),
        "signal": Column("text", "", "what a rule reads, as `trajectories.npz` calls it"),
        "step": Column("whole number", "steps", "at which it does"),
        "auc": Column("number", "share", "area under the ROC curve, where fitted"),
        "low": Column("number", "share", "lower 95 % limit of it"),
        "high": Column("number", "share", "upper 95 % limit of it"),
        "rule": Column("text", "", "as `--keep` and `--screen-at` spell it"),
        "n": Column("whole number", "runs", "that it was fitted on"),
        "fit_early": Column("whole number", "runs", "not normal, of these"),
        "fit_recall": Column("number", "share", "runs kept of those not normal, where fitted"),
        "fit_saved": Column("number", "", "times fewer steps, where fitted"),
        "kept": Column("whole number", "runs", "not normal and kept, of the other seeds"),
        "early": Column("whole number", "runs", "not normal, of the other seeds"),
        "recall": Column("number", "share", "kept of these"),
        "recall_low": Column("number", "share", "lower exact 95 % limit"),
        "recall_high": Column("number", "share", "upper exact 95 % limit"),
        "saved": Column("number", "", "times fewer steps, of the other seeds"),
        "chosen": Column("True or False", "", "saves most where fitted"),
    },
    "fits.csv": {
        "scan": Column("text", "", "whose runs, as in early.csv"),
        "margin": Column(
            "number", "standard deviations", "of the cut from the lowest run that is not normal"
        ),
        "n": Column("whole number", "runs", "drawn at random for a fit"),
        "early": Column("number", "runs", "not normal, of these, mean of the draws"),
        "others": Column("number", "runs", "not normal, of the others, mean of the draws"),
        "recall": Column("number", "share", "of the others kept, all draws together"),
        "reached": Column(
            "number", "share", "draws in which the recall is that wanted", "too few others"
        ),
        "saved": Column("number", "", "times fewer steps of the others, mean of the draws"),
    },
    "laws.csv": {
        "paper": Column("text", "", "arXiv numbers of the papers that name the predictor"),
        "predictor": Column("text", "", "what they say decides the time"),
        "n": Column("whole number", "runs", "runs that have it"),
        "rho": Column("number", "", "its rank correlation with t98, within splits"),
        "low": Column("number", "", "lower 95 % limit"),
        "high": Column("number", "", "upper 95 % limit"),
        "p": Column("number", "", "two-sided p-value of none"),
        "detectable": Column("number", "", "smallest correlation found with 80 % power"),
        "partial_rho": Column("number", "", "given the step of memorising", "that step itself"),
        "partial_low": Column("number", "", "lower 95 % limit"),
        "partial_high": Column("number", "", "upper 95 % limit"),
        "partial_p": Column("number", "", "two-sided p-value of none", "that step itself"),
        "partial_detectable": Column("number", "", "found with 80 % power", "that step itself"),
        "r2": Column("share", "", "R² of its log on the log of (t98 - memorised step)"),
        "known": Column("number", "share of t98", "median step at which it is known"),
        "known_winners": Column("number", "share of t98", "the same, of runs that win", "none won"),
        "winners": Column("whole number", "runs", "that win, 2 times sooner than the median"),
        "of_use": Column("text", "", "as an early verdict, by the rule of studies/laws.py"),
        "folder": Column("text", "", "whose runs they are"),
    },
}
"""The tables by their files' names."""
