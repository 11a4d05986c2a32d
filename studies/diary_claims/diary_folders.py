"""Which folders hold the runs of the diary's own sizes, and what of them is a sample.

`studies/plan.md` names a folder for each design, and `studies/on_gpu.sh` another one for a card. Of
both the one with more runs is read, and they are not joined: they have the same seeds, so that
together they would say no more.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from common.verdict import UNKNOWN, Number
from diary import further_designs
from diary.known_seeds import BY_HAND
from diary_claims.rates_of_seeds import screened
from diary_claims.row import WANTED, Evidence, row
from experiments.looks import label
from grokseed.analysis.classify import without
from grokseed.reports.scan import sampled

MODELS = "diary_scan", "diary_loader8", "diary_gpu"
ONE_SPLIT = further_designs.ONE_SPLIT, "models_gpu"
LOADERS = further_designs.LOADERS, "loaders_gpu"
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


def against_models(results: Path, found: Evidence, text: str, name: str) -> dict[str, object]:
    """A row on a further design: its share of runs that are not normal, less that of the model
    seeds of the diary's scan.

    Args:
        found: the runs of the design.
        text: the claim.
        name: of the design, in `further_designs.RULES`.
    """
    control = Evidence(results, further_designs.CONTROL, "diary")
    if not found.there or not control.there:
        return row(text, WANTED, Number(), Number(), 0, found, UNKNOWN)
    own, models = further_designs.sample(found.runs, name), sample(control)
    gap, looks = further_designs.apart(own, models), further_designs.looks(own, models, name)
    rule = further_designs.apart(own, models, looks)
    if looks > 1:
        text += f" {label(looks, rule.low, rule.high)}"
    both = Evidence(results, f"{found.name},{control.name}", "diary")
    ours, said = Number(gap.mean, gap.low, gap.high), further_designs.RULES[name](rule)
    what = "loader seeds" if name == further_designs.LOADERS else "seeds"
    units = len(own), f"{what} (and {len(models)} model seeds)"
    n = len(own) + len(models)
    return row(text, WANTED, Number(), ours, n, both, said, units, gap.detectable)


def rates(found: Evidence) -> tuple[Number, Number, int]:
    """The shares of model seeds that are super and not normal, and of how many."""
    if not found.there:
        return Number(), Number(), 0
    ours, n = screened(sample(found), ("super",))
    return ours, screened(sample(found), EARLY)[0], n
