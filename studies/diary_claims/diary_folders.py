"""Which folders hold the runs of the diary's own sizes, and what of them is a sample.

`studies/plan.md` names a folder for each design, and `studies/on_gpu.sh` another one for a card. Of
both the one with more runs is read, and they are not joined: they have the same seeds, so that
together they would say no more.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from common.verdict import Number
from diary.known_seeds import BY_HAND
from diary_claims.rates_of_seeds import screened
from diary_claims.row import Evidence
from grokseed.analysis.classify import without
from grokseed.reports.scan import sampled

MODELS = "diary_scan", "diary_loader8", "diary_gpu"
ONE_SPLIT = "models_of_split_0", "models_gpu"
LOADERS = "loaders_of_42", "loaders_gpu"
NO_DECAY_AT = "no_decay", "no_decay_gpu"
COMPLETED = "diary_completed", "completed_gpu"
"""The folders of each design, for processors and for a card."""

SCREENED = "validation accuracy over 0.98 at step 3,000"
EARLY = ("super", "fast")


def most_runs(results: Path, names: Sequence[str]) -> Evidence:
    """The folder of a design with the most runs: the first one if none has any."""
    every = [Evidence(results, name, "diary") for name in names]
    return max(every, key=lambda some: len(some.runs) if some.there else 0)


def sample(found: Evidence) -> pd.DataFrame:
    """The runs of a folder whose model seeds were not chosen by hand."""
    return sampled(found.paths[0], without(found.runs, {BY_HAND}))


def rates(found: Evidence) -> tuple[Number, Number, int]:
    """The shares of model seeds that are super and not normal, and of how many."""
    if not found.there:
        return Number(), Number(), 0
    ours, n = screened(sample(found), ("super",))
    return ours, screened(sample(found), EARLY)[0], n
