"""How two values differ, in a few words: of long ones the part that does. Loads no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LONGEST_VALUE, LONGEST_LIST = 32, 90
"""Characters of a value and of a list of differences: a line with both, and a folder, is shown
whole."""


def unlike(name: str, theirs: object, ours: object) -> str:
    """`name: theirs, not ours`."""
    if name == "text":
        return f"text: {_text(str(theirs))}, not {_text(str(ours))}"
    one, other = repr(theirs), repr(ours)
    if max(len(one), len(other)) > LONGEST_VALUE:
        pairs = enumerate(zip(one, other, strict=False))
        before = next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
        one, other = (_around(shown, before) for shown in (one, other))
    return f"{name}: {one}, not {other}"


def listed(differences: Sequence[str]) -> str:
    """The first differences, and how many more there are."""
    shown = 1
    while shown < len(differences) and len("; ".join(differences[: shown + 1])) <= LONGEST_LIST:
        shown += 1
    more = len(differences) - shown
    return "; ".join([*differences[:shown], *[f"and {more} more"] * bool(more)])


def joined(words: Iterable[str], last: str = "and") -> str:
    """Such as "split, model and loader", of one word or more."""
    *some, end = words
    return f"{', '.join(some)} {last} {end}" if some else end


def clipped(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _around(shown: str, place: int) -> str:
    """The part of a value around a place, with what is left out as dots."""
    start = max(0, min(place - LONGEST_VALUE // 4, len(shown) - LONGEST_VALUE))
    end = start + LONGEST_VALUE
    return f"{'…' * (start > 0)}{shown[start:end]}{'…' * (end < len(shown))}"


def _text(name: str) -> str:
    """A text of task rote, which a config names by its content."""
    return f"a file whose sha256sum is {name[7:15]}…" if name else "the shipped text"
