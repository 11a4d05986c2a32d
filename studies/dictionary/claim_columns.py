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
            "effect found with 80 % power. Where a claim does not hold by its limits alone: the "
            "distance from its figure, or from the cut that it names, that limits as wide exclude "
            "with 80 % power",
            "not known",
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
}
"""The tables by their files' names."""
