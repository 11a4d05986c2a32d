"""The layers of stacked runs: products, activations, layer norm, rows by index.

Every tensor carries a leading lane axis L, one lane a run, and no lane's bits depend on another.
Shapes use N rows, d = d_model.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

SMALL_PRODUCT = 16**3
"""Multiplications a lane up to which `bmm` would pick its kernel by the number of lanes."""

VECTOR = 32
"""Floats that the unrolled loops of torch's CPU kernels take at a time."""


class _Product(torch.autograd.Function):
    """x @ wᵀ, whose gradient for w comes in the order of w's own elements."""

    @staticmethod
    def forward(ctx, x: Tensor, w: Tensor) -> Tensor:
        w = w.contiguous()  # one copy here; else every product would make its own
        ctx.save_for_backward(x, w)
        return torch.bmm(x, w.mT)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, Tensor]:
        x, w = ctx.saved_tensors
        return torch.bmm(grad, w), torch.bmm(grad.mT, x)


def product(x: Tensor, w: Tensor) -> Tensor:
    """x @ wᵀ in every lane: [L, N, K] and [L, M, K] give [L, N, M], in the dtype of the inputs.

    `bmm` would pick its kernel by the number of lanes for few multiplications and for vectors.
    """
    if min(w.shape[1:]) > 1 and x.shape[1] * w.shape[1] * w.shape[2] > SMALL_PRODUCT:
        return _Product.apply(x, w)  # type: ignore[return-value]
    return (
        (x.unsqueeze(2).float() if x.dtype == torch.bfloat16 else x.unsqueeze(2))
        .mul(w.unsqueeze(1))
        .sum(-1)
        .to(x.dtype)
    )


def linear(x: Tensor, weight: Tensor, bias: Tensor | None, bf16: bool = False) -> Tensor:
    """x @ weightᵀ + bias in every lane: [L, N, K], [L, M, K] and [L, M] give [L, N, M].

    Args:
        bias: None for none.
        bf16: round both inputs of the product, and so its output, to bfloat16.
    """
    out = product(x.bfloat16(), weight.bfloat16()).to(x.dtype) if bf16 else product(x, weight)
    return out if bias is None else out.add_(bias.unsqueeze(1))


def whole_vectors(x: Tensor) -> Tensor:
    """The last axis padded with zeros to whole SIMD vectors.

    torch rounds exponentials and sums differently in the last, incomplete vector. Without one, no
    element's bits depend on the number of lanes.
    """
    missing = -x.shape[-1] % VECTOR
    return F.pad(x, (0, missing)) if missing else x


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "relu": F.relu,
    "silu": F.silu,
    "tanh": torch.tanh,
}


def activate(x: Tensor, name: str) -> Tensor:
    """The activation of that name of [L, N, width]."""
    return ACTIVATIONS[name](whole_vectors(x))[..., : x.shape[-1]]


def norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Layer norm over the last axis of [L, N, d] with each lane's weight and bias, [L, d]."""
    return torch.addcmul(bias.unsqueeze(1), F.layer_norm(x, x.shape[-1:]), weight.unsqueeze(1))


class _Take(torch.autograd.Function):
    """Rows of a table by index. Backward is one `index_add_`, much faster than `gather`'s."""

    @staticmethod
    def forward(ctx, table: Tensor, rows: Tensor) -> Tensor:
        ctx.shape = table.shape
        ctx.save_for_backward(rows)
        return table.flatten(0, 1).index_select(0, rows)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        lanes, n, width = ctx.shape
        if grad.device.type != "cpu":
            index = rows.view(lanes, -1) % n
            return sum_by_product(grad.view(lanes, -1, width), index, n), None
        return grad.new_zeros(lanes * n, width).index_add_(0, rows, grad).view(ctx.shape), None


def take(table: Tensor, index: Tensor) -> Tensor:
    """Rows of each lane's table: table [L, n, c] and index [L, N] give [L, N, c]."""
    lanes, n, _ = table.shape
    rows = (index + n * torch.arange(lanes, device=index.device).unsqueeze(1)).flatten()
    return _Take.apply(table, rows).view(*index.shape, -1)  # type: ignore[union-attr]


def sum_by_product(rows: Tensor, index: Tensor, n: int) -> Tensor:
    """Sums of the rows [L, N, c] that share an index [L, N] below n: [L, n, c].

    A product with zeros and ones, which adds in the same order every time; a GPU's `index_add_`
    adds in the order in which its threads happen to come.
    """
    chosen = index.unsqueeze(1) == torch.arange(n, device=index.device).unsqueeze(1)
    return torch.bmm(chosen.to(rows.dtype), rows)
