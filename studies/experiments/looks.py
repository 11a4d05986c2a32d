"""Limits of a rule that is asked more than once while runs are added: each time it may err."""


def coverage(looks: int) -> float:
    """Of the limits of each look, so that all of them hold in 95 % of studies (Bonferroni)."""
    return 1 - 0.05 / looks
