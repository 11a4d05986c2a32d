"""What study B (studies/transport.py) found: its verdicts."""

import numpy as np
import pandas as pd

from common.study import Verdict

SAME_RUN = 0.9
"""Winners' rate in `all` below which the experiment is broken."""


def verdict(found: pd.DataFrame) -> str:
    """`broken`, `yes` (weights alone carry luck), `no` (a match does) or `cannot tell`.

    Broken is an experiment whose winners certainly win too rarely in `all`. Nothing can be told of
    one of which this is not known.
    """
    rows = found.set_index("way").to_dict("index")
    weights, lead = rows["weights"], rows["all"]["excess"]
    if rows["all"]["winner"] < SAME_RUN:
        return "broken" if rows["all"]["winner_high"] < SAME_RUN else "cannot tell"
    if not rows["all"]["low"] > 0:
        return "cannot tell"
    if weights["low"] > 0 and weights["excess"] >= lead / 2:
        return "yes"
    if weights["excess"] < lead / 4 and weights["high"] < lead / 2:
        return "no"
    return "cannot tell"


def verdicts(
    found: pd.DataFrame,
    operation: str = "x/y",
    with_split: tuple[float, float, float] = (np.nan, np.nan, np.nan),
) -> list[Verdict]:
    """Of the match, of its part that is one of weights with split, and of the experiment itself.

    Args:
        found: a row a way.
        operation: the task.
        with_split: that part with its limits; NaN if it is not known.
    """
    task = "" if operation == "x/y" else f"on {operation}, "
    rows = found.set_index("way").to_dict("index")
    alone, every = rows["weights"], rows["all"]
    said = verdict(found).replace("broken", "cannot tell")
    limits = every["winner"], every["winner_low"], every["winner_high"]
    whole = "yes" if limits[1] >= SAME_RUN else "no" if limits[2] < SAME_RUN else "cannot tell"
    return [
        Verdict(
            f"{task}luck is that of the weights alone: winners' excess of wins over losers with "
            "weights alone relabelled (half of the lead or more)",
            *(alone["excess"], alone["low"], alone["high"]),
            alone["runs"],
            said,
            units=alone["seeds"],
            of="winners and losers each",
            detectable=alone["detectable"],
        ),
        Verdict(
            f"{task}the match is of weights with split alone: part of the excess lost by renaming "
            "the weights that comes back with the split renamed too (half or more; planned to be "
            "shown, rule made afterwards)",
            *with_split,
            rows["weights + split"]["runs"],
            "yes" if with_split[1] > 0.5 else "no" if with_split[2] < 0.5 else "cannot tell",
            units=rows["weights + split"]["seeds"],
            of="winners and losers each",
        ),
        Verdict(
            f"{task}relabelling weights, split and order leaves the run as it is: share of winners "
            "that win (0.9 or more)",
            *limits,
            every["runs"],
            whole,
            units=every["seeds"],
            of="winners",
        ),
    ]
