"""Tables of runs, points and cells made by hand, for the tests of the figures."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis import paired, trend
from grokseed.analysis.classify import CLASSES
from grokseed.analysis.components import components
from grokseed.analysis.effects import effects_at_each
from grokseed.analysis.seeds_needed import spreads
from grokseed.analysis.survival import kaplan_meier
from grokseed.figures.ablation import cell_trajectories, heat_map
from grokseed.figures.anatomy import shares
from grokseed.figures.compare import comparison_figure, trend_figure
from grokseed.figures.forest import forest
from grokseed.figures.overfit import gradients, ladder, rates
from grokseed.figures.scan import accuracy, classes, loss_and_norm
from grokseed.figures.times import peak_against_time, survival

MIXED = ["super", "fast", "normal", "normal", None]


def scan(
    names, steps, generalised=None, peak=None, status=None, train=False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs of given classes and lengths, each with 5 points of straight lines."""
    n = len(names)
    runs = pd.DataFrame(
        {
            "status": status or ["done"] * n,
            "steps": steps,
            "t98_step": generalised or [None] * n,
            "sample_loss_peak": peak or [6.0 + i for i in range(n)],
            "class": pd.Categorical(names, categories=CLASSES, ordered=True),
        }
    )
    points = [
        {
            "run": i,
            "step": int(share * last),
            "sample_accuracy": share * (i + 1) / n,
            "sample_loss": 5.0 + i + share,
            "norm": 40.0 + i + share,
            "train_accuracy": share if share else np.nan,
            "train_loss": 5.0 - 4 * share,
        }
        for i, last in enumerate(steps)
        if last is not None
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    columns = ["run", "step", "sample_accuracy", "sample_loss", "norm"]
    columns += ["train_accuracy", "train_loss"] if train else []
    return runs, pd.DataFrame(points, columns=columns)


def of_scan(runs: pd.DataFrame, points: pd.DataFrame, title: str = "") -> dict[str, Figure]:
    """Every figure of a scan."""
    return {
        "accuracy": accuracy(runs, points, title, screen_step=300),
        "loss_and_norm": loss_and_norm(runs, points, title),
        "classes": classes(runs, points, title),
        "survival": survival(runs, title),
        "peak_against_time": peak_against_time(runs, title),
    }


def ablation(groups, splits=("donor", "recipient"), donors=3) -> pd.DataFrame:
    """Cells of some donors and two recipients on each split: grafts of each group, and shams."""
    rows = [
        (kind, group, recipient, donor, split, number, 8, 0.01 * recipient + gain)
        for number, split in enumerate(splits)
        for recipient in (100, 101)
        for donor in range(donors)
        for kind, group, gain in (
            ("recipient", "", -0.8),
            ("donor", "", -0.2),
            *(("graft", group, -0.7 + 0.01 * i) for i, group in enumerate(groups)),
            *(("sham", group, -0.8) for group in groups),
            *(("reverse", group, -0.75) for group in groups),
        )
    ]
    columns = ["kind", "groups", "recipient", "donor", "split", "split_seed", "loader_seed"]
    cells = pd.DataFrame(rows, columns=[*columns, "accuracy"])
    return cells.assign(
        parts=cells["groups"], status="done", steps=400, t98_step=np.nan, run=range(len(cells))
    )


def of_ablation(cells: pd.DataFrame, title: str = "") -> dict[str, Figure]:
    """Every figure of an ablation."""
    points = pd.DataFrame(
        [(run, step, 0.5) for run in cells["run"] for step in (0, 400)],
        columns=["run", "step", "sample_accuracy"],
    )
    outcome = "validation accuracy at step 1,000,000 (share right)"
    return {
        "cells by accuracy": heat_map(cells, "accuracy", 400, title),
        "cells by time": heat_map(cells, "time", 400, title),
        "trajectories": cell_trajectories(cells, points, title),
        "effects": forest(effects_at_each(cells, "accuracy"), cells, outcome, title),
    }


def of_times(n: int, late: float, title: str = "t98") -> dict[str, Figure]:
    """The figures of comparisons of two sets of runs, with a fit, limits or none, and of a trend.

    Args:
        late: share of runs that did not get there.
    """
    random = np.random.default_rng(0)
    time = np.exp(random.normal(9, 0.4, (3, n)))
    reached = random.random((3, n)) >= late
    arms = paired.Arms(time[0], reached[0], time[1], reached[1])
    comparisons = {
        f"comparison over {splits} splits": compared(
            replace(arms, seeds=pd.DataFrame({"split_seed": np.arange(n) % splits})), title
        )
        for splits in (2, 6)
    }
    tables = [
        pd.DataFrame({"time": t, "reached": r}, index=pd.Index(range(n), name="seeds"))
        for t, r in zip(time, reached, strict=True)
    ]
    line = trend.fit(trend.side_by_side(tables, [0.0, 1.0, 2.0]))
    curves = [kaplan_meier(t, r) for t, r in zip(time, reached, strict=True)]
    levels = {"lr 0.001": 0.0, "lr 0.002": 1.0, "lr 0.004": 2.0}
    return {
        "comparison": compared(arms, title),
        "no comparison": comparison_figure(arms, None, None, title),
        **comparisons,
        "trend": trend_figure(levels, curves, line, "lr", "each doubling of lr", title),
    }


def compared(arms: paired.Arms, title: str) -> Figure:
    found = paired.fit(arms)
    return comparison_figure(arms, found, spreads(found) if arms.limited else None, title)


def of_components(title: str = "") -> dict[str, Figure]:
    """The figure of a crossed design's variance components."""
    values = np.random.default_rng(0).normal(size=(4, 4, 4))
    return {"shares": shares(components(values, twins=np.tile([0.0, 1.0], (3, 1))), title)}


def of_overfit(
    losses: list[float], norm: float, sweep: list[float], title: str = ""
) -> dict[str, Figure]:
    """Every figure of an overfit ladder: two levels, three parameters, some rates."""
    names = ["4 examples", "train set"]
    made = [(name, i, loss, 4) for name in names for i, loss in enumerate(losses, 1)]
    epochs = pd.DataFrame(made, columns=["name", "epoch", "loss", "right"])
    levels = pd.DataFrame({"name": names, "n": [4, 5587], "least": [4, 5308], "met": [True, False]})
    values = {"head.weight": ("", 0.1), "block1.ffn.up.weight": ("zero", 0.0)}
    values |= {"block1.attention.k.bias": ("unseen", 1e-12), "head.bias": ("large", norm)}
    rows = [(name, step, v, f) for name, (f, v) in values.items() for step in (1, 5, 90)]
    norms = pd.DataFrame(rows, columns=["parameter", "step", "norm", "flag"])
    rate = pd.DataFrame({"rate": [10.0**-i for i in range(len(sweep))], "lowest": sweep})
    return {
        "ladder": ladder(epochs, levels, 0.1, title),
        "gradients": gradients(norms, title),
        "rates": rates(rate, (2e-3, sweep[0]), 10, title),
    }
