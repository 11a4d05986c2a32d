"""Claims about which weights, and what else, carry luck: layers, split, weight decay, rounding."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import base_tables
import graft_pairs
import graft_pairs_tables
import numpy as np
import pandas as pd
import weight_decay
from part import counted
from weight_decay_figure import against

import grokseed
from diary_claims.experiments import levels_of, seen
from diary_claims.row import DIARY, WANTED, Evidence, row
from diary_claims.verdict import (
    HOLDS,
    IN_PART,
    UNKNOWN,
    Number,
    matters,
    mostly,
    near,
    near_ratio,
    share,
    within,
)
from grokseed.analysis.significance import least_ratio
from grokseed.analysis.survival import numbers, time_to

CULPRITS = "token_embedding+block2+head"
NO_DECAY = share(1, 1539)


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _culprits(results)
    yield _single_group(results)
    yield split(results)
    yield from weight_decay_claims(results)


def _culprits(results: Path) -> Iterator[dict[str, object]]:
    """One pair of seeds has no interval: that it happened is known, and how often is not."""
    found = Evidence(results, "graft_42_56", "diary")
    cells = found.table("cells.csv")
    own = cells.loc[(cells["kind"] == "graft") & (cells["groups"] == CULPRITS)]
    own = own.loc[own["loader_seed"] == 8].set_index("split_seed")["accuracy"].astype(float)
    claimed = Number(0.6, 0.5, 0.7)
    text = (
        "seed 56 with the initial token embedding, block 2 and head of seed 42, on {}'s split: "
        "validation accuracy at step 3,000"
    )
    for where, source, figure in ((56, DIARY, claimed), (42, WANTED, Number())):
        ours = Number(float(own.loc[where]))
        said = within(ours, 0.5, 0.7)
        yield row(text.format(where), source, figure, ours, 1, found, said, (1, "pairs"))
    more, ours, n = Evidence(results, graft_pairs.OUT.name, "diary"), Number(), 0
    units, said = None, UNKNOWN
    if more.there:
        planned = graft_pairs.plan(graft_pairs.pairs_of(grokseed.load(results / "diary_scan").runs))
        done = graft_pairs_tables.cells(planned, counted(more.runs, graft_pairs.design(planned)))
        gained, n = graft_pairs_tables.gained(done, "loser"), len(done)
        ours, units = share(gained.k, gained.n), (gained.n, "pairs")
        said = graft_pairs_tables.verdict(gained)
    text = (
        "losers with the initial token embedding, block 2 and head of a winner, in further pairs: "
        f"share of pairs in which they gain {graft_pairs_tables.MUCH} of validation accuracy or "
        "more over the same parts of a seed that did not win"
    )
    yield row(text, DIARY, Number(1.0), ours, n, more, said, units)


def _single_group(results: Path) -> dict[str, object]:
    """The group with the highest excess: at least half of the gap would carry luck."""
    found = Evidence(results, "graft_mini", "mini")
    table = found.table("effects.csv")
    wanted = "outcome == 'accuracy' and question == 'gain' and kind == 'graft' and place.isna()"
    of_weights = table.query(wanted).sort_values(by="excess")
    most, highest = of_weights.iloc[-1], of_weights["excess_high"].max()
    ours = Number(*(float(most[f"excess{limit}"]) for limit in ("", "_low", "_high")))
    text = (
        "one layer group of a winner makes a loser win: gain in validation accuracy of the best "
        f"group ({most['groups']}), minus the gain from the same group of a seed that did not win "
        f"(0.5 or more; the highest upper limit of any of {len(of_weights)} groups is "
        f"{highest:.2f})"
    )
    said, n, least = within(ours, 0.5, 1), int(most["n"]), most["excess_detectable"]
    units = int(min(most["recipients"], most["donors"])), f"losers (and {most['donors']} winners)"
    return row(text, DIARY, Number(1.0), ours, n, found, said, units, least)


def split(results: Path) -> dict[str, object]:
    """The diary's something else, if it is the split: its share of the variance."""
    found = Evidence(results, "anatomy", "mini")
    whole = (found.paths[0] / "components.csv").exists()
    ours, n, levels, least = Number(), 0, None, np.nan
    if whole:
        share_of = found.table("components.csv").set_index("term").loc["split"]
        ours = Number(*(float(share_of[name]) for name in ("share", "low", "high")))
        n, levels = len(base_tables.own_weights(found.runs)), levels_of(found.runs)
        least = seen(found).get("split", np.nan)
    text = "the diary's something else random is the split: its share of the variance of log t98"
    return row(text, DIARY, Number(), ours, n, found, matters(ours), levels, least)


def weight_decay_claims(results: Path) -> Iterator[dict[str, object]]:
    """Without any weight decay against mini's own, and the trend over all values but 0."""
    found, runs = _decays(results, (0.0, weight_decay.OWN))
    claimed, ours, n, early, arrived = Number(100 / 12), Number(), 0, Number(), Number()
    if len(runs) == 2:
        none = weight_decay.table(runs).set_index("weight_decay").loc[0]
        ours = Number(*(float(none[name]) for name in ("ratio", "low", "high")))
        n, super_by = int(none["n"]), time_to("t98", runs[weight_decay.OWN]).median / 3
        arrived = share(int(none["reached"]), n)
        early = share(int(np.sum(numbers(runs[0.0], "t98_step") <= super_by)), n)
    text = "runs generalise without weight decay: share that reach t98 by step 100,000"
    yield row(text, DIARY, Number(1.0), arrived, n, found, mostly(arrived))
    text = "without weight decay runs generalise later: t98 over t98 with mini's weight decay, 0.05"
    yield row(text, DIARY, claimed, ours, n, found, near_ratio(claimed, ours))
    text = (
        "share of seeds that are super without weight decay: t98 3 times sooner than the median "
        "with mini's weight decay, 0.05"
    )
    yield row(text, DIARY, NO_DECAY, early, n, found, near(NO_DECAY, early))
    values = [value for value in sorted(weight_decay.VALUES) if value]
    some = [v for v in values if Evidence(results, _of_decay(v), "mini").there]
    found, runs = _decays(results, some or values)
    ours, n, units, line = Number(), 0, None, weight_decay.doubling(runs)
    if line:
        ours, n = Number(line.ratio, line.low, line.high), line.runs
        units = line.seeds, "seeds"
    table = weight_decay.table(runs)
    too_much = weight_decay.too_much(table)
    named = ", ".join(f"{value:g}" for value in runs or values if value not in too_much)
    text = (
        "more weight decay makes runs sooner: factor on t98 for each doubling of weight decay "
        f"({named}), below 1"
    )
    if said := against(table, weight_decay.OWN):
        text += f" [by single values, after Holm, runs are {said}]"
    least, verdict = least_ratio(line.se, line.units - 1) if line else np.nan, within(ours, 0, 1)
    if verdict == HOLDS and too_much:  # up to a point
        verdict = IN_PART
    yield row(text, DIARY, Number(), ours, n, found, verdict, units, least)


def _of_decay(value: float) -> str:
    return f"{weight_decay.OUT.name}/{value:g}"


def _decays(results: Path, values: Sequence[float]) -> tuple[Evidence, dict[float, pd.DataFrame]]:
    """The folders of some values, and the runs that count of those that have some."""
    found = Evidence(results, ",".join(map(_of_decay, values)), "mini")
    scans = zip(values, found.scans, strict=True) if found.there else ()
    runs = {value: counted(scan.runs, weight_decay.design()) for value, scan in scans}
    return found, {value: table for value, table in runs.items() if len(table)}
