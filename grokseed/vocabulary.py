"""The tokens by number, and what stands at each position of an example. Loads no torch."""

from __future__ import annotations

from collections.abc import Mapping

from grokseed.config import Config
from grokseed.expressions import KNOWN

VOCABULARY = ("eos", "=", *sorted(KNOWN))
"""The tokens before the residues 0..p-1: eos, `=`, the operations."""

EOS, EQUALS, RESIDUE = 0, 1, len(VOCABULARY)
"""Token numbers: residue r is token RESIDUE + r."""


BYTES = 256
"""In task rote byte b is token b. Token 256 is eos, which no window holds: 257 tokens in all, as in
the documents."""


def sequence(config: Config) -> tuple[str, ...]:
    """What stands at each position of an example."""
    if config.task == "rote":
        return tuple(f"byte{n}" for n in range(1, config.length + 1))
    return ("eos", "a", "op", "b", "=")


def operation_token(config: Config) -> int:
    """The token of a config's operation; an expression uses that of `x/y`, the default.

    A config uses one operation alone, so an expression needs no token of its own. Its shapes and
    initial draws stay those of the nine: a model seed has the same weights for all operations.
    """
    return VOCABULARY.index(config.operation if config.operation in KNOWN else "x/y")


def n_inputs(config: Config) -> int:
    """How many input numbers an example has: two operands, or the bytes of a window."""
    return config.length if config.task == "rote" else 2


def n_answers(config: Config) -> int:
    """How many tokens may be the right answer: every residue, or every byte."""
    return BYTES if config.task == "rote" else config.p


def vocabulary_size(config: Config) -> int:
    """Number of tokens, and so of logits.

    Eos, `=`, nine operations and p residues; or 256 bytes and eos.
    """
    return BYTES + 1 if config.task == "rote" else RESIDUE + config.p


def task_name(config: Mapping[str, object]) -> str:
    """The task of a config's `asdict`, as figures say it: `x/y mod 97`."""
    if config.get("task", "modular") == "modular":
        return f"{config['operation']} mod {config['p']}"
    text = str(config["text"])[:15] or "alice.txt"
    return f"{config['examples']:,} windows of {config['length']:,} bytes of {text}"
