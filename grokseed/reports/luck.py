"""Where one run stands among a scan's others, as text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grokseed.analysis.standing import Quantile, Standing, best_of, quantile, runs_for, standing
from grokseed.analysis.survival import Landmark
from grokseed.reports.comparison import Folder
from grokseed.reports.templating import TEMPLATES
from grokseed.seeds import STREAMS, written

BEST_OF = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


def told(folder: Folder, run: str | None, at: float | None, landmark: Landmark) -> str:
    """Where a run, or a step, stands among a folder's, in Markdown that reads as plain text.

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
    times = every[: len(folder.outcome)]
    if np.isinf(times).all():
        raise ValueError(f"no run reached {landmark}: try another --landmark")
    if run is not None:
        place = _find(runs, run)
        time = float(every[place])
        if place < len(times):
            times = np.delete(times, place)
        name = "run " + ",".join(map(str, runs.index[place]))
    else:
        time, name = float(at or 0), "a run"
    found = standing(times, time)
    middle = quantile(times, 0.5)
    sizes = [n for n in BEST_OF if n == 1 or 2 * n <= len(times)]
    return TEMPLATES.get_template("luck.md.j2").render(
        notes=folder.notes,
        name=name,
        landmark=landmark,
        reached=bool(np.isfinite(time)),
        step=_steps(time),
        found=found,
        got_there=int(np.isfinite(times).sum()),
        ratio=f"{time / middle.step:.3f}" if np.isfinite([time, middle.step]).all() else "",
        chance=_chance(found),
        spread=[(q, _row(quantile(times, q / 100))) for q in (10, 50, 90)],
        best=[(n, _row(best_of(times, n)), _row(best_of(times, n, 0.1))) for n in sizes],
    )


def _find(runs: pd.DataFrame, text: str) -> int:
    try:
        seeds = tuple(written(word) for word in text.split(","))
    except ValueError:
        seeds = ()
    if len(seeds) not in (1, len(STREAMS)):
        raise ValueError(f"--run takes a model seed or split,model,loader,val, not {text!r}")
    keys = list(runs.index)
    found = [i for i, key in enumerate(keys) if seeds in ((key[1],), key)]
    if not found:
        raise ValueError(f"the folder has no run of seeds {text} that trained")
    if len(found) > 1:
        raise ValueError(f"{len(found)} runs have model seed {text}: name split,model,loader,val")
    return found[0]


def _row(found: Quantile) -> tuple[str, str]:
    low = "before the first" if found.low == 0 else _steps(found.low)
    return _steps(found.step), f"{low} to {_steps(found.high)}"


def _steps(step: float) -> str:
    return f"{step:,.0f}" if np.isfinite(step) else "never"


def _chance(found: Standing) -> str:
    """How many runs it takes to see a time as early as this; empty for a time after the median."""
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
