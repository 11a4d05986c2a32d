"""Claims about the bug that the diary starts with: the shuffled validation loader."""

from collections.abc import Iterator
from pathlib import Path

import val_shuffle
from common.part import counted
from common.verdict import Number, mostly, share, within
from diary_claims.row import DIARY, Evidence, row
from grokseed.analysis.significance import least_ratio


def claims(results: Path) -> Iterator[dict[str, object]]:
    names = [f"{val_shuffle.OUT.name}/{arm}" for arm in val_shuffle.ARMS]
    found = Evidence(results, ",".join(names), "mini")
    changed, ratio, n, least = Number(), Number(), 0, float("nan")
    if found.there:
        runs = [counted(scan.runs, val_shuffle.design()) for scan in found.scans]
        arms, differ = val_shuffle.arms(*runs), val_shuffle.changed(*runs)
        changed, n = share(differ.k, differ.n), differ.n
        if n and (fit := val_shuffle.fitted(arms)):
            ratio = Number(1 / fit.ratio, 1 / fit.ratio_high, 1 / fit.ratio_low)
            least = 1 / least_ratio(fit.se, fit.n - 1)
    text = (
        "with one random stream for everything, shuffling the validation loader changes training: "
        "share of seeds whose last step or weight norm changes"
    )
    yield row(text, DIARY, Number(1.0), changed, n, found, mostly(changed))
    text = (
        "with one random stream for everything, shuffling the validation loader makes runs sooner: "
        "t98 without shuffling over t98 with it (1.5 or more)"
    )
    said = within(ratio, 1.5, float("inf"))
    yield row(text, DIARY, Number(3.0), ratio, n, found, said, detectable=least)
