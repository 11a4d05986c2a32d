"""Tables of studies made by hand, for the tests of their figures."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from figure_tables import scan
from matplotlib.figure import Figure
from seed_tables import of_seeds

from diary.matched_figure import matched_times
from diary.signatures_figure import peaks_by_time
from experiments.base_figure import times_by_split
from experiments.basin_figure import basin_curve
from experiments.blends_figure import rates_by_blend
from experiments.commitment_figure import commitment_curve
from experiments.readable_figure import correlations_by_order, dose_curve
from experiments.subsets_figure import subset_rates
from experiments.transport_figure import transport_rates
from grokseed.analysis.basin import Radius
from grokseed.analysis.paired import Arms
from grokseed.analysis.rates import rate
from grokseed.figures.anatomy import shares
from grokseed.figures.rows import Row, rows_with_intervals
from older_documents.faults_figure import LOOKS, by_fault
from older_documents.memorising_figure import steps_by_arm
from older_documents.sharing_figure import grid
from predictors.early_figure import areas
from predictors.laws_figure import correlations


def splits() -> pd.DataFrame:
    """A base scan's rows, as `studies/base.py` counts them."""
    rows = [(1, 4600.0, 4, 192), (2, 5000.0, 0, 192)]
    return pd.DataFrame(rows, columns=["split_seed", "cut", "won", "seeds"])


def ways(rate: float = 0.4) -> pd.DataFrame:
    """Rates of wins in several ways, as `studies/transport.py` counts them."""
    table = pd.DataFrame({"way": ["weights", "weights + split", "all"], "runs": 1488, "seeds": 24})
    for role, own in (("winner", rate), ("loser", 0.06)):
        table = table.assign(**{role: own, f"{role}_low": own - 0.05, f"{role}_high": own + 0.05})
    return table


def radii() -> pd.DataFrame:
    """Rates of wins by radius, as `studies/basin.py` counts them."""
    limits = {"excess": [0.7, 0.4, 0], "low": [0.4, 0.2, -0.3], "high": [0.9, 0.6, 0.2]}
    return ways().assign(radius=[0.003, 0.1, 0.8], seeds=[26, 27, 30], **limits)


def blends() -> pd.DataFrame:
    """Rates of wins by what is blended, as `studies/basin_parts.py` counts them; one is unknown."""
    names = ["token_embedding", "position_embedding", "all, towards a fresh draw"]
    rows = [(where, radius, 1_024) for where in names for radius in (0.03, 0.12, 0.5)]
    table = pd.DataFrame(rows, columns=["where", "radius", "runs"])
    rate = np.linspace(0.1, 0.9, len(table))
    table = table.assign(rate=rate, low=rate - 0.1, high=rate + 0.1)
    table.loc[0, ["runs", "rate", "low", "high"]] = 0, np.nan, 0, 1
    return table


def some_subsets() -> pd.DataFrame:
    """Rates of wins by subset, as `studies/subsets.py` counts them."""
    groups = ["token_embedding", "head", "position_embedding", "block1.attention", "block1.ffn"]
    names = ["+".join(groups[i : i + k]) for k in (1, 2, 4) for i in range(6 - k)]
    rates = {name: ways()[name].iloc[0] for name in ways() if name.startswith(("winner", "loser"))}
    table = pd.DataFrame({"groups": names, "runs": 96, "winners": 48, "excess": 0.3, **rates})
    return table.rename(columns=lambda name: name.replace("loser", "other"))


def branches() -> pd.DataFrame:
    """Rates of wins by step of the branch, as `studies/commitment.py` counts them."""
    steps = [0, 220, 3520]
    counts = {"finished": [0, 0, 64], "runs": [128, 128, 64], "seeds": [8, 8, 4]}
    table = pd.DataFrame({"branch": steps, **counts, "rate": [0.1, 0.5, 0.9]})
    table = table.assign(rate_low=table["rate"] - 0.1, rate_high=table["rate"] + 0.1)
    table = table.assign(rule_low=table["rate_low"] - 0.02)
    return pd.concat([table.assign(role=role) for role in ("winner", "loser")])


def doses() -> pd.DataFrame:
    """Ratios of times, as `studies/readable.py` counts them."""
    names = [f"dose {dose:g}: ratio of times" for dose in (0, 0.5, 1.5, 2, 3)]
    rows = [(name, 1024, 0.9 + 0.1 * i) for i, name in enumerate(names)]
    rows = [("order 2: correlation", 1024, 0.1), *rows, ("ratio of times a unit", 1024, 1.1)]
    table = pd.DataFrame(rows, columns=["what", "n", "found"])
    led = {"seen": 0.2, "seen_low": 0.16, "seen_high": 0.24, "seen_n": 2073}
    return table.assign(low=table["found"] - 0.05, high=table["found"] + 0.05, **led)


def signals() -> pd.DataFrame:
    """Areas of signals by step in two scans, as `studies/early.py` finds them."""
    names = ["sample_accuracy", "sample_loss", "train_loss", "weight_norm"]
    rows = [
        (
            scan,
            signal,
            step,
            0.5 + 0.1 * i + step / 1e5,
            300,
            (signal, step) == ("weight_norm", 100),
        )
        for scan in ("mini to t98", "diary's scan")
        for i, signal in enumerate(names)
        for step in (50, 100, 3000)
    ]
    table = pd.DataFrame(rows, columns=["scan", "signal", "step", "auc", "n", "chosen"])
    return table.assign(low=table["auc"] - 0.1, high=table["auc"] + 0.1)


def predictors() -> pd.DataFrame:
    """Rank correlations of predictors, as `studies/laws.py` finds them."""
    names = ["peak norm", "ratio of norms at memorising", "scale of logits at memorising"]
    table = pd.DataFrame(
        {"predictor": names * 2, "folder": ["mini_generalise"] * 3 + ["anatomy"] * 3}
    )
    table = table.assign(rho=0.7, low=0.6, high=0.8, n=1512, known=0.5, known_winners=0.8)
    table = table.assign(partial_rho=0.3, partial_low=0.2, partial_high=0.4, of_use="yes")
    table.loc[0, ["partial_rho", "partial_low", "partial_high"]] = np.nan, -1.0, 1.0
    return table


def arms() -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Runs by arm and a row an arm, as `studies/readouts.py` has them; one arm never memorises."""
    names = [
        "flatten",
        "last",
        "bottleneck_21",
        "time_distributed",
        "flatten_4_layers_d_64_length_8",
    ]
    step = [None if i % 3 == 0 else 100.0 + 50 * i for i in range(16)]
    runs = {name: pd.DataFrame({"memorised_step": step, "steps": 2100}) for name in names}
    runs["last"]["memorised_step"] = None
    found = pd.DataFrame({"arm": names, "ratio": [0.008, 0.2, 0.06, 0.065, 1.25], "n": 16})
    return runs, found.assign(memorised=[10, 0, 10, 10, 10], median=[300, None, 300, 300, 300])


def both(seeds: int) -> Arms:
    """Matched times of `studies/val_shuffle.py`; every third run of B does not reach t98."""
    times = np.geomspace(3000, 22_000, seeds)
    return Arms(times, np.ones(seeds, bool), times[::-1], np.arange(seeds) % 3 > 0)


def some_rows(unknown: float = 2.0) -> list[Row]:
    """Numbers with intervals, the last without an upper limit."""
    return [Row("mini (n = 300)", unknown, 1.0, 3.0), Row("p 127 (n = 2)", 2.5, 2.0, np.inf)]


def ladders() -> pd.DataFrame:
    """Ladders of all outcomes, as `studies/ladder.py` counts them; one diverged at once."""
    faults = ["none", "none", "weight_decay 0.05", "lr 0.1", "init_scale 0.01"]
    outcomes = ["memorised", "no fault was planted", "memorised", *list(LOOKS)[1:3]]
    table = pd.DataFrame({"fault": faults, "outcome": outcomes, "right": 0.5, "norm_high": 4.0})
    return table.assign(reached=[91, None, None, None, None], norm_low=[0.01, 0, 1e-30, None, 1])


def cells() -> pd.DataFrame:
    """Means of two rows in two of four columns, as `studies/sharing.py` finds them."""
    rows = [
        (model, training, outcome, cell, 8, mean)
        for model, training in (("decoder", "short"), ("encoder", "long"))
        for outcome, mean in (("accuracy", 0.3), ("loss", 2.0), ("pairs", 0.95))
        for cell in ("baseline", "very_deep_cycle_rev")
    ]
    names = ["model", "training", "outcome", "cell", "n", "mean"]
    table = pd.DataFrame(rows, columns=names).assign(best="")
    return table.assign(low=table["mean"] - 0.1, high=table["mean"] + 0.05)


GRID = {"baseline": "baseline", "wide_seq": "wide_seq", "deep": "very_deep_cycle_rev"}
COLUMNS = [
    (model, training, f"{model[:3].capitalize()} {steps}")
    for training, steps in (("short", "600"), ("long", "1,500"))
    for model in ("decoder", "encoder")
]


def signed() -> pd.DataFrame:
    """Runs as `studies/signatures.py` reads them; some never lose norm, one never reaches t98."""
    t98 = np.append(np.linspace(2000, 20_000, 39), np.nan)
    runs = pd.DataFrame({"t98_step": t98, "median": 11_000.0, "sample_loss_start": 5.0})
    fall = np.where(t98 > 6000, 5000.0, np.nan)
    return runs.assign(norm_fall_step=fall, sample_loss_peak=5 + np.nan_to_num(t98) / 4000)


def of_studies() -> dict[str, Callable[[], Figure]]:
    """What draws each figure of a study."""
    times = [3000, 8000, 9000, None, 9000, 9500, 15_000, None]
    runs, _ = scan(["normal"] * 8, [22_000] * 8, times)
    runs["split_seed"] = [1, 2] * 4
    terms = pd.DataFrame({"term": ["split", "split:model"], "share": [0.2, 0.8]})
    return {
        "anatomy": lambda: shares(terms.assign(low=0.1, high=0.9), "512 runs, 8 x 8 x 8"),
        "base": lambda: times_by_split(runs, splits(), rate(48, 768)),
        "early": lambda: areas(signals()),
        "laws": lambda: correlations(predictors(), 0.5, "step of memorising", "anatomy"),
        "signatures": lambda: peaks_by_time({"split 0": signed(), "others": signed()}, 1.1, 1.5),
        "basin": lambda: basin_curve(
            radii(), Radius(0.11, 0.08, 0.14, 2.0, 32), 1.0, 4096, "yes", (0.5, 0.9)
        ),
        "basin without a radius": lambda: basin_curve(
            radii(), None, 1.0, 4464, "cannot tell", (0, 1)
        ),
        "blends": lambda: rates_by_blend(
            blends(), "all, towards a fresh draw", "It cannot be told", "mini", "runs that win (%)"
        ),
        **{
            f"commitment {verdict}": lambda v=verdict: commitment_curve(
                branches(), v, 880, 0.5, 2048
            )
            for verdict in ("yes", "no", "cannot tell")
        },
        "matched": lambda: matched_times(both(64), ("plain", "shuffled"), (0.5, 0.4, 0.6)),
        "matched without runs": lambda: matched_times(both(0), ("plain", "shuffled"), None),
        "rows": lambda: rows_with_intervals(
            "It is seen", "mini", some_rows(), "a share", (1.5, "mini")
        ),
        "rows on a log scale": lambda: rows_with_intervals(
            "It is not known", "mini", some_rows(np.nan), "steps (log scale)", log=True
        ),
        "memorising": lambda: steps_by_arm(*arms(), 431, {"last": "one position"}),
        "readable's correlations": lambda: correlations_by_order(doses(), 1024),
        "readable": lambda: dose_curve(doses(), 3, 1024),
        "readable without doses": lambda: dose_curve(
            doses().iloc[:1].assign(low=float("nan")), 2, 0
        ),
        "faults": lambda: by_fault(ladders(), 200, "mini with one fault each"),
        "sharing": lambda: grid(cells(), GRID, COLUMNS, "x-y mod 23"),
        "subsets": lambda: subset_rates(some_subsets(), 0, 444, 2880),
        "transport": lambda: transport_rates(ways(), 4464),
        **of_seeds(branches()),
        "transport without runs": lambda: transport_rates(ways(float("nan")), 4512),
    }
