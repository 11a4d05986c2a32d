"""The paragraphs of a scan's README on early verdicts: what rules stopped, missed and saved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from grokseed.analysis.early import Recall, recalls

Fitted = Mapping[str, Mapping[str, str]]
"""For each rule's text, the `folder` and the `model` seeds that it was fitted on."""


def sentences(runs: pd.DataFrame, fitted: Fitted = MappingProxyType({})) -> list[str]:
    """A paragraph for each rule that judged runs.

    Args:
        runs: as `reports.scan.with_classes` gives them.
        fitted: as `config.json` holds it.
    """
    early = runs["class"].isin(["super", "fast"]).to_numpy()
    return [_said(one, fitted.get(one.rule, {})) for one in recalls(runs, early)]


def _said(one: Recall, fitted: Mapping[str, str]) -> str:
    judged, failed = one.stopped + one.spared + one.kept, one.stopped + one.spared
    seeds = fitted.get("model")
    where = f", fitted on model seeds {seeds} of {fitted['folder']}" if seeds else ""
    words = [
        f"Early verdict `{one.rule}`{where}: {judged:,} runs judged, {failed:,} failed; of these "
        f"{one.stopped:,} were stopped there, and {one.spared:,} of a random tenth of seeds went "
        "on."
    ]
    r = one.recall
    words.append(
        f"Of {r.n:,} runs of that tenth that are super or fast it kept {r.k:,}: recall "
        f"{r.share:.0%} (95 % interval {r.low:.0%} to {r.high:.0%})."
        if r.n
        else "No run of that tenth is super or fast, so its recall is not known."
    )
    if not math.isnan(one.saved):
        words.append(f"It took {one.saved:.2f} times fewer steps.")
    if one.stopped and one.spared:
        words.append(
            "Stopped runs have no class; in shares and times the spared ones stand for them."
        )
    elif one.stopped:
        words.append(
            "No run that failed went on, so shares are lower bounds, and no time is known beyond "
            "the step of the verdict."
        )
    return " ".join(words)
