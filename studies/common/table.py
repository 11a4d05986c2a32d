"""Cells of the studies' tables."""

from collections.abc import Iterable


def with_limits(name: str, found: Iterable[float]) -> dict[str, float]:
    """A quantity and its limits in the columns `name`, `name`_low and `name`_high.

    Args:
        found: the quantity, its lower limit and its upper limit.
    """
    return dict(zip((name, f"{name}_low", f"{name}_high"), found, strict=True))
