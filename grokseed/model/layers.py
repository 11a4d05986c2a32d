"""A block's layers over stacked rows, by the names of `layout`: what every forward pass is made of.

Shapes: L lanes, N rows, d = d_model, T positions, H heads.
"""

from __future__ import annotations

from torch import Tensor

from grokseed.config import Config
from grokseed.model.ops import activate, linear, norm
from grokseed.model.weights import Parameters


class Layers:
    """The layers of stacked runs.

    Args:
        p: stacked parameters, each [L, ...].
        masks: what dropout multiplies by, two a block in their order, [L, 2 · blocks, N, d]; None
            where nothing is dropped.
    """

    def __init__(self, config: Config, p: Parameters, masks: Tensor | None = None) -> None:
        self.config, self.p = config, p
        self.bf16 = config.precision == "bf16"
        self._masks = None if masks is None else iter(masks.unbind(1))

    def linear(self, x: Tensor, name: str) -> Tensor:
        """The linear layer of that name: [L, N, K] gives [L, N, M]."""
        return linear(x, self.p[f"{name}.weight"], self.p[f"{name}.bias"], self.bf16)

    def norm(self, x: Tensor, name: str) -> Tensor:
        """The layer norm `name.norm`: [L, N, d] gives [L, N, d]."""
        return norm(x, self.p[f"{name}.norm.weight"], self.p[f"{name}.norm.bias"])

    def qkv(self, block: str, x: Tensor, x_query: Tensor) -> tuple[Tensor, ...]:
        """Queries of some rows, keys and values of all: each [L, rows, d]."""
        d, name = self.config.d_model, f"{block}.attention.qkv"
        if x_query is x:
            return self.linear(x, name).split(d, -1)
        w_q, w_kv = self.p[f"{name}.weight"].split((d, 2 * d), 1)
        b_q, b_kv = self.p[f"{name}.bias"].split((d, 2 * d), 1)
        queries = linear(x_query, w_q, b_q, self.bf16)
        return queries, *linear(x, w_kv, b_kv, self.bf16).split(d, -1)

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
        """x times the next mask."""
        return x if self._masks is None else x * next(self._masks)
