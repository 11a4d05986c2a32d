"""All parameters of a lane as one row of a buffer [L, width], so that an update is one operation.

Each parameter is padded to whole SIMD vectors, so that its bits do not depend on its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.model.ops import VECTOR

Shapes = Mapping[str, Sequence[int]]
"""The shape of each parameter of one lane."""


def places(shapes: Shapes) -> list[tuple[int, int]]:
    """The size of each parameter, and the width that it takes in a row."""
    sizes = [torch.Size(shape).numel() for shape in shapes.values()]
    return [(size, -(-size // VECTOR) * VECTOR) for size in sizes]


def row_width(shapes: Shapes) -> int:
    """The width of a row."""
    return sum(width for _, width in places(shapes))


def views(buffer: Tensor, shapes: Shapes) -> dict[str, Tensor]:
    """The parameters in a buffer [L, width], by name, each [L, ...]."""
    parts = buffer.split([width for _, width in places(shapes)], 1)
    sizes = (size for size, _ in places(shapes))
    return {
        name: part[:, :size].unflatten(1, tuple(shape))
        for (name, shape), part, size in zip(shapes.items(), parts, sizes, strict=True)
    }


def joined(values: Iterable[Tensor], shapes: Shapes) -> Tensor:
    """A buffer [L, width] made of parameters' values, each [L, ...], in the order of `shapes`."""
    return torch.cat(
        [
            F.pad(v.flatten(1), (0, width - size)) if width > size else v.flatten(1)
            for v, (size, width) in zip(values, places(shapes), strict=True)
        ],
        1,
    )
