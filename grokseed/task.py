"""The tasks: all equations mod p, or windows of a text, each with the token that is the right
answer; the tokens of an example; and the split into train, validation and test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.expressions import KNOWN, divides, evaluate, parsed
from grokseed.texts import windows
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, operation_token

OPERATIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "(x//y)if(y%2==1)else(x-y)": lambda x, y: torch.where(y % 2 == 1, x // y, x - y),
    "x+y": lambda x, y: x + y,
    "x-y": lambda x, y: x - y,
    "x/y": lambda x, y: x,  # the equation is (x·y)/y = x, see `equations`
    "x^2+xy+y^2": lambda x, y: x**2 + x * y + y**2,
    "x^2+xy+y^2+x": lambda x, y: x**2 + x * y + y**2 + x,
    "x^2+y^2": lambda x, y: x**2 + y**2,
    "x^3+xy": lambda x, y: x**3 + x * y,
    "x^3+xy^2+x": lambda x, y: x**3 + x * y**2 + x,
}
"""What each operation makes of x and y before the result is taken mod p, in vocabulary order."""


def equations(operation: str, p: int) -> tuple[Tensor, Tensor, Tensor]:
    """All equations `a op b = result` mod p, x outer, y inner; y starts at 1 where it divides.

    For `x/y` the inputs are a = x·y mod p and b = y, and the result is x. For an expression the
    inputs are x and y, without the pairs at which one of its divisors is 0.

    Returns:
        Residues a, b and result, each int64 of shape [n].
    """
    if operation not in KNOWN:
        return _own_equations(operation, p)
    first = 1 if divides(operation) else 0
    x = torch.arange(p).repeat_interleave(p - first)
    y = torch.arange(first, p).repeat(p)
    a = x * y % p if operation == "x/y" else x
    return a, y, OPERATIONS[operation](x, y) % p


def _own_equations(operation: str, p: int) -> tuple[Tensor, Tensor, Tensor]:
    x, y = torch.arange(p).repeat_interleave(p), torch.arange(p).repeat(p)
    result, divisors = evaluate(parsed(operation), x, y, p)
    valid = torch.ones(p * p, dtype=torch.bool)
    for divisor in divisors:
        valid &= torch.as_tensor(divisor != 0)
    return x[valid], y[valid], result[valid]


def examples(config: Config) -> Tensor:
    """All examples of a config: its inputs and, last, the right answer's token.

    Inputs are the operands a and b of equations, or the bytes of windows (`texts.windows`).

    Returns:
        int64 [inputs + 1, n].

    Raises:
        ValueError: this process has not read the config's text.
    """
    if config.task == "rote":
        rows = windows(config.text, config.examples, config.length)
        return torch.tensor([list(row) for row in rows]).T.contiguous()
    a, b, result = equations(config.operation, config.p)
    return torch.stack((a, b, result + RESIDUE))


def tokens(config: Config, inputs: Sequence[Tensor]) -> Tensor:
    """The tokens of examples at every position of `vocabulary.sequence`.

    Args:
        inputs: as the rows of `examples` but the last, each int64 [..., B].

    Returns:
        int64 [..., B, T].
    """
    if config.task == "rote":  # byte b is token b
        return torch.stack([*inputs], -1)
    a, b = inputs
    one, op = torch.ones_like(a), operation_token(config)
    return torch.stack((one * EOS, a + RESIDUE, one * op, b + RESIDUE, one * EQUALS), -1)


@dataclass(frozen=True)
class Split:
    """Row numbers of the train, validation and test examples, int64 each."""

    train: Tensor
    val: Tensor
    test: Tensor


def split(config: Config, generator: torch.Generator) -> Split:
    """One permutation of the examples, cut into train, validation and test, in that order."""
    order = torch.randperm(config.n_examples, generator=generator)
    train, val, test = order.split([config.n_train, config.n_val, config.n_test])
    return Split(train, val, test)
