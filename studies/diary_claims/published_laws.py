"""Do published laws predict which seed wins?"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from common.verdict import LOOKED, UNKNOWN, Number, within
from diary_claims.experiments import VERDICTS, number
from diary_claims.row import WANTED, Evidence, row
from experiments.bases import OWN
from laws import ungrafted
from predictors.laws_figure import EARLY
from predictors.laws_predictors import AT_STEP, BASELINE, spread

ABOVE, NEAR_0 = "(above 0.5)", "(within 0.1 of 0)"
NORMED, UNREAD = "2606.13753", "2605.18845"
"""A law that makes an exception for models with a final layer norm, and a paper that could not be
read."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    """Published laws as predictors of which seed is early, on fresh seeds: two rows each. The first
    is judged by the planned rule; what a predictor adds to the step of memorising, and when it is
    known, is another question, which was asked after the table had been seen."""
    found = Evidence(results, OWN.scan.name, "mini", page="laws")
    table = pd.read_csv(results / "laws" / "laws.csv").query("folder == @OWN.scan.name")
    text = "arXiv {}: early seeds can be predicted from {}: rank correlation with t98 {}"
    given = f"given the {BASELINE}"
    for one in table.loc[table["paper"] != "none"].to_dict("records"):
        ours, said, source = number(one, "rho"), VERDICTS[one["of_use"]], f"arXiv {one['paper']}"
        known = f"known at {one['known']:.0%} of the steps to t98, in winners at"
        known += f" {one['known_winners']:.0%}"
        claim = text.format(one["paper"], one["predictor"], f"{ABOVE[:-1]}; {known})")
        if one["predictor"].startswith(AT_STEP):
            claim += " [found by looking: predictor added after the table had been seen]"
        least = one["detectable"]
        yield row(claim, source, Number(), ours, one["n"], found, said, detectable=least)
        claim = (
            f"arXiv {one['paper']}, {one['predictor']}: it adds to the {BASELINE}, and is known in "
            f"time: rank correlation with t98 {given} (above 0.5; {known}, by {EARLY:.0%} wanted) "
            f"[{LOOKED}]"
        )
        ours, said = number(one, "partial_rho", "partial_"), VERDICTS[one["adds"]]
        least = one["partial_detectable"]
        yield row(claim, WANTED, Number(), ours, one["n"], found, said, detectable=least)
    normed = table.set_index("predictor").loc["norm at memorising"].to_dict()
    claim = (
        f"arXiv {NORMED}: with a final layer norm, as here, the norm at memorising predicts "
        "nothing: rank correlation with t98"
    )
    n, source = int(normed["n"]), f"arXiv {NORMED}"
    for prefix, words in (("", NEAR_0), ("partial_", f"{given} {NEAR_0} [{LOOKED}]")):
        ours, least = number(normed, f"{prefix}rho", prefix), normed[f"{prefix}detectable"]
        said, text_of = within(ours, -0.1, 0.1), f"{claim} {words}"
        theirs = (WANTED, Number()) if prefix else (source, Number(0.0))
        yield row(text_of, *theirs, ours, n, found, said, detectable=least)
    cv, low, high, n, splits = spread(ungrafted(found.scans[0]))
    claim = (
        f"arXiv {NORMED}: runs generalise when the norm has fallen to a critical value, which "
        "varies by 1 to 2 % over seeds: coefficient of variation of the norm at t98 on a split "
        "(its exception, a final layer norm, is that of these models) [found by looking"
    )
    others = (spread(ungrafted(scan)) for scan in found.scans[1:])
    shown = [f"{100 * v:.1f} ({100 * a:.1f} to {100 * b:.1f})" for v, a, b, *_ in others]
    claim += f"; in other folders of the page {' and '.join(shown)} %]" if shown else "]"
    ours, figure = Number(cv, low, high), Number(float("nan"), 0.01, 0.02)
    said, units = within(ours, 0.01, 0.02), (splits, "splits")
    yield row(claim, f"arXiv {NORMED}", figure, ours, n, found, said, units)
    claim = text.format(f"{UNREAD} (could not be read)", "its rate of contraction", ABOVE)
    none = Evidence(results, "", "mini")
    yield row(claim, f"arXiv {UNREAD}", Number(), Number(), 0, none, UNKNOWN)
