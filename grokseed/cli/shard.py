"""`--shard i/n`: one of n parts of a command's runs, for machines that share nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from grokseed.seeds import Seeds


class Shard(NamedTuple):
    """Part `number`, from 1, of `of`. A run's part depends on its seeds and graft alone. So on any
    machines the parts of a command are disjoint and together hold all its runs."""

    number: int = 1
    of: int = 1

    @classmethod
    def read(cls, text: str) -> Shard:
        """Read a shard such as `2/5`.

        Raises:
            ValueError: anything else.
        """
        spelled = re.fullmatch(r"([1-9]\d{0,6})/([1-9]\d{0,6})", text, re.ASCII)
        if not spelled or int(spelled[1]) > int(spelled[2]):
            raise ValueError(f"--shard is written like 2/5, from 1/5 to 5/5, not {text!r}")
        return cls(int(spelled[1]), int(spelled[2]))

    def cut(self, runs: Sequence[Seeds]) -> list[Seeds]:
        """The runs of this shard, in their order.

        Raises:
            ValueError: none are.
        """
        if self.of == 1:
            return [*runs]
        mine = [run for run in runs if place(run) % self.of == self.number - 1]
        if not mine:
            these = f"these {len(runs):,} runs" if len(runs) > 1 else "this command's one run"
            raise ValueError(f"--shard {self.number}/{self.of} holds none of {these}")
        return mine

    def folder(self, name: str) -> str:
        """The shard's default folder, from that of the whole command."""
        return name if self.of == 1 else f"{name}_shard-{self.number}-of-{self.of}"


def place(run: Seeds) -> int:
    """A hash of 256 bits that is the same on every machine, unlike Python's own."""
    named = f"{run.split},{run.model},{run.loader},{run.val},{run.graft}"
    return int.from_bytes(hashlib.sha256(named.encode()).digest())
