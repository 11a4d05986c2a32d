"""Every readout against torch.nn's layers: initial weights, logits, gradients, trainings."""

import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from test_decoder import check_against_plain, example_residues, small
from tiny_runs import GROKS, RUNS, SEVEN_RUNS, assert_lanes_do_not_touch, digests, tiny

from grokseed.config import Config, preset
from grokseed.execution.design import sets
from grokseed.model import plain, prefix, reference
from grokseed.model.decoder import Decoder, forward_of
from grokseed.model.graft import initial_weights
from grokseed.model.layers import Layers, Rows
from grokseed.model.layout import groups, parameter_shapes, parts, select, spell, splice
from grokseed.model.reference import PlainDecoder
from grokseed.model.weights import initial_parameters, stack
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.training import lanes
from grokseed.training.trainer import train

READOUTS: dict[str, dict[str, Any]] = {
    "flatten": {},
    "bottleneck": {"bottleneck_width": 5},
    "time-distributed": {},
    "conv": {},
    "tied": {},
}


def of(readout: str, **changes: Any) -> Config:
    return small(readout=readout, **{**READOUTS[readout], **changes})


@pytest.mark.parametrize("readout", READOUTS)
def test_initial_weights_are_those_of_torchs_layers(readout: str) -> None:
    config = of(readout)
    ours = initial_parameters(config, torch.Generator().manual_seed(3))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        theirs = PlainDecoder(config).named()
    assert list(ours) == list(parameter_shapes(config))
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        assert value.equal(theirs[name]), name


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("layers", [1, 2])
def test_logits_and_gradients_are_plain_torchs(readout: str, layers: int) -> None:
    check_against_plain(of(readout, layers=layers), lanes=3, examples=17)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("changes", [{"p": 2, "operation": "x+y"}, {"d_model": 48}], ids=str)
def test_any_shape_of_decoder(readout: str, changes: dict[str, object]) -> None:
    """Rows that examples share are narrower than the logits, or wider."""
    check_against_plain(of(readout, layers=1, batch_size=1, **changes), lanes=2, examples=9)


@pytest.mark.parametrize("width", [1, 70])
def test_a_bottleneck_of_any_width(width: int) -> None:
    check_against_plain(of("bottleneck", bottleneck_width=width), lanes=2, examples=9)


WIDER = {"readout": "conv", "conv_kernel": 3}


@pytest.mark.parametrize("kernel", [3, 7])
def test_a_convolution_of_any_width(kernel: int) -> None:
    """Wider than the example too. Its draws are `torch.nn.Conv1d`'s."""
    config = of("conv", conv_kernel=kernel)
    ours = initial_parameters(config, torch.Generator().manual_seed(3))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        theirs = PlainDecoder(config).named()
    assert all(value.equal(theirs[name]) for name, value in ours.items())
    assert forward_of(config) is plain.rows
    parameters = {name: value.double()[None] for name, value in ours.items()}
    judge = PlainDecoder(config).double().load({n: v.double().numpy() for n, v in ours.items()})
    a, b = example_residues(config, 1, 9)
    logits = Decoder(config).logits(parameters, a, b)
    expected = judge(reference.tokens(config, a[0], b[0]))
    torch.testing.assert_close(logits[0], expected, rtol=1e-10, atol=1e-10)


@pytest.mark.usefixtures("float64")
def test_a_run_with_a_convolution_over_three_positions_is_a_plain_loops() -> None:
    config = plain_tiny(**WIDER)
    (ours,) = train(config, SEVEN_RUNS[:1])
    assert_same(ours, plain_training(config, SEVEN_RUNS[0]), 1e-9)


def test_a_run_with_a_convolution_over_three_positions_is_the_same_in_any_company() -> None:
    changes = {"layers": 1, "p": 7, "batch_size": 10, "train_fraction": 0.5, "max_steps": 5}
    assert_lanes_do_not_touch(tiny(**WIDER, **changes))


def test_all_readouts_share_prefixes_for_this_task() -> None:
    """Flatten at `mini` takes 0.46 times as long as with every position of every example."""
    assert all(forward_of(of(readout)) is prefix.rows for readout in READOUTS)


@pytest.mark.parametrize("readout", ["flatten", "time-distributed"])
def test_bf16_rounds_the_inputs_of_its_products(readout: str) -> None:
    config = of(readout)
    parameters = stack([initial_parameters(config, torch.Generator().manual_seed(0))])
    a, b = example_residues(config, 1, 16)
    exact = Decoder(config).logits(parameters, a, b)
    for forward in (prefix.rows, plain.rows):
        logits = Decoder(replace(config, precision="bf16"), forward).logits(parameters, a, b)
        assert logits.dtype == torch.float32
        assert 1e-5 < (logits - exact).norm() / exact.norm() < 2e-2


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops(readout: str) -> None:
    config = plain_tiny(readout=readout, **READOUTS[readout])
    (ours,) = train(config, SEVEN_RUNS[:1])
    assert_same(ours, plain_training(config, SEVEN_RUNS[0]), 1e-9)


@pytest.mark.parametrize("readout", READOUTS)
def test_a_run_is_the_same_in_any_company(readout: str) -> None:
    """At sizes that are no whole vectors, and with one example in the last batch."""
    changes = {"layers": 1, "p": 7, "batch_size": 10, "train_fraction": 0.5, "max_steps": 5}
    assert_lanes_do_not_touch(tiny(readout=readout, **READOUTS[readout], **changes))


def test_a_convolution_of_width_1_is_the_time_distributed_layer() -> None:
    """The same draws, the same function, the same training to the last bit."""
    layer, conv = tiny(readout="time-distributed"), tiny(readout="conv")
    ours, theirs = (initial_parameters(c, torch.Generator().manual_seed(0)) for c in (conv, layer))
    assert ours["head.narrow.weight"].shape == (2, 16, 1)
    assert all(value.view(theirs[name].shape).equal(theirs[name]) for name, value in ours.items())
    assert digests(conv, SEVEN_RUNS[:2]) == digests(layer, SEVEN_RUNS[:2])
    assert conv.key() != layer.key()


def test_a_convolution_of_width_1_is_torchs() -> None:
    """`torch.nn.Conv1d` has channels before positions, so its output is transposed to compare."""
    torch_conv = torch.nn.Conv1d(16, 2, kernel_size=1).double()
    x = torch.randn(5, 4, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    p = {f"conv.{name}": value[None] for name, value in torch_conv.named_parameters()}
    (ours,) = Layers(tiny(), p).linear_rows([Rows(x[None])], "conv")
    torch.testing.assert_close(ours.table[0], torch_conv(x.mT).mT, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("readout", "named"),
    [
        ("flatten", {"head"}),
        ("bottleneck", {"head.narrow", "head.out"}),
        ("conv", {"head.narrow", "head.out"}),
        ("tied", set()),
    ],
)
def test_parts_to_graft(readout: str, named: set[str]) -> None:
    config = of(readout, scheme="diary")
    assert groups(config)[-1] == "head"
    assert select(config, "head") == named
    for name in named:
        assert select(config, name) == {name}
        assert spell(config, {name}) == name
    assert all(cut and cut != set(parts(config)) for cut in sets(config, "diary", []))


def test_equal_weights_have_one_name_where_both_seeds_give_as_many_parts() -> None:
    config = of("tied")
    half = set(parts(config)[: len(parts(config)) // 2])
    assert 2 * len(half) == len(parts(config))
    rest = set(parts(config)) - half
    assert splice(config, 56, 42, half) == splice(config, 42, 56, rest)
    assert splice(config, 56, 42, rest) == splice(config, 42, 56, half)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.usefixtures("float64")
def test_a_relabelled_run_is_the_same_run(readout: str) -> None:
    """The layer with a row for each token moves with the token embedding."""
    config = tiny(readout=readout, operation="x+y", **READOUTS[readout])
    ours, moved = train(config, [Seeds(0, 1, 2, 3), Seeds(0, 1, 2, 3, "relabel-weights-split=3")])
    np.testing.assert_allclose(
        moved.columns["train_loss"], ours.columns["train_loss"], rtol=1e-9, equal_nan=True
    )


def test_norms_are_over_all_layers_of_the_readout() -> None:
    config = tiny(readout="conv")
    (run,) = train(config, RUNS[:1])
    weights = initial_weights(config, RUNS[0], generators(RUNS[0], "independent", 1).model)
    head = [value.flatten() for name, value in weights.items() if name.startswith("head.")]
    assert run.columns["norm.head"][0] == pytest.approx(torch.cat(head).norm().item(), rel=1e-6)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
@pytest.mark.parametrize("readout", ["conv", "tied"])
def test_a_compiled_run_is_the_eager_one_but_for_rounding(
    readout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "compiled_lanes", lambda config: 2)
    schedule = dict.fromkeys(("max_steps", "sample_every", "val_every", "screen_step"), 15)
    config = tiny(**{**GROKS, **schedule, "readout": readout, **READOUTS[readout]})
    eager, ours = train(config, SEVEN_RUNS[:3]), train(config, SEVEN_RUNS[:3], compiled=True)
    assert [t.digest() for t in ours] != [t.digest() for t in eager]
    for one, other in zip(ours, eager, strict=True):
        for name, column in one.columns.items():
            assert np.allclose(column, other.columns[name], rtol=1e-4, equal_nan=True), name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"readout": "first"}, "readout must be one of last, flatten, bottleneck"),
        ({"readout": "bottleneck"}, "readout bottleneck needs a bottleneck_width of at least 1"),
        ({"readout": "bottleneck", "bottleneck_width": -1}, "of at least 1, not -1"),
        ({"bottleneck_width": 4}, "bottleneck_width needs readout bottleneck, not last"),
        ({"readout": "conv", "d_model": 60}, "readout conv needs a d_model divisible by 8, not 60"),
        ({"readout": "time-distributed", "d_model": 4}, "divisible by 8, not 4"),
        ({"readout": "conv", "conv_kernel": 2}, "conv_kernel must be an odd number of at least 1"),
        ({"readout": "conv", "conv_kernel": -1}, "at least 1, not -1"),
        ({"conv_kernel": 3}, "conv_kernel needs readout conv, not last"),
    ],
)
def test_what_a_config_cannot_be(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        preset("mini", **changes)
