"""The arms of studies/ladder.py: `mini` as it is, and with one fault each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SEEDS, FAULT_SEEDS = 6, 1


@dataclass(frozen=True)
class Arm:
    """What differs from `mini`.

    Attributes:
        changes: of the config.
        weight_decay: of the optimiser; the ladder by itself has none.
        part: all trainings, or the whole train set alone.
        onward: whether levels go on after their targets.
        seeds: model seeds, from 0.
        planted: the rows of the document's table of blockers that would be a right name for this
            fault, if the config does not memorise with it; empty for no fault.
    """

    changes: Mapping[str, object] = field(default_factory=dict)
    weight_decay: float = 0.0
    part: str = "all"
    onward: bool = False
    seeds: int = FAULT_SEEDS
    planted: tuple[str, ...] = ()


LOW, HIGH = "learning rate too low", "learning rate too high"
NARROW = "insufficient capacity"
VANISHING = ("vanishing gradients", "no gradient", "dead activation")
EXPLODING = ("numerical instability", HIGH)

ARMS = {
    "none": Arm(seeds=SEEDS),
    "trained on": Arm(part="train set", onward=True),
    "lr 1e-05": Arm({"lr": 1e-5}, planted=(LOW,)),
    **{f"lr {lr:g}": Arm({"lr": lr}, planted=(HIGH,)) for lr in (3e-3, 1e-2, 3e-2, 1e-1)},
    "lr 1e+30": Arm({"lr": 1e30}, planted=EXPLODING),
    "d_model 8": Arm({"d_model": 8}, planted=(NARROW,)),
    "d_model 2": Arm({"d_model": 2, "heads": 2}, planted=(NARROW,)),
    "weight_decay 0.05": Arm(
        weight_decay=0.05, part="train set", seeds=3, planted=("regularisation",)
    ),
    "weight_decay 1": Arm(weight_decay=1.0, part="train set", seeds=3, planted=("regularisation",)),
    "relu": Arm({"activation": "relu"}, planted=("dead activation",)),
    "init_scale 0.01": Arm({"init_scale": 0.01}, planted=VANISHING),
    "init_scale 100": Arm({"init_scale": 100.0}, planted=EXPLODING),
}
