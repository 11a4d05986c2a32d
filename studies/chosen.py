"""Winners and losers of the base scan, and the common part of studies of their wins.

A study gives its folder, its number of pairs, its plan (the runs, each with labels such as its
pair) and its analysis; `carry_out` trains missing runs and analyses those there are.
"""

from collections.abc import Callable
from dataclasses import astuple
from itertools import cycle, islice
from pathlib import Path

import base
import numpy as np
import pandas as pd
from part import counted, trained
from study import options_of

import grokseed
from grokseed.analysis.survival import numbers
from grokseed.cli.results import export_stored
from grokseed.records.export import write_atomically
from grokseed.records.row import SEEDS
from grokseed.seeds import Seeds

KEPT = "seeds.csv"
"""A study's winners and losers are chosen once: later runs of the base scan do not change them."""

LEAD = 1.0
"""Winners' own rate of wins minus losers': in the runs by which they were chosen, 1 and 0."""


def pairs_of(
    scan: pd.DataFrame, further: pd.DataFrame, cuts: dict[int, float], n: int, again: bool = False
) -> pd.DataFrame:
    """Pairs of a confirmed winner and losers of the same split, in the order of their seeds.

    A loser is a seed of the base scan that is slower than its split's median, or did not reach t98.

    Args:
        scan: the base scan's runs.
        further: the runs of the search, with the winners' twins.
        cuts: each split's.
        n: number of pairs wanted.
        again: whether a winner may be in several pairs if there are fewer winners than pairs.

    Returns:
        A row a pair: `pair`, `split_seed`, `winner`, `loser`, `other` (another loser), `cut`.
    """
    twins = base.confirmed(further, cuts)
    all_of_them = [seed for seed, won in twins.items() if won == len(base.TWINS)]
    winners = sorted(all_of_them, key=lambda s: (s[1] % 10_000, s[0]))
    losers = {split: _losers(scan, split, base.SOONER * cut) for split, cut in cuts.items()}
    used: dict[int, int] = dict.fromkeys(cuts, 0)
    rows = []
    for split, winner in islice(cycle(winners) if again else winners, n):
        own, k = losers[split], used[split]
        used[split] += 1
        loser, other = own[k % len(own)], own[(k + len(own) // 2) % len(own)]
        rows.append((len(rows), split, winner, loser, other, cuts[split]))
    return pd.DataFrame(rows, columns=["pair", "split_seed", "winner", "loser", "other", "cut"])


def _losers(scan: pd.DataFrame, split: int, median: float) -> list[int]:
    own = scan.loc[(scan["split_seed"] == split) & scan["steps"].notna()]
    slow = ~(numbers(own, "t98_step") <= median) & (numbers(own, "steps") >= median)
    return sorted(own.loc[slow, "model_seed"])


def chosen(folder: Path, n: int, again: bool = False) -> pd.DataFrame:
    """A study's pairs, from its folder if they were chosen before.

    Raises:
        SystemExit: the base scan has no confirmed winner yet.
    """
    kept = folder / KEPT
    if kept.exists():
        return pd.read_csv(kept)
    scan, further = (grokseed.load(where).runs for where in (base.SCAN, base.FURTHER))
    pairs = pairs_of(scan, further, base.kept_cuts(scan), n, again)
    if pairs.empty:
        raise SystemExit(f"{base.FURTHER} has no confirmed winner yet: run studies/base.py")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, pairs.to_csv(index=False).encode())
    return pairs


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
    return done.assign(won=base.has_won(done, cuts).astype(int))


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
    """
    asked = options_of(doc).parse_args(argv)
    if asked.export:
        trained(folder)
    pairs = chosen(folder, n, again)
    rows, cuts = plan(pairs), cuts_in(pairs)
    if not asked.export:
        how = {"out": folder, "mixed_numerics": asked.mixed_numerics, "compile": "yes"}
        grokseed.scan(base.short(cuts), runs=runs_of(rows), **how)
    export_stored(folder)  # also of a scan that was stopped
    done = outcomes(rows, grokseed.load(folder).runs, cuts)
    if done.empty:
        raise SystemExit(f"{folder} holds no run of the study that counts yet")
    analyse(folder, done, rows)
