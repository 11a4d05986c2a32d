"""Reports on a verified folder: its stored runs, and those trained again. No torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from grokseed.analysis.agreement import agreement
from grokseed.analysis.rates import Rate
from grokseed.config import Config
from grokseed.records.export import table
from grokseed.records.folder import POINTS, TABLE
from grokseed.records.measure import measure
from grokseed.records.points import Points, thinned
from grokseed.records.provenance import how_they_differ
from grokseed.records.row import Row
from grokseed.records.source import Source
from grokseed.records.trajectory import Trajectory
from grokseed.reports.classes import main_rule, with_classes
from grokseed.seeds import Seeds

CLOSE = 1e-3
"""Relative tolerance, as losses and norms of thinned points are rounded to four digits."""


def same_points(points: Points, trajectory: Trajectory, config: Config) -> bool:
    """Whether thinned points agree with a trajectory, up to rounding and missing columns."""
    wanted = thinned(trajectory, config.n_sample)
    if not points or not np.array_equal(points["step"], wanted["step"]):
        return False
    return all(
        np.allclose(points[name], wanted[name], rtol=CLOSE, atol=0, equal_nan=True)
        for name in points.keys() & wanted.keys()
    )


def stored(folder: Path, found: Sequence[Source], rows: Sequence[Row], whole: int) -> str:
    """The result of reading the whole folder."""
    crashed = sum(row.status == "crashed" for row in rows)
    lost = f", {crashed:,} crashed" if crashed else ""
    seals = ", ".join(source.file for source in found if _has_seals(source))
    sealed = f"every row matches its seal in {seals}" if seals else "a version without seals"
    text = f"{folder}: {_count(rows)}{lost}; {sealed}; "
    if not whole:
        return f"{text}no whole trajectories: only --rows checks digests and {POINTS}."
    trajectories = "trajectory" if whole == 1 else "trajectories"
    text += f"{whole:,} whole {trajectories}, each matches its digest"
    ran = len(rows) - crashed
    others = f"; only --rows checks those of the other {ran - whole:,} runs" if whole < ran else ""
    return f"{text}{others}."


def _count(runs: Sequence[object]) -> str:
    return f"{len(runs):,} run{'s' * (len(runs) != 1)}"


def _has_seals(source: Source) -> bool:
    if source.file != TABLE:
        return True
    with (source.folder / TABLE).open() as file:
        return "seal" in file.readline().rstrip("\n").split(",")


def compared(
    config: Config,
    results: Sequence[Row],
    points: Mapping[tuple[Seeds, str], Points],
    again: Sequence[tuple[Row, Trajectory | None, str, str]],
) -> tuple[list[str], list[str]]:
    """Lines on runs that are wrong, and lines on the others.

    Args:
        results: all runs of the folder that did not crash.
        points: thinned ones of runs that have these, by the run's seeds and its digest.
        again: runs that were trained again: the row, the trajectory or the reason why there is
            none, and the numerics.
    """
    unlike: list[str] = []
    others: list[tuple[Row, Row]] = []
    same = 0
    for row, trajectory, numerics, error in again:
        if trajectory is None:
            unlike.append(f"{row.seeds}: crashed when trained again: {error}")
            continue
        digest = trajectory.digest()
        if digest == row.digest:
            same += 1
            some = points.get((row.seeds, digest))
            if some is not None and not same_points(some, trajectory, config):
                unlike.append(f"{row.seeds}: {POINTS} holds other points than the run has")
        elif numerics == row.made.numerics:
            words = f"digest {digest[:12]}, not {row.digest[:12]}, under the same numerics"
            unlike.append(f"{row.seeds}: {words}")
        else:
            scalars, made = measure(config, trajectory), row.made._replace(numerics=numerics)
            here = Row(row.seeds, trajectory.status, scalars, made, digest, early=trajectory.early)
            others.append((row, here))
    lines = [f"{_count(again)} trained again: {same:,} with the same digest."]
    if others:
        pairs = Counter((here.made.numerics, row.made.numerics) for row, here in others)
        lines += [
            f"{n:,} with other digests, as their bits may differ: numerics here are "
            f"{how_they_differ(*pair)}."
            for pair, n in pairs.items()
        ]
        lines.append(f"Agreement among these {len(others):,} (95 % interval):")
        found = _agreement(config, results, {here.seeds: here for _, here in others})
        lines += [
            f"  {name}: {r.k} of {r.n} ({r.low:.0%} to {r.high:.0%})" for name, r in found.items()
        ]
    return unlike, lines


def _agreement(
    config: Config, results: Sequence[Row], again: Mapping[Seeds, Row]
) -> dict[str, Rate]:
    """How often class and landmarks agree, each run judged among all runs of its folder."""
    there = _runs(results, config)
    here = _runs([again.get(row.seeds, row) for row in results], config)
    rule, some = main_rule(there), np.array([row.seeds in again for row in results])
    both = [runs.assign(**{"class": runs[rule]}).loc[some] for runs in (there, here)]
    return agreement(*both)


def _runs(rows: Sequence[Row], config: Config) -> pd.DataFrame:
    return with_classes(pd.read_csv(StringIO(table(rows, config.key()))))
