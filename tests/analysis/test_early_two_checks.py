"""Times under a rule with two checks, against the runs that it hid."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from grokseed.analysis.early import weights
from grokseed.analysis.survival import time_to

RULE = "norm<44@800,norm<40@1200"


def runs(rows: Sequence[tuple[str, float, float]]) -> pd.DataFrame:
    """Runs with a verdict, their last step and their t98."""
    table = pd.DataFrame(list(rows), columns=["verdict", "steps", "t98_step"])
    seeds = {"split_seed": 0, "model_seed": range(len(table)), "loader_seed": 8, "val_seed": 9}
    status = ["stopped" if v == "stopped" else "done" for v in table["verdict"]]
    early = [f"{verdict} {RULE}" for verdict in table["verdict"]]
    return table.assign(**seeds, status=status, early=early)


def test_spared_runs_stand_for_those_stopped_at_the_first_check() -> None:
    """Two of 20 runs that fail at 800 are spared, and reach t98 before the second check. So all
    runs that fail are alike: 21 are stopped or spared without an event by 800, and 3 are spared."""
    rows = [("spared", 1000, 1000.0)] * 2 + [("stopped", 800, np.nan)] * 18
    rows += [("stopped", 1200, np.nan), ("spared", 3000, 3000.0)]
    found = runs(rows)
    at = found["t98_step"].to_numpy(np.float64)
    assert weights(found, at) == pytest.approx([22 / 3] * 2 + [0] * 19 + [22 / 3])
    assert time_to("t98", found).median == 1000


def test_times_are_unbiased() -> None:
    """Runs fail at 800 or at 1,200 by a noisy sign, and a tenth of them is spared. The shares that
    have not reached t98 are those of all runs to their end, within 5 standard errors."""
    random, n = np.random.default_rng(0), 20_000
    time = np.ceil(random.uniform(900, 1600, n))
    first = time * random.lognormal(0, 0.2, n) > 1200
    second = ~first & (time > 1200) & (random.random(n) < 0.7)
    spared = (first | second) & (random.random(n) < 0.1)
    end = np.select([spared, first, second], [time, 800, 1200], time)
    verdict = np.select([spared, first | second], ["spared", "stopped"], "kept")
    seen = np.where(verdict == "stopped", np.nan, time)
    curve = time_to("t98", runs(list(zip(verdict, end, seen, strict=True))))
    for step in (1000, 1200, 1400):
        truth = np.mean(time > step)
        ours = curve.survival[curve.times <= step][-1]
        assert ours == pytest.approx(truth, abs=5 * (truth * (1 - truth) / spared.sum()) ** 0.5)
