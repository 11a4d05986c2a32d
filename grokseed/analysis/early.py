"""What runs under an early verdict say about all runs: weights, shares, recall. No torch.

A rule stops a run because it looks slow. To treat it as censored, like a run that reached its last
step, would bias every time and share. The runs of the spared tenth, which a hash of the seeds
chooses, stand for all that failed a check: each counts as many times as there are failed runs for
each spared one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grokseed.analysis.rates import Rate, rate
from grokseed.early import is_spared, read_verdict
from grokseed.seeds import STREAMS, Seeds


def has_stopped(runs: pd.DataFrame) -> bool:
    """Whether an early verdict stopped any of the runs."""
    return "status" in runs and bool(np.any(runs["status"].to_numpy(object) == "stopped"))


def verdicts(runs: pd.DataFrame) -> pd.DataFrame:
    """Columns `verdict` and `rule` of each run, empty text if no rule judged it."""
    texts = list(runs["early"].fillna("").astype(str)) if "early" in runs else [""] * len(runs)
    read = {text: read_verdict(text) for text in set(texts)}
    named = [read[text] for text in texts]
    return pd.DataFrame(named, columns=["verdict", "rule"], index=runs.index)


def unjudged(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that no rule judged: all that is known of a run to its end is known of them."""
    return runs.loc[(verdicts(runs)["rule"] == "").to_numpy()]


def weights(runs: pd.DataFrame, reached: np.ndarray | None = None) -> np.ndarray | None:
    """How many runs each run stands for, float64 (runs,); None if not known.

    A run that had its event by the step of its rule's first check stands for itself, stopped or
    not. (Not by that of a later check: of runs that failed the first one, an event between the two
    is seen in the spared ones alone, which then stand for the stopped ones too.) Of the others a
    stopped run has weight 0, a spared run the number of runs its rule failed over the
    number it spared, and any other run weight 1. The weights sum to the number of runs. They are
    not known if a rule stopped runs without the event and spared none.

    Source: double sampling for stratification, Cochran, Sampling Techniques (1977), 12.2.

    Args:
        runs: one row a run, with columns `status`, `steps` and, if a rule judged any, `early`.
        reached: float64 (runs,), the step of each run's event, NaN without; by default none has it.
    """
    found, status = verdicts(runs), runs["status"].to_numpy(object)
    steps = runs["steps"].to_numpy(np.float64, na_value=np.nan)
    at = np.full(len(runs), np.nan) if reached is None else reached
    weight = np.ones(len(runs))
    for rule in _rules(found, status):
        own = (found["rule"] == rule).to_numpy()
        check = np.min(steps[own & (status == "stopped")])
        own = own & ~(at <= check)
        stopped, spared = own & (status == "stopped"), own & _followed(found, status)
        if not stopped.any():
            continue
        if not spared.any():
            return None
        weight[stopped] = 0
        weight[spared] = 1 + stopped.sum() / spared.sum()
    return weight


def share(runs: pd.DataFrame, member: np.ndarray) -> Rate:
    """The share of runs that are in a class, where stopped runs may be in it unseen.

    It is the share of members that no rule failed, plus, for each rule, the share of runs that it
    failed times the share of members among those it spared. Each part has an exact interval; the
    interval of the sum is Zou and Donner's (Statistics in Medicine 27 (2008), 1693). If a rule
    spared none, its runs count as no members, and in the upper limit all of them as members.

    Args:
        runs: one row a run, with columns `status` and, if a rule judged any, `early`.
        member: bool (runs,), whether a run is known to be a member.

    Returns:
        `k` members seen, of `n` runs that were done or stopped.
    """
    found, status = verdicts(runs), runs["status"].to_numpy(object)
    done, stopped = status == "done", status == "stopped"
    n, spared = int(np.sum(done | stopped)), _followed(found, status)
    rules = _rules(found, status)
    sampled = spared & found["rule"].isin(rules).to_numpy()
    parts = [(1.0, rate(int(np.sum(done & ~sampled & member)), n))]
    for rule in rules:
        own = (found["rule"] == rule).to_numpy()
        failed = int(np.sum(own & (stopped | spared)))
        part = rate(int(np.sum(own & spared & member)), int(np.sum(own & spared)))
        parts.append((failed / n, part))
    total = sum(w * (r.share if r.n else 0.0) for w, r in parts) if n else math.nan
    below, above = (
        math.hypot(*(w * ((r.share if r.n else 0.0) - limit(r)) for w, r in parts))
        for limit in (lambda r: r.low, lambda r: r.high)
    )
    low, high = (max(0.0, total - below), min(1.0, total + above)) if n else (0.0, 1.0)
    return Rate(int(np.sum(done & member)), n, total, low, high)


@dataclass(frozen=True)
class Recall:
    """What a rule did to the runs that it judged.

    Attributes:
        stopped, spared, kept: how many runs have each verdict.
        recall: the share of members in the random tenth that passed, with its exact interval.
        saved: steps that all runs would have taken over those that they took; NaN if not known.
    """

    rule: str
    stopped: int
    spared: int
    kept: int
    recall: Rate
    saved: float


def recalls(runs: pd.DataFrame, member: np.ndarray) -> list[Recall]:
    """How many members of a class each rule keeps, by the random tenth that went on in any case.

    The tenth is a random sample of the judged runs, whether they passed or not, and all of its runs
    went to their end.

    Args:
        runs: one row a run, with columns of seeds, `status`, `steps`, and `early`.
        member: bool (runs,), whether a run is known to be a member.
    """
    found, status = verdicts(runs), runs["status"].to_numpy(object)
    graft = runs["graft"].fillna("") if "graft" in runs else [""] * len(runs)
    names = zip(*(runs[f"{stream}_seed"] for stream in STREAMS), graft, strict=True)
    tenth = np.array([is_spared(Seeds(*map(int, s), graft=str(g))) for *s, g in names], bool)
    steps = runs["steps"].to_numpy(np.float64, na_value=np.nan)
    rows = []
    for rule in sorted(set(found["rule"]) - {""}):
        own = (found["rule"] == rule).to_numpy()
        verdict = found["verdict"].to_numpy(object)
        n = {name: int(np.sum(own & (verdict == name))) for name in ("stopped", "spared", "kept")}
        seen = own & tenth & member & (status == "done")
        weight = weights(runs.loc[own])
        ran = own & ~np.isnan(steps)
        saved = math.nan
        if weight is not None and ran.any():
            saved = float(np.nansum(weight * steps[own]) / np.sum(steps[ran]))
        kept = rate(int(np.sum(seen & (verdict == "kept"))), int(np.sum(seen)))
        rows.append(Recall(rule, n["stopped"], n["spared"], n["kept"], kept, saved))
    return rows


def _rules(found: pd.DataFrame, status: np.ndarray) -> list[str]:
    """The rules that stopped a run."""
    return sorted(set(found.loc[status == "stopped", "rule"]))


def _followed(found: pd.DataFrame, status: np.ndarray) -> np.ndarray:
    """Spared runs that went to their end."""
    return (found["verdict"] == "spared").to_numpy() & (status == "done")
