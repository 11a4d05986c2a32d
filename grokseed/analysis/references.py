"""Transformers whose shapes are published: the ones that the documents reason about. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from grokseed.analysis.closed_forms import NORM, D, Form, L, Sizes, V, decoder_block


@dataclass(frozen=True)
class Reference:
    """A published transformer.

    Attributes:
        name: what it is called.
        sizes: depth, width, length and vocabulary.
        form: closed forms of its exact counts.
        claimed: sizes that the documents use, if these differ.
    """

    name: str
    sizes: Sizes
    form: Form
    claimed: Sizes | None = None


# The documents' own small model ("id 4"). Its sizes are not written there: they are the only ones
# that fit its four figures (tests/analysis/test_references.py searches them). The documents
# count q, k, v and one feed-forward layer, all with biases, and no layer norm.
ID_4 = Form(0, 3 * D * (D + 1) + D * (D + 1), (L * D + 1) * V)

# Radford et al. (2019), "Language Models are Unsupervised Multitask Learners", Table 2 and section
# 2.3: blocks of two layer norms, biases everywhere, feed-forward of 4 d, learned positions, a last
# layer norm, and the token embedding as output, without a bias. The paper's totals (117M, 345M,
# 762M, 1542M) are too small; its authors' code gives the ones here, called 124M to 1558M there.
GPT2 = Form((V + L) * D, decoder_block(4), NORM, tied=V * D)

# Keskar et al. (2019), "CTRL: A Conditional Transformer Language Model for Controllable
# Generation", section 3.2: d 1,280, *inner* dimension 8,192, 48 layers, 16 heads, tied output,
# sequences of 256 or 512; positions are sinusoids. Vocabulary and output bias from its code.
CTRL = Form(
    embeddings=V * D,
    block=4 * D * (D + 1) + 8192 * (D + 1) + D * (8192 + 1) + 2 * NORM,
    readout=NORM + V,
    tied=V * D,
)

# Power et al. (2022), "Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets",
# appendix A.1: 2 layers, width 128, 4 heads, about 4·10⁵ parameters besides embeddings. Here with
# the biases, norms and readout of this project's `diary` preset, p 97 and its 11 other tokens.
GROKKING = Form((V + L) * D, decoder_block(4), NORM + (D + 1) * V)

REFERENCES = (
    Reference("id 4", Sizes(1, 16, 32, 257), ID_4),
    Reference("GPT-2 124M", Sizes(12, 768, 1024, 50257), GPT2),
    Reference("GPT-2 355M", Sizes(24, 1024, 1024, 50257), GPT2),
    Reference("GPT-2 774M", Sizes(36, 1280, 1024, 50257), GPT2),
    Reference("GPT-2 1558M", Sizes(48, 1600, 1024, 50257), GPT2),
    Reference("CTRL", Sizes(48, 1280, 512, 246534), CTRL, Sizes(48, 8192, 512, 250_000)),
    Reference("grokking", Sizes(2, 128, 5, 108), GROKKING),
)
