"""The random streams of a run: a `torch.Generator` each, and the schemes that seed them."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from grokseed.config import Scheme
from grokseed.seeds import STREAMS, Seeds


@dataclass(frozen=True)
class Generators:
    """A `torch.Generator` for each stream. In scheme shared all are the same one.

    `dropout` is seeded by the loader seed, in a role of its own.
    """

    split: torch.Generator
    model: torch.Generator
    loader: torch.Generator
    val: torch.Generator
    dropout: torch.Generator


def generators(seeds: Seeds, scheme: Scheme, n_examples: int) -> Generators:
    """The generators of one run, each at the point where its stream is first drawn from.

    `independent`: every stream's generator is seeded from its role and its seed by a mixing
    bijection, so that equal seeds in different roles are unrelated. `diary`: `manual_seed`
    of the bare seed; the model's generator has first drawn a split, as the diary's had, so the
    initial weights of a seed are the diary's, whatever split they are trained on. `shared`: one
    generator, seeded with the model's seed, for everything. Dropout's generator is seeded as in
    `independent` in scheme diary too: with the bare seed it would repeat the loader's numbers.

    Args:
        n_examples: length of the split's permutation, which scheme diary draws before weights.
    """
    if scheme == "shared":
        one = torch.Generator().manual_seed(seeds.model)
        return Generators(one, one, one, one, one)
    dropout = torch.Generator().manual_seed(_mix(len(STREAMS), seeds.loader))
    if scheme == "diary":
        model = torch.Generator().manual_seed(seeds.model)
        torch.randperm(n_examples, generator=model)
        return Generators(
            torch.Generator().manual_seed(seeds.split),
            model,
            torch.Generator().manual_seed(seeds.loader),
            torch.Generator().manual_seed(seeds.val),
            dropout,
        )
    return Generators(
        *(
            torch.Generator().manual_seed(_mix(role, getattr(seeds, stream)))
            for role, stream in enumerate(STREAMS)
        ),
        dropout=dropout,
    )


def loader_generator(seed: int, scheme: Scheme) -> torch.Generator:
    """The generator of a loader seed, before its first draw. Scheme `shared` has none."""
    bare = scheme == "diary"
    return torch.Generator().manual_seed(seed if bare else _mix(STREAMS.index("loader"), seed))


def _mix(role: int, seed: int) -> int:
    """Murmur3's 32-bit finalizer: a bijection, so that no two seeds of a role share a stream.

    torch's generator on the CPU keeps 32 bits of its seed; a hash of more would collide in them.
    """
    x = (seed + (role + 1) * 0x9E3779B9) % 2**32
    x = (x ^ x >> 16) * 0x85EBCA6B % 2**32
    x = (x ^ x >> 13) * 0xC2B2AE35 % 2**32
    return x ^ x >> 16
