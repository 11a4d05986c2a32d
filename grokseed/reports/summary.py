"""A scan's results as text: counts of each class, the spread of times, the best runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from grokseed.analysis.classify import CLASSES, DIARY, Rule, without
from grokseed.analysis.dependence import are_chosen, why_no_limits
from grokseed.analysis.early import has_stopped
from grokseed.analysis.shares import rates
from grokseed.analysis.survival import Landmark, known_landmarks, numbers, time_to
from grokseed.reports.classes import Choice, main_rule, why
from grokseed.reports.early import Fitted, sentences
from grokseed.reports.listing import best, order, ranked, ranked_by_t50, run_row, same, step_cell
from grokseed.reports.templating import TEMPLATES
from grokseed.seeds import STREAMS

EVERY = 20
"""At most so many runs are listed one and all; of more, the best."""

NAMED = 10
"""At most this many excluded seeds are named one by one."""

SCREEN_CUTS = f"super above {DIARY.super_accuracy}, normal below {DIARY.normal_accuracy}"
SPEEDUP_CUTS = f"super {DIARY.super_speedup:g} times sooner, fast {DIARY.fast_speedup:g} times"


def results(
    runs: pd.DataFrame,
    screen_step: int,
    excluded: Mapping[int, str] = MappingProxyType({}),
    choice: Choice = "auto",
    fitted: Fitted = MappingProxyType({}),
    generalises: bool = True,
) -> str:
    """Counts of each class, the spread of times and the best runs, as Markdown.

    Args:
        runs: as `with_classes` gives them.
        screen_step: the step at which the screen rule reads the validation accuracy.
        excluded: model seeds that no rate counts, and why.
        choice: of the rule, as it was for `with_classes`.
        fitted: what early rules were fitted on, as `early.sentences` takes it.
        generalises: whether the task has a rule to find. A text is only memorised: its runs have no
            classes, and of all landmarks that one is shown.
    """
    counted = without(runs, excluded)
    alike = same(runs)
    shown = ranked(runs, generalises) if len(runs) > EVERY else runs
    rules = _rules(runs, screen_step, choice) if generalises and len(counted) else {}
    return TEMPLATES.get_template("results.md.j2").render(
        n=len(runs),
        lost={name: n for name in ("diverged", "stopped", "crashed") if (n := _count(runs, name))},
        rules=[
            {"name": name, "meaning": meaning, "rows": _class_rows(runs, name, excluded)}
            for name, meaning in rules.items()
        ],
        excluded=_left_out(excluded),
        story=_story(counted if len(counted) else runs, generalises),
        early=sentences(runs, fitted),
        generalises=generalises,
        why=why(runs, choice) if generalises else "",
        limits=_limits(counted),
        others=0 < len(counted) < len(runs),
        times=_times(counted if len(counted) else runs, generalises),
        intervals=_intervals(counted, list(rules)),
        listing="Every run" if shown is runs else best(shown, order(runs, generalises)),
        t50=shown is not runs and generalises and ranked_by_t50(shown),
        screen_step=screen_step,
        same=", ".join(f"{stream} {value}" for stream, value in alike.items()),
        streams=[stream for stream in STREAMS if stream not in alike],
        changed=are_chosen(shown),
        runs=[run_row(run) for run in shown.to_dict("records")],
    )


def _count(runs: pd.DataFrame, status: str) -> int:
    return int(np.sum(runs["status"].to_numpy() == status))


def _rules(runs: pd.DataFrame, screen_step: int, choice: Choice) -> dict[Rule, str]:
    """The rules of which there is a table of classes, and what they compare with which cuts."""
    at_screen = f"validation accuracy at step {screen_step:,}: {SCREEN_CUTS}"
    rules: dict[Rule, str] = {"screen": at_screen}
    if "speedup" in (choice, main_rule(runs)):
        rules["speedup"] = f"t98 against the scan's own median: {SPEEDUP_CUTS}"
    return rules


def _class_rows(
    runs: pd.DataFrame, rule: Rule, excluded: Mapping[int, str]
) -> list[dict[str, object]]:
    """Rows of the table of classes; rows for runs without a class only if there are such runs."""
    table = rates(runs, pd.Series(runs[rule]), rule, excluded.keys())
    return [
        {
            "name": name,
            "n": int(row["n"]),
            "share": "" if np.isnan(row["share"]) else f"{row['share']:.2%}",
            "interval": "" if np.isnan(row["low"]) else f"{row['low']:.2%} to {row['high']:.2%}",
        }
        for name, row in table.to_dict("index").items()
        if name in CLASSES or (name in ("undecided", "stopped") and row["n"])
    ]


def _left_out(excluded: Mapping[int, str]) -> list[tuple[str, str]]:
    """Which model seeds no rate counts, those of one reason together, and why."""
    by_reason: dict[str, list[int]] = {}
    for seed, why_not in excluded.items():
        by_reason.setdefault(why_not, []).append(seed)
    named = []
    for why_not, seeds in by_reason.items():
        if len(seeds) == 1:
            who = f"Model seed {seeds[0]} is"
        elif len(seeds) <= NAMED:
            who = f"Model seeds {', '.join(map(str, seeds))} are"
        else:
            who = f"{len(seeds)} model seeds, named in `excluded.csv`, are"
        named.append((who, why_not))
    return named


def _limits(runs: pd.DataFrame) -> str:
    """What the limits are over, or why there are none; empty where runs are independent."""
    why_none = why_no_limits(runs)
    if not why_none:
        return ""
    said = why_none[0].upper() + why_none[1:]
    if are_chosen(runs) or has_stopped(runs):
        return f"{said}, so no interval is given."
    return f"{said}: intervals by the screen rule are over these seeds, and no others are given."


def _story(runs: pd.DataFrame, generalises: bool) -> list[str]:
    """What became of the runs: how many memorised, how many generalised, and when."""
    events: dict[Landmark, str] = {
        "memorised": "memorised the training examples (accuracy of 0.99 or more)",
        "t98": "generalised (t98: 98 % of the validation answers right)",
    }
    said = []
    for name, what in events.items():
        curve = time_to(name, runs)
        reached = curve.n - curve.censored
        if not reached:
            said += [f"None of {curve.n:,} {what} by step {curve.last:,.0f}."] * bool(curve.n)
            continue
        when = f"the first at step {min(curve.times):,.0f}"
        if not np.isnan(curve.median):
            when += f", half of all by step {curve.median:,.0f}"
        if curve.censored:
            when += f"; {curve.censored:,} had not when they ended, by step {curve.last:,.0f}"
        said.append(f"{reached:,} of {curve.n:,} {what}, {when}.")
    return said[: 2 if generalises else 1]


def _times(runs: pd.DataFrame, generalises: bool) -> list[dict[str, str]]:
    """For each landmark its spread over the runs: Kaplan-Meier percentiles, in steps."""
    rows = []
    for name in _shown(runs, generalises):
        curve = time_to(name, runs)
        low, high = f"{curve.median_low:,.0f}", f"to {curve.median_high:,.0f}"
        has_high = not np.isinf(curve.median_high)
        has_median = not (np.isnan(curve.median) or np.isnan(curve.median_low))
        rows.append(
            {
                "name": name,
                "reached": f"{curve.n - curve.censored:,} of {curve.n:,}",
                **{str(q): step_cell(curve.quantile(q / 100)) for q in (10, 50, 90)},
                "interval": f"{low} {high if has_high else 'or more'}" if has_median else "",
            }
        )
    return rows


def _shown(runs: pd.DataFrame, generalises: bool) -> list[Landmark]:
    """All landmarks whose times are known; of a text that of memorising alone.

    Earlier versions did not record t50: it is left out where runs have t98 and none has t50.
    """
    if not generalises:
        return ["memorised"]
    every = known_landmarks(runs)
    if np.isnan(numbers(runs, "t50_step")).all() and not np.isnan(numbers(runs, "t98_step")).all():
        every.remove("t50")
    return every


def _intervals(runs: pd.DataFrame, rules: Sequence[Rule]) -> str:
    """Whose the intervals of the tables are; empty where runs are not independent, as another
    sentence says what theirs are, or why there are none."""
    if why_no_limits(runs) or has_stopped(runs) or not len(runs):
        return ""
    shares: dict[Rule, str] = {
        "screen": "shares by the screen rule have Clopper and Pearson's (exact)",
        "speedup": "those by speedup have Jeffreys', with the error of the scan's median in it",
    }
    said = [shares[rule] for rule in rules]
    return "; ".join(["Intervals: the median time has Brookmeyer and Crowley's", *said]) + "."
