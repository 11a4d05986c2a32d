"""Exact counts of a decoder's parameters from its shapes, and the width that meets a target.

No torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from grokseed.analysis.closed_forms import Form, Sizes, decoder_form, readouts

WIDEST = 1 << 20
"""The widest d_model that `widths_around` looks at."""

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Counted:
    """The parameters of one decoder.

    Attributes:
        sizes: depth (blocks that have parameters of their own), width, length, vocabulary.
        parts: exact parameters of each part.
        form: closed forms of the same.
        tied: whether the readout uses the token embedding as its matrix.
        bottleneck_width: width of the narrow layer of readout bottleneck, else 0.
        kernel: positions that readout conv sees at a time.
    """

    sizes: Sizes
    parts: Mapping[str, int]
    form: Form
    tied: bool
    bottleneck_width: int
    kernel: int

    @property
    def blocks(self) -> int:
        """Parameters of all blocks."""
        return sum(n for part, n in self.parts.items() if part.startswith("block"))

    @property
    def readout(self) -> int:
        """The readout's own parameters."""
        return self.parts["head"]

    @property
    def total(self) -> int:
        """Parameters in all."""
        return sum(self.parts.values())

    @property
    def ratio(self) -> float:
        """Parameters of all blocks over those that the readout uses."""
        return self.blocks / (self.readout + self.tied * self.parts["token_embedding"])


def counted(
    shapes: Shapes,
    d_model: int,
    ffn_multiple: int,
    readout: str,
    bottleneck_width: int = 0,
    biases: bool = True,
    kv_share: Fraction = Fraction(1),
    kernel: int = 1,
) -> Counted:
    """Count the parameters of a decoder by part.

    Args:
        shapes: of every parameter, whose names begin with their part: `token_embedding`,
            `position_embedding`, `block1` and so on, `head`.
        d_model: width of the residual stream.
        ffn_multiple: width of the feed-forward layer in units of d_model.
        readout: one of `closed_forms.readouts`.
        bottleneck_width: width of the narrow layer of readout bottleneck.
        biases: whether linear layers have them.
        kv_share: heads of keys and values over heads of queries.
        kernel: positions that readout conv sees at a time.
    """
    parts, tied = count(shapes), readout == "tied"
    sizes = Sizes(
        layers=sum(part.startswith("block") for part in parts),
        d_model=d_model,
        length=parts["position_embedding"] // d_model,
        vocabulary=parts["token_embedding"] // d_model,
    )
    own = readouts(bottleneck_width, kernel, biases)[readout]
    form = decoder_form(ffn_multiple, own, tied, biases, kv_share)
    return Counted(sizes, parts, form, tied, bottleneck_width, kernel)


def count(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """Exact parameters of each part: the names' first words, such as `block1`, in their order."""
    parts: dict[str, int] = {}
    for name, shape in shapes.items():
        part = name.partition(".")[0]
        parts[part] = parts.get(part, 0) + prod(shape)
    return parts


def widths_around(grows: Callable[[int], float], target: float, multiple: int) -> list[int]:
    """The widths on both sides of a target, the nearer one first.

    Args:
        grows: the quantity at a width; it must not decrease with the width.
        target: the value wanted.
        multiple: widths are multiples of it.

    Returns:
        One width if it meets the target exactly or the narrowest exceeds it, else two.

    Raises:
        ValueError: the target is not above 0, or no width up to `WIDEST` reaches it.
    """
    if not 0 < target < float("inf"):
        raise ValueError(f"the target must be above 0 and finite, not {target}")
    low, high = 0, 1
    while grows(high * multiple) < target:
        low, high = high, 2 * high
        if high * multiple > WIDEST:
            most = grows(low * multiple)
            raise ValueError(
                f"no width up to {low * multiple:,} reaches {target:g}: {most:g} there"
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if grows(middle * multiple) < target else (low, middle)
    around = [k * multiple for k in (low, high) if k]
    if grows(around[-1]) == target:
        return around[-1:]
    return sorted(around, key=lambda width: abs(grows(width) - target))
