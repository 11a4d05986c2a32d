"""A run's seeds, one a stream (split, model, loader, val), and lists of them as people write them.

Nothing here loads torch: `streams` makes generators from seeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from operator import index

from grokseed.grafts import parse_graft

STREAMS = ("split", "model", "loader", "val")

MOST_SEEDS = 10_000_000
MOST_RUNS = 1_000_000

MAX_SEED = 2**32 - 1
"""A CPU generator keeps only the low 32 bits of its seed: a larger seed would repeat another."""


@dataclass(frozen=True, order=True, slots=True)
class Seeds:
    """One seed a stream. With the config they name a run.

    `graft` says what else was changed about the run, such as `token_embedding+head=42` where model
    seed 42 drew these parts of the initial weights (`grokseed.grafts`); usually it is empty.

    Raises:
        ValueError: a seed is no integer, is negative or does not fit 32 bits, or a graft is no
            text or cannot be read.
    """

    split: int
    model: int
    loader: int
    val: int
    graft: str = ""

    def __post_init__(self) -> None:
        if self.graft == "" and (
            type(self.split) is type(self.model) is type(self.loader) is type(self.val) is int
            and 0 <= self.split <= MAX_SEED
            and 0 <= self.model <= MAX_SEED
            and 0 <= self.loader <= MAX_SEED
            and 0 <= self.val <= MAX_SEED
        ):
            return  # as almost all do, of which there may be millions
        if not isinstance(self.graft, str):
            raise ValueError(f"graft must be text, not {self.graft!r}")
        seeds = {s: whole(f"{s} seed", getattr(self, s)) for s in STREAMS}
        for stream, seed in seeds.items():
            object.__setattr__(self, stream, seed)
        if self.graft:
            seeds["graft"] = parse_graft(self.graft).seed
        for stream, seed in seeds.items():
            if not 0 <= seed <= MAX_SEED:
                raise ValueError(f"{stream} seed must lie in 0..2^32-1, not {seed}")


def val_of(loader: int, given: int | None) -> int:
    """The seed of a run's validation stream: the one given, or the loader seed + 1.

    Raises:
        ValueError: the loader seed + 1 does not fit 32 bits.
    """
    if given is None and loader == MAX_SEED:
        raise ValueError(
            f"the validation seed is the loader seed + 1, and loader seed {loader} is the largest "
            "seed: give --val-seed"
        )
    return loader + 1 if given is None else given


def whole(name: str, number: object) -> int:
    """An integer of any type, such as numpy's, as Python's own.

    Raises:
        ValueError: it is none; the message names it.
    """
    try:
        return int(index(number))  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"{name} must be a whole number, not {number!r}") from None


def written(text: str) -> int:
    """A whole number in digits: Python's `int` reads 1_0, +3 and digits of other scripts too.

    Raises:
        ValueError: anything else.
    """
    if not re.fullmatch(r"\s*-?[0-9]+\s*", text):
        raise ValueError(f"not a whole number in digits: {text!r}")
    return int(text)


def read_seeds(text: str) -> list[int]:
    """The seeds of `3,5,8:12`, where `8:12` is half-open: 3, 5, 8, 9, 10, 11.

    Raises:
        ValueError: not integers, negative, an empty or reversed range, or a seed twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, colon, end = part.strip().partition(":")
        try:
            start = written(first)
            stop = written(end) if colon else start + 1
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


def spell_seeds(seeds: Iterable[int]) -> str:
    """The shortest text from which `read_seeds` reads these seeds, sorted."""
    ordered = sorted(seeds)
    starts = [s for i, s in enumerate(ordered) if i == 0 or ordered[i - 1] != s - 1]
    ends = [s for i, s in enumerate(ordered) if i == len(ordered) - 1 or ordered[i + 1] != s + 1]
    return ",".join(str(a) if a == b else f"{a}:{b + 1}" for a, b in zip(starts, ends, strict=True))
