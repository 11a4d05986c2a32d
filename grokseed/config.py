"""What a run is apart from its seeds: one flat frozen dataclass and its stable key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

from grokseed import limits, texts
from grokseed.expressions import count_equations, spelled
from grokseed.presets import PRESETS
from grokseed.unlike import unlike

Scheme = Literal["independent", "diary", "shared"]
Precision = Literal["fp32", "tf32", "bf16"]
Sharing = Literal["none", "sequence", "cycle", "cycle-rev"]
Readout = Literal["last", "flatten", "bottleneck", "time-distributed", "conv", "tied"]
Attention = Literal["causal", "full"]
Biases = Literal["none", "all"]
Activation = Literal["gelu", "relu", "silu", "tanh"]
Schedule = Literal["constant", "cosine", "linear"]
StopWhen = Literal["never", "t98", "completed"]
Task = Literal["modular", "rote"]

ENGINE = 5
"""Raised by one when a change to the engine or to the streams moves the bits of a run."""


@dataclass(frozen=True)
class Config:
    """Everything that decides a run except its seeds. The defaults are the `diary` preset.

    Args:
        operation: the equation's left side, mod p: one of the diary's nine (x+y, x-y, x/y, x^2+y^2,
            x^2+xy+y^2, x^2+xy+y^2+x, x^3+xy, x^3+xy^2+x, (x//y)if(y%2==1)else(x-y)), or an
            expression in x and y of + - * / ^ such as x*y or (x+2y)^3/(y+1), where / divides mod p
            and pairs at which a divisor is 0 are left out.
        p: the modulus, a prime.
        train_fraction: share of all examples that is trained on.
        test_fraction: share held out from both training and validation, scored once at the end.
        d_model: width of the residual stream.
        layers: number of decoder blocks.
        heads: attention heads a block; divides d_model.
        ffn_multiple: width of the feed-forward layer in units of d_model.
        lr: learning rate after warm-up.
        beta1: AdamW's decay of the first moment.
        beta2: AdamW's decay of the second moment.
        eps: AdamW's epsilon.
        weight_decay: AdamW's decoupled weight decay, on every parameter.
        warmup_steps: steps of linear warm-up, from 1e-8 of the learning rate.
        batch_size: examples a step; the last batch of an epoch is smaller and used as it is.
        max_steps: optimiser steps after which a run ends.
        stop_when: end a run at its t98 (the first evaluation of the whole validation set with
            accuracy of at least 0.98), when it has completed (every validation answer is right), or
            never before max_steps.
        sample_every: steps between evaluations of the validation sample, a fixed part of the
            validation set.
        sample_size: examples in the validation sample; with fewer than some 500 of a larger set,
            t98 may be noted up to val_every steps late.
        val_every: steps between evaluations of the whole validation set.
        screen_step: the step at which the screen rule reads the validation accuracy.
        scheme: how seeds become random streams: a generator each (independent), split and initial
            weights on one stream (diary), or everything on one stream (shared).
        val_shuffle: whether the validation loader shuffles; it matters in scheme shared alone.
        precision: number format of matmul inputs.
        sharing: how blocks share sets of layers, by Takase and Kiyono 2021 (arXiv 2104.06022): not
            at all, each set in consecutive blocks (sequence), the stack of sets repeated (cycle),
            or repeated with its last repeat reversed (cycle-rev).
        unique_layers: number of sets of layers where blocks share them; divides layers. 0 where
            they do not.
        readout: how logits come out of the last block: a linear layer at the last position (last);
            one over all positions at once (flatten); the same behind a narrow linear layer
            (bottleneck); behind a layer that narrows each position to d_model / 8
            (time-distributed); behind a convolution that does so (conv; with a kernel of 1 it is
            the same function); or the token embedding as output matrix at the last position (tied).
        bottleneck_width: width of the narrow layer of readout bottleneck. 0 with the others.
        task: what is learned: the results of equations mod p (modular), or the bytes that follow
            windows of a text (rote).
        text: of task rote, a file; by default a text that is shipped with grokseed. The config
            keeps its content's name: sha256, a colon and 64 digits.
        examples: of task rote, the number of windows in all: train, validation and test set.
        length: of task rote, bytes of a window, a position each.
        attention: which positions a position sees: itself and those before it (causal), or all
            of them, as an encoder's do (full).
        biases: whether linear layers (q, k, v and output of attention, both of the feed-forward
            layer, the readout's) add a bias. With none, layer norms keep their shift: they are no
            linear layers (Mehta et al. 2024, arXiv 2404.14619, leave out the same).
        kv_heads: heads of keys and values, each shared by heads / kv_heads neighbouring heads of
            queries (Ainslie et al. 2023, arXiv 2305.13245); divides heads. 0 for as many as heads.
        schedule: the learning rate after warm-up: constant, or falling to 0 at max_steps along half
            a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983) or a line.
        init_scale: what every number that the model stream draws is multiplied by, drawn biases
            among them (Liu, Michaud and Tegmark 2023, arXiv 2210.01117); layer norms start at 1
            and 0 all the same.
        activation: the nonlinearity between a feed-forward layer's two linear layers; gelu is the
            exact one, silu is x times its own sigmoid.
        dropout: share of the elements that is dropped in training after each attention and after
            each feed-forward layer, before the residual is added. Each loader seed has a stream of
            its own for it. Trained eagerly on a CPU, at all positions of every example.
        conv_kernel: positions that readout conv sees at a time, an odd number: a position and as
            many neighbours on either side. Beyond the ends it sees zeros.
    """

    operation: str = "x/y"
    p: int = 223
    train_fraction: float = 0.5
    test_fraction: float = 0.0
    d_model: int = 128
    layers: int = 2
    heads: int = 4
    ffn_multiple: int = 4
    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.98
    eps: float = 1e-8
    weight_decay: float = 0.1
    warmup_steps: int = 10
    batch_size: int = 512
    max_steps: int = 3000
    stop_when: StopWhen = "never"
    sample_every: int = 25
    sample_size: int = 2048
    val_every: int = 500
    screen_step: int = 3000
    scheme: Scheme = "independent"
    val_shuffle: bool = False
    precision: Precision = "fp32"
    sharing: Sharing = "none"
    unique_layers: int = 0
    readout: Readout = "last"
    bottleneck_width: int = 0
    task: Task = "modular"
    text: str = texts.SHIPPED
    examples: int = 432
    length: int = 32
    attention: Attention = "causal"
    biases: Biases = "all"
    kv_heads: int = 0
    schedule: Schedule = "constant"
    init_scale: float = 1.0
    activation: Activation = "gelu"
    dropout: float = 0.0
    conv_kernel: int = 1

    def __post_init__(self) -> None:
        for f in fields(self):  # equal configs must have equal keys: 0 and 0.0 are spelled apart
            value = limits.typed(f.name, str(f.type), getattr(self, f.name))
            object.__setattr__(self, f.name, value)
        for name in limits.idle_fields(self.task):
            default = getattr(Config, name)
            limits.check_idle(name, self.task, getattr(self, name), default)
            object.__setattr__(self, name, default)
        if self.task == "rote":
            object.__setattr__(self, "text", texts.name_of(self.text))
        else:
            object.__setattr__(self, "operation", spelled(self.operation))
        limits.check(self)

    def __getstate__(self) -> dict[str, object]:
        """With its text, so that a worker needs no file."""
        own = self.text != texts.SHIPPED and texts.is_here(self.text)
        return {**self.__dict__, "_content": texts.content_of(self.text) if own else None}

    def __setstate__(self, state: dict[str, object]) -> None:
        content = state.pop("_content")
        if isinstance(content, bytes):
            texts.keep(content)
        self.__dict__.update(state)

    @property
    def n_examples(self) -> int:
        """Number of examples of the task: its windows, or its equations.

        There are p² equations, without the pairs at which it would divide by 0.
        """
        if self.task == "rote":
            return self.examples
        return count_equations(self.operation, self.p)

    @property
    def n_train(self) -> int:
        """Number of training examples, rounded down as `int(fraction * n)`."""
        return int(self.train_fraction * self.n_examples)

    @property
    def n_test(self) -> int:
        """Number of test examples."""
        return int(self.test_fraction * self.n_examples)

    @property
    def n_val(self) -> int:
        """Number of validation examples: all that are neither train nor test."""
        return self.n_examples - self.n_train - self.n_test

    @property
    def n_sample(self) -> int:
        """Number of validation examples in the validation sample."""
        return min(self.sample_size, self.n_val)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches an epoch, the smaller last one included."""
        return -(-self.n_train // self.batch_size)

    def changes(self) -> dict[str, object]:
        """The fields that differ from their defaults: all that enters the key."""
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name)) != f.default}

    def key(self) -> str:
        """Sixteen hex digits that name this config; a new field with a default keeps old keys."""
        text = json.dumps(self.changes(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def preset(name: str, **changes: object) -> Config:
    """The config of a preset, with some fields changed: `preset("mini", operation="x+y")`.

    Raises:
        ValueError: no such preset, or a value that cannot be.
    """
    if name not in [*PRESETS]:  # a list takes any type: a dict raises for those without a hash
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, not {name!r}")
    known = {f.name for f in fields(Config)}
    if unknown := set(changes) - known:
        raise ValueError(f"a config has no {', '.join(sorted(unknown))}")
    return replace(Config(), **{**PRESETS[name], **changes})  # type: ignore[arg-type]


def difference(ours: Config, theirs: Mapping[str, object]) -> list[str]:
    """The fields in which a config and another's `asdict` differ, as `name: theirs, not ours`."""
    mine, default = asdict(ours), asdict(Config())
    unknown = [f"{name}: {theirs[name]!r}, unknown here" for name in theirs if name not in mine]
    return unknown + [
        unlike(name, theirs.get(name, default[name]), mine[name])
        for name in mine
        if theirs.get(name, default[name]) != mine[name]
    ]
