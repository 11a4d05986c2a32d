"""What commands have asked a folder for: seeds, and early rules on their runs. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from grokseed.config import Scheme
from grokseed.early import spelled_rule
from grokseed.seeds import MOST_SEEDS, STREAMS, Seeds, read_seeds, spell_seeds


class Asked(NamedTuple):
    """What commands have asked for: how many runs, and each stream's seeds as `spell_seeds` writes
    them.

    For several commands, `runs` is the sum if their runs must be different, because a stream has
    different seeds. Else it is a lower bound: the largest of the number of any command, the number
    of seeds of any stream, as each seed needs a run, and the number of stored runs. Seeds are empty
    where an older folder did not say them.
    """

    runs: int = 0
    split: str = ""
    model: str = ""
    loader: str = ""
    val: str = ""

    @classmethod
    def of(cls, runs: Iterable[Seeds]) -> Asked:
        """What a command asks for."""
        some = list(runs)
        seeds = {s: spell_seeds({getattr(run, s) for run in some}) for s in STREAMS}
        return cls(len(some), **seeds)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Asked:
        """Read what `_asdict` gave.

        Raises:
            TypeError, ValueError: it gave something else.
        """
        asked = cls(**stored)
        if type(asked.runs) is not int or asked.runs < 0:
            raise ValueError(f"asked for {asked.runs!r} runs")
        for stream in STREAMS:
            _check_seeds(getattr(asked, stream))
        return asked

    def joined(self, other: Asked) -> Asked:
        """What both ask for together."""
        texts = {s: (getattr(self, s), getattr(other, s)) for s in STREAMS}
        seeds = {s: (_seeds(mine), _seeds(its)) for s, (mine, its) in texts.items() if mine != its}
        apart = any(mine and its and mine.isdisjoint(its) for mine, its in seeds.values())
        union = {s: mine | its for s, (mine, its) in seeds.items()}
        runs = self.runs + other.runs if apart else max(self.runs, other.runs)
        runs = max([runs, *map(len, union.values())])
        same = {s: mine for s, (mine, _) in texts.items()}
        return Asked(runs, **same | {s: spell_seeds(found) for s, found in union.items()})

    def at_least(self, n: int) -> Asked:
        """The same, of `n` runs or more."""
        return self._replace(runs=max(self.runs, n))

    def at_most(self, scheme: Scheme, own_split: bool) -> Asked:
        """The same, of no more runs than these seeds can have without grafts, where the scheme ties
        streams.

        Args:
            own_split: whether each stored run has the split of its model seed.
        """
        if scheme == "independent":
            return self
        free = [self.model]
        if scheme == "diary":
            tied = own_split and self.split == self.model
            free += [self.loader, self.val] + [self.split] * (not tied)
        if not all(free):  # an older folder did not say its seeds
            return self
        return self._replace(runs=min(self.runs, math.prod(len(_seeds(text)) for text in free)))


def _seeds(text: str) -> set[int]:
    return set(read_seeds(text)) if text else set()


def _check_seeds(text: str) -> None:
    """Raise ValueError if `spell_seeds` has not written it, without making a list of the seeds."""
    before, n = -1, 0
    for part in text.split(",") if text != "" else ():
        first, colon, end = part.partition(":")
        start, stop = int(first), int(end) if colon else int(first) + 1
        n += stop - start
        if not before < start < stop or n > MOST_SEEDS:
            raise ValueError(f"no list of seeds: {text[:80]!r}")
        before = stop - 1


Rules = dict[str, dict[str, str]]
"""Early rules by their text, each with the folder and the model seeds that it was fitted on."""


def read_rules(stored: Mapping[str, Mapping[str, Any]]) -> Rules:
    """Read the rules of a folder or a store.

    Raises:
        ValueError, TypeError, AttributeError: these are no rules.
    """
    rules = {str(spelled_rule(text)): about for text, about in stored.items()}
    return {rule: {k: str(about[k]) for k in ("folder", "model")} for rule, about in rules.items()}
