"""The union of the runs of several folders, and the source of each run. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

from grokseed.config import difference
from grokseed.records.database import NondeterminismError, StoreError
from grokseed.records.row import Row, rank
from grokseed.records.source import Source
from grokseed.seeds import Seeds
from grokseed.unlike import listed


class Union(NamedTuple):
    """The union of some sources.

    Attributes:
        place: for each run the number of the source it is taken from.
        numerics: those of all runs in the sources except crashed ones; runs that were left out
            count as well.
        left_out: how many runs several sources have under different numerics. Only one training of
            each is in the union.
        whole: how many runs have their whole trajectory.
    """

    place: dict[Seeds, int]
    numerics: set[str]
    left_out: int
    whole: int


class _Candidate(NamedTuple):
    """A run in one source, ordered by preference: of two, the smaller is taken.

    Preferred are, in this order: a result over a crash, a run that went on over one that an early
    verdict stopped, of two stopped ones the longer, a whole trajectory over thinned points, and a
    run of the `own` folder. Last, the content of the row decides, the fuller one first, so that the
    order of sources does not matter.
    """

    crashed: bool
    stopped: bool
    fewer_steps: int
    thinned: bool
    foreign: bool
    empty_fields: int
    fields: tuple[str, ...]
    place: int
    numerics: str


def union(sources: Sequence[Source], own: int = 0) -> Union:
    """The union of the runs of all sources, which are read in full and checked.

    Args:
        own: number of first sources that are the folder merged into; their runs stay.

    Raises:
        StoreError: configs differ, or a source is damaged.
        NondeterminismError: a run has two digests under the same numerics.
    """
    check_configs(sources)
    digests: dict[tuple[Seeds, str, str], tuple[str, int]] = {}
    taken: dict[Seeds, _Candidate] = {}
    left_out: set[Seeds] = set()
    for place, source in enumerate(sources):
        key = source.config.key()
        for row, _, trajectory in source.each():
            if row.status != "crashed":
                # A run under another verdict is longer or shorter, and so has another digest.
                stopped = row.early if row.status == "stopped" else ""
                one = row.seeds, row.made.numerics, stopped
                digest, first = digests.setdefault(one, (row.digest, place))
                if digest != row.digest:
                    raise NondeterminismError(
                        f"{row.seeds} has two digests: {digest[:12]} in {sources[first]}, "
                        f"{row.digest[:12]} in {source}"
                    )
            there = taken.get(row.seeds)
            new = _candidate(row, key, place, thinned=trajectory is None, foreign=place >= own)
            alike = there and (there.crashed, there.stopped) == (new.crashed, new.stopped)
            if there and alike and not new.crashed and there.numerics != new.numerics:
                left_out.add(row.seeds)
            elif there is None or new < there:
                taken[row.seeds] = new
    results = [run for run in taken.values() if not run.crashed]
    return Union(
        {seeds: run.place for seeds, run in taken.items()},
        {numerics for _, numerics, _ in digests},
        len(left_out),
        sum(not run.thinned for run in results),
    )


def check_configs(sources: Sequence[Source]) -> None:
    """Raise StoreError, with the fields that differ, if a source has another config than the
    first."""
    for source in sources[1:]:
        if differs := difference(sources[0].config, asdict(source.config)):
            raise StoreError(f"{source} is of another config than {sources[0]}: {listed(differs)}")


def _candidate(row: Row, key: str, place: int, *, thinned: bool, foreign: bool) -> _Candidate:
    fields = tuple(row.fields(key).values())
    empty = sum(not field for field in fields)
    own = thinned, foreign, empty, fields, place, row.made.numerics
    return _Candidate(*rank(row.status, row.scalars["steps"]), *own)
