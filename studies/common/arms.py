"""Shared by studies of several arms, each of which has a config and a folder of its own."""

from collections.abc import Callable, Collection
from typing import Any

from common.study import options_of
from grokseed.seeds import Seeds


def unshared(first: int, number: int) -> list[Seeds]:
    """Runs of which no two share a split, weights or an order."""
    return [Seeds(s, s, s, s + 1) for s in range(first, first + 2 * number, 2)]


def to_train(
    doc: str | None,
    name: str,
    arms: Collection,
    argv: list[str] | None,
    read: Callable[[str], Any] = str,
) -> tuple[list[Any], dict[str, Any]]:
    """The arms that a command line asks to train, and how, as options of `grokseed.scan`.

    Args:
        doc: as `options_of` takes it.
        name: of the option that names arms.
        read: makes an arm from a word.
    """
    options, known = options_of(doc), ",".join(map(str, arms))
    options.add_argument(f"--{name}", default=known, help=f"{name} to train")
    asked = options.parse_args(argv)
    wanted = [] if asked.export else [read(word) for word in getattr(asked, name).split(",")]
    if unknown := [arm for arm in wanted if arm not in arms]:  # before anything is trained
        options.error(f"--{name} must be of {known}, not {unknown[0]!r}")
    return wanted, {"mixed_numerics": asked.mixed_numerics, "compile": "yes"}
