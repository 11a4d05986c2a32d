"""What a config may hold: the range of each field, and which fields go together. Loads no torch."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import TYPE_CHECKING, Literal, get_args, get_origin, get_type_hints

from grokseed import texts
from grokseed.expressions import only_answer
from grokseed.presets import PRESETS

if TYPE_CHECKING:
    from grokseed.config import Config

LARGEST, LARGEST_STEP = 2**63, 2**31 - 1
"""Every number of a config is below the first; a trajectory counts steps up to the second."""

MOST_COUNTED = 2**24
"""A run counts its steps for the schedule in float32, which has no odd number above this one."""

LARGEST_FLOAT32 = 3.4028234663852886e38

SMALLEST_FLOAT32 = 2.0**-149
"""Half of it is 0 in float32: AdamW's epsilon would not keep it from dividing 0 by 0."""

MOST_LAYERS = 1000
"""Layers at most, so that every list of layers stays short."""

LONGEST = 1024
"""Positions of an example at most: attention keeps a score for every pair of them."""

TASK_FIELDS = {"modular": ("operation", "p"), "rote": ("text", "examples", "length")}
"""The fields that belong to one task alone."""


def idle_fields(task: str) -> tuple[str, ...]:
    """The fields that a task does not use: those of the other tasks. None for an unknown task."""
    others = set(TASK_FIELDS) - {task} if task in TASK_FIELDS else ()
    return tuple(name for other in others for name in TASK_FIELDS[other])


def typed(name: str, kind: str, value: object) -> object:
    """A field's value as the type of that name: a float may be written as an int, and a number of
    numpy's is one of Python's.

    Raises:
        ValueError: it is of another type, or an integer beyond 64 bits.
    """
    if getattr(value, "shape", None) == () and callable(item := getattr(value, "item", None)):
        value = item()
    if type(value) is int and abs(value) >= LARGEST:
        raise ValueError(f"{name} must fit 64 bits: it is 2^63 or more")
    if kind == "float" and type(value) is int:
        return float(value)
    if kind in ("int", "bool", "float") and type(value).__name__ != kind:
        raise ValueError(f"{name} must be of type {kind}, not {value!r}")
    return value


def check_idle(name: str, task: str, value: object, default: object) -> None:
    """Refuse a value of a field that means nothing for a task; a preset may have set it. (A command
    refuses the field's flag with any value.)

    Raises:
        ValueError: a value that no preset has.
    """
    if value not in (default, *(values.get(name) for values in PRESETS.values())):
        raise ValueError(f"{name} means nothing for task {task}: leave it out")


class ChoiceError(ValueError):
    """A value that is none of those there are. Another version may have had it."""


def check_choices(options: object) -> None:
    """Raise ChoiceError if a field of a dataclass is a Literal and has none of its values."""
    for name, kind in get_type_hints(type(options)).items():
        if get_origin(kind) is Literal:
            check_choice(name, getattr(options, name), get_args(kind))


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise ChoiceError if a value is none of these."""
    if value not in choices:
        raise ChoiceError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def check(c: Config) -> None:
    """Raise ValueError with one line about the first field that is out of range."""
    check_choices(c)
    if not is_prime(c.p):
        raise ValueError(f"p must be prime, not {c.p}")
    if c.task == "modular" and (only := only_answer(c.operation, c.p)) is not None:
        raise ValueError(f'operation: "{c.operation}" is {only} mod {c.p} for every x and y')
    if not 0 < c.train_fraction < 1:
        raise ValueError(f"train_fraction must lie between 0 and 1, not {c.train_fraction}")
    if c.test_fraction and not 0 < c.test_fraction < 1:
        raise ValueError(f"test_fraction must be 0 or lie between 0 and 1, not {c.test_fraction}")
    for name in (
        "d_model",
        "layers",
        "heads",
        "ffn_multiple",
        "batch_size",
        "max_steps",
        "sample_every",
        "sample_size",
        "val_every",
        "screen_step",
        "examples",
        "length",
    ):
        if getattr(c, name) < 1:
            raise ValueError(f"{name} must be at least 1, not {getattr(c, name)}")
    for name, most in (("layers", MOST_LAYERS), ("max_steps", LARGEST_STEP), ("length", LONGEST)):
        if getattr(c, name) > most:
            raise ValueError(f"{name} must be at most {most:,}, not {getattr(c, name):,}")
    if c.warmup_steps > MOST_COUNTED:
        raise ValueError(f"warmup_steps must be at most {MOST_COUNTED:,}, not {c.warmup_steps:,}")
    if c.schedule != "constant" and c.max_steps > MOST_COUNTED:
        raise ValueError(
            f"max_steps must be at most {MOST_COUNTED:,} with schedule {c.schedule}, "
            f"not {c.max_steps:,}"
        )
    if c.task == "rote":
        texts.check_windows(c.text, c.examples, c.length)
    for name in ("lr", "eps", "init_scale"):
        if not 0 < getattr(c, name) < float("inf"):
            raise ValueError(f"{name} must be above 0 and finite, not {getattr(c, name)}")
    for name in ("beta1", "beta2", "dropout"):
        if not 0 <= getattr(c, name) < 1:
            raise ValueError(f"{name} must lie in [0, 1), not {getattr(c, name)}")
    for name in ("weight_decay", "warmup_steps"):
        if not 0 <= getattr(c, name) < float("inf"):
            raise ValueError(f"{name} must be at least 0 and finite, not {getattr(c, name)}")
    for name in ("lr", "eps", "init_scale", "weight_decay"):
        if getattr(c, name) > LARGEST_FLOAT32:
            raise ValueError(
                f"{name} must be at most {LARGEST_FLOAT32:.3g}, not {getattr(c, name)}"
            )
    for name in ("lr", "eps", "init_scale"):
        if getattr(c, name) < SMALLEST_FLOAT32:
            raise ValueError(
                f"{name} must be at least {SMALLEST_FLOAT32:.3g}, not {getattr(c, name)}"
            )
    if c.dropout and c.scheme == "shared":
        raise ValueError("dropout needs a stream of its own, and scheme shared has only one")
    if c.d_model % c.heads:
        raise ValueError(f"heads must divide d_model: {c.heads} does not divide {c.d_model}")
    if c.sharing == "none" and c.unique_layers:
        raise ValueError("unique_layers needs a sharing: sequence, cycle or cycle-rev")
    if c.sharing != "none" and (c.unique_layers < 1 or c.layers % c.unique_layers):
        raise ValueError(
            f"unique_layers must divide layers: {c.unique_layers} does not divide {c.layers}"
        )
    if c.sharing != "none" and c.unique_layers == c.layers:
        raise ValueError(
            f"sharing {c.sharing} shares nothing: {c.layers} layers with {c.unique_layers} sets"
        )
    if c.readout == "bottleneck" and c.bottleneck_width < 1:
        raise ValueError(
            f"readout bottleneck needs a bottleneck_width of at least 1, not {c.bottleneck_width}"
        )
    if c.readout != "bottleneck" and c.bottleneck_width:
        raise ValueError(f"bottleneck_width needs readout bottleneck, not {c.readout}")
    if c.conv_kernel < 1 or c.conv_kernel % 2 == 0:
        raise ValueError(f"conv_kernel must be an odd number of at least 1, not {c.conv_kernel}")
    if c.readout != "conv" and c.conv_kernel > 1:
        raise ValueError(f"conv_kernel needs readout conv, not {c.readout}")
    if c.d_model % width_step(c.heads, c.readout):  # heads divide it, as was checked above
        raise ValueError(f"readout {c.readout} needs a d_model divisible by 8, not {c.d_model}")
    if c.kv_heads and (c.kv_heads < 0 or c.heads % c.kv_heads):
        raise ValueError(f"kv_heads must divide heads: {c.kv_heads} does not divide {c.heads}")
    for name in ("val_every", "screen_step"):
        if getattr(c, name) % c.sample_every:
            raise ValueError(
                f"{name} must be a multiple of sample_every: {getattr(c, name)} is no multiple of "
                f"{c.sample_every}"
            )
    if c.n_train < 1 or c.n_val < 1:
        raise ValueError("train_fraction and test_fraction must leave examples for both sets")
    if c.batch_size > c.n_train:
        raise ValueError(
            f"batch_size must be at most the train set: {c.batch_size} is more than {c.n_train}"
        )


def width_step(heads: int, readout: str) -> int:
    """d_model must be a multiple of this: the heads, and 8 if the readout narrows to d_model /
    8."""
    return lcm(heads, 8) if readout in ("time-distributed", "conv") else heads


def is_prime(n: int) -> bool:
    """Whether n is prime, for any n below 2^64.

    The Miller-Rabin test. With the first twelve primes as bases it is exact for these n
    (J. Sorenson and J. Webster, Strong pseudoprimes to twelve prime bases, 2017).
    """
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    if n < 2 or any(n % base == 0 for base in bases):
        return n in bases
    twos = ((n - 1) & (1 - n)).bit_length() - 1  # n - 1 = odd * 2^twos
    odd = (n - 1) >> twos
    for base in bases:
        power = pow(base, odd, n)
        if power in (1, n - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % n
            if power == n - 1:
                break
        else:
            return False
    return True
