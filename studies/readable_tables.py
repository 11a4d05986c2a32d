"""The tables of study F (studies/readable.py): shares, correlations, ratios of times."""

import numpy as np
import pandas as pd
from base import MAX_STEPS

from grokseed.analysis.correlation import Correlation, pooled_ranks
from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.significance import holm
from grokseed.config import Config
from grokseed.model.edits import characters
from grokseed.model.graft import initial_weights
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.vocabulary import RESIDUE

ORDERS, DOSES = (2, 3), (0.0, 0.5, 1.5, 2.0, 3.0)
LEAST_DOSES = 3
"""A seed's slope counts only if it has these doses."""

EARLY_STEP = 1750
"""The step of the lead's own outcome, the accuracy at the screen of mini_screen."""

SAME_OUTCOME = "correlation with the lead's own outcome"
"""What a row of `table` is of."""

COLUMNS = ["what", "n", "found", "low", "high", "detectable", "p", "seen"]


def graft_of(order: int, dose: float) -> str:
    """The graft that gives a dose of an order."""
    return f"characters-{order}~{dose:g}=0"


def shares(config: Config, runs: pd.DataFrame) -> pd.DataFrame:
    """The share of each order in the squared norm of each run's token embedding of residues."""
    bases = {order: characters(config, order) for order in ORDERS}
    rows = []
    for row in runs.to_dict("records"):
        streams = ("split", "model", "loader", "val")
        seeds = Seeds(*(row[f"{stream}_seed"] for stream in streams))
        stream = generators(seeds, config.scheme, config.n_examples).model
        weights = initial_weights(config, seeds, stream)["token_embedding.weight"]
        residues = weights[RESIDUE : RESIDUE + config.p].double()
        whole = float(residues.square().sum())
        rows.append([float((b @ residues).square().sum()) / whole for b in bases.values()])
    return pd.DataFrame(rows, index=runs.index, columns=[f"order_{order}" for order in ORDERS])


def log_time(runs: pd.DataFrame) -> pd.Series:
    """log t98; log MAX_STEPS if a run did not reach it, empty if it crashed."""
    time = runs["t98_step"].astype(float).fillna(MAX_STEPS)
    return pd.Series(np.log(time), runs.index).where(runs["steps"].notna())


def correlations(runs: pd.DataFrame) -> dict[int, Correlation]:
    """Each order's rank correlation with log t98 within splits.

    Args:
        runs: with `split_seed`, `t98_step`, `steps`, `order_2` and `order_3`.
    """
    time = log_time(runs)
    return {o: pooled_ranks(runs[f"order_{o}"], time, runs["split_seed"]) for o in ORDERS}


def lead(looked_at: pd.DataFrame) -> dict[int, Correlation]:
    """Each order's rank correlation with luck in the runs looked at before, as one with times.

    Luck there is the screen's validation accuracy. A higher one is an earlier run, so its sign is
    turned. How large the correlation with t98 itself is, these runs do not say.

    Args:
        looked_at: with `split_seed`, `screen_val_accuracy`, `order_2` and `order_3`.
    """
    late = -looked_at["screen_val_accuracy"].astype(float)
    split = looked_at["split_seed"]
    return {o: pooled_ranks(looked_at[f"order_{o}"], late, split) for o in ORDERS}


def by_dose(runs: pd.DataFrame, dosed: pd.DataFrame, order: int) -> pd.DataFrame:
    """log t98 of each seed (split, model) at each dose of an order, including 1; NaN if missing.

    Seeds that only have dose 1 are left out.
    """
    index = ["split_seed", "model_seed"]
    columns = {1.0: runs.assign(time=log_time(runs)).set_index(index)["time"]}
    for dose in DOSES:
        own = dosed.loc[dosed["graft"] == graft_of(order, dose)]
        columns[dose] = own.assign(time=log_time(own)).set_index(index)["time"]
    table = pd.DataFrame(columns).sort_index(axis=1)
    return table.loc[table[list(DOSES)].notna().any(axis=1)]


def slope(times: pd.DataFrame) -> Difference:
    """The change of log t98 per unit of dose: the mean over seeds of least-squares slopes."""
    doses, slopes = times.columns.to_numpy(np.float64), []
    for row in times.to_numpy():
        known = ~np.isnan(row)
        if known.sum() >= LEAST_DOSES:
            slopes.append(np.polyfit(doses[known], row[known], 1)[0])
    return mean_difference(slopes)


def table(
    fresh: dict[int, Correlation],
    again: dict[int, Correlation],
    led: dict[int, Correlation],
    times: pd.DataFrame,
) -> pd.DataFrame:
    """Correlations, with the lead's as `seen`, then those with the lead's own outcome, then ratios
    of times at each dose to dose 1, then the slope.

    Args:
        fresh: with times.
        again: of the same runs, with the outcome that the lead was found with.
        led: the lead.
        times: as `by_dose` gives them.
    """
    correlated, same = (
        pd.DataFrame(
            [(f"order {o}: {what}", c[o].n, *_limits(c[o], c[o].rho), led[o].rho) for o in ORDERS],
            columns=COLUMNS,
        )
        for what, c in (("correlation", fresh), (SAME_OUTCOME, again))
    )
    rows = []
    for dose in DOSES if len(times) else ():
        found = mean_difference(times[dose] - times[1.0])
        rows.append((f"dose {dose:g}: ratio of times", found.n, *_as_ratio(found), np.nan))
    ratios = pd.DataFrame(rows, columns=COLUMNS)
    per_dose = slope(times)
    last = ("ratio of times a unit of dose", per_dose.n, *_as_ratio(per_dose), np.nan)
    parts = [correlated, same, ratios, pd.DataFrame([last], columns=COLUMNS)]
    families = [part.assign(p_holm=holm(part["p"])) for part in parts if len(part)]
    return pd.concat(families, ignore_index=True)


def _limits(found: Correlation | Difference, value: float) -> tuple[float, ...]:
    return value, found.low, found.high, found.detectable, found.p


def _as_ratio(found: Difference) -> tuple[float, ...]:
    with np.errstate(over="ignore"):
        ratio = [float(np.exp(v)) for v in _limits(found, found.mean)[:4]]
    return *ratio, found.p


def stronger(fresh: dict[int, Correlation]) -> int:
    """The order that correlates more with the times of the fresh seeds."""
    return max(ORDERS, key=lambda o: abs(np.nan_to_num(fresh[o].rho)))
