"""How runs are cut into the chunks that workers train."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from grokseed.seeds import Seeds


def cut(runs: Sequence[Seeds], jobs: int, lanes: int) -> list[list[Seeds]]:
    """Cut runs into chunks of at most `lanes` runs.

    The chunks are of nearly equal size, and every job gets the same number of them, unless there
    are fewer runs than that. If there are several jobs with more than two chunks each, the last one
    of each job is cut in half, so that all workers end at about the same time.

    Raises:
        ValueError: jobs or lanes below 1.
    """
    if jobs < 1 or lanes < 1:
        raise ValueError(f"jobs and lanes must be at least 1, not {jobs} and {lanes}")
    rounds = -(-len(runs) // (jobs * lanes))
    n_chunks = min(len(runs), rounds * jobs)
    bounds = [len(runs) * i // max(n_chunks, 1) for i in range(n_chunks + 1)]
    if rounds > 2 and jobs > 1 and lanes > 1:
        last = bounds[-jobs - 1 :]
        middles = [(low + high) // 2 for low, high in pairwise(last)]
        bounds = sorted(bounds + middles)
    return [list(runs[low:high]) for low, high in pairwise(bounds) if low < high]
