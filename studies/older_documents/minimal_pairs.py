"""How often the right result of x-y is scored above a near foil: minimal pairs of an equation.

As minimal pairs of sentences are judged (Warstadt et al. 2020, arXiv 1912.00582), by the logits at
the last position. An equation has four pairs, without those whose foil is the right result.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

import grokseed
from grokseed.model.decoder import Decoder
from grokseed.task import equations
from grokseed.training.run import begin
from grokseed.vocabulary import RESIDUE

OPERATION = "x-y"


def foils(x: Tensor, y: Tensor, p: int) -> dict[str, Tensor]:
    """The near foils of x - y mod p, by kind, int64 [B, foils of the kind].

    Args:
        x, y: operands, int64 [B].
    """
    right = x - y
    return {
        "off_by_one": torch.stack((right + 1, right - 1), -1) % p,
        "other_operation": (x + y)[:, None] % p,
        "swapped": (y - x)[:, None] % p,
    }


def share_right(scores: Tensor, x: Tensor, y: Tensor) -> dict[str, float]:
    """The share of pairs in which the right result has the higher score; a tie is not right.

    Args:
        scores: of each residue, [B, p].
        x, y: operands, int64 [B].

    Returns:
        The share of each kind of foil, and as `pairs` the mean of the kinds.
    """
    p = scores.shape[1]
    right = (x - y)[:, None] % p
    shares = {}
    for kind, foil in foils(x, y, p).items():
        above = scores.gather(1, right) > scores.gather(1, foil)
        shares[kind] = above[foil != right].double().mean().item()
    return {**shares, "pairs": sum(shares.values()) / len(shares)}


def of_run(
    config: grokseed.Config, seeds: grokseed.Seeds, weights: Mapping[str, Tensor]
) -> dict[str, float]:
    """The shares of a run, over its whole validation set.

    Args:
        weights: by the names of `model.layout`.
    """
    a, b, _ = equations(config.operation, config.p)
    rows = begin(config, seeds, 0).val
    x, y = a[rows], b[rows]
    stacked = {name: value[None] for name, value in weights.items()}
    with torch.no_grad():
        logits = Decoder(config).logits(stacked, x[None], y[None])[0]
    return share_right(logits[:, RESIDUE : RESIDUE + config.p], x, y)
