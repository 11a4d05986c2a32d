"""The decoder: parameters drawn from a generator, and the forward pass over stacked runs.

Every tensor carries a leading lane axis L, one lane a run. Shapes use B examples, d = d_model,
p residues, H heads. Two forward passes compute the same function: `logits` shares prefixes, and
`logits_all_tokens` computes all five positions of every example, as plain code would.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.task import EOS, EQUALS, RESIDUE, VOCABULARY, vocabulary_size

POSITIONS = 5
"""Tokens of a sequence: eos, a, op, b, =."""

Parameters = Mapping[str, Tensor]

SMALL_PRODUCT = 16**3
"""Multiplications a lane up to which `bmm` would pick its kernel by the number of lanes."""


def parameter_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """The shape of every parameter of one run, in module order; names begin with their group."""
    d, vocabulary = config.d_model, vocabulary_size(config)
    ffn = config.ffn_multiple * d
    shapes: dict[str, tuple[int, ...]] = {
        "token_embedding.weight": (vocabulary, d),
        "position_embedding.weight": (POSITIONS, d),
    }
    for block in range(1, config.layers + 1):
        shapes |= {
            f"block{block}.attention.qkv.weight": (3 * d, d),
            f"block{block}.attention.qkv.bias": (3 * d,),
            f"block{block}.attention.out.weight": (d, d),
            f"block{block}.attention.out.bias": (d,),
            f"block{block}.attention.norm.weight": (d,),
            f"block{block}.attention.norm.bias": (d,),
            f"block{block}.ffn.up.weight": (ffn, d),
            f"block{block}.ffn.up.bias": (ffn,),
            f"block{block}.ffn.down.weight": (d, ffn),
            f"block{block}.ffn.down.bias": (d,),
            f"block{block}.ffn.norm.weight": (d,),
            f"block{block}.ffn.norm.bias": (d,),
        }
    return shapes | {
        "head.norm.weight": (d,),
        "head.norm.bias": (d,),
        "head.weight": (vocabulary, d),
        "head.bias": (vocabulary,),
    }


def groups(config: Config) -> list[str]:
    """The layer groups in module order: the embeddings, each block's attention and FFN, the head."""
    blocks = (f"block{i}.{part}" for i in range(1, config.layers + 1) for part in _PARTS)
    return ["token_embedding", "position_embedding", *blocks, "head"]


_PARTS = ("attention", "ffn")


def group_of(parameter: str) -> str:
    """The layer group that a parameter belongs to."""
    head, part, *_ = parameter.split(".")
    return f"{head}.{part}" if part in _PARTS else head


def initial_parameters(config: Config, generator: torch.Generator) -> dict[str, Tensor]:
    """One run's initial parameters, float32 on the CPU, drawn in the order of `torch.nn`'s layers.

    Embeddings N(0, 1); then a block at a time: attention's output projection as an `nn.Linear`
    (whose bias is drawn and then zeroed), the fused q, k, v weight Xavier-uniform, the two FFN
    layers as `nn.Linear`; then the head as `nn.Linear`. Layer norms start at 1 and 0.
    """
    shapes = parameter_shapes(config)
    drawn = {
        name: torch.ones(shape) if name.endswith("norm.weight") else torch.zeros(shape)
        for name, shape in shapes.items()
    }

    def draw_linear(name: str) -> None:
        weight, bias = drawn[f"{name}.weight"], drawn[f"{name}.bias"]
        torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
        bound = 1 / math.sqrt(weight.shape[1])
        bias.uniform_(-bound, bound, generator=generator)

    drawn["token_embedding.weight"].normal_(generator=generator)
    drawn["position_embedding.weight"].normal_(generator=generator)
    for block in range(1, config.layers + 1):
        draw_linear(f"block{block}.attention.out")
        drawn[f"block{block}.attention.out.bias"].zero_()
        torch.nn.init.xavier_uniform_(
            drawn[f"block{block}.attention.qkv.weight"], generator=generator
        )
        draw_linear(f"block{block}.ffn.up")
        draw_linear(f"block{block}.ffn.down")
    draw_linear("head")
    return drawn


class Linear:
    """x @ wᵀ + b in every lane, with matmul inputs rounded to bf16 where the config says so."""

    def __init__(self, config: Config) -> None:
        self.bf16 = config.precision == "bf16"

    def __call__(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """x [L, N, K], weight [L, M, K] and bias [L, M] give [L, N, M]."""
        if self.bf16:
            x, weight = x.bfloat16(), weight.bfloat16()
        if x.shape[1] * weight[0].numel() <= SMALL_PRODUCT:
            product = (x.to(bias.dtype).unsqueeze(2) * weight.unsqueeze(1)).sum(-1)
        else:
            product = torch.bmm(x, weight.mT)
        return product.to(bias.dtype).add_(bias.unsqueeze(1))


class _Take(torch.autograd.Function):
    """Rows of a table by index. Backward is one `index_add_`, several times `gather`'s speed."""

    @staticmethod
    def forward(ctx, table: Tensor, rows: Tensor) -> Tensor:
        ctx.shape = table.shape
        ctx.save_for_backward(rows)
        return table.flatten(0, 1).index_select(0, rows)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        lanes, n, width = ctx.shape
        return grad.new_zeros(lanes * n, width).index_add_(0, rows, grad).view(ctx.shape), None


def take(table: Tensor, index: Tensor) -> Tensor:
    """Rows of each lane's table: table [L, n, c] and index [L, B] give [L, B, c]."""
    lanes, n, _ = table.shape
    rows = (index + n * torch.arange(lanes, device=index.device).unsqueeze(1)).flatten()
    return _Take.apply(table, rows).view(*index.shape, -1)  # type: ignore[union-attr]


def attend(q: Tensor, keys: list[Tensor], values: list[Tensor], heads: int) -> Tensor:
    """Scaled dot-product attention of every row's query over a short list of keys.

    Args:
        q: queries [L, N, d] or [L, 1, d], the same for all rows.
        keys: for each key position [L, N, d] or [L, 1, d].
        values: likewise.
        heads: number of heads.

    Returns:
        Mixed values [L, N, d].
    """
    scale = 1 / math.sqrt(q.shape[-1] // heads)
    q = (q * scale).unflatten(-1, (heads, -1))
    scores = [(q * k.unflatten(-1, (heads, -1))).sum(-1) for k in keys]
    weights = torch.stack(torch.broadcast_tensors(*scores), -1).softmax(-1).unsqueeze(-2)
    mixed = sum(
        weights[..., j] * v.unflatten(-1, (heads, -1)) for j, v in enumerate(values)
    )
    return mixed.flatten(-2)  # type: ignore[union-attr]


def norm(x: Tensor, p: Parameters, name: str) -> Tensor:
    """Layer norm over the last axis of [L, N, d] with each lane's weight and bias."""
    plain = F.layer_norm(x, x.shape[-1:])
    weight, bias = p[f"{name}.norm.weight"].unsqueeze(1), p[f"{name}.norm.bias"].unsqueeze(1)
    return torch.addcmul(bias, plain, weight)


class Decoder:
    """The forward pass of a config over stacked parameters."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.heads = config.heads
        self.linear = Linear(config)
        self.operation = VOCABULARY.index(config.operation)

    def logits(self, p: Parameters, a: Tensor, b: Tensor) -> Tensor:
        """Logits over the vocabulary at `=`, with shared prefixes.

        In a causal decoder position k sees only positions up to k: the eos row is one row for
        all examples, the a and op rows depend on a alone, and only the b and `=` rows differ from
        example to example. The first block's q, k, v depend on one token. The last block needs
        query, output and FFN at `=` alone.

        Args:
            p: stacked parameters, each [L, ...].
            a: residues of the first operand, int64 [L, B].
            b: residues of the second operand, int64 [L, B].

        Returns:
            Logits [L, B, vocabulary].
        """
        x = None
        for block in range(1, self.config.layers + 1):
            last = block == self.config.layers
            x = self._first_block(p, a, b, last) if x is None else self._block(p, block, x, a, last)
        assert x is not None
        return self._head(p, x)

    def _first_block(self, p: Parameters, a: Tensor, b: Tensor, last: bool) -> Tensor:
        tokens, positions = p["token_embedding.weight"], p["position_embedding.weight"]
        n, d = self.config.p, self.config.d_model
        fixed = tokens[:, [EOS, self.operation, EQUALS]] + positions[:, [0, 2, 4]]
        residues = tokens[:, RESIDUE:]
        x = torch.cat((fixed, residues + positions[:, 1:2], residues + positions[:, 3:4]), 1)
        weight, bias = p["block1.attention.qkv.weight"], p["block1.attention.qkv.bias"]
        if last:
            q_equals = self.linear(x[:, 2:3], weight[:, :d], bias[:, :d])
            qkv = self.linear(x, weight[:, d:], bias[:, d:])
        else:
            qkv = self.linear(x, weight, bias)
            q_equals = qkv[:, 2:3, :d]
        fixed_qkv, a_qkv, b_qkv = qkv.split((3, n, n), 1)
        k_eos, v_eos = fixed_qkv[:, 0:1, -2 * d : -d], fixed_qkv[:, 0:1, -d:]
        k_op, v_op = fixed_qkv[:, 1:2, -2 * d : -d], fixed_qkv[:, 1:2, -d:]
        k_equals, v_equals = fixed_qkv[:, 2:3, -2 * d : -d], fixed_qkv[:, 2:3, -d:]
        k_a, v_a = take(a_qkv[..., -2 * d :], a).split(d, -1)
        b_rows = take(b_qkv if last else torch.cat((b_qkv, x[:, 3 + n :]), -1), b)
        at = 0 if last else d
        k_b, v_b = b_rows[..., at : at + d], b_rows[..., at + d : at + 2 * d]
        keys, values = [k_eos, k_a, k_op, k_b], [v_eos, v_a, v_op, v_b]
        equals = attend(q_equals, [*keys, k_equals], [*values, v_equals], self.heads)
        x_equals = x[:, 2:3].expand(-1, a.shape[1], -1)
        if last:
            return self._rest(p, 1, x_equals, equals)
        table_k, table_v = a_qkv[..., d : 2 * d], a_qkv[..., 2 * d :]
        at_a = attend(a_qkv[..., :d], [k_eos, table_k], [v_eos, table_v], self.heads)
        q_op = fixed_qkv[:, 1:2, :d]
        at_op = attend(q_op, [k_eos, table_k, k_op], [v_eos, table_v, v_op], self.heads)
        at_b = attend(b_rows[..., :d], keys, values, self.heads)
        mixed = torch.cat((v_eos, at_a, at_op, at_b, equals), 1)
        x_op = x[:, 1:2].expand(-1, n, -1)
        before = torch.cat((x[:, 0:1], x[:, 3 : 3 + n], x_op, b_rows[..., 3 * d :], x_equals), 1)
        return self._rest(p, 1, before, mixed)

    def _block(self, p: Parameters, block: int, x: Tensor, a: Tensor, last: bool) -> Tensor:
        """A later block. Its rows are eos, a of each residue, op of each residue, b, `=`."""
        d, n, examples = self.config.d_model, self.config.p, a.shape[1]
        sizes = (1, n, n, examples, examples)
        weight = p[f"block{block}.attention.qkv.weight"]
        bias = p[f"block{block}.attention.qkv.bias"]
        if last:
            x_equals = x[:, -examples:]
            q_equals = self.linear(x_equals, weight[:, :d], bias[:, :d])
            kv = self.linear(x, weight[:, d:], bias[:, d:])
        else:
            x_equals = x
            qkv = self.linear(x, weight, bias)
            q, kv = qkv[..., :d], qkv[..., d:]
            q_equals = q[:, -examples:]
        eos, table_a, table_op, b, equals = kv.split(sizes, 1)
        rows = take(torch.cat((table_a, table_op), -1), a)
        sources = [eos, rows[..., : 2 * d], rows[..., 2 * d :], b, equals]
        keys, values = [s[..., :d] for s in sources], [s[..., d:] for s in sources]
        mixed = attend(q_equals, keys, values, self.heads)
        if not last:
            q_a, q_op, q_b = (t for t in q.split(sizes, 1)[1:4])  # type: ignore[possibly-undefined]
            tables = [eos, table_a, table_op]
            table_k, table_v = [s[..., :d] for s in tables], [s[..., d:] for s in tables]
            mixed = torch.cat(
                (
                    eos[..., d:],
                    attend(q_a, table_k[:2], table_v[:2], self.heads),
                    attend(q_op, table_k, table_v, self.heads),
                    attend(q_b, keys[:4], values[:4], self.heads),
                    mixed,
                ),
                1,
            )
        return self._rest(p, block, x_equals, mixed)

    def _rest(self, p: Parameters, block: int, x: Tensor, mixed: Tensor) -> Tensor:
        """A block from its mixed values on: output projection, residuals, norms and FFN."""
        attention, ffn = f"block{block}.attention", f"block{block}.ffn"
        out = self.linear(mixed, p[f"{attention}.out.weight"], p[f"{attention}.out.bias"])
        x = norm(x + out, p, attention)
        up = self.linear(x, p[f"{ffn}.up.weight"], p[f"{ffn}.up.bias"])
        down = self.linear(F.gelu(up), p[f"{ffn}.down.weight"], p[f"{ffn}.down.bias"])
        return norm(x + down, p, ffn)

    def _head(self, p: Parameters, x: Tensor) -> Tensor:
        return self.linear(norm(x, p, "head"), p["head.weight"], p["head.bias"])

    def logits_all_tokens(self, p: Parameters, a: Tensor, b: Tensor) -> Tensor:
        """As `logits`, every position of every example computed: the judge of prefix sharing."""
        lanes, examples = a.shape
        d = self.config.d_model
        ones = torch.ones_like(a)
        tokens = torch.stack(
            (ones * EOS, a + RESIDUE, ones * self.operation, b + RESIDUE, ones * EQUALS), -1
        )
        lane = torch.arange(lanes, device=a.device).view(-1, 1, 1)
        x = p["token_embedding.weight"][lane, tokens] + p["position_embedding.weight"].unsqueeze(1)
        x = x.flatten(1, 2)
        for block in range(1, self.config.layers + 1):
            name = f"block{block}.attention.qkv"
            qkv = self.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])
            qkv = qkv.view(lanes, examples, POSITIONS, 3, self.heads, -1)
            q, k, v = qkv.permute(3, 0, 1, 4, 2, 5)
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = self._rest(p, block, x, mixed.transpose(2, 3).reshape(lanes, -1, d))
        return self._head(p, x.view(lanes, examples, POSITIONS, d)[:, :, -1])


def stack(runs: Iterator[dict[str, Tensor]] | list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Parameters of several runs, stacked on a new leading lane axis."""
    runs = list(runs)
    return {name: torch.stack([run[name] for run in runs]) for name in runs[0]}
