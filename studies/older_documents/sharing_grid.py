"""The grid of document 002: its rows, what each trains, and on which seeds (studies/sharing.py)."""

from __future__ import annotations

from dataclasses import replace

import grokseed
from common.arms import unshared
from grokseed.seeds import Seeds
from older_documents.minimal_pairs import OPERATION

MODELS = {"decoder": "causal", "encoder": "full"}
SHORT, LONG = 600, 1500
EVERY = 25
EACH, LUCKY, FIRST_SEED = 8, 24, 60_000
OWN = grokseed.preset(
    "mini",
    operation=OPERATION,
    p=23,
    train_fraction=0.9,
    d_model=32,
    layers=4,
    heads=1,
    batch_size=64,
    lr=2e-3,
    weight_decay=0.5,
    max_steps=LONG,
    screen_step=SHORT,
    sample_every=EVERY,
    val_every=EVERY,
)
SHAPES = {
    "deep": {"layers": 8, "unique_layers": 4},
    "very_deep": {"layers": 12, "unique_layers": 4},
    "wide": {"layers": 4, "unique_layers": 2, "d_model": 45},
    "very_wide": {"layers": 4, "unique_layers": 1, "d_model": 63},
    "wide_deep": {"layers": 8, "unique_layers": 2, "d_model": 45},
}
"""What a shape changes about the baseline; the widths are from `grokseed.params --for-params`."""

SHARINGS = {"seq": "sequence", "cycle": "cycle", "cycle_rev": "cycle-rev"}
CELLS = {
    "baseline": OWN,
    **{
        f"{shape}_{short}": replace(OWN, sharing=sharing, **changes)
        for shape, changes in SHAPES.items()
        for short, sharing in SHARINGS.items()
        if changes["unique_layers"] > 1 or short == "seq"
    },
}
"""The config of each model that is trained, as decoder."""

ROWS = {
    "baseline": "baseline",
    **{
        f"{shape}_{short}": f"{shape}_{short if changes['unique_layers'] > 1 else 'seq'}"
        for shape, changes in SHAPES.items()
        for short in SHARINGS
    },
}
"""The document's rows, and the cell that each is read from."""

LUCK = ("baseline", "deep_seq", "deep_cycle", "deep_cycle_rev")
"""Decoders with the same initial weights a seed and as many parameters: sharing alone differs."""


def design(number: int = EACH) -> list[Seeds]:
    """The runs of every cell: no two share a split, weights or an order."""
    return unshared(FIRST_SEED, number)


def config_of(model: str, cell: str) -> grokseed.Config:
    return replace(CELLS[cell], attention=MODELS[model])
