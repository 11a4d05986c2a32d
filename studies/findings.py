"""The findings of README.md: each a heading that follows from its tables, with numbers and folder.

`python studies/readme.py` writes them. A heading says no more than the verdict of its study, by the
rule of studies/plan.md, or than the intervals; what was found by looking is called so.
"""

from pathlib import Path

import pandas as pd

import grokseed
import val_shuffle
from basin import LOOKED_AT
from common.spread_of_times import apart, factor
from common.study import VERDICTS, render
from common.verdict import Number, near
from diary import further_designs
from diary.weight_decay_figure import soonest
from diary.weight_decay_trend import never
from diary_claims.diary_folders import EARLY as EARLY_CLASSES
from diary_claims.rates_of_seeds import (
    READABLE,
    SUPER,
    on_four_splits,
    super_by_speedup,
    with_further_seeds,
)
from experiments.anatomy_answer import match
from experiments.anatomy_tables import COMPONENTS
from experiments.bases import OWN as BASE
from experiments.commitment_tables import committed, judged
from experiments.looks import coverage, looks_at
from grokseed.analysis.classify import share_in_class
from grokseed.reports.scan import sampled
from predictors.early_trials import FOLDER as FRESH
from predictors.visible_figure import in_words
from predictors.visible_tables import SEEN, first_seen, together_at
from search import RESTARTS
from visible import AREAS
from weight_decay import OWN


def findings(results: Path) -> str:
    """Each finding with its numbers, intervals and the folder that shows it, as Markdown."""
    differing = grokseed.load(results / "coins" / "mini")  # in split, weights and order
    times = grokseed.load(results / "mini_generalise")
    effects = pd.read_csv(results / "graft_mini" / "effects.csv").to_dict("records")
    gains = [
        row
        for row in effects
        if (row["outcome"], row["question"], row["kind"]) == ("accuracy", "gain", "graft")
    ]
    radii = pd.read_csv(results / "basin" / "radii.csv").set_index("radius")
    branches = pd.read_csv(results / "commitment" / "branches.csv")
    settled, step = committed(branches)
    scan, of_42 = (grokseed.load(results / n).runs for n in ("diary_scan", "loaders_of_42"))
    diary = sampled(results / "diary_scan", scan)
    orders = further_designs.sample(of_42, further_designs.LOADERS)
    looks = further_designs.looks(orders, diary, further_designs.LOADERS)
    searched = pd.read_csv(results / "search" / "search.csv")
    areas = pd.read_csv(results / "visible" / AREAS)
    decay = pd.read_csv(results / "weight_decay" / "weight_decay.csv")
    further = with_further_seeds(times.runs, grokseed.load(results / FRESH).runs)
    four_splits = (grokseed.load(results / name).runs for name in (BASE.scan.name, READABLE))
    splits = on_four_splits(*four_splits)
    four = Number(splits.share, splits.low, splits.high)
    soon = soonest(decay) or {}
    luck = pd.read_csv(results / "weight_decay" / "luck_kept.csv").set_index("weight_decay")
    return render(
        "findings",
        kept=luck.loc[soon["weight_decay"]].to_dict(),
        match=match(results / "anatomy"),
        on_all=pd.read_csv(results / "common_order" / COMPONENTS)
        .set_index("term")
        .loc["model:loader"]
        .to_dict(),
        alone=verdict(results / "transport"),
        ways=ways_of(results / "transport"),
        added=ways_of(results / "transport_add"),
        alone_added=verdict(results / "transport_add"),
        basin=verdict(results / "basin"),
        radii=radii.to_dict("index"),
        radii_looks=looks_at(LOOKED_AT, int(radii["runs"].to_numpy().sum())),
        settled=settled,
        step=step,
        settling=[s for s in judged(branches) if step is not None and s >= step][:2],
        branches=judged(branches),
        level=coverage(asked) if (asked := int(branches["looks"].to_numpy().max())) > 1 else None,
        closest=min(r["rule_low"] for s, r in judged(branches).items() if s >= (step or 0)),
        first_pass=val_shuffle.config(True).val_every,
        fit=val_shuffle.fitted(val_shuffle.stored(results / "val_shuffle")),
        curve=times.survival(),
        all_differ=differing.survival(),
        factor=factor(differing.runs),
        weights_factor=factor(times.runs),
        apart={n: apart(differing.runs, n) for n in (3, 10, 80)},
        of_42=share_in_class(orders, orders["screen"].isin(EARLY_CLASSES).to_numpy()),
        of_others=share_in_class(diary, diary["screen"].isin(EARLY_CLASSES).to_numpy()),
        of_42_gap=further_designs.apart(orders, diary),
        of_42_said=further_designs.more_often(further_designs.apart(orders, diary, looks)),
        diary=share_in_class(diary, diary["screen"].eq("super").to_numpy()),
        norm=pd.read_csv(results / "attention_norm" / VERDICTS).iloc[0].to_dict(),
        seen=together_at(areas, step) if step else None,
        first_seen=first_seen(areas),
        least_area=SEEN,
        in_words=in_words,
        searches=set(searched["worth"]),
        searched=searched["split_seed"].nunique(),
        saved=1 - 1 / searched.loc[searched["way"] == RESTARTS, "high"].max(),
        decay=soon,
        too_much=decay.loc[decay["weight_decay"].isin(never(decay))].to_dict("records"),
        own_decay=OWN,
        by_time=times.rates("speedup").to_dict("index"),
        splits=splits,
        as_diary=[near(SUPER, rate) for rate in (super_by_speedup(times.runs), further[0], four)],
        further=further,
        best=max(gains, key=lambda row: row["excess"]),
        stopped=early_rule(results / "early" / "fresh.csv"),
    )


def early_rule(table: Path) -> dict:
    """The first rule of an early verdict that is certain, or the last one; those tried `before`."""
    rules = pd.read_csv(table).to_dict("records")
    certain = (number for number, rule in enumerate(rules) if rule["said"] == "certain")
    chosen = next(certain, len(rules) - 1)
    return rules[chosen] | {"before": rules[:chosen]}


def ways_of(folder: Path) -> dict[str, dict[str, float]]:
    """The rates of study B in a folder, by what was renamed; empty without runs."""
    file = folder / "ways.csv"
    return pd.read_csv(file).set_index("way").to_dict("index") if file.exists() else {}


def verdict(folder: Path) -> str:
    """A study's first verdict: yes, no or cannot tell; empty without runs."""
    file = folder / VERDICTS
    return str(pd.read_csv(file)["verdict"].iloc[0]) if file.exists() else ""
