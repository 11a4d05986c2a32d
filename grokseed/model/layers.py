"""A block's layers over stacked rows, by the names of `layout`: what every forward pass is made of.

Shapes: L lanes, N rows, d = d_model, T positions, H heads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor, cat
from torch.nn.functional import pad

from grokseed.config import Config
from grokseed.model.attention import for_every_query
from grokseed.model.layout import qkv_widths
from grokseed.model.ops import activate, linear, norm, take
from grokseed.model.weights import Parameters
from grokseed.vocabulary import sequence


@dataclass(frozen=True)
class Rows:
    """Rows at some neighbouring positions, which several examples may have in common.

    Attributes:
        table: [L, n, positions, width].
        index: for each example, which of the n it has, int64 [L, B]; None if n = B and each
            example has its own.
    """

    table: Tensor
    index: Tensor | None = None

    def mapped(self, layer: Callable[[Tensor], Tensor]) -> Rows:
        """What a layer makes of every row: it is given [L, n·positions, width]."""
        n_positions = self.table.shape[1:3]
        return replace(self, table=layer(self.table.flatten(1, 2)).unflatten(1, n_positions))


class Layers:
    """The layers of stacked runs.

    Args:
        p: stacked parameters, each [L, ...].
        masks: what dropout multiplies by, two a block in their order, [L, 2 · blocks, B·T, d];
            None where nothing is dropped.
    """

    def __init__(self, config: Config, p: Parameters, masks: Tensor | None = None) -> None:
        self.config, self.p = config, p
        self.bf16 = config.precision == "bf16"
        self._masks = None if masks is None else iter(masks.unbind(1))

    def linear(self, x: Tensor, name: str) -> Tensor:
        """The linear layer of that name: [L, N, K] gives [L, N, M].

        A convolution of width 1 over positions is one too: its weight is [L, M, K, 1].
        """
        weight = self.p[f"{name}.weight"].flatten(2)
        return linear(x, weight, self.p.get(f"{name}.bias"), self.bf16)

    def tied(self, x: Tensor) -> Tensor:
        """The token embedding as output matrix, without a bias: [L, N, d] gives [L, N, tokens]."""
        return linear(x, self.p["token_embedding.weight"], None, self.bf16)

    def norm(self, x: Tensor, name: str) -> Tensor:
        """The layer norm `name.norm`: [L, N, d] gives [L, N, d]."""
        return norm(x, self.p[f"{name}.norm.weight"], self.p[f"{name}.norm.bias"])

    def norm_rows(self, rows: Sequence[Rows], name: str) -> list[Rows]:
        """The layer norm `name.norm` at each position."""
        return [each.mapped(lambda x: self.norm(x, name)) for each in rows]

    def linear_rows(self, rows: Sequence[Rows], name: str) -> list[Rows]:
        """The linear layer of that name at each position."""
        return [each.mapped(lambda x: self.linear(x, name)) for each in rows]

    def convolution(self, rows: Rows, name: str) -> Rows:
        """The convolution of that name over positions, with zeros beyond both ends.

        Its weight is [L, M, K, kernel]; K values of each of the kernel's positions are one row of a
        linear layer.
        """
        weight = self.p[f"{name}.weight"]
        kernel, length = weight.shape[3], rows.table.shape[2]
        padded = pad(rows.table, (0, 0, kernel // 2, kernel // 2))
        seen = cat([padded[:, :, i : i + length] for i in range(kernel)], -1)
        weight, bias = weight.transpose(2, 3).flatten(2), self.p.get(f"{name}.bias")
        return Rows(seen).mapped(lambda x: linear(x, weight, bias, self.bf16))

    def dense(self, rows: Sequence[Rows], name: str) -> Tensor:
        """The linear layer of that name over all positions at once: [L, B, M]."""
        widths = [each.table.flatten(2).shape[2] for each in rows]
        weight, *weights = self.p[f"{name}.weight"].split(widths, 2)
        out = self._of_each(rows[0], weight, self.p.get(f"{name}.bias"))
        for others, weight in zip(rows[1:], weights, strict=True):
            out = out + self._of_each(others, weight, None)
        return out

    def _of_each(self, rows: Rows, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Each example's row, all positions at once, through a linear layer: [L, B, M].

        For rows that examples have in common, the product is computed once and then looked up,
        unless the rows are narrower than the product.
        """
        x, index = rows.table.flatten(2), rows.index
        if index is None:
            return linear(x, weight, bias, self.bf16)
        if x.shape[2] < weight.shape[1]:
            return linear(take(x, index), weight, bias, self.bf16)
        return take(linear(x, weight, bias, self.bf16), index)

    def qkv(self, block: str, x: Tensor, x_query: Tensor) -> tuple[Tensor, ...]:
        """Queries of some rows, keys and values of all: each [L, rows, d].

        A head of keys and values that several heads of queries share stands there for each.
        """
        name, (d, *shared) = f"{block}.attention.qkv", qkv_widths(self.config)
        if x_query is x:
            queries, *others = self.linear(x, name).split((d, *shared), -1)
        else:
            w_q, w_kv = self.p[f"{name}.weight"].split((d, sum(shared)), 1)
            bias = self.p.get(f"{name}.bias")
            b_q, b_kv = (None, None) if bias is None else bias.split((d, sum(shared)), 1)
            queries = linear(x_query, w_q, b_q, self.bf16)
            others = linear(x, w_kv, b_kv, self.bf16).split(shared, -1)
        heads = self.config.heads
        kv_heads = self.config.kv_heads or heads
        return queries, *(for_every_query(rows, kv_heads, heads // kv_heads) for rows in others)

    def rest(self, block: str, x: Tensor, mixed: Tensor) -> Tensor:
        """A block from its mixed values on: output projection, residuals, norms and FFN.

        Args:
            x: the block's input, [L, N, d].
            mixed: attention's output before its projection, [L, N, d].
        """
        out = self._dropped(self.linear(mixed, f"{block}.attention.out"))
        x = self.norm(out.add_(x), f"{block}.attention")
        up = self.linear(x, f"{block}.ffn.up")
        down = self._dropped(self.linear(activate(up, self.config.activation), f"{block}.ffn.down"))
        return self.norm(down.add_(x), f"{block}.ffn")

    def _dropped(self, x: Tensor) -> Tensor:
        """x times the next mask; if x has only the last positions, times their part of it."""
        if self._masks is None:
            return x
        mask, length = next(self._masks), len(sequence(self.config))
        asked = length * x.shape[1] // mask.shape[1]
        return x * mask.unflatten(1, (-1, length))[:, :, length - asked :].flatten(1, 2)
