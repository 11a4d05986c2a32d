"""Claims about which weights, and what else, carry luck: layers, split, rounding."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import graft_pairs
import grokseed
from common.part import counted
from common.verdict import RULE, UNKNOWN, Number, share, within
from diary import graft_pairs_tables
from diary_claims.experiments import VERDICTS, levels_of, seen
from diary_claims.row import DIARY, WANTED, Evidence, row
from experiments import base_tables
from experiments.anatomy_plan import of_complete

CULPRITS = "token_embedding+block2+head"


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from _culprits(results)
    yield _single_group(results)
    yield split(results)


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
    units, said, who, before = None, UNKNOWN, "seeds that are not normal", UNKNOWN
    most = ""
    if more.there:
        planned = graft_pairs.plan(graft_pairs.pairs_of(grokseed.load(results / "diary_scan").runs))
        done = graft_pairs_tables.cells(planned, counted(more.runs, graft_pairs.design(planned)))
        gained, n = graft_pairs_tables.gained(done, "loser"), len(done)
        who = "one of {} seeds that are not normal, {} of them super".format(
            *graft_pairs_tables.donors(done)
        )
        ours, units = share(gained.k, gained.n), (gained.n, "pairs")
        said = graft_pairs_tables.verdict(gained)
        (all_of_it,) = graft_pairs_tables.table(done).query(
            f"split == 'loser' and weights == '{graft_pairs_tables.WINNERS}'"
        )["high"]
        most = f"; all of the winner's weights reach {graft_pairs_tables.MUCH} in {all_of_it}"
        before = graft_pairs_tables.planned(graft_pairs_tables.gains(done, "loser"))
    text = (
        f"losers with the initial token embedding, block 2 and head of a winner ({who}), in "
        f"further pairs: share of pairs in which they gain {graft_pairs_tables.MUCH} of validation "
        "accuracy or more over the same parts of a seed that did not win (shown to be "
        f"{RULE:g} or more; in part above 0.5{most}) [{graft_pairs_tables.CHANGED.format(before)}]"
    )
    yield row(text, WANTED, Number(), ours, n, more, said, units)


def _single_group(results: Path) -> dict[str, object]:
    """The group with the highest excess: at least half of the gap would carry luck. The diary names
    three groups that do together, and none that does by itself, so the claim is none of its."""
    found = Evidence(results, "graft_mini", "mini")
    table = found.table("effects.csv")
    wanted = "outcome == 'accuracy' and question == 'gain' and kind == 'graft' and place.isna()"
    of_weights = table.query(wanted).sort_values(by="excess")
    most, highest = of_weights.iloc[-1], max(of_weights["excess_high"].tolist())
    ours = Number(*(float(most[f"excess{limit}"]) for limit in ("", "_low", "_high")))
    text = (
        "one layer group of a winner makes a loser win: gain in validation accuracy of the best "
        f"group ({most['groups']}), minus the gain from the same group of a seed that did not win "
        f"(0.5 or more; the highest upper limit of any of {len(of_weights)} groups is "
        f"{highest:.2f})"
    )
    said = within(Number(ours.value, ours.low, highest), 0.5, 1)  # "none" is of every group
    n, least = int(most["n"]), most["excess_detectable"]
    units = int(min(most["recipients"], most["donors"])), f"losers (and {most['donors']} winners)"
    return row(text, WANTED, Number(), ours, n, found, said, units, least)


def split(results: Path) -> dict[str, object]:
    """The diary's something else, if it is the split: its share of the variance. As for the other
    terms of study A, a test after Holm decides beside the limits."""
    found = Evidence(results, "anatomy", "mini")
    whole = (found.paths[0] / "components.csv").exists()
    ours, n, levels, least, said = Number(), 0, None, np.nan, UNKNOWN
    if whole:
        share_of = found.table("components.csv").set_index("term").loc["split"]
        ours = Number(*(float(share_of[name]) for name in ("share", "low", "high")))
        runs = of_complete(found.runs)
        n, levels = len(base_tables.own_weights(runs)), levels_of(runs)
        least = seen(found).get("split", np.nan)
        said = VERDICTS[share_of["matters"]]
    text = "the diary's something else random is the split: its share of the variance of log t98"
    return row(text, DIARY, Number(), ours, n, found, said, levels, least)
