"""Winners and losers of the base scan, in pairs, as studies of their wins take them."""

from itertools import cycle, islice
from pathlib import Path

import pandas as pd

import grokseed
from experiments import base_tables
from experiments.bases import OWN, Base, kept_cuts
from grokseed.analysis.survival import numbers
from grokseed.records.export import write_atomically

KEPT = "seeds.csv"
"""A study's winners and losers are chosen once: later runs of the base scan do not change them."""

LEAD = 1.0
"""Winners' own rate of wins minus losers': in the runs by which they were chosen, 1 and 0."""


def pairs_of(
    scan: pd.DataFrame,
    further: pd.DataFrame,
    cuts: dict[int, float],
    n: int,
    again: bool = False,
    margin: float = 0.0,
) -> pd.DataFrame:
    """Pairs of a confirmed winner and losers of the same split, in the order of their seeds.

    A loser is a seed of the base scan that is slower than its split's median, or did not reach t98.

    Args:
        scan: the base scan's runs.
        further: the runs of the search, with the winners' twins.
        cuts: each split's.
        n: number of pairs wanted.
        again: whether a winner may be in several pairs if there are fewer winners than pairs.
        margin: as `Base` has it.

    Returns:
        A row a pair: `pair`, `split_seed`, `winner`, `loser`, `other` (another loser), `cut`.
    """
    twins, latest = base_tables.confirmed(further, cuts), base_tables.slowest(scan, further)
    all_of_them = [
        (split, seed)
        for (split, seed), won in twins.items()
        if won == len(base_tables.TWINS) and latest[split, seed] <= (1 - margin) * cuts[split]
    ]
    winners = sorted(all_of_them, key=lambda s: (s[1] % 10_000, s[0]))
    losers = {split: _losers(scan, split, base_tables.SOONER * cut) for split, cut in cuts.items()}
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


def chosen(folder: Path, n: int, again: bool = False, of: Base = OWN) -> pd.DataFrame:
    """A study's pairs, from its folder if they were chosen before, or from a base scan.

    Raises:
        SystemExit: the base scan has no confirmed winner yet.
    """
    kept = folder / KEPT
    if kept.exists():
        return pd.read_csv(kept)
    scan, further = (grokseed.load(where).runs for where in (of.scan, of.further))
    pairs = pairs_of(scan, further, kept_cuts(scan, of), n, again, of.margin)
    if pairs.empty:
        raise SystemExit(f"{of.further} has no confirmed winner yet: run studies/base.py")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, pairs.to_csv(index=False).encode())
    return pairs
