"""Where one run stands among a scan's others, as text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from grokseed.analysis.dependence import why_no_limits
from grokseed.analysis.standing import Quantile, Standing, best_of, quantile, runs_for, standing
from grokseed.analysis.survival import Landmark
from grokseed.reports.compared import Folder
from grokseed.reports.templating import TEMPLATES
from grokseed.seeds import STREAMS, written

BEST_OF = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


SHARES = (0.1, 0.5, 0.9)
"""Of the runs, those by whose steps their spread is told."""

AFTER = "after the last"
"""What is said of a step that fewer runs reached than it takes to know it."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a run, or a step, stands.

    Attributes:
        name: of the run.
        time: its step; infinite if it did not reach the landmark.
        times: (runs,), those of the other runs.
        standing: its place among these.
        shared: why their steps have no limits, if they share seeds; else empty.
    """

    name: str
    time: float
    times: np.ndarray
    standing: Standing
    shared: str

    @property
    def sizes(self) -> list[int]:
        """The numbers n for which the best of n runs is told."""
        return [n for n in BEST_OF if n == 1 or 2 * n <= len(self.times)]


def place(folder: Folder, run: str | None, at: float | None, landmark: Landmark) -> Place:
    """Where a run, or a step, stands among a folder's.

    Args:
        folder: its runs of seeds that were not chosen by hand are what the run stands among.
        run: a model seed, or split,model,loader,val; it is left out of the others, and may be a
            seed that was chosen by hand.
        at: a step; used where `run` is None.

    Raises:
        ValueError: no run reached the landmark, no run or several runs have these seeds, or there
            is no other run to compare with.
    """
    runs = pd.concat([folder.outcome, folder.chosen])
    every = np.where(runs["reached"], runs["time"], np.inf)
    others = np.arange(len(runs)) < len(folder.outcome)
    if np.isinf(every[others]).all():
        raise ValueError(f"no run reached {landmark}: try another landmark")
    if run is not None:
        row = _find(runs, run)
        time = float(every[row])
        others[row] = False
        name = "run " + ",".join(map(str, runs.index[row]))
    else:
        time, name = float(at or 0), "a run"
    # A run that ended before the last step without the landmark diverged, and never gets there.
    last = runs["time"].to_numpy(np.float64)
    ends = np.where(last < folder.config["max_steps"], np.inf, last)[others]
    seeds, times = runs.index[others].to_frame(index=False), every[others]
    found = standing(times, time, ends, seeds)
    return Place(name, time, times, found, why_no_limits(seeds))


def told(folder: Folder, found: Place, landmark: Landmark) -> str:
    """Where it stands, in Markdown that reads as plain text."""
    times, time, middle = found.times, found.time, quantile(found.times, 0.5)

    def row(some: Quantile) -> tuple[str, str]:
        return _steps(some.step), "" if found.shared else _interval(some)

    return TEMPLATES.get_template("luck.md.j2").render(
        notes=folder.notes,
        name=found.name,
        landmark=landmark,
        reached=bool(np.isfinite(time)),
        step=_steps(time),
        found=found.standing,
        got_there=int(np.isfinite(times).sum()),
        ratio=f"{time / middle.step:.3f}" if np.isfinite(time) and 0 < middle.step < np.inf else "",
        chance=_chance(found.standing),
        shared=found.shared,
        spread=[(round(100 * q), row(quantile(times, q))) for q in SHARES],
        best=[(n, row(best_of(times, n)), row(best_of(times, n, 0.1))) for n in found.sizes],
    )


def table(found: Place) -> pd.DataFrame:
    """The same numbers: a row a quantity, with `estimate`, `low`, `high` and `n`, the other runs.

    Of a step, 0 is before the first run that reached the landmark, and infinity after the last.
    NaN is what is not known: limits of steps where runs share seeds, and the share if runs ended
    before the step.
    """
    share, times, nan = found.standing, found.times, float("nan")
    rows = {"share of runs that are sooner": (share.share, share.low, share.high)}
    steps = {f"steps by which {q:.0%} are there": quantile(times, q) for q in SHARES}
    for n in found.sizes:
        steps[f"best of {n}, median"] = best_of(times, n)
        steps[f"best of {n}, 10 %"] = best_of(times, n, 0.1)
    for name, q in steps.items():
        rows[name] = (q.step, nan, nan) if found.shared else (q.step, q.low, q.high)
    made = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])
    return made.assign(n=len(times)).rename_axis("quantity")


def _find(runs: pd.DataFrame, text: str) -> int:
    try:
        seeds = tuple(written(word) for word in text.split(","))
    except ValueError:
        seeds = ()
    if len(seeds) not in (1, len(STREAMS)):
        raise ValueError(f"a run is a model seed or split,model,loader,val, not {text!r}")
    keys = list(runs.index)
    found = [i for i, key in enumerate(keys) if seeds in ((key[1],), key)]
    if not found:
        raise ValueError(f"the folder has no run of seeds {text} that trained")
    if len(found) > 1:
        raise ValueError(f"{len(found)} runs have model seed {text}: name split,model,loader,val")
    return found[0]


def _interval(found: Quantile) -> str:
    if np.isinf(found.low):
        return AFTER
    low = "before the first" if found.low == 0 else _steps(found.low)
    return f"{low} to {_steps(found.high)}"


def _steps(step: float) -> str:
    return f"{step:,.0f}" if np.isfinite(step) else AFTER


def _chance(found: Standing) -> str:
    """How many runs it takes to see a time as early as this; empty for a time after the median, and
    if it is not known."""
    if found.unknown:
        return ""
    needed, low, high = (runs_for(share) for share in (found.share, found.high, found.low))
    if np.isinf(needed):
        return f"No run was as early: with probability 1/2 it takes {low:,.0f} runs or more."
    if needed < 1.5:
        return ""
    limit = f"to {high:,.0f}" if np.isfinite(high) else "or more"
    return (
        f"The best of {needed:,.0f} runs (95 %: {low:,.0f} {limit}) is as early with "
        "probability 1/2."
    )
