"""Closed forms of the number of parameters of a transformer: the documents' and this project's.

They are sympy expressions in four symbols, so that a derivative is derived, not copied. No torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Symbol

N = Symbol("N", positive=True)
"""Number of blocks."""
D = Symbol("d", positive=True)
"""Width of the residual stream."""
L = Symbol("L", positive=True)
"""Length of a sequence, tokens."""
V = Symbol("V", positive=True)
"""Number of tokens in the vocabulary, and so of logits."""

NORM = 2 * D
"""A layer norm: scale and shift."""

NARROWED = D / 8
"""Width a position is narrowed to by the readouts time-distributed and conv."""


@dataclass(frozen=True)
class Sizes:
    """Values of the four symbols.

    Attributes:
        layers: number of blocks.
        d_model: width of the residual stream.
        length: tokens of a sequence.
        vocabulary: tokens there are, and so logits.
    """

    layers: int
    d_model: int
    length: int
    vocabulary: int

    def value(self, expression: Any) -> Fraction:
        """An expression in N, d, L and V at these sizes, as an exact rational number."""
        at = {N: self.layers, D: self.d_model, L: self.length, V: self.vocabulary}
        exact = sympy.sympify(expression).subs(at)
        return Fraction(int(exact.p), int(exact.q))


@dataclass(frozen=True)
class Form:
    """Closed forms of a kind of transformer.

    Attributes:
        embeddings: parameters of the token and position embeddings.
        block: parameters of one block.
        readout: the readout's own parameters, the layer norm before it included.
        tied: parameters of the token embedding if the readout uses it too. They count once in the
            total, and on the readout's side of the ratio.
    """

    embeddings: Expr | int
    block: Expr
    readout: Expr
    tied: Expr | int = 0

    @property
    def blocks(self) -> Any:
        """Parameters of all blocks."""
        return N * self.block

    @property
    def total(self) -> Any:
        """Parameters in all."""
        return self.embeddings + self.blocks + self.readout

    @property
    def used(self) -> Any:
        """Parameters that the readout uses: its own and the tied ones."""
        return self.readout + self.tied

    @property
    def ratio(self) -> Any:
        """Parameters of all blocks over those that the readout uses."""
        return self.blocks / self.used


DOCUMENTED = Form(
    embeddings=0,
    block=4 * D**2,
    readout=L * D * V,
)
"""The approximation of the documents: a block of three projections for attention and one layer for
feed-forward, all d x d, and one matrix from all positions at once to the logits."""

PRINTED = {
    ("ratio", N): 4 * D / (L * V),
    ("ratio", D): 4 * N / (L * V),
    ("ratio", L): -4 * N * D / (V * L**2),
    ("ratio", V): -4 * N * D / (V * L**2),
    ("total", D): 8 * N + L * V,
}
"""Derivatives as the documents print them. The last two are misprints: the fourth repeats the
third, and the fifth lacks a factor d. Those of `DOCUMENTED` by sympy are right."""


def decoder_block(ffn_multiple: int, biases: bool = True, kv_share: Fraction = Fraction(1)) -> Any:
    """One block of this project: q, k, v, output, two feed-forward layers, two layer norms.

    Args:
        ffn_multiple: width of the feed-forward layer in units of d.
        biases: whether linear layers have them; layer norms keep their shift.
        kv_share: heads of keys and values over heads of queries.
    """
    width, bias = ffn_multiple * D, int(biases)
    attention = (1 + 2 * kv_share) * D * (D + bias) + D * (D + bias) + NORM
    feed_forward = width * (D + bias) + D * (width + bias) + NORM
    return sympy.expand(attention + feed_forward)


def readouts(bottleneck: int, kernel: int = 1, biases: bool = True) -> dict[str, Any]:
    """Own parameters of every kind of readout, without the norm before it.

    Args:
        bottleneck: width of the layer in between of `bottleneck`.
        kernel: positions that one step of `conv` sees. The number of positions stays L.
        biases: whether its linear layers have them.

    Returns:
        last: from the last position; flatten: from all positions at once; bottleneck: the same
        through a narrow layer; time-distributed: every position narrowed by one layer for all,
        then flatten; conv: the same, by a convolution over positions; tied: the token embedding
        itself from the last position, without a bias.
    """
    bias = int(biases)
    flat_narrow = (L * NARROWED + bias) * V
    forms = {
        "last": (D + bias) * V,
        "flatten": (L * D + bias) * V,
        "bottleneck": (L * D + bias) * bottleneck + (bottleneck + bias) * V,
        "time-distributed": (D + bias) * NARROWED + flat_narrow,
        "conv": (kernel * D + bias) * NARROWED + flat_narrow,
        "tied": sympy.Integer(0),
    }
    return {name: sympy.expand(form) for name, form in forms.items()}


def decoder_form(
    ffn_multiple: int,
    readout: Any,
    tied: bool,
    biases: bool = True,
    kv_share: Fraction = Fraction(1),
) -> Form:
    """Closed forms of this project's decoder, a `decoder_block` with one of the `readouts`."""
    return Form(
        embeddings=(V + L) * D,
        block=decoder_block(ffn_multiple, biases, kv_share),
        readout=NORM + readout,
        tied=V * D if tied else 0,
    )
