"""Which conjunctions of layer groups carry a win? (study C of plan.md)

    python studies/subsets.py                 train what is missing, then say what was found
    python studies/subsets.py --export        train nothing

Design: 48 pairs of a confirmed winner and a loser of the base scan on one split, and 48 null pairs
with another loser in the winner's place and the same recipient. If there are fewer winners, some
are in several pairs. All 30 proper nonempty subsets of the 5 layer groups are put into the
recipient. Outcome: does the run win? Contrast: rate of wins with the winner's groups minus that
with the other loser's, over winners; Holm over 30. Also the Moebius effects: what a subset adds
beyond its proper subsets. By the choice of seeds the empty subset gives no win, and all groups
together give a win with the winner only.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from base import LOADER
from chosen import LEAD, carry_out, planned
from study import finish, render

import grokseed
from grokseed.analysis.crossed import crossed_share
from grokseed.analysis.differences import mean_difference, rates_apart
from grokseed.analysis.significance import holm
from grokseed.analysis.subsets import Subset, moebius, subsets
from grokseed.figures.subsets import subset_rates
from grokseed.model.layout import groups, select, splice
from grokseed.seeds import Seeds

OUT = Path("results/subsets")
PAIRS, DRAWS = 48, 2000
GROUPS = tuple(groups(grokseed.preset("mini")))
ALL = frozenset(GROUPS)


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """All runs, each with its `pair`, `donor` (winner or other), `seed` (the winner's) and
    `groups`, joined by +."""
    config, rows = grokseed.preset("mini"), []
    for pair in pairs.to_dict("records"):
        for donor in ("winner", "other"):
            for some in proper():
                parts = select(config, name(some))
                model, graft = splice(config, pair["loser"], pair[donor], parts)
                seeds = Seeds(pair["split_seed"], model, LOADER, LOADER + 1, graft)
                labels = {"pair": pair["pair"], "seed": pair["winner"], "donor": donor}
                rows.append((seeds, labels | {"groups": name(some)}))
    return planned(rows)


def proper() -> list[Subset]:
    """The proper nonempty subsets of the groups."""
    return subsets(GROUPS)[1:-1]


def name(some: Subset) -> str:
    """A subset's groups in module order, joined by +."""
    return "+".join(group for group in GROUPS if group in some)


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row a subset: rates of wins of both kinds of donors, their difference and its effect."""
    apart = differences(done)
    effects = moebius_effects(apart)
    rows = []
    for some in proper():
        own = done[done["groups"] == name(some)]
        found = mean_difference(_by_seed(apart, "mean")[name(some)], most=1)
        row: dict = {"groups": name(some), "runs": len(own), "winners": found.n}
        for donor in ("winner", "other"):
            wins = own[own["donor"] == donor]
            share = (np.nan, 0.0, 1.0)
            if len(wins):
                share = crossed_share(wins["won"], wins["seed"], np.zeros(len(wins)))
            row |= dict(zip((donor, f"{donor}_low", f"{donor}_high"), share, strict=True))
        row |= {"excess": found.mean, "low": found.low, "high": found.high}
        row |= {"p": found.p, "detectable": found.detectable}
        effect = effects.get(some, (np.nan, np.nan, np.nan))
        rows.append(row | dict(zip(EFFECT, effect, strict=True)))
    found = pd.DataFrame(rows)
    return found.assign(p_holm=holm(found["p"]))


EFFECT = ("effect", "effect_low", "effect_high")


def differences(done: pd.DataFrame) -> pd.DataFrame:
    """For each pair and subset: winner's groups win (0 or 1) minus other loser's groups win.

    Returns:
        A row a pair, by `seed` and `pair`; a column a subset; NaN if a run is missing.
    """
    pairs = done[["seed", "pair"]].drop_duplicates().set_index("pair")["seed"]
    columns = {}
    for some in proper():
        own = done[done["groups"] == name(some)]
        columns[name(some)] = rates_apart(own["won"], own["pair"], own["donor"] == "winner")
    found = pd.DataFrame(columns, index=pairs.index, dtype=np.float64)
    return found.assign(seed=pairs).reset_index().set_index(["seed", "pair"])


def _by_seed(apart: pd.DataFrame, how: str) -> pd.DataFrame:
    return pd.DataFrame(apart.groupby(level="seed").agg(how))


def moebius_effects(apart: pd.DataFrame) -> dict[Subset, tuple[float, float, float]]:
    """Each subset's effect on the excess, with a bootstrap interval over winners.

    All groups together are one more subset, whose excess is the lead.
    """
    seeds = sorted(set(apart.index.get_level_values("seed")))
    sums, counts = (_by_seed(apart, how).to_numpy(np.float64) for how in ("sum", "count"))
    random = np.random.default_rng(0)
    times = random.multinomial(len(seeds), np.full(len(seeds), 1 / len(seeds)), DRAWS)
    weights = np.concatenate((np.ones((1, len(seeds))), times))
    with np.errstate(invalid="ignore"):
        means = (weights @ sums) / (weights @ counts)
    values = {some: means[:, i] for i, some in enumerate(proper())}
    values |= {frozenset(): np.zeros(len(weights)), ALL: np.full(len(weights), LEAD)}
    found = {}
    for some, effect in moebius(values).items():
        if some and not np.isnan(effect).any():
            low, high = np.quantile(effect[1:], [0.025, 0.975])
            found[some] = float(effect[0]), float(low), float(high)
    return found


def carriers(found: pd.DataFrame) -> pd.DataFrame:
    """The subsets that carry a win: excess above 0 after Holm over 30, largest first."""
    carry = found.loc[(found["p_holm"] < 0.05) & (found["excess"] > 0)]
    return carry.sort_values(by="excess", ascending=False, kind="stable")


def analyse(folder: Path, done: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Write the study's table, figure and answer."""
    found = table(done)
    found.to_csv(folder / "subsets.csv", index=False, float_format="%.5g")
    answer = said(found, moebius_effects(differences(done)).get(ALL), len(done), len(whole))
    finish(folder, answer, {"subsets": subset_rates(found, len(carriers(found)))})


def said(found: pd.DataFrame, whole: tuple | None, runs: int, planned: int) -> str:
    """The answer; `whole` is the Moebius effect of all groups together, which no part has."""
    least = [value for value in found["detectable"] if value == value]
    return render(
        "subsets",
        found=found.to_dict("records"),
        carriers=carriers(found).to_dict("records"),
        whole=whole,
        detectable=float(np.median(least)) if least else np.nan,
        told=len(least) == len(found) and max(least) <= LEAD / 2,
        winners=max(found["winners"]),
        runs=runs,
        planned=planned,
    )


if __name__ == "__main__":
    carry_out(__doc__, OUT, PAIRS, plan, analyse, again=True)
