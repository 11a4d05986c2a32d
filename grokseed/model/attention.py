"""Attention of stacked runs: over a few keys row by row, or over all positions of an example.

Every tensor carries a leading lane axis L, one lane a run, and no lane's bits depend on another.
Shapes use N rows, d = d_model, H heads.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grokseed.model.ops import SMALL_PRODUCT, product, whole_vectors
from grokseed.private import softmax_gradient


class _Softmax(torch.autograd.Function):
    """Softmax over the first axis of [J, L, N, H]."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        padded = whole_vectors(x.flatten(2))
        weights = padded.softmax(0)
        ctx.save_for_backward(weights)
        return weights[..., : x[0, 0].numel()].unflatten(2, x.shape[2:])

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        (weights,) = ctx.saved_tensors
        weighted = softmax_gradient(whole_vectors(grad.flatten(2)), weights)
        return weighted[..., : grad[0, 0].numel()].unflatten(2, grad.shape[2:])


def for_every_query(rows: Tensor, kv_heads: int, sharing: int) -> Tensor:
    """Keys or values [L, N, kv_heads·w] as [L, N, H·w]: each head's once for each query head.

    Args:
        sharing: H / kv_heads, neighbouring query heads that share a head of keys and values.
    """
    if sharing == 1:
        return rows
    # Stacked, not expanded: backward adds whole tensors, in an order that no lane count changes.
    return torch.stack([rows.unflatten(-1, (kv_heads, -1))] * sharing, -2).flatten(2)


def scores(q: Tensor, k: Tensor, heads: int) -> Tensor:
    """Dot products of queries and keys row by row: [L, N or 1, d] twice give [L, N, H]."""
    return (q * k).unflatten(-1, (heads, -1)).sum(-1)


def fixed_scores(q: Tensor, keys: Tensor, heads: int) -> Tensor:
    """Dot products of every query with C keys that all rows share, as one product a lane.

    Args:
        q: queries [L, N, d].
        keys: [L, C, d].

    Returns:
        [L, N, C·H], heads innermost.
    """
    return product(q, _by_head(keys, heads))


def mix(scores: Tensor, fixed: Tensor, values: list[Tensor]) -> Tensor:
    """Attention's output: values weighted by the softmax of scaled scores over the keys.

    Args:
        scores: [J, L, N, H] for J = C + len(values) keys, those that all rows share first.
        fixed: values of the C keys that all rows share, [L, C, d].
        values: for each other key its value in every row, [L, N, d].

    Returns:
        [L, N, d].
    """
    heads, c = scores.shape[-1], fixed.shape[1]
    weights = _weights(scores, fixed.shape[2])
    out = product(weights[:c].permute(1, 2, 0, 3).flatten(2), _by_head(fixed, heads).mT)
    out = out.unflatten(-1, (heads, -1))
    for weight, value in zip(weights[c:].unsqueeze(-1), values, strict=True):
        out = out.addcmul_(weight, value.unflatten(-1, (heads, -1)))
    return out.flatten(-2)


def self_attention(
    q: Tensor, k: Tensor, v: Tensor, length: int, heads: int, causal: bool
) -> Tensor:
    """Attention of the last R positions of every example to all T: [L, B·R, d].

    Args:
        q: queries of the last R positions, [L, B·R, d].
        k, v: keys and values of all, [L, B·T, d] each.
        length: T.
        causal: whether a position sees no later one.
    """
    lanes, _, d = q.shape
    asked = q.shape[1] * length // k.shape[1]
    times = _small_products if q[0].numel() * length <= SMALL_PRODUCT else _products
    q, k, v = (
        part.reshape(lanes, -1, positions, heads, d // heads).transpose(2, 3).flatten(0, 2)
        for part, positions in ((q, asked), (k, length), (v, length))
    )
    # Keys first: over the last axis softmax rounds by the number of rows.
    at_keys = times(k, q * (d // heads) ** -0.5)
    if causal:
        later = torch.ones(length, length, dtype=torch.bool, device=q.device).tril(-1)
        at_keys = at_keys.masked_fill(later[:, -asked:], float("-inf"))
    mixed = times(at_keys.softmax(1).mT, v.mT)
    return mixed.view(-1, heads, asked, d // heads).transpose(1, 2).reshape(lanes, -1, d)


def _products(x: Tensor, w: Tensor) -> Tensor:
    """x @ wᵀ of matrices side by side: [N, T, K] and [N, M, K] give [N, T, M]."""
    return torch.bmm(x, w.mT)


class _SmallProducts(torch.autograd.Function):
    """The same, elementwise. Of contiguous tensors: a sum's order depends on strides and number."""

    @staticmethod
    def forward(ctx, x: Tensor, w: Tensor) -> Tensor:
        ctx.save_for_backward(x, w)
        return _elementwise(x, w)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, Tensor]:
        x, w = ctx.saved_tensors
        return _elementwise(grad, w.mT), _elementwise(grad.mT, x.mT)


def _small_products(x: Tensor, w: Tensor) -> Tensor:
    """As `_products`, for those of a lane together up to `SMALL_PRODUCT`."""
    return _SmallProducts.apply(x, w)  # type: ignore[return-value]


def _elementwise(x: Tensor, w: Tensor) -> Tensor:
    return x.contiguous().unsqueeze(2).mul(w.contiguous().unsqueeze(1)).sum(-1)


def _weights(scores: Tensor, d: int) -> Tensor:
    """Attention's weights from scores [J, L, N, H] of J keys, for heads of d / H."""
    return _Softmax.apply(scores * (d // scores.shape[-1]) ** -0.5)  # type: ignore[return-value]


def stack_scores(fixed: Tensor, others: list[Tensor]) -> Tensor:
    """Scores for `mix`: shared keys' [L, N, C·H] and each other key's [L, N, H], keys first."""
    heads = others[0].shape[-1]
    shared = fixed.unflatten(-1, (-1, heads)).permute(2, 0, 1, 3)
    return torch.cat((shared, torch.stack(others)))


def _by_head(rows: Tensor, heads: int) -> Tensor:
    """Rows [L, C, d] as [L, C·H, d], each of them zero outside one head's part."""
    mask = torch.eye(heads, dtype=rows.dtype, device=rows.device)
    mask = mask.repeat_interleave(rows.shape[-1] // heads, 1)
    return (rows.unsqueeze(2) * mask).flatten(1, 2)
