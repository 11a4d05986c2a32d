"""Whether one set of runs is sooner than another, from their exported tables: table and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from grokseed.analysis import paired, wins
from grokseed.analysis.hazard import Hazard, hazard
from grokseed.analysis.seeds_needed import Spread, own_spread, seeds_needed, smallest_ratio, spreads
from grokseed.analysis.significance import least_ratio
from grokseed.analysis.survival import Landmark
from grokseed.figures.compare import comparison_figure
from grokseed.reports.compared import Folder
from grokseed.reports.comparison import (
    NO_LIMITS,
    NO_SPREAD,
    Report,
    Row,
    limits,
    limits_of_fit,
    mostly_censored,
    note,
    too_few,
)

INDEPENDENT = (
    ", and so would the log-rank test. Numbers of seeds needed are for sets in which each seed has "
    "one run"
)
"""What else takes runs as independent."""

MANY = "over a million"
"""How many seeds are needed if `seeds_needed` has no number."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is said of two sets. `fit` and `needs` are None unless two runs of each got there, and
    `needs` also if the ratio has no limits."""

    arms: paired.Arms
    fit: paired.Paired | None
    hazard: Hazard
    needs: Mapping[str, Spread] | None


def compare(a: Folder, b: Folder, landmark: Landmark) -> Comparison:
    """Compare two scans.

    Raises:
        ValueError: no run of either reached the landmark.
    """
    arms = paired.pair(a.with_logarithms, b.with_logarithms)
    if not sum(arms.events):
        raise ValueError(f"no run of {a.name} or {b.name} reached {landmark}: try another landmark")
    # Equal times have no spread of which limits could be made.
    fit = paired.fit(arms) if min(arms.events) >= 2 and not arms.same else None
    known = fit is not None and np.isfinite(fit.se) and arms.limited
    return Comparison(arms, fit, hazard(arms), spreads(fit) if fit and known else None)


def rows(found: Comparison) -> list[Row]:
    """The table of a comparison."""
    arms, fit = found.arms, found.fit
    runs, pairs, nan = sum(arms.n), int(arms.matched.sum()), float("nan")
    table = []
    profile, wilson = limits_of_fit(arms), limits(arms, "Wilson's interval")
    newcombe = NO_LIMITS if arms.shared else "Newcombe's interval"
    if fit:
        method = f"censored bivariate log-normal fit, {profile}"
        table.append(
            Row("time ratio, B over A", fit.ratio, fit.ratio_low, fit.ratio_high, runs, method)
        )
        table.append(Row("its p-value", fit.p, nan, nan, runs, method, "{:.2g}"))
    cox = found.hazard
    table += [
        Row("hazard ratio, B over A", cox.ratio, cox.low, cox.high, runs, "Cox, Efron's ties"),
        Row("log-rank p-value", cox.p, nan, nan, runs, "log-rank, runs unmatched", "{:.2g}"),
    ]
    for name, win, method in (
        ("B wins on a matched seed", wins.matched(arms), f"Gehan's scores, {wilson}"),
        ("B wins on an unmatched one", wins.unmatched(arms), f"Gehan's scores, {newcombe}"),
    ):
        if win.n:
            n = pairs if name.endswith("matched seed") else win.n
            table.append(Row(name, win.share, win.low, win.high, n, method, "{:.1%}"))
    if fit and not np.isnan(fit.correlation):
        why = "no limits, as three pairs are the fewest" if fit.matched < 3 else profile
        method = f"censored bivariate log-normal fit, {NO_LIMITS if arms.shared else why}"
        table.append(Row("variance the match removes", *fit.removed, fit.matched, method, "{:.0%}"))
    if fit and found.needs:
        for kind, spread in found.needs.items():
            table.append(_needed(kind, spread, fit))
    return table


def verdict(found: Comparison, landmark: Landmark, shared: str = "") -> str:
    """One paragraph: is B sooner, or is it luck?

    Args:
        shared: a sentence on what equal seeds share, if it is not all.
    """
    arms, fit = found.arms, found.fit
    matched = int(arms.matched.sum())
    reached = (
        f"{arms.events[0]:,} of {arms.n[0]:,} runs of A and {arms.events[1]:,} of {arms.n[1]:,} "
        f"of B reached {landmark}; {matched:,} seed{' is' if matched == 1 else 's are'} matched."
    )
    if shared and matched:
        reached += f" {shared}"
    if arms.same:
        return (
            "Each run of B takes as many steps as A's run with the same seeds, so that there is no "
            f"difference to test. {reached}"
        )
    if fit is None:
        none = f"{reached} A time ratio needs two runs of each that did, so none is given."
        if arms.shared:
            return f"{none} Nor is a p-value, as runs of a set share seeds."
        if np.isnan(found.hazard.p):
            return f"{none} One set had ended before the first event of the other."
        return f"{none} {_log_rank(found.hazard)}"
    if not arms.varies:
        said = f"B takes {fit.ratio:.3f} times A's steps. {NO_SPREAD} {_log_rank(found.hazard)}"
        return f"{said.rstrip()} {reached}"
    if not arms.limited:
        return (
            f"These runs cannot tell B from A: the time ratio is {fit.ratio:.3f}, but "
            f"{too_few(arms)}. {reached}"
        )
    interval = f"95 %: {fit.ratio_low:.3f} to {fit.ratio_high:.3f}"
    if fit.ratio_high < 1 or fit.ratio_low > 1:
        word = "sooner" if fit.ratio < 1 else "later"
        answer = f"B is {word} than A: it takes {fit.ratio:.3f} times A's steps ({interval})."
    else:
        answer = (
            f"These runs cannot tell B from A: the time ratio is {fit.ratio:.3f} ({interval}), "
            "and 1 lies within."
        )
        if fit.over:
            error, freedom = float(np.fmax(fit.over.error, fit.se)), fit.over.freedom
            least = least_ratio(error, freedom) if freedom >= 1 else 0.0
            if least > 0:
                answer += (
                    " The smallest ratio that as many runs on as many seeds show with 80 % power "
                    f"is {least:.3f}, or {1 / least:.3f} the other way."
                )
        elif found.needs:
            least = smallest_ratio(own_spread(fit), fit.n)
            runs = f"{fit.n:,} {'matched ' * bool(fit.matched)}seeds"
            if fit.matched not in (0, fit.n) or max(fit.runs) > fit.n:
                runs = "as many runs, matched as these,"
            answer += (
                f" The smallest ratio that {runs} show with 80 % power is {least:.3f}, or "
                f"{1 / least:.3f} the other way."
            )
    return f"{answer}{mostly_censored(arms.events, arms.n)} {reached}"


def report(
    folders: Sequence[Folder], found: Comparison, landmark: Landmark, shared: str = ""
) -> Report:
    """What a comparison found; `shared` as `verdict` takes it."""
    figure = partial(comparison_figure, found.arms, found.fit, found.needs, landmark)
    said = verdict(found, landmark, shared), note(found.arms, INDEPENDENT)
    asked = f"Is B sooner to {landmark} than A, or is it luck?"
    return Report(folders, rows(found), asked, said, figure)


def _log_rank(found: Hazard) -> str:
    """The p-value in a sentence; empty if there is none."""
    return "" if np.isnan(found.p) else f"The log-rank test's p-value is {found.p:.2g}."


def _needed(kind: str, spread: Spread, fit: paired.Paired) -> Row:
    """Seeds for 80 % power at the ratio seen, and at the ends of its interval."""
    name = f"{kind} seeds a set needs"
    if fit.over:
        n, nan = float(seeds_needed(spread, fit.ratio) or np.inf), float("nan")
        method = "80 % power, t-test at 5 %, at the ratio, for one run a seed"
        return Row(name, n, nan, nan, fit.n, method, "{:,.0f}", MANY)
    ends = [fit.ratio_low, fit.ratio_high]
    far = max(ends, key=lambda ratio: abs(np.log(ratio)))
    near = 1.0 if fit.ratio_low <= 1 <= fit.ratio_high else min(ends, key=lambda r: abs(np.log(r)))
    n = [
        float(seeds_needed(spread, ratio) or np.inf) if ratio != 1 else np.inf
        for ratio in (fit.ratio, far, near)
    ]
    method = "80 % power, t-test at 5 %, at the ratio and at the ends of its interval"
    return Row(name, n[0], n[1], n[2], fit.n, method, "{:,.0f}", MANY)
