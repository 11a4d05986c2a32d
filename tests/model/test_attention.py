"""Full attention, no biases and grouped queries, against the same decoder from torch.nn."""

import shutil
from itertools import product as products

import numpy as np
import pytest
import torch
from plain_lanes import assert_same_function
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from tiny_runs import GROKS, assert_lanes_do_not_touch, digests, tiny
from torch import nn

from grokseed.config import Config, preset
from grokseed.model import plain, prefix
from grokseed.model.decoder import forward_of
from grokseed.model.layout import parameter_shapes, parts
from grokseed.model.reference import GroupedAttention, PlainDecoder, tokens
from grokseed.model.weights import initial_parameters
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.training.trainer import train

SHAPES = {"p": 11, "d_model": 24, "heads": 6, "ffn_multiple": 2, "batch_size": 16}

SHARED = {"layers": 4, "sharing": "cycle", "unique_layers": 2}

COMBINED = [
    {**depth, "attention": attention, "biases": biases, "kv_heads": kv_heads}
    for depth, attention, biases, kv_heads in products(
        ({"layers": 1}, {"layers": 3}, SHARED), ("causal", "full"), ("all", "none"), (0, 1, 2)
    )
]

TWO = [Seeds(3, 3, 0, 1), Seeds(1, 1, 2, 0)]


def small(**changes: object) -> Config:
    return preset("diary", **{**SHAPES, **changes})


@pytest.mark.parametrize("changes", COMBINED, ids=str)
def test_forward_and_gradients_are_plain_torchs(changes: dict[str, object]) -> None:
    """Both forward passes where both compute the config, in float64."""
    config = small(**changes)
    full = config.attention == "full"
    assert forward_of(config) is (plain.rows if full else prefix.rows)
    forwards = [plain.rows] if full else [plain.rows, prefix.rows]
    assert_same_function(config, forwards, 2, 13, tokens)


@pytest.mark.parametrize("changes", COMBINED[:18] + COMBINED[-1:], ids=str)
def test_weights_start_as_torchs_own_layers_bit_for_bit(changes: dict[str, object]) -> None:
    config, seeds = small(**changes), Seeds(5, 5, 0, 1)
    ours = initial_parameters(config, generators(seeds, "diary", config.n_examples).model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        torch.randperm(config.n_examples)
        theirs = PlainDecoder(config).named()
    assert list(ours) == list(parameter_shapes(config))
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        assert value.shape == parameter_shapes(config)[name]
        assert value.equal(theirs[name]), name


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_grouped_attention_of_as_many_heads_is_torchs(bias: bool, full: bool) -> None:
    """The judge's own module, which torch has only where no heads share."""
    modules = []
    for make in (
        lambda: GroupedAttention(12, 3, 3, bias),
        lambda: nn.MultiheadAttention(12, 3, bias=bias, batch_first=True),
    ):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            modules.append(make().double())
    ours, theirs = modules
    x = torch.randn(4, 5, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    mask = None if full else torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected, _ = theirs(x, x, x, attn_mask=mask, need_weights=False)
    torch.testing.assert_close(ours(x, mask), expected, rtol=1e-13, atol=1e-13)


def test_shapes_by_hand() -> None:
    """d 24, six query heads 4 wide: with two heads of keys and of values, 24 + 8 + 8 rows."""
    shapes = parameter_shapes(small(layers=1, kv_heads=2))
    assert shapes["block1.attention.qkv.weight"] == (40, 24)
    assert shapes["block1.attention.qkv.bias"] == (40,)
    without = parameter_shapes(small(layers=1, kv_heads=2, biases="none"))
    gone = {"attention.qkv", "attention.out", "ffn.up", "ffn.down"}
    gone = {f"block1.{layer}.bias" for layer in gone} | {"head.bias"}
    assert shapes.keys() - without.keys() == gone
    assert all(shapes[name] == shape for name, shape in without.items())
    assert parts(small(biases="none")) == parts(small())  # what can be grafted


def test_as_many_key_heads_as_heads_is_the_default_bit_for_bit() -> None:
    assert digests(tiny(kv_heads=2), TWO) == digests(tiny(heads=2), TWO)


@pytest.mark.parametrize(
    "changes",
    [
        {"attention": "full"},
        {"attention": "full", "biases": "none", "kv_heads": 2, **SHARED},
        {"biases": "none", "kv_heads": 1, "layers": 1},
    ],
    ids=str,
)
@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops(changes: dict[str, object]) -> None:
    config = plain_tiny(**changes)
    for ours, seeds in zip(train(config, TWO), TWO, strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {"attention": "full", "biases": "none"},
        {"kv_heads": 1},
        {"p": 13, "batch_size": 31, "d_model": 20, "heads": 4, "kv_heads": 2, "attention": "full"},
        {"d_model": 6, "heads": 6, "kv_heads": 2, "biases": "none", "sample_size": 1},
        {"precision": "bf16", "layers": 1, "biases": "none", "kv_heads": 1},
    ],
    ids=str,
)
def test_lanes_do_not_touch(changes: dict[str, object]) -> None:
    assert_lanes_do_not_touch(tiny(**changes))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
def test_a_compiled_run_is_the_eager_one_but_for_rounding() -> None:
    schedule = dict.fromkeys(("max_steps", "sample_every", "val_every", "screen_step"), 15)
    changes = {**GROKS, **schedule, "biases": "none", "kv_heads": 2, "attention": "full"}
    config = tiny(**changes | {"layers": 2}, sharing="cycle", unique_layers=1)
    eager, ours = train(config, TWO), train(config, TWO, compiled=True)
    assert [t.digest() for t in ours] != [t.digest() for t in eager]
    for one, other in zip(ours, eager, strict=True):
        for name, column in one.columns.items():
            assert np.allclose(column, other.columns[name], rtol=1e-4, equal_nan=True), name


def test_keys_stay_and_what_cannot_be_is_refused() -> None:
    assert not Config(attention="causal", biases="all", kv_heads=0).changes()
    assert small(heads=6, kv_heads=6).kv_heads == 6
    for changes, said in (
        ({"attention": "local"}, "attention must be one of causal, full, not 'local'"),
        ({"biases": "some"}, "biases must be one of none, all, not 'some'"),
        ({"kv_heads": 4}, "kv_heads must divide heads: 4 does not divide 6"),
        ({"kv_heads": 12}, "kv_heads must divide heads: 12 does not divide 6"),
        ({"kv_heads": -2}, "kv_heads must divide heads: -2 does not divide 6"),
    ):
        with pytest.raises(ValueError, match=said):
            small(**changes)
