"""The trend of studies/weight_decay.py, and the values that have no place in it."""

import numpy as np
import pandas as pd

from grokseed.analysis import trend
from grokseed.analysis.outcomes import outcome


def too_much(found: pd.DataFrame) -> list[float]:
    """Values above 0 at which fewer than half of the runs memorise or reach t98. So much weight
    decay does not make t98 late: runs stay at a train accuracy below 0.99 for good. It has no place
    in a trend of times."""
    rows = found.loc[(found["weight_decay"] > 0) & (2 * found["learned"] < found["n"])]
    return rows["weight_decay"].tolist()


def never(found: pd.DataFrame) -> list[float]:
    """Values above 0 at which some runs neither memorise nor reach t98."""
    rows = found.loc[(found["weight_decay"] > 0) & (found["learned"] < found["n"])]
    return rows["weight_decay"].tolist()


def doubling(runs: dict[float, pd.DataFrame], left_out: list[float]) -> trend.Trend | None:
    """The ratio of times per doubling of weight decay, over the values above 0 but some; None while
    there are fewer than two with two runs that reached t98."""
    some = {value: own for value, own in runs.items() if value > 0 and value not in left_out}
    outcomes = [outcome(own, "t98") for own in some.values()]
    reached = np.array([table["reached"].to_numpy().sum() for table in outcomes])
    if np.sum(reached > 1) < 2:
        return None
    return trend.fit(trend.side_by_side(outcomes, np.log2(list(some)).tolist()))
