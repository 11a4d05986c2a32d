"""The tokens by number, and what stands at each position of an example. Loads no torch."""

from __future__ import annotations

from grokseed.config import Config
from grokseed.expressions import KNOWN

VOCABULARY = ("eos", "=", *sorted(KNOWN))
"""The tokens before the residues 0..p-1: eos, `=`, the operations."""

EOS, EQUALS, RESIDUE = 0, 1, len(VOCABULARY)
"""Token numbers: residue r is token RESIDUE + r."""


def sequence(config: Config) -> tuple[str, ...]:
    """What stands at each position of an example."""
    return ("eos", "a", "op", "b", "=")


def operation_token(config: Config) -> int:
    """The token of a config's operation; one that is not known takes that of `x/y`, the default.

    A config uses one operation alone. So an expression of one's own needs no token more, and its
    shapes and initial draws are those of the nine: the same model seed is the same weights.
    """
    return VOCABULARY.index(config.operation if config.operation in KNOWN else "x/y")


def vocabulary_size(config: Config) -> int:
    """Number of tokens, and so of logits: eos, `=`, nine operations and p residues."""
    return RESIDUE + config.p
