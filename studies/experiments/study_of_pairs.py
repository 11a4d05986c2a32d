"""The common part of studies of winners and losers of the base scan.

A study gives its folder, its number of pairs, its plan (the runs, each with labels such as its
pair) and its analysis; `carry_out` trains missing runs and analyses those there are.
"""

import argparse
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.part import counted, trained
from common.study import options_of
from common.table import with_limits
from experiments import base_runs, base_tables
from experiments.bases import OWN, Base
from experiments.chosen import chosen
from grokseed.analysis.clustered import clustered_difference
from grokseed.analysis.seed_shares import share_over
from grokseed.cli.results import export_stored
from grokseed.records.row import SEEDS
from grokseed.seeds import Seeds


def planned(rows: list[tuple[Seeds, dict[str, object]]]) -> pd.DataFrame:
    """A plan: a row a run, with its seeds in the columns of `runs.csv`, and labels."""
    return pd.DataFrame(
        [dict(zip(SEEDS, astuple(seeds), strict=True)) | labels for seeds, labels in rows]
    )


def runs_of(plan: pd.DataFrame) -> list[Seeds]:
    """The plan's runs, each once, shuffled so that a part of them is a fair sample."""
    each = [Seeds(*row) for row in plan[SEEDS].drop_duplicates().itertuples(index=False)]
    return [each[i] for i in np.random.default_rng(0).permutation(len(each))]


def outcomes(plan: pd.DataFrame, runs: pd.DataFrame, cuts: dict[int, float]) -> pd.DataFrame:
    """The rows of a plan that count, with `t98_step`, `steps` and `won`, 0 or 1."""
    some = counted(runs, runs_of(plan))
    graft = some["graft"].fillna("") if "graft" in some else ""
    seen = some.assign(graft=graft).dropna(subset=["steps"])
    done = pd.merge(plan, seen[[*SEEDS, "t98_step", "steps"]], on=SEEDS)
    return done.assign(won=base_tables.has_won(done, cuts).astype(int))


def winners_against_losers(own: pd.DataFrame) -> dict[str, float]:
    """The cells of some of the rows that count: rates of wins of winners and losers, and their
    difference over seeds.

    Args:
        own: with `pair`, `role` and `won`.

    Returns:
        `runs`, and `seeds` of the smaller side; `winner` and `loser`, each with its limits; and of
        their difference `excess`, `low`, `high`, `p` and `detectable`.
    """
    found = clustered_difference(own["won"], own["pair"], own["role"] == "winner")
    row: dict[str, float] = {"runs": len(own), "seeds": found.n}
    for role in ("winner", "loser"):
        some = own.loc[own["role"] == role]
        row |= with_limits(role, share_over(some["won"], some["pair"]))
    row |= {"excess": found.mean, "low": found.low, "high": found.high}
    return row | {"p": found.p, "detectable": found.detectable}


def cuts_in(pairs: pd.DataFrame) -> dict[int, float]:
    """Each split's cut, from the chosen pairs."""
    return dict(zip(pairs["split_seed"], pairs["cut"], strict=True))


Plan = Callable[[pd.DataFrame], pd.DataFrame]
Analyse = Callable[[Path, pd.DataFrame, pd.DataFrame], None]


def carry_out(
    doc: str | None,
    folder: Path,
    n: int,
    plan: Plan,
    analyse: Analyse,
    argv: list[str] | None = None,
    again: bool = False,
) -> None:
    """Run a study's command line.

    Args:
        doc: the study's docstring; its first line is the help.
        folder: of its results.
        n: number of pairs.
        plan: makes the plan from pairs.
        analyse: writes the folder's tables, figures and answer, from the trained rows of the plan
            and the whole plan.
        argv: the command line's words.
        again: as `pairs_of` takes it.

    Raises:
        SystemExit: no run of the study counts yet, or its base scan has no confirmed winner.
    """
    done, rows = trained_rows(options_of(doc).parse_args(argv), folder, n, plan, again)
    if done.empty:
        raise SystemExit(f"{folder} holds no run of the study that counts yet")
    analyse(folder, done, rows)


def trained_rows(
    asked: argparse.Namespace,
    folder: Path,
    n: int,
    plan: Plan,
    again: bool = False,
    of: Base = OWN,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train what is missing of a plan unless only an export is asked for; the rows that count, and
    the whole plan.

    Args:
        asked: `export` and `mixed_numerics`, as the command line has them.
        folder, n, plan, again: as `carry_out` takes them.
        of: the base scan that gives winners and losers, and the task.
    """
    if asked.export:
        trained(folder)
    pairs = chosen(folder, n, again, of)
    rows, cuts = plan(pairs), cuts_in(pairs)
    if not asked.export:
        how = {"out": folder, "mixed_numerics": asked.mixed_numerics, "compile": "yes"}
        grokseed.scan(base_runs.short(cuts, of.operation), runs=runs_of(rows), **how)
    export_stored(folder)  # also of a scan that was stopped
    return outcomes(rows, grokseed.load(folder).runs, cuts), rows
