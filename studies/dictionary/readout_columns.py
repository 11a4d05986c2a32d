"""What every column means of the tables of `studies/readouts.py`. No torch."""

from __future__ import annotations

from grokseed.records.scan_columns import Column

READOUTS: dict[str, dict[str, Column]] = {
    "readouts.csv": {
        "arm": Column("text", "", "folder beside the table"),
        "blocks": Column("whole number", "parameters", "of all blocks"),
        "readout": Column(
            "whole number", "parameters", "that the readout uses, tied ones included"
        ),
        "ratio": Column("number", "", "blocks over readout"),
        "n": Column("whole number", "runs", "with a last step"),
        "memorised": Column("whole number", "runs", "that reached train accuracy 0.99"),
        "share": Column("number", "share", "memorised / n"),
        "share_low": Column("number", "share", "lower 95 % limit"),
        "share_high": Column("number", "share", "upper 95 % limit"),
        "median": Column("number", "steps", "to memorising, Kaplan-Meier", "fewer than half did"),
        "median_low": Column("number", "steps", "its lower 95 % limit", "not known"),
        "median_high": Column("number", "steps", "its upper 95 % limit, inf for none"),
        "accuracy": Column("number", "share", "median train accuracy at the end"),
        "memorises": Column("text", "", "yes, no or cannot tell, by the rule of studies/plan.md"),
        "later": Column("number", "", "time over that of flatten", "flatten, or two runs did not"),
        "low": Column("number", "", "lower 95 % limit of it", "no ratio"),
        "high": Column("number", "", "upper 95 % limit of it", "no ratio"),
        "matched": Column("whole number", "seeds", "that flatten has too"),
    },
    "contrasts.csv": {
        "arm": Column("text", "", "of readouts.csv"),
        "than": Column("text", "", "the arm it is compared with"),
        "ratio": Column("number", "", "time over the other's", "two runs did not memorise"),
        "low": Column("number", "", "lower 95 % limit of it", "no ratio"),
        "high": Column("number", "", "upper 95 % limit of it", "no ratio"),
        "matched": Column("whole number", "seeds", "that both have"),
        "later": Column("text", "", "whether the first takes longer, by the interval"),
    },
}
"""The tables by their files' names."""
