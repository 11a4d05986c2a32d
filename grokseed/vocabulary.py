"""The tokens by number: eos, `=`, the operations, then the residues. Loads no torch."""

from __future__ import annotations

from grokseed.config import Config, Operation

VOCABULARY = ("eos", "=", *sorted(Operation.__args__))
"""The tokens before the residues 0..p-1."""

EOS, EQUALS, RESIDUE = 0, 1, len(VOCABULARY)
"""Token numbers: residue r is token RESIDUE + r."""


def vocabulary_size(config: Config) -> int:
    """Number of tokens, and so of logits: eos, `=`, nine operations and p residues."""
    return RESIDUE + config.p
