"""Changes of a run's initial weights and split other than exchanges of layers (`grafts`).

A symmetry of the task relabels residues without changing any equation's truth. For `x/y` mod p the
operands a = x·y and b = y and the answer x share one set of tokens, so a relabelling s must keep
s(a) / s(b) = s(a / b): it is a power map r -> r^k with k prime to p - 1, which sends 0 to 0. For
`x+y` it must keep s(a) + s(b) = s(a + b): a multiplication r -> k·r with k not 0. If weights, split
and order are relabelled in the same way, the run is the same up to rounding.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.model.readout import readout_of
from grokseed.vocabulary import RESIDUE

Weights = dict[str, Tensor]


def symmetries(config: Config) -> list[int]:
    """The numbers of the relabellings of a config's task, the identity (1) first.

    Raises:
        ValueError: none are known for this operation.
    """
    if config.task != "modular":
        raise ValueError(f"no relabelling is known for task {config.task}")
    if config.operation == "x/y":
        return [k for k in range(1, config.p) if math.gcd(k, config.p - 1) == 1]
    if config.operation == "x+y":
        return list(range(1, config.p))
    raise ValueError(f"no relabelling is known for operation {config.operation}")


def relabelling(config: Config, number: int) -> Tensor:
    """Where symmetry `number` sends each residue, int64 [p].

    Raises:
        ValueError: the task has no such symmetry.
    """
    if number not in symmetries(config):
        raise ValueError(f"operation {config.operation} mod {config.p} has no symmetry {number}")
    p = config.p
    if config.operation == "x/y":
        return torch.tensor([pow(r, number, p) for r in range(p)])
    return torch.arange(p) * number % p


def relabelled_rows(config: Config, number: int, rows: Tensor) -> Tensor:
    """The images of some equations under a symmetry, as row numbers of `task.equations`, int64."""
    first = 1 if config.operation == "x/y" else 0
    width, to = config.p - first, relabelling(config, number)
    return to[rows // width] * width + to[rows % width + first] - first


def relabel(config: Config, weights: Weights, number: int) -> Weights:
    """Initial weights whose rows of each residue are moved to the residue's new label."""
    places = RESIDUE + relabelling(config, number)

    def moved(value: Tensor) -> Tensor:
        new = value.clone()
        new[places] = value[RESIDUE : RESIDUE + config.p]
        return new

    output = readout_of(config).output
    own = ("token_embedding.weight", f"{output}.weight", f"{output}.bias")
    return {name: moved(value) if name in own else value for name, value in weights.items()}


def move_one_ulp(weights: Weights, drawn: list[str], seed: int) -> Weights:
    """One element of the weights named `drawn`, chosen by a seed, moved up by one ulp.

    Of `mini`'s elements one in a hundred changes nothing that is trained: the embedding of a token
    that occurs in no example, or a bias at 0, which moves to 1e-45.
    """
    total = sum(weights[name].numel() for name in drawn)
    chosen = int(torch.randint(total, (), generator=torch.Generator().manual_seed(seed)))
    changed = dict(weights)
    for name in drawn:
        if chosen < weights[name].numel():
            changed[name] = weights[name].clone()
            flat = changed[name].view(-1)
            flat[chosen] = torch.nextafter(flat[chosen], torch.tensor(torch.inf))
            return changed
        chosen -= weights[name].numel()
    raise AssertionError("the element chosen lies in one of the weights")


def blend(own: Tensor, fresh: Tensor, share: float) -> Tensor:
    """w·√(1 - share²) + share·w', which keeps the variance of drawn weights."""
    return own * (1 - share**2) ** 0.5 + share * fresh


def characters(config: Config, order: int) -> Tensor:
    """An orthonormal basis of the characters of that order of the nonzero residues, [1 or 2, p].

    The order-2 character is the Legendre symbol; the two of order 3 are conjugate, and their real
    and imaginary parts are given. All are 0 at 0.

    Raises:
        ValueError: the order does not divide p - 1.
    """
    p = config.p
    if config.task != "modular":
        raise ValueError(f"task {config.task} has no residues, and so no characters")
    if (p - 1) % order:
        raise ValueError(f"residues mod {p} have no character of order {order}")
    index = torch.zeros(p, dtype=torch.int64)
    value = 1
    for power in range(p - 1):
        index[value] = power
        value = value * _primitive_root(p) % p
    angle = 2 * torch.pi * (index % order).double() / order
    basis = torch.stack([angle.cos(), angle.sin()][: 1 + (order > 2)])
    basis[:, 0] = 0
    return basis / basis.norm(dim=1, keepdim=True)


def scale_characters(config: Config, weights: Weights, order: int, dose: float) -> Weights:
    """The token embedding with its component along the characters of an order times `dose`."""
    basis = characters(config, order)
    embedding = weights["token_embedding.weight"].clone()
    rows = embedding[RESIDUE : RESIDUE + config.p].double()
    rows = rows + (dose - 1) * basis.T @ (basis @ rows)
    embedding[RESIDUE : RESIDUE + config.p] = rows.to(embedding.dtype)
    return {**weights, "token_embedding.weight": embedding}


def _primitive_root(p: int) -> int:
    """The smallest generator of the nonzero residues."""
    factors = [q for q in range(2, p) if (p - 1) % q == 0]
    return next(g for g in range(1, p) if all(pow(g, (p - 1) // q, p) != 1 for q in factors))
