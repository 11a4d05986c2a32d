"""What was found by looking in the runs of study A (studies/anatomy.py): its sentences beside those
that were planned."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import pearsonr

import grokseed
from common.part import counted
from common.verdict import Number
from experiments.anatomy_plan import MAX_STEPS, STUDIES, of_complete
from experiments.base_runs import design
from experiments.base_tables import own_weights
from experiments.bases import BASES, OWN
from experiments.before_memorised import half_before
from grokseed.analysis.correlation import Correlation, pooled_ranks
from grokseed.figures.anatomy import in_words


def looked(
    folder: Path, runs: pd.DataFrame, found: pd.DataFrame, memorised: pd.DataFrame
) -> dict[str, Any]:
    """For `templates/anatomy_looked.j2`.

    Args:
        folder: of the part of the study. If that is of another task, what it has in common with
            x/y is read from the folders beside it, where these are there.
        runs: of its complete levels, twins included.
        found, memorised: components of log t98 and of the log time to memorise.

    Returns:
        The largest row of `memorised` in `words`, and whether that of t98 is the `same`; runs that
        are at t50 `before` they have memorised, also `on_xy`; how alike the weights are on both
        tasks (`weights`, n `models`) and single runs (`single`). None where not known.
    """
    largest = memorised.loc[memorised["share"].idxmax()].to_dict()
    said = {
        "memorised": largest | {"words": in_words(largest["term"])},
        "same": largest["term"] == found.loc[found["share"].idxmax(), "term"],
        "before": half_before(runs),
        "on_xy": None,
        "weights": None,
        "single": None,
    }
    operation, main = STUDIES[folder.name].get("operation"), folder.parent / "anatomy"
    if operation is None or not (main / "runs.csv").exists():
        return said
    of_main = of_complete(grokseed.load(main).runs)
    said |= {"on_xy": half_before(of_main), "weights": weights_alike(of_main, runs)}
    said["models"] = runs["model_seed"].nunique()
    scans = [folder.parents[1] / base.scan for base in (OWN, BASES[operation])]
    if all((scan / "runs.csv").exists() for scan in scans):
        said["single"] = runs_alike(*(counted(grokseed.load(s).runs, design()) for s in scans))
    return said


def weights_alike(one: pd.DataFrame, other: pd.DataFrame) -> Number:
    """The correlation of the mean log t98 of initial weights on two tasks, over weights.

    The means are over the split, weights and loader seeds that both have, without twins. Limits are
    by Fisher's z, as scipy has them.

    Args:
        one, other: a run a row; those that did not reach t98 count as `MAX_STEPS`.
    """
    means = _logs(one, other).pivot_table(["one", "other"], "model_seed", aggfunc="mean")
    one_mean, other_mean = means.to_numpy().T
    limits = pearsonr(one_mean, other_mean).confidence_interval()
    r = float(np.corrcoef(one_mean, other_mean)[0, 1])
    return Number(r, float(limits.low), float(limits.high))


def runs_alike(one: pd.DataFrame, other: pd.DataFrame) -> Correlation:
    """The rank correlation, within splits, of the times to t98 of single runs with equal split,
    weights and loader seeds on two tasks.

    Args:
        one, other: as `weights_alike` takes them.
    """
    both = _logs(one, other)
    splits = both.index.get_level_values("split_seed").to_numpy()
    return pooled_ranks(both["one"], both["other"], splits)


def _logs(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Log t98 of the runs without grafts on two tasks, by their seeds."""
    seeds = ["split_seed", "model_seed", "loader_seed"]
    steps = [own_weights(runs).set_index(seeds)["t98_step"] for runs in (one, other)]
    logs = [np.log(own.fillna(MAX_STEPS).to_numpy(np.float64)) for own in steps]
    tasks = zip(("one", "other"), logs, steps, strict=True)
    columns = [pd.Series(log, own.index, name=name) for name, log, own in tasks]
    return pd.concat(columns, axis=1, join="inner")
