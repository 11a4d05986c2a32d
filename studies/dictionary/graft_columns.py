"""What every column means of the tables about weights that were exchanged or blended. No torch."""

from __future__ import annotations

from grokseed.records.scan_columns import RUNS, Column

GRAFTS: dict[str, dict[str, Column]] = {
    "basin_parts.csv": {
        "where": Column("text", "", "the layer group that is blended; or all, towards a loser"),
        "radius": Column("number", "", "share of the other draw in the blended weights"),
        "runs": Column("whole number", "runs", "of winners"),
        "rate": Column("number", "share", "of them that win", "no runs"),
        "low": Column("number", "share", "lower 95 % limit, over winners"),
        "high": Column("number", "share", "upper 95 % limit"),
    },
    "groups_apart.csv": {
        "group": Column("text", "", "layer group"),
        "winners": Column("whole number", "winners", "with runs, of any group"),
        "difference": Column("number", "share", "rate of wins minus the other groups' mean"),
        "low": Column("number", "share", "lower 95 % limit, over winners"),
        "high": Column("number", "share", "upper 95 % limit"),
        "detectable": Column(
            "number", "share", "smallest effect found with 80 % power", "too few winners"
        ),
        "p": Column("number", "", "two-sided, of no difference", "too few winners"),
        "p_holm": Column("number", "", "after Holm over the groups", "too few winners"),
    },
    "wins_left.csv": {
        "groups": Column("text", "", "layer group of a winner that is replaced; or each, alone"),
        "kind": Column("text", "", "by a loser's (reverse), by one drawn anew (fresh), or both"),
        "n": Column("whole number", "runs", "of winners with it replaced"),
        "winners": Column("whole number", "", "different winners among them"),
        "sources": Column("whole number", "", "losers or draws that the weights are from"),
        "won": Column("whole number", "runs", "that still win, fast or super"),
        "share": Column("number", "share", "won / n"),
        "low": Column("number", "share", "lower 95 % limit, over winners and sources"),
        "high": Column("number", "share", "upper 95 % limit"),
    },
    "places.csv": {
        "split": Column("whole number", "", "seed whose split the runs have"),
        "loader_seed": RUNS["loader_seed"],
        "own": Column("number", "share", "validation accuracy of 56 as it is, at step 3,000"),
        "culprits": Column("number", "share", "the same with 42's three culprits put in"),
        "gain": Column("number", "share", "culprits - own"),
        "won": Column("True or False", "", "whether the run with them is super or fast"),
        "shams": Column("whole number", "runs", "with the same groups of seeds that did not win"),
        "shams_gain": Column("number", "share", "their mean gain", "no shams here"),
    },
    "graft_pairs.csv": {
        "split": Column("text", "", "whose split the runs have: the loser's or the winner's"),
        "weights": Column("text", "", "whose weights, or whose layers in the loser's weights"),
        "pairs": Column("whole number", "pairs", "of which all 8 runs are there"),
        "accuracy": Column("number", "share", "mean validation accuracy at step 3,000"),
        "least": Column("number", "share", "that of the least accurate pair"),
        "most": Column("number", "share", "that of the most accurate pair"),
        "high": Column("whole number", "pairs", "with an accuracy of 0.25 or more"),
        "share": Column("number", "share", "high / pairs"),
        "share_low": Column("number", "share", "lower 95 % limit"),
        "share_high": Column("number", "share", "upper 95 % limit"),
    },
}
"""The tables by their files' names."""
