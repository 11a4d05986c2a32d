"""Which combinations of layer groups carry a win? (study C of plan.md)

    python studies/subsets.py                 train what is missing, then say what was found
    python studies/subsets.py --export        train nothing

Design: 48 pairs of a confirmed winner and a loser of the base scan on one split, and 48 null pairs
with another loser in the winner's place and the same recipient. If there are fewer winners, some
are in several pairs. All 30 proper nonempty subsets of the 5 layer groups are put into the
recipient. Outcome: does the run win? Contrast: rate of wins with the winner's groups minus that
with the other loser's, a winner counting once; Holm over 30. Also the Moebius effects, what a
subset adds beyond its proper subsets, and the mean excess over all subsets. By the choice of seeds
the empty subset gives no win, and all groups together give a win with the winner only.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import grokseed
from common.study import finish, write_verdicts
from common.table import with_limits
from experiments.base_runs import LOADER
from experiments.chosen import LEAD
from experiments.study_of_pairs import carry_out, planned, runs_of
from experiments.subsets_answer import carriers, in_winners, mean_excess, said, verdict
from experiments.subsets_figure import subset_rates
from grokseed.analysis.differences import shares_apart
from grokseed.analysis.seed_shares import share_over
from grokseed.analysis.significance import holm
from grokseed.analysis.subsets import Subset, moebius, subsets
from grokseed.model.layout import groups, select, splice
from grokseed.seeds import Seeds

OUT = Path("results/subsets")
PAIRS, DRAWS = 48, 2000
DONORS = ("winner", "other")
GROUPS = tuple(groups(grokseed.preset("mini")))
ALL = frozenset(GROUPS)


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """All runs, each with its `pair`, `donor` (winner or other), `seed` (the winner's) and
    `groups`, joined by +."""
    config, rows = grokseed.preset("mini"), []
    for pair in pairs.to_dict("records"):
        for donor in DONORS:
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
    rates = by_seed(done)
    effects = moebius_effects(rates)
    both = rates["winner"].notna().any() & rates["other"].notna().any()
    level = 0.05 / max(np.count_nonzero(both), 1)  # of the first step of Holm
    rows = []
    for some in proper():
        own = done[done["groups"] == name(some)]
        sides = [rates[donor][name(some)] for donor in DONORS]
        found, at_once = shares_apart(*sides), shares_apart(*sides, level=level)
        row: dict = {"groups": name(some), "runs": len(own), "winners": found.n}
        for donor in DONORS:
            wins = own[own["donor"] == donor]
            row |= with_limits(donor, share_over(wins["won"], wins["seed"]))
        row |= {"excess": found.mean, "low": found.low, "high": found.high}
        row |= {"p": found.p, "detectable": at_once.detectable}
        row |= {"all_low": at_once.low, "all_high": at_once.high}
        rows.append(row | with_limits("effect", effects.get(some, (np.nan, np.nan, np.nan))))
    found = pd.DataFrame(rows)
    return found.assign(p_holm=holm(found["p"]))


def by_seed(done: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """For each donor the share of wins: a row a winner, a column a subset; NaN without runs."""
    seeds, names = sorted(set(done["seed"])), [name(some) for some in proper()]
    wide = {}
    for donor in DONORS:
        own = done.loc[done["donor"] == donor]
        rates = own.pivot_table("won", "seed", "groups", "mean") if len(own) else pd.DataFrame()
        wide[donor] = rates.reindex(index=seeds, columns=names).astype(np.float64)
    return wide


def moebius_effects(rates: dict[str, pd.DataFrame]) -> dict[Subset, tuple[float, float, float]]:
    """Each subset's effect on the excess, with a bootstrap interval over winners.

    The interval is NaN if no run won.

    All groups together are one more subset, whose excess is the lead.

    Args:
        rates: as `by_seed` gives them.
    """
    seeds = len(rates["winner"])
    random = np.random.default_rng(0)
    times = random.multinomial(seeds, np.full(seeds, 1 / seeds), DRAWS)
    weights = np.concatenate((np.ones((1, seeds)), times))
    with np.errstate(invalid="ignore"):
        means = [
            (weights @ table.fillna(0).to_numpy()) / (weights @ table.notna().to_numpy(np.float64))
            for table in (rates[donor] for donor in DONORS)
        ]
    values = {some: (means[0] - means[1])[:, i] for i, some in enumerate(proper())}
    values |= {frozenset(): np.zeros(len(weights)), ALL: np.full(len(weights), LEAD)}
    found = {}
    for some, effect in moebius(values).items():
        if some and not np.isnan(effect).any():
            low, high = map(float, np.quantile(effect[1:], [0.025, 0.975]))
            if low == high:  # where no run won, samples of them say nothing of the error
                low = high = np.nan
            found[some] = float(effect[0]), low, high
    return found


def analyse(folder: Path, done: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Write the study's table, figure and answer."""
    found = table(done)
    found.to_csv(folder / "subsets.csv", index=False, float_format="%.5g")
    write_verdicts(folder, [verdict(found)])
    runs = len(runs_of(done)), len(runs_of(whole))  # some are of several pairs
    rates = by_seed(done)
    whole_effect, mean = moebius_effects(rates).get(ALL), mean_excess(rates)
    grafts = in_winners(folder.parent / "graft_mini")
    answer = said(found, whole_effect, mean, grafts, *runs)
    finish(folder, answer, {"subsets": subset_rates(found, len(carriers(found)), *runs)})


if __name__ == "__main__":
    carry_out(__doc__, OUT, PAIRS, plan, analyse, again=True)
