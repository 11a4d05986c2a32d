"""Made-up log times of several sets whose runs share seeds."""

from itertools import product

import numpy as np


def log_times(
    random: np.random.Generator,
    sizes: tuple[int, ...],
    runs: int,
    sets: int,
    matched: bool,
    own: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Log times with an effect of each seed, on a table of all seeds.

    Args:
        sizes: number of seeds of each source.
        runs: in a cell of the table.
        sets: their number.
        matched: whether the sets have the same seeds.
        own: variance of a seed's effect in one set alone; that of its effect in all is a quarter,
            and that of the rest 0.4 in each set, half of it in common.

    Returns:
        Each row's seed of every source, int (rows, sources), and its log times, with no difference
        between sets, float64 (sets, rows).
    """
    cell = np.repeat(np.array(list(product(*map(range, sizes)))), runs, axis=0)

    def effects(variance: float, rest: float) -> np.ndarray:
        total = random.normal(0, rest**0.5, len(cell))
        for n, at in zip(sizes, cell.T, strict=True):
            total += random.normal(0, variance**0.5, n)[at]
        return total

    both = [effects(0.25, 0.2) for _ in range(sets)]
    found = [both[i * (not matched)] + effects(own, 0.2) for i in range(sets)]
    return cell, 9 + 0.4 * np.array(found)
