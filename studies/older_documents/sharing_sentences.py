"""What document 002 says of its own grid, and whether it holds of the grid of studies/sharing.py.
Accuracy stands for LAMBADA, minimal pairs for BLiMP; no verdict is one on these benchmarks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.survival import numbers
from older_documents.sharing_grid import CELLS, MODELS, ROWS
from older_documents.sharing_tables import LEVEL, after_holm

BASE = next(iter(CELLS))
NAMES = {"accuracy": "accuracy", "pairs": "minimal pairs"}
TRAININGS = "short", "long"
NEARLY = 0.05
"""Two means are about the same if the interval of their difference lies within this of 0."""
Said = tuple[str, str, str]


def judged(found: pd.DataFrame, runs: pd.DataFrame) -> list[dict[str, str]]:
    """The document's sentences, verdicts and what they rest on: `sentence`, `verdict`, `by`.

    Args:
        found: of `grid_table`, of as many cells as have runs.
        runs: the trainings behind it.
    """
    said: list[Said] = []
    for model in MODELS:
        if len(_shared(found, model, "short", "pairs")):
            said += [*_better(found, model), _similar(found, model)]
            said += [_gap(runs, model), _longer(runs, model)]
    said += [_shape(found), *_equal_rows(runs)]
    return [dict(zip(("sentence", "verdict", "by"), one, strict=True)) for one in said]


def _shared(found: pd.DataFrame, model: str, training: str, outcome: str) -> pd.DataFrame:
    """The lines of the cells that are held against the baseline."""
    asked = {"model": model, "training": training, "outcome": outcome}
    own = found.loc[np.logical_and.reduce([found[name] == value for name, value in asked.items()])]
    return own.loc[own["difference"].notna()]


def _better(found: pd.DataFrame, model: str) -> Iterator[Said]:
    """Improvements over the baseline (002:118-120, 123, 139-140), with Holm over both trainings."""
    where = {"pairs": "002:118-119" if model == "encoder" else "002:123, 140"}
    where["accuracy"] = "002:129, 139" if model == "encoder" else "002:136, 140"
    for outcome, name in NAMES.items():
        own = pd.concat([_shared(found, model, training, outcome) for training in TRAININGS])
        difference, told = numbers(own, "difference"), after_holm(own["p"]) < LEVEL
        better, worse, parts = told & (difference > 0), told & (difference < 0), []
        for training in TRAININGS:
            here = (own["training"] == training).to_numpy()
            parts.append(
                f"{training}: {np.sum(difference[here] > 0)} of {here.sum()} above, "
                f"{better[here].sum()} surely, {worse[here].sum()} surely below, "
                f"mean difference {_points(difference[here].mean())}"
            )
        verdict = {
            (True, False): "holds",
            (True, True): "holds in part",
            (False, True): "does not hold",
        }.get((bool(better.any()), bool(worse.any())), "cannot tell")
        text = f"Sharing improves the {model}'s {name} ({where[outcome]})"
        yield text, verdict, f"{model}, {name}: {'; '.join(parts)}"


def _similar(found: pd.DataFrame, model: str) -> Said:
    """Whether sharing matters at all (002:125, 130, 135)."""
    own = _shared(found, model, "short", "accuracy")
    far = own.loc[own["p_holm"] < LEVEL]
    near = own.loc[(own["difference_low"] > -NEARLY) & (own["difference_high"] < NEARLY)]
    verdict = "does not hold" if len(far) else "cannot tell"
    verdict = "holds" if len(near) == len(own) else verdict
    half = (own["difference_high"] - own["difference_low"]).median() / 2
    by = f"{model}, short: {len(far)} of {len(own)} surely differ from the baseline, {len(near)} "
    by += f"surely by less than {100 * NEARLY:.0f} points; a difference is known to "
    by += f"{100 * half:.0f} points (median)"
    return f"Shared {model}s are about as good as the baseline (002:125, 130, 135)", verdict, by


def _gap(runs: pd.DataFrame, model: str) -> Said:
    """Whether more steps close the gap (002:124, 136), seed by seed over all shared cells."""
    short, long = (_by_seed(runs, model, training) for training in TRAININGS)
    gaps = [wide.drop(columns=BASE).mean(axis=1) - wide[BASE] for wide in (short, long)]
    found = mean_difference(gaps[1] - gaps[0], 2.0)
    verdict = "holds" if found.low > 0 else "does not hold" if found.high < 0 else "cannot tell"
    by = f"{model}: the difference from the baseline goes from {_points(gaps[0].mean())} to "
    by += f"{_points(gaps[1].mean())}, by {_interval(found)}, n = {found.n}"
    return f"More steps favour shared {model}s over the baseline (002:124, 136)", verdict, by


def _longer(runs: pd.DataFrame, model: str) -> Said:
    """Whether longer training helps (002:130), with Holm over the cells."""
    gain = _by_seed(runs, model, "long") - _by_seed(runs, model, "short")
    told = after_holm([mean_difference(gain[cell], 1.0).p for cell in gain]) < LEVEL
    sure = int(np.sum(told & (gain.mean().to_numpy() > 0)))
    verdict = "holds" if sure == gain.shape[1] else "holds in part" if sure else "cannot tell"
    by = f"{model}: accuracy surely rises in {sure} of {gain.shape[1]} cells, by "
    by += f"{_points(gain.to_numpy().mean())} on average"
    return f"Baseline and shared {model}s improve with more steps (002:130)", verdict, by


def _by_seed(runs: pd.DataFrame, model: str, training: str) -> pd.DataFrame:
    """Accuracy, a row a seed, a column a cell; seeds that every cell has."""
    own = runs.loc[runs["model"] == model]
    wide = own.pivot(index="model_seed", columns="cell", values=f"accuracy_{training}")
    return wide.dropna()


def _shape(found: pd.DataFrame) -> Said:
    """Whether a wide shared model is the best (002:136)."""
    long = found.loc[(found["training"] == "long") & (found["outcome"] == "accuracy")]
    tops = long.loc[long["best"].isin(["yes", "no"])]
    parts = [
        f"{line['model']}: {line['cell']}, above {line['told']:.0f} of {line['others']:.0f}"
        for line in tops.to_dict("records")
    ]
    surely = tops.loc[tops["best"] == "yes", "cell"]
    wide = surely.str.contains("wide").sum() if len(surely) else 0
    verdict = "cannot tell" if not len(surely) else "holds" if wide else "does not hold"
    return "The best model is a wide shared one (002:136)", verdict, f"best, {'; '.join(parts)}"


def _equal_rows(runs: pd.DataFrame) -> Iterator[Said]:
    """Whether rows of one shape are equal where their assignments differ (002:70-87)."""
    short = runs.pivot(index="model_seed", columns=["model", "cell"], values="accuracy_short")
    equal, pairs = 0, 0
    for model in MODELS:
        for shape in {row.rpartition("_seq")[0] for row in ROWS if row.endswith("_seq")}:
            rows = [(model, row) for row in (f"{shape}_seq", f"{shape}_cycle") if row in CELLS]
            if len(rows) == 2 and set(rows) <= set(short):
                pairs += 1
                equal += bool((short[rows[0]] == short[rows[1]]).all())
    if pairs:
        text = "Rows of one shape whose assignments differ have the same score (002:70-87)"
        verdict = "holds" if equal == pairs else "holds in part" if equal else "does not hold"
        yield text, verdict, f"{equal} of {pairs} pairs of sequence and cycle have equal accuracies"


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"


def _interval(found: Difference) -> str:
    return f"{_points(found.mean)} ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
