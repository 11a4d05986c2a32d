"""Times of two sets of runs, drawn from log-normal laws or given one by one."""

import numpy as np
from scipy.stats import norm

from grokseed.analysis.paired import Arms
from grokseed.analysis.profile import root

RATIO, SD, CORRELATION = 0.8, (0.4, 0.5), 0.6


def draw(random, n, censored, matched=True) -> Arms:
    """Log-normal times of n seeds, all runs ended at the step at which a share is censored."""
    z = random.standard_normal((2, n))
    if matched:
        z[1] = CORRELATION * z[0] + np.sqrt(1 - CORRELATION**2) * z[1]
    means = np.array([9, 9 + np.log(RATIO)])
    logs = means[:, None] + np.array(SD)[:, None] * z
    end = np.inf
    if censored:
        end = root(lambda x: np.mean(norm.sf((x - means) / np.array(SD))) - censored, 5, 15)
    times, reached = np.exp(np.minimum(logs, end)), logs <= end
    if matched:
        return Arms(times[0], reached[0], times[1], reached[1])
    none, no = np.full(n, np.nan), np.zeros(n, bool)
    a, b = np.append(times[0], none), np.append(none, times[1])
    return Arms(a, np.append(reached[0], no), b, np.append(no, reached[1]))


def arms(a, b, a_reached=None, b_reached=None) -> Arms:
    a, b = np.array(a, float), np.array(b, float)
    given = [
        ~np.isnan(x) if r is None else np.array(r, bool)
        for x, r in zip((a, b), (a_reached, b_reached), strict=True)
    ]
    return Arms(a, given[0], b, given[1])
