"""Claims about what runs do: memorise, peak, lose norm; and whether there are two kinds of them."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import signatures
from common.verdict import RULE, UNKNOWN, Number
from diary_claims.row import DIARY, WANTED, Evidence, row
from grokseed.analysis.mixture import DECIDES

REASONS = {
    signatures.TIME: "",
    signatures.PEAK: "; those without a peak stand at their start, which alone makes a second "
    "component (found by looking), so that the gain among runs that have one, {:.1f}, decides too",
    signatures.WITH_PEAK: "; found by looking",
}
"""What decides beside a gain, by quantity."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from sentences(results)
    yield from two_kinds(results)


def sentences(results: Path) -> Iterator[dict[str, object]]:
    """The rows of the study of signatures."""
    folder = signatures.OUT.name
    for one in pd.read_csv(results / folder / "signatures.csv").to_dict("records"):
        preset = "diary" if one["folder"].startswith("diary") else "mini"
        found = Evidence(results, one["folder"], preset, page=folder)
        claim = one["claim"] if one["planned"] else f"{one['claim']} [found by looking]"
        if one["verdict"] == UNKNOWN and one["figure"] == 1 and one["high"] < RULE:
            claim += " (surely no rule of all such runs; whether of over half cannot be told)"
        figure, ours = Number(one["figure"]), Number(one["ours"], one["low"], one["high"])
        units = one["units"], one["of"]
        yield row(claim, DIARY, figure, ours, one["n"], found, one["verdict"], units)


def two_kinds(results: Path) -> Iterator[dict[str, object]]:
    """The fits of split 0, which has 300 runs. No interval: BIC is a criterion with a cut. The cut
    is this project's, so that there is no figure of the diary."""
    page = signatures.OUT.name
    fits = pd.read_csv(results / page / "kinds.csv").query("folder == @signatures.FIRST")
    named = fits.set_index("quantity")
    found = Evidence(results, signatures.FIRST, "mini", page=page)
    for quantity, reason in REASONS.items():
        one = named.loc[quantity].to_dict()
        why = reason.format(named.loc[signatures.WITH_PEAK, "gain"])
        claim = (
            f"there are two kinds of runs, by log {quantity}: BIC of one distribution (normal or "
            f"skew-normal) minus BIC of two ({DECIDES:g} or more{why})"
        )
        source = WANTED if quantity == signatures.WITH_PEAK else DIARY
        yield row(claim, source, Number(), Number(one["gain"]), one["n"], found, one["verdict"])
