"""Made-up base scans and runs of a study, with what is to be found put in by hand."""

from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pandas as pd

from experiments import base_runs
from experiments.base_tables import TWINS
from experiments.bases import SPLITS
from grokseed.records.row import SEEDS
from grokseed.seeds import Seeds

MEDIAN, CUT = 9000.0, 4500.0
CUTS = dict.fromkeys(SPLITS, CUT)


def scan(runs: list[Seeds], t98: Callable[[int], float], last: float) -> pd.DataFrame:
    """A run a row; `t98` of its number on its split, not reached where that is after `last`."""
    rows = [dict(zip(SEEDS, astuple(run), strict=True)) for run in runs]
    table = pd.DataFrame(rows).replace({"graft": {"": np.nan}})
    time = np.array([t98(run.model % 10_000) for run in runs])
    return table.assign(t98_step=np.where(time <= last, time, np.nan), steps=np.minimum(time, last))


def even(number: int) -> float:
    """Times whose median is 9,000: numbers 0 to 3 of 64 win, in 3,000 to 4,125 steps."""
    return 3000 + 375 * number if number < 4 else 5000 + (number - 4) * (4000 / 28)


def base_scan() -> pd.DataFrame:
    """The base scan: of 64 seeds a split 4 win, and all memorise before they are at t50."""
    runs = scan(base_runs.design(), even, 22_000)
    return runs.assign(memorised_step=2000.0, t50_step=0.8 * runs["t98_step"])


def search(winners: int = 8, failing: tuple[int, ...] = ()) -> pd.DataFrame:
    """Further seeds, of which some win, and the twins of all winners; twins of `failing` lose."""
    more = scan(base_runs.design(64, 192), lambda n: 3000.0 if n < 64 + winners else 9000.0, CUT)
    numbers = [*range(4), *range(64, 64 + winners)]
    twins = [base_runs.run(s, n, twin) for s in SPLITS for n in numbers for twin in TWINS]
    again = scan(twins, lambda n: 9000.0 if n in failing else 3000.0, CUT)
    return pd.concat([more, again], ignore_index=True)


def trained(plan: pd.DataFrame, chance: Callable[[dict], float], part: float = 1.0) -> pd.DataFrame:
    """Outcomes of a plan's rows, or of a part of them: each wins with a chance of its own."""
    random = np.random.default_rng(0)
    won = [random.random() < chance(row) for row in plan.to_dict("records")]
    done = plan.assign(won=np.array(won, int), t98_step=np.where(won, 4000.0, np.nan), steps=CUT)
    return done.loc[random.random(len(done)) < part]
