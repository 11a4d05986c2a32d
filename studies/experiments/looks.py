"""Limits of a rule that is asked more than once while runs are added: each time it may err."""

from collections.abc import Collection


def coverage(looks: int) -> float:
    """Of the limits of each look, so that all of them hold in 95 % of studies (Bonferroni)."""
    return 1 - 0.05 / looks


def looks_at(before: Collection[object], now: object) -> int:
    """How many times a rule has been asked, once it is asked of the runs there are now.

    Args:
        before: what was there each time it was asked, such as numbers of runs.
        now: the same of today; if it was asked of just these, that is no further time.
    """
    return len({*before, now})


def label(looks: int, low: float, high: float) -> str:
    """What a claim says beside a verdict from limits for looks.

    Args:
        low, high: the limits, as shares.
    """
    return (
        f"[judged {looks} times while runs were added: its limits are of {coverage(looks):.1%}, "
        f"{low:.0%} to {high:.0%}]"
    )
