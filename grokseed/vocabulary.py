"""The tokens by number, and what stands at each position of an example. Loads no torch."""

from __future__ import annotations

from grokseed.config import Config, Operation

VOCABULARY = ("eos", "=", *sorted(Operation.__args__))
"""The tokens before the residues 0..p-1: eos, `=`, the operations."""

EOS, EQUALS, RESIDUE = 0, 1, len(VOCABULARY)
"""Token numbers: residue r is token RESIDUE + r."""


def sequence(config: Config) -> tuple[str, ...]:
    """What stands at each position of an example."""
    return ("eos", "a", "op", "b", "=")


def vocabulary_size(config: Config) -> int:
    """Number of tokens, and so of logits: eos, `=`, nine operations and p residues."""
    return RESIDUE + config.p
