"""Can luck be predicted from the initial weights, and is the predictor a cause? (study F of
plan.md)

    python studies/readable.py                  train what is missing, then say what was found
    python studies/readable.py --dosed 128      the doses of the first 128 seeds alone
    python studies/readable.py --export         train nothing

Design: 1,024 fresh seeds on 4 splits, one order of batches, to t98 or step 22,000: the 256 of the
base scan and 768 more. Predictors: the shares of the order-2 and of the order-3 characters of the
residues in the token embedding. Contrast: their rank correlation with log t98 within splits, pooled
and by Holm over both. Its sign must be that in the 300 runs already looked at
(results/mini_generalise). Then the characters of the order that correlates more are multiplied by 5
doses in every seed's token embedding (1 is the run itself). Contrasts are the slope of log t98 by
dose, over seeds, and the paired ratio of times at each dose. Runs that did not reach t98 count as
22,000.
"""

import argparse
from pathlib import Path

import base
import numpy as np
import pandas as pd
from base import LOADER, MAX_STEPS, SPLITS
from part import read, there
from study import Verdict, finish, render, write_verdicts

import grokseed
from grokseed.analysis.correlation import Correlation, pooled_ranks
from grokseed.analysis.differences import Difference, mean_difference
from grokseed.analysis.significance import holm
from grokseed.config import Config
from grokseed.figures.readable import correlations_by_order, dose_curve
from grokseed.model.edits import characters
from grokseed.model.graft import initial_weights
from grokseed.records.export import write_atomically
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.vocabulary import RESIDUE

OUT, DOSED, SEEN = (
    Path("results") / name for name in ("readable", "readable_doses", "mini_generalise")
)
EACH = 256
"""Seeds a split, including those of the base scan."""

ORDERS, DOSES = (2, 3), (0.0, 0.5, 1.5, 2.0, 3.0)
LEAD = 0.10
"""The rank correlation of order 2 in 2,073 seeds looked at before."""

LEAST_DOSES = 3
"""A seed's slope counts only if it has these doses."""


def design() -> list[Seeds]:
    """The seeds beyond the base scan's, shuffled so that a part is a fair sample."""
    return base.design(base.EACH, EACH)


def dosed_design(order: int, seeds: int) -> list[Seeds]:
    """Seeds in shuffled order, all doses of a seed together, so that a part has whole seeds."""
    own = [base.run(split, number) for split in SPLITS for number in range(EACH)]
    some = [own[i] for i in np.random.default_rng(1).permutation(len(own))[:seeds]]
    grafts = [graft_of(order, dose) for dose in DOSES]
    return [Seeds(s.split, s.model, LOADER, s.val, graft) for s in some for graft in grafts]


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
    fresh: dict[int, Correlation], seen: dict[int, Correlation], times: pd.DataFrame
) -> pd.DataFrame:
    """Correlations, then ratios of times at each dose to dose 1, then the slope."""
    rows = [
        (f"order {o}: correlation", fresh[o].n, *_limits(fresh[o], fresh[o].rho), seen[o].rho)
        for o in ORDERS
    ]
    correlated = pd.DataFrame(rows, columns=COLUMNS)
    rows = []
    for dose in DOSES if len(times) else ():
        found = mean_difference(times[dose] - times[1.0])
        rows.append((f"dose {dose:g}: ratio of times", found.n, *_as_ratio(found), np.nan))
    ratios = pd.DataFrame(rows, columns=COLUMNS)
    per_dose = slope(times)
    last = ("ratio of times a unit of dose", per_dose.n, *_as_ratio(per_dose), np.nan)
    parts = [correlated, ratios, pd.DataFrame([last], columns=COLUMNS)]
    families = [part.assign(p_holm=holm(part["p"])) for part in parts if len(part)]
    return pd.concat(families, ignore_index=True)


COLUMNS = ["what", "n", "found", "low", "high", "detectable", "p", "seen"]


def _limits(found: Correlation | Difference, value: float) -> tuple[float, ...]:
    return value, found.low, found.high, found.detectable, found.p


def _as_ratio(found: Difference) -> tuple[float, ...]:
    with np.errstate(over="ignore"):
        ratio = [float(np.exp(v)) for v in _limits(found, found.mean)[:4]]
    return *ratio, found.p


def confirmed(fresh: dict[int, Correlation], seen: dict[int, Correlation]) -> list[int]:
    """The orders whose correlation has the sign seen in the earlier runs, and p < 0.05 after
    Holm."""
    p_values = holm([fresh[o].p for o in ORDERS])
    alike = {o: fresh[o].rho * seen[o].rho > 0 for o in ORDERS}
    return [o for o, p in zip(ORDERS, p_values, strict=True) if p < 0.05 and alike[o]]


def stronger(fresh: dict[int, Correlation]) -> int:
    """The order that correlates more with the times of the fresh seeds."""
    return max(ORDERS, key=lambda o: abs(np.nan_to_num(fresh[o].rho)))


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--dosed", type=int, default=len(SPLITS) * EACH, help="seeds with doses")
    options.add_argument("--export", action="store_true")
    options.add_argument("--mixed-numerics", action="store_true")
    asked = options.parse_args(argv)
    how = {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
    config = grokseed.preset("mini", max_steps=MAX_STEPS, stop_when="t98")
    if not asked.export:
        grokseed.scan(config, runs=design(), out=OUT, **how)
        order = kept_order(correlations(observed(config)))
        grokseed.scan(config, runs=dosed_design(order, asked.dosed), out=DOSED, **how)
    analyse(config)


def kept_order(fresh: dict[int, Correlation]) -> int:
    """The order that is multiplied, fixed when the doses began."""
    kept = DOSED / "order.csv"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, f"order\n{stronger(fresh)}\n".encode())
    return int(pd.read_csv(kept)["order"].iloc[0])


def observed(config: Config) -> pd.DataFrame:
    """The fresh seeds' runs, including the base scan's, with the shares in their weights."""
    designs = {base.SCAN: base.design(), OUT: design()}
    parts = [read(folder, own) for folder, own in designs.items() if folder.exists()]
    runs = pd.concat(parts, ignore_index=True)
    return runs.join(shares(config, runs))


def analyse(config: Config) -> None:
    """Write the study's tables, figures and answer.

    Raises:
        SystemExit: none of the study's runs is there.
    """
    if not OUT.exists():
        raise SystemExit(f"{OUT} is still to be trained")
    runs, looked_at = observed(config), grokseed.load(SEEN)
    before = looked_at.runs.join(shares(looked_at.config, looked_at.runs))
    fresh, seen = correlations(runs), correlations(before)
    dosed, order = pd.DataFrame(), stronger(fresh)
    if DOSED.exists():
        order = kept_order(fresh)
        dosed = read(DOSED, dosed_design(order, len(SPLITS) * EACH))
    times = by_dose(runs, dosed, order) if len(dosed) else pd.DataFrame()
    found = table(fresh, seen, times)
    found.to_csv(OUT / "found.csv", index=False, float_format="%.5g")
    write_verdicts(OUT, verdicts(found, confirmed(fresh, seen), order, len(runs), len(times)))
    finish(
        OUT,
        said(found, confirmed(fresh, seen), order, times, (len(runs), len(dosed))),
        {"correlations": correlations_by_order(found, len(SPLITS) * EACH)}
        | ({"doses": dose_curve(found, order, len(times))} if len(times) else {}),
    )


def verdicts(
    found: pd.DataFrame, right: list[int], order: int, runs: int, seeds: int
) -> list[Verdict]:
    """Of each order's correlation, and of whether the dosed order is a cause.

    Args:
        found, right, order: as `said` takes them.
        runs: of fresh seeds.
        seeds: with a dose.
    """
    planned = len(SPLITS) * EACH
    rows = []
    for o, row in zip(ORDERS, found.to_dict("records"), strict=False):
        claim = (
            f"order-{o} characters of the initial token embedding say which seed is early: rank "
            "correlation with t98"
        )
        limits = row["found"], row["low"], row["high"]
        said = "yes" if o in right else "no" if runs >= planned else "cannot tell"
        figure = LEAD if o == min(ORDERS) else np.nan
        rows.append(Verdict(claim, *limits, row["n"], said, figure))
    slope = found.iloc[-1].to_dict()
    known = np.isfinite(slope["high"])
    limits = (slope["found"], slope["low"], slope["high"]) if known else (np.nan,) * 3
    claim = f"order-{order} characters are a cause: ratio of times a unit more of them (not 1)"
    caused = "yes" if slope["p"] < 0.05 else "no" if seeds >= planned else "cannot tell"
    ratio, low, high = limits
    return [*rows, Verdict(claim, ratio, low, high, slope["n"] if known else 0, caused)]


def said(
    found: pd.DataFrame, right: list[int], order: int, times: pd.DataFrame, runs: tuple[int, int]
) -> str:
    """The answer.

    Args:
        found: as `table` gives it.
        right: the confirmed orders.
        order: the order that was multiplied.
        times: as `by_dose` gives them.
        runs: number of runs of fresh seeds, and with a dose.
    """
    planned = len(SPLITS) * EACH
    *of_orders, of_doses = verdicts(found, right, order, runs[0], len(times))
    read = {verdict.verdict for verdict in of_orders}
    return render(
        "readable",
        found=found.to_dict("records"),
        right=right,
        read="yes" if "yes" in read else min(read),
        caused=of_doses.verdict,
        slope=found.iloc[-1].to_dict(),
        order=order,
        there=there(runs[0], planned, "all seeds"),
        dosed=there(runs[1], len(DOSES) * planned, "all seeds, all doses of a seed together"),
        seeds=len(times),
    )


if __name__ == "__main__":
    main()
