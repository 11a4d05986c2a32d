"""Seeds as people write them, `3,5,8:12`, and the runs that lists of them stand for. No torch."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

STREAMS = ("split", "model", "train", "val")

MOST_SEEDS = 10_000_000
MOST_RUNS = 1_000_000


def read(text: str) -> list[int]:
    """The seeds of `3,5,8:12`, where `8:12` is half-open: 3, 5, 8, 9, 10, 11.

    Raises:
        ValueError: not integers, negative, an empty or reversed range, or a seed twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, colon, end = part.strip().partition(":")
        try:
            start = int(first)
            stop = int(end) if colon else start + 1
        except ValueError:
            raise ValueError(f"seeds are written like 0:2073 or 3,5,8:12, not {text!r}") from None
        if start < 0 or stop < 0:
            raise ValueError(f"seeds must not be negative: {part.strip()}")
        if stop <= start:
            kind = "empty" if stop == start else "reversed"
            raise ValueError(f"the range {part.strip()} is {kind}: A:B is A up to but without B")
        if len(seeds) + stop - start > MOST_SEEDS:
            raise ValueError(f"more than {MOST_SEEDS:,} seeds: {text}")
        seeds.extend(range(start, stop))
    if len(set(seeds)) < len(seeds):
        twice = next(a for a, b in pairwise(sorted(seeds)) if a == b)
        raise ValueError(f"seed {twice} is given twice in {text}")
    return seeds


def spell(seeds: Iterable[int]) -> str:
    """The shortest text that `read` gives these seeds for, sorted."""
    ordered = sorted(seeds)
    starts = [s for i, s in enumerate(ordered) if i == 0 or ordered[i - 1] != s - 1]
    ends = [s for i, s in enumerate(ordered) if i == len(ordered) - 1 or ordered[i + 1] != s + 1]
    return ",".join(str(a) if a == b else f"{a}:{b + 1}" for a, b in zip(starts, ends, strict=True))
