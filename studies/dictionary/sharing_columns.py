"""What every column means of the tables of `studies/sharing.py`. No torch."""

from __future__ import annotations

from grokseed.records.row import SEEDS
from grokseed.records.scan_columns import RUNS, Column

OUTCOMES = {
    "accuracy": ("share", "of the validation set"),
    "loss": ("nats", "of the validation set"),
    "off_by_one": ("share", "of minimal pairs, foil off by one"),
    "other_operation": ("share", "of minimal pairs, foil the other operation's result"),
    "swapped": ("share", "of minimal pairs, foil with operands swapped"),
    "pairs": ("share", "mean of the three kinds of minimal pairs"),
}
"""Outcomes of a training: unit and meaning."""

SHARING: dict[str, dict[str, Column]] = {
    "trainings.csv": {
        "model": Column("text", "", "decoder (causal attention) or encoder (full)"),
        "cell": Column("text", "", "shape and sharing: a row of the document's grid"),
        "config": Column("text", "", "key of the config"),
        **{name: RUNS[name] for name in SEEDS if name != "graft"},
        **{
            f"{name}_{training}": Column("number", unit, f"{meaning}, {training} training")
            for training in ("short", "long")
            for name, (unit, meaning) in OUTCOMES.items()
        },
        **{name: RUNS[name] for name in ("steps", "memorised_step", "t50_step", "t98_step")},
        **{name: RUNS[name] for name in ("status", "numerics", "commit", "digest")},
    },
    "grid.csv": {
        "model": Column("text", "", "decoder or encoder"),
        "training": Column("text", "", "short or long"),
        "outcome": Column("text", "", "accuracy, loss or pairs (minimal pairs)"),
        "cell": Column("text", "", "shape and sharing"),
        "n": Column("whole number", "seeds", "with a finite outcome"),
        "mean": Column("number", "of the outcome", "over seeds"),
        "low": Column("number", "of the outcome", "lower 95 % limit"),
        "high": Column("number", "of the outcome", "upper 95 % limit"),
        "difference": Column(
            "number", "of the outcome", "mean minus the baseline's", "the baseline"
        ),
        "difference_low": Column("number", "of the outcome", "lower 95 % limit", "the baseline"),
        "difference_high": Column("number", "of the outcome", "upper 95 % limit", "the baseline"),
        "p": Column("number", "", "of no difference", "the baseline, or not known"),
        "p_holm": Column("number", "", "the same, Holm in the column", "the baseline"),
        "told": Column("whole number", "cells", "that are surely worse", "not a column's best"),
        "others": Column("whole number", "cells", "compared with", "not a column's best"),
        "best": Column("text", "", "yes where all others are surely worse", "not a column's best"),
    },
    "luck.csv": {
        "model": Column("text", "", "decoder or encoder"),
        "cell": Column("text", "", "shape and sharing"),
        "n": Column("whole number", "runs", "with a last step"),
        "reached": Column("whole number", "runs", "that reached t50"),
        "median": Column("number", "steps", "to t50, Kaplan-Meier", "fewer than half reached it"),
        "median_low": Column("number", "steps", "its lower 95 % limit", "not known"),
        "median_high": Column("number", "steps", "its upper 95 % limit, inf for none"),
        "early": Column("whole number", "runs", "t50 at most half of the median", "no median"),
        "share": Column("number", "share", "early / n", "no median"),
        "share_low": Column("number", "share", "exact lower 95 % limit", "no median"),
        "share_high": Column("number", "share", "exact upper 95 % limit", "no median"),
        "spread": Column(
            "number",
            "log",
            "median over the time of the soonest tenth",
            "no median, or fewer than 20 runs",
        ),
        "spread_low": Column("number", "log", "lower 95 % limit", "no spread"),
        "spread_high": Column("number", "log", "upper 95 % limit", "no spread"),
        "ratio": Column("number", "", "spread over the baseline's", "baseline, or no spread"),
        "ratio_low": Column("number", "", "lower 95 % limit", "no ratio"),
        "ratio_high": Column("number", "", "upper 95 % limit", "no ratio"),
        "p": Column("number", "", "of a ratio of 1", "no ratio"),
        "p_holm": Column("number", "", "the same, Holm over all models", "no ratio"),
        "matched": Column("whole number", "seeds", "that the baseline has too", "the baseline"),
        "time": Column("number", "", "t50 over the baseline's", "fewer than two reached it"),
        "time_low": Column("number", "", "lower 95 % limit", "no ratio"),
        "time_high": Column("number", "", "upper 95 % limit", "no ratio"),
    },
}
"""The tables by their files' names."""
