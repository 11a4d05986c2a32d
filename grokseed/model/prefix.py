"""The prefix-shared forward pass: rows that several examples have in common are computed once.

In a causal decoder a position sees only itself and what stands before it. An example is
`eos a op b =`, and all examples have one eos and one op, so the rows of a lane are

    position   eos    a              op             b                =
    sees       eos    eos a          eos a op       eos a op b       eos a op b =
    rows       1      p              p              B                B
               one    one a residue  one a residue  one an example   one an example

               +---+--------------+--------------+----------------+----------------+
    x [L,.,d]  |eos| a = 0 .. p-1 | a = 0 .. p-1 | example 0..B-1 | example 0..B-1 |
               +---+--------------+--------------+----------------+----------------+
                            |            |           ^                ^
                            +------------+-- take ---+----------------+
                                         by the example's a

1 + 2p + 2B rows in place of 5B. Two blocks need less. The first one's input is the embeddings, so
its q, k, v depend on one token and position: 3 + 2p rows, and a row of b is taken by the example's
b. The last one needs queries, output projection and FFN at `=` alone, for a readout that reads no
other position.

Shapes: L lanes, B examples, p residues, d = d_model, H heads.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.model.attention import fixed_scores, mix, scores, stack_scores
from grokseed.model.layers import Layers, Rows
from grokseed.model.layout import layers_of
from grokseed.model.ops import take
from grokseed.model.readout import reads_one
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, operation_token, sequence


def gives(config: Config, positions: Sequence[str]) -> bool:
    """Whether it can give the rows at these positions: it gives the last one, or all."""
    names = sequence(config)
    return tuple(positions) in (names[-1:], names)


def rows(layers: Layers, a: Tensor, b: Tensor) -> list[Rows]:
    """The last block's rows at the positions that the readout reads.

    Of one position [L, B, 1, d]. Of all, eos, a and op once a residue, [L, p, 3, d], and b and `=`
    once an example, [L, B, 2, d].

    Args:
        a: residues of the first operand, int64 [L, B].
        b: residues of the second operand, int64 [L, B].
    """
    config = layers.config
    first, *later = layers_of(config)
    last_alone = reads_one(config)
    x = _first_block(layers, first, a, b, last=last_alone and not later)
    for number, block in enumerate(later, 1):
        x = _later_block(layers, block, x, a, last=last_alone and number == len(later))
    if last_alone:
        return [Rows(x.unsqueeze(2))]
    n, examples = config.p, a.shape[1]
    eos, at_a, at_op, at_b, equals = x.split((1, n, n, examples, examples), 1)
    # eos is repeated for each residue: p rows more, but one product and one look-up less
    early = torch.stack((eos.expand(-1, n, -1), at_a, at_op), 2)
    return [Rows(early, a), Rows(torch.stack((at_b, equals), 2))]


def _embedded(layers: Layers) -> Tensor:
    """Rows of eos, op, `=`, then of each residue as a, and of each as b: [L, 3 + 2p, d]."""
    tokens, positions = layers.p["token_embedding.weight"], layers.p["position_embedding.weight"]
    op = operation_token(layers.config)
    # Slices, as a list of indices would be copied to the device, which a CUDA graph cannot record.
    fixed = torch.cat([tokens[:, i : i + 1] for i in (EOS, op, EQUALS)], 1)
    fixed = fixed + positions[:, 0::2]
    residues = tokens[:, RESIDUE:]
    return torch.cat((fixed, residues + positions[:, 1:2], residues + positions[:, 3:4]), 1)


def _first_block(layers: Layers, block: str, a: Tensor, b: Tensor, last: bool) -> Tensor:
    """Attention over tables: a key's row, and its score with `=`, depend on one residue."""
    n, d, heads = layers.config.p, layers.config.d_model, layers.config.heads
    x = _embedded(layers)
    q, k, v = layers.qkv(block, x, x[:, 2:3] if last else x)
    k_fixed, k_a, k_b = k.split((3, n, n), 1)
    v_fixed, v_a, v_b = v.split((3, n, n), 1)
    q_equals = q[:, :1] if last else q[:, 2:3]
    equals_fixed = fixed_scores(q_equals, k_fixed, heads).expand(-1, a.shape[1], -1)
    equals_a, equals_b = scores(q_equals, k_a, heads), scores(q_equals, k_b, heads)
    if last:
        v_a, equals_a = take(torch.cat((v_a, equals_a), -1), a).split((d, heads), -1)
        v_b, equals_b = take(torch.cat((v_b, equals_b), -1), b).split((d, heads), -1)
        equals = mix(stack_scores(equals_fixed, [equals_a, equals_b]), v_fixed, [v_a, v_b])
        return layers.rest(block, x[:, 2:3].expand(-1, a.shape[1], -1), equals)
    _, q_op, _, q_a, q_b = q.split((1, 1, 1, n, n), 1)
    k_early, v_early = k_fixed[:, :2], v_fixed[:, :2]
    a_a, op_a = scores(q_a, k_a, heads), scores(q_op, k_a, heads)
    a_eos = fixed_scores(q_a, k_early[:, :1], heads)
    op_early = fixed_scores(q_op, k_early, heads).expand(-1, n, -1)
    at_a = mix(stack_scores(a_eos, [a_a]), v_early[:, :1], [v_a])
    at_op = mix(stack_scores(op_early, [op_a]), v_early, [v_a])
    by_b = (q_b, x[:, 3 + n :], v_b, equals_b, scores(q_b, k_b, heads))
    by_b = torch.cat((*by_b, fixed_scores(q_b, k_early, heads)), -1)
    widths = (d, d, d, heads, heads, 2 * heads)
    q_b, x_b, v_b, equals_b, b_b, b_early = take(by_b, b).split(widths, -1)
    k_a, v_a, equals_a = take(torch.cat((k_a, v_a, equals_a), -1), a).split((d, d, heads), -1)
    at_b = mix(stack_scores(b_early, [scores(q_b, k_a, heads), b_b]), v_early, [v_a, v_b])
    equals = mix(stack_scores(equals_fixed, [equals_a, equals_b]), v_fixed, [v_a, v_b])
    mixed = torch.cat((v_fixed[:, :1], at_a, at_op, at_b, equals), 1)
    x_op, x_equals = x[:, 1:2].expand(-1, n, -1), x[:, 2:3].expand(-1, a.shape[1], -1)
    before = torch.cat((x[:, :1], x[:, 3 : 3 + n], x_op, x_b, x_equals), 1)
    return layers.rest(block, before, mixed)


def _later_block(layers: Layers, block: str, x: Tensor, a: Tensor, last: bool) -> Tensor:
    """A later block. Its rows are eos, a of each residue, op of each residue, b, `=`."""
    c, examples, heads = layers.config, a.shape[1], layers.config.heads
    d, n = c.d_model, c.p
    sizes = (1, n, n, examples, examples)
    x_query = x[:, -examples:] if last else x
    q, k, v = layers.qkv(block, x, x_query)
    k_eos, table_k_a, table_k_op, k_b, k_equals = k.split(sizes, 1)
    v_eos, table_v_a, table_v_op, v_b, v_equals = v.split(sizes, 1)
    tables = (table_k_a, table_v_a, table_k_op, table_v_op)
    k_a, v_a, k_op, v_op = take(torch.cat(tables, -1), a).split(d, -1)

    def attend(q: Tensor, keys: list[Tensor], values: list[Tensor]) -> Tensor:
        eos = fixed_scores(q, k_eos, heads)
        return mix(stack_scores(eos, [scores(q, k, heads) for k in keys]), v_eos, values)

    if last:
        mixed = attend(q, [k_a, k_op, k_b, k_equals], [v_a, v_op, v_b, v_equals])
        return layers.rest(block, x_query, mixed)
    _, q_a, q_op, q_b, q_equals = q.split(sizes, 1)
    mixed = (
        v_eos,
        attend(q_a, [table_k_a], [table_v_a]),
        attend(q_op, [table_k_a, table_k_op], [table_v_a, table_v_op]),
        attend(q_b, [k_a, k_op, k_b], [v_a, v_op, v_b]),
        attend(q_equals, [k_a, k_op, k_b, k_equals], [v_a, v_op, v_b, v_equals]),
    )
    return layers.rest(block, x_query, torch.cat(mixed, 1))
