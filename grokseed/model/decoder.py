"""The decoder's forward pass over stacked runs.

Every tensor carries a leading lane axis L, one lane a run. Shapes use B examples, d = d_model,
p residues, H heads. Two forward passes compute the same function: `logits` shares prefixes, and
`logits_all_tokens` computes all five positions of every example, as plain code would.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.model.layers import Layers
from grokseed.model.layout import POSITIONS, layers_of
from grokseed.model.ops import fixed_scores, mix, scores, stack_scores, take
from grokseed.model.readout import readout_of
from grokseed.model.weights import Parameters
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, VOCABULARY


class Decoder:
    """The forward pass of a config over stacked parameters."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.heads = config.heads
        self.readout = readout_of(config)
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
        first, *later = layers_of(self.config)
        x = self._first_block(p, first, a, b, last=not later)
        for block, layers in enumerate(later, 1):
            x = self._block(p, layers, x, a, last=block == len(later))
        return self._head(p, x)

    def _first_block(self, p: Parameters, layers: str, a: Tensor, b: Tensor, last: bool) -> Tensor:
        """Attention over tables: a key's row, and its score with `=`, depend on one residue."""
        tokens, positions = p["token_embedding.weight"], p["position_embedding.weight"]
        n, d, heads = self.config.p, self.config.d_model, self.heads
        # By slices: a list of indices would be copied to the device, which no CUDA graph can hold.
        fixed = torch.cat([tokens[:, i : i + 1] for i in (EOS, self.operation, EQUALS)], 1)
        fixed = fixed + positions[:, 0::2]
        residues = tokens[:, RESIDUE:]
        x = torch.cat((fixed, residues + positions[:, 1:2], residues + positions[:, 3:4]), 1)
        q, k, v = Layers(self.config, p).qkv(layers, x, x[:, 2:3] if last else x)
        k_fixed, k_a, k_b = k.split((3, n, n), 1)
        v_fixed, v_a, v_b = v.split((3, n, n), 1)
        q_equals = q[:, :1] if last else q[:, 2:3]
        equals_fixed = fixed_scores(q_equals, k_fixed, heads).expand(-1, a.shape[1], -1)
        equals_a, equals_b = scores(q_equals, k_a, heads), scores(q_equals, k_b, heads)
        if last:
            v_a, equals_a = take(torch.cat((v_a, equals_a), -1), a).split((d, heads), -1)
            v_b, equals_b = take(torch.cat((v_b, equals_b), -1), b).split((d, heads), -1)
            equals = mix(stack_scores(equals_fixed, [equals_a, equals_b]), v_fixed, [v_a, v_b])
            return Layers(self.config, p).rest(layers, x[:, 2:3].expand(-1, a.shape[1], -1), equals)
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
        return Layers(self.config, p).rest(layers, before, mixed)

    def _block(self, p: Parameters, layers: str, x: Tensor, a: Tensor, last: bool) -> Tensor:
        """A later block. Its rows are eos, a of each residue, op of each residue, b, `=`."""
        d, n, examples, heads = self.config.d_model, self.config.p, a.shape[1], self.heads
        sizes = (1, n, n, examples, examples)
        x_query = x[:, -examples:] if last else x
        q, k, v = Layers(self.config, p).qkv(layers, x, x_query)
        k_eos, table_k_a, table_k_op, k_b, k_equals = k.split(sizes, 1)
        v_eos, table_v_a, table_v_op, v_b, v_equals = v.split(sizes, 1)
        tables = (table_k_a, table_v_a, table_k_op, table_v_op)
        k_a, v_a, k_op, v_op = take(torch.cat(tables, -1), a).split(d, -1)

        def attend(q: Tensor, keys: list[Tensor], values: list[Tensor]) -> Tensor:
            eos = fixed_scores(q, k_eos, heads)
            return mix(stack_scores(eos, [scores(q, k, heads) for k in keys]), v_eos, values)

        if last:
            mixed = attend(q, [k_a, k_op, k_b, k_equals], [v_a, v_op, v_b, v_equals])
            return Layers(self.config, p).rest(layers, x_query, mixed)
        _, q_a, q_op, q_b, q_equals = q.split(sizes, 1)
        mixed = (
            v_eos,
            attend(q_a, [table_k_a], [table_v_a]),
            attend(q_op, [table_k_a, table_k_op], [table_v_a, table_v_op]),
            attend(q_b, [k_a, k_op, k_b], [v_a, v_op, v_b]),
            attend(q_equals, [k_a, k_op, k_b, k_equals], [v_a, v_op, v_b, v_equals]),
        )
        return Layers(self.config, p).rest(layers, x_query, torch.cat(mixed, 1))

    def _head(self, p: Parameters, x: Tensor) -> Tensor:
        return self.readout.logits(Layers(self.config, p), x.unsqueeze(2))

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
        for layers in layers_of(self.config):
            qkv = Layers(self.config, p).linear(x, f"{layers}.attention.qkv")
            qkv = qkv.view(lanes, examples, POSITIONS, 3, self.heads, -1)
            q, k, v = qkv.permute(3, 0, 1, 4, 2, 5)
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = Layers(self.config, p).rest(layers, x, mixed.transpose(2, 3).reshape(lanes, -1, d))
        return self._head(p, x.view(lanes, examples, POSITIONS, d)[:, :, -1])
