"""Initial weights and both forward passes against the same decoder built from torch.nn's layers."""

from collections.abc import Sequence
from typing import get_args

import pytest
import torch
from plain_lanes import assert_same_function, example_residues, plain_lanes, stacked
from torch import Tensor

from grokseed.config import Activation, Config, preset
from grokseed.model import decoder, plain, prefix
from grokseed.model.decoder import Decoder, forward_of
from grokseed.model.layers import Layers, Rows
from grokseed.model.layout import group_of, groups, parameter_shapes
from grokseed.model.readout import Last
from grokseed.model.reference import PlainDecoder
from grokseed.model.weights import initial_parameters, stack
from grokseed.seeds import Seeds
from grokseed.streams import generators

OPERATIONS = [
    *("(x//y)if(y%2==1)else(x-y)", "x+y", "x-y", "x/y", "x^2+xy+y^2", "x^2+xy+y^2+x"),
    *("x^2+y^2", "x^3+xy", "x^3+xy^2+x"),
]


def small(operation: str = "x/y", layers: int = 2, **changes: object) -> Config:
    fields = {"p": 11, "d_model": 24, "heads": 3, "ffn_multiple": 2, "batch_size": 16}
    return preset("diary", **{**fields, "operation": operation, "layers": layers, **changes})


def tokens(config: Config, a: Tensor, b: Tensor) -> Tensor:
    """The sequences of the diary's protocol: `[eos, a, op, b, =]`, [B] and [B] give [B, 5]."""
    vocabulary = ["eos", "=", *OPERATIONS, *range(config.p)]
    return torch.tensor(
        [
            [vocabulary.index(t) for t in ("eos", int(x), config.operation, int(y), "=")]
            for x, y in zip(a, b, strict=True)
        ]
    )


@pytest.mark.parametrize("seed", [0, 42, 56])
@pytest.mark.parametrize("config", [Config(), small(layers=3), small(layers=1)])
def test_diary_starts_from_torchs_own_layers_bit_for_bit(config: Config, seed: int) -> None:
    ours = initial_parameters(
        config, generators(Seeds(seed, seed, 0, 1), "diary", config.n_examples).model
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.randperm(config.n_examples)
        theirs = PlainDecoder(config).named()
    assert list(ours) == list(parameter_shapes(config))
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        assert value.dtype == torch.float32
        assert value.shape == parameter_shapes(config)[name] == theirs[name].shape
        assert value.equal(theirs[name]), name


def test_size_and_initial_norm_of_the_diarys_decoder() -> None:
    model = generators(Seeds(42, 42, 0, 1), "diary", Config().n_examples).model
    parameters = initial_parameters(Config(), model)
    assert sum(value.numel() for value in parameters.values()) == 457_578
    squares = sum(
        value.double().square().sum().item()
        for name, value in parameters.items()
        if not name.endswith("_embedding.weight")
    )
    # Expected squares: five layer norms of ones; a uniform draw on ±1/sqrt(fan in) has variance
    # 1/(3 fan in), Xavier's 2/(fan in + fan out). The diary gives about 40.1.
    block = 3 * 128**2 / 256 + 128**2 / 384 + (512 * 128 + 512) / 384 + (512 * 128 + 128) / 1536
    expected = 5 * 128 + 2 * block + (234 * 128 + 234) / 384
    assert squares**0.5 == pytest.approx(expected**0.5, abs=0.05)
    assert expected**0.5 == pytest.approx(40.1, abs=0.2)


def test_groups_part_the_parameters_in_module_order() -> None:
    names = list(parameter_shapes(small()))
    seen = list(dict.fromkeys(group_of(name) for name in names))
    assert (
        seen
        == groups(small())
        == [
            *("token_embedding", "position_embedding", "block1.attention", "block1.ffn"),
            *("block2.attention", "block2.ffn", "head"),
        ]
    )
    assert group_of("block2.attention.norm.bias") == "block2.attention"
    assert group_of("head.norm.weight") == "head"


def check_against_plain(config: Config, lanes: int, examples: int) -> None:
    assert_same_function(config, (prefix.rows, plain.rows), lanes, examples, tokens)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("operation", ["x/y", "x+y", "(x//y)if(y%2==1)else(x-y)"])
def test_forward_and_gradients_are_plain_torchs(operation: str, layers: int) -> None:
    check_against_plain(small(operation, layers), lanes=3, examples=17)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_every_activation_is_torchs(activation: str) -> None:
    check_against_plain(small(layers=2, activation=activation), lanes=2, examples=9)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_its_own_token(operation: str) -> None:
    check_against_plain(small(operation), lanes=1, examples=5)


@pytest.mark.parametrize(("lanes", "examples"), [(1, 1), (2, 1), (5, 2), (1, 200)])
def test_any_number_of_lanes_and_examples(lanes: int, examples: int) -> None:
    check_against_plain(small(layers=2), lanes, examples)
    check_against_plain(small(layers=1), lanes, examples)


@pytest.mark.parametrize(
    "changes",
    [{"heads": 1}, {"heads": 24}, {"ffn_multiple": 1}, {"d_model": 8, "heads": 2}, {"p": 2}],
    ids=str,
)
def test_any_shape_of_decoder(changes: dict[str, object]) -> None:
    batch = {"batch_size": 1}
    for layers in (1, 2):
        check_against_plain(small("x+y", layers, **batch, **changes), lanes=2, examples=9)


def test_the_diarys_decoder_in_float64() -> None:
    check_against_plain(Config(), lanes=2, examples=24)


def test_the_forward_passes_in_float32_differ_by_rounding_alone() -> None:
    config = Config()
    run = initial_parameters(config, torch.Generator().manual_seed(0))
    parameters, (a, b) = stack([run, run]), example_residues(config, 2, 64)
    shared, every = (Decoder(config, f).logits(parameters, a, b) for f in (prefix.rows, plain.rows))
    torch.testing.assert_close(shared, every, rtol=1e-5, atol=1e-5)


def test_bf16_rounds_the_inputs_of_matmuls() -> None:
    """Near fp32 but not equal to it, and the logits stay fp32."""
    config = Config(precision="bf16")
    run = initial_parameters(config, torch.Generator().manual_seed(0))
    parameters, (a, b) = stack([run]), example_residues(config, 1, 64)
    exact = Decoder(Config()).logits(parameters, a, b)
    for forward in (prefix.rows, plain.rows):
        logits = Decoder(config, forward).logits(parameters, a, b)
        assert logits.dtype == torch.float32
        error = (logits - exact).norm() / exact.norm()
        assert 1e-5 < error < 2e-2


def test_prefixes_are_shared_unless_the_readout_reads_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert forward_of(small()) is prefix.rows

    class Two(Last):
        def reads(self, config: Config) -> tuple[str, ...]:
            return ("b", "=")

        def logits(self, layers: Layers, rows: Sequence[Rows]) -> Tensor:
            return super().logits(layers, [Rows(rows[0].table.mean(2, keepdim=True))])

    for module in (decoder, plain):
        monkeypatch.setattr(module, "readout_of", lambda config: Two())
    config = small()
    assert forward_of(config) is plain.rows
    models, (a, b) = plain_lanes(config, 2), example_residues(config, 2, 7)
    ours = Decoder(config).logits(stacked(models), a, b)
    for lane, model in enumerate(models):
        x = model.token_embedding(tokens(config, a[lane], b[lane]))
        x = x + model.position_embedding.weight
        for block in model.blocks:
            x = block(x, model.mask)
        theirs = model.head(model.norm(x[:, 3:5].mean(1)))
        torch.testing.assert_close(ours[lane], theirs, rtol=1e-12, atol=1e-12)
