"""Which rule's classes a scan's tables and figures show."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from grokseed.analysis.classify import LEAST_RUNS, Rule, classify
from grokseed.analysis.dependence import have_own_median
from grokseed.analysis.early import has_stopped
from grokseed.analysis.shares import known

Choice = Literal["auto", "screen", "speedup"]


def with_classes(runs: pd.DataFrame, choice: Choice = "auto") -> pd.DataFrame:
    """The runs with columns `screen` and `speedup`, their class by each rule, and `class`, by
    the rule that is `main_rule`.

    Raises:
        ValueError: as `main_rule` does.
    """
    rules = {"screen": classify(runs, "screen"), "speedup": classify(runs, "speedup")}
    return runs.assign(**rules, **{"class": rules[main_rule(runs, choice)]})


def main_rule(runs: pd.DataFrame, choice: Choice = "auto") -> Rule:
    """The chosen rule. `auto` chooses `speedup` where its shares are known (`shares.known`) and the
    median is one of seeds (`dependence.have_own_median`), else `screen`.

    Raises:
        ValueError: `speedup` for fewer than 20 runs.
    """
    check_enough(len(runs), choice)
    if choice != "auto":
        return choice
    return "speedup" if have_own_median(runs) and known(runs) else "screen"


def check_enough(n: int, choice: Choice) -> None:
    """Raise ValueError if a scan of n runs is too small for the rule."""
    if choice == "speedup" and n < LEAST_RUNS:
        raise ValueError(
            f"the speedup rule needs at least {LEAST_RUNS} runs of one config to have a median, "
            f"not {n}: use --rule screen"
        )


def why(runs: pd.DataFrame, choice: Choice = "auto") -> str:
    """One sentence: the rule behind the classes, and how it was chosen."""
    rule = main_rule(runs, choice)
    said = f"Classes in figures and lists are by the {rule} rule"
    if choice != "auto":
        return f"{said}, as --rule asks for."
    if not have_own_median(runs):
        return (
            f"{said} (--rule auto): speedup compares with the scan's own median, and grafted runs "
            "have none of seeds in general."
        )
    needs = f"at least {LEAST_RUNS} runs, half of which reach t98"
    if has_stopped(runs):
        needs += ", and runs that stand for those that were stopped"
    found = f"has {needs}" if rule == "speedup" else f"lacks what speedup needs: {needs}"
    return f"{said} (--rule auto): the scan {found}."
