"""Counts against real tensors, closed forms against counts, derivatives against differences."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest
import sympy
import torch
from torch import nn

from grokseed.analysis.closed_forms import (
    DOCUMENTED,
    PRINTED,
    D,
    L,
    N,
    Sizes,
    V,
    decoder_block,
    decoder_form,
    readouts,
)
from grokseed.analysis.parameters import Counted, counted, widths_around
from grokseed.config import Config, preset
from grokseed.model import layout, readout
from grokseed.model.reference import PlainDecoder
from grokseed.model.weights import initial_parameters
from grokseed.params import count_config as count_of

CONFIGS = [
    preset("diary"),
    preset("mini"),
    replace(preset("mini"), layers=3, heads=2, d_model=6, ffn_multiple=1),
    replace(preset("mini"), p=11, batch_size=32, ffn_multiple=2, d_model=16),
    preset("mini", readout="flatten"),
    preset("diary", readout="bottleneck", bottleneck_width=7),
    preset("mini", readout="time-distributed", layers=3),
    preset("mini", readout="conv"),
    preset("mini", readout="conv", conv_kernel=3),
    preset("mini", readout="tied", d_model=24),
    preset("mini", biases="none"),
    preset("mini", kv_heads=1, d_model=44, layers=2),
    preset("mini", biases="none", kv_heads=2, attention="full", layers=2),
    preset("mini", biases="none", kv_heads=1, layers=4, sharing="cycle", unique_layers=2),
    preset("mini", readout="conv", biases="none", kv_heads=2),
]


def used_by_the_readout(config: Config, tensors: Mapping[str, torch.Tensor]) -> int:
    """Elements of the readout's own tensors, and of the token embedding where it is one of them."""
    own = sum(t.numel() for name, t in tensors.items() if name.startswith("head."))
    return own + (config.readout == "tied") * tensors["token_embedding.weight"].numel()


def n_parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("config", CONFIGS)
def test_counts_are_those_of_the_tensors_that_are_trained(config):
    tensors = initial_parameters(config, torch.Generator())
    here = count_of(config)
    assert here.total == sum(tensor.numel() for tensor in tensors.values())
    head = sum(t.numel() for name, t in tensors.items() if name.startswith("head."))
    assert here.readout == head
    module = PlainDecoder(config)
    assert here.total == n_parameters(module)
    assert here.blocks == n_parameters(module.blocks)
    assert here.ratio == n_parameters(module.blocks) / used_by_the_readout(config, tensors)


@pytest.mark.parametrize("config", CONFIGS)
def test_closed_forms_are_exact(config):
    here = count_of(config)
    for name in ("blocks", "readout", "total"):
        assert here.sizes.value(getattr(here.form, name)) == getattr(here, name)
    assert float(here.sizes.value(here.form.ratio)) == here.ratio


@pytest.mark.parametrize("ffn_multiple", [1, 4])
def test_a_block_is_one_of_torch(ffn_multiple):
    layer = nn.TransformerEncoderLayer(24, 3, 24 * ffn_multiple)
    assert Sizes(1, 24, 5, 7).value(decoder_block(ffn_multiple)) == n_parameters(layer)


@pytest.mark.parametrize(("d", "length", "vocabulary"), [(16, 5, 108), (64, 32, 257)])
def test_readouts_are_those_of_torch(d, length, vocabulary):
    flat, narrow = nn.Linear(length * d, vocabulary), nn.Linear(length * d // 8, vocabulary)
    layers = {
        "last": [nn.Linear(d, vocabulary)],
        "flatten": [flat],
        "bottleneck": [nn.Linear(length * d, 9), nn.Linear(9, vocabulary)],
        "time-distributed": [nn.Linear(d, d // 8), narrow],
        "conv": [nn.Conv1d(d, d // 8, 3, padding="same"), narrow],
        "tied": [],
    }
    found = readouts(bottleneck=9, kernel=3)
    assert found.keys() == layers.keys()
    for name, modules in layers.items():
        expected = sum(map(n_parameters, modules))
        assert Sizes(1, d, length, vocabulary).value(found[name]) == expected


def test_a_convolution_over_one_position_is_the_time_distributed_layer():
    found = readouts(bottleneck=9)
    assert found["conv"] == found["time-distributed"]


def test_a_tied_embedding_counts_once_in_the_total_and_on_the_side_of_the_readout():
    shapes = {"token_embedding.weight": (7, 4), "position_embedding.weight": (5, 4)}
    shapes |= {"block1.ffn.up.weight": (8, 4)}
    shapes |= {"head.norm.weight": (4,), "head.norm.bias": (4,)}
    here = counted(shapes, 4, 4, "tied")
    assert here.total == 28 + 20 + 32 + 8
    assert here.ratio == 32 / (8 + 28)
    form = decoder_form(4, readouts(9)["tied"], tied=True)
    assert here.sizes.value(form.used) == 8 + 28


def test_derivatives_are_differences_of_exact_counts(monkeypatch):
    def difference(high: Counted, low: Counted, steps: int) -> tuple[float, float]:
        return (high.total - low.total) / steps, (high.ratio - low.ratio) / steps

    config = replace(preset("diary"), d_model=4096, p=223)
    here = count_of(config)
    differences = {
        N: difference(count_of(replace(config, layers=3)), count_of(replace(config, layers=1)), 2),
        D: difference(
            count_of(replace(config, d_model=4100)), count_of(replace(config, d_model=4092)), 8
        ),
        V: difference(count_of(replace(config, p=227)), count_of(replace(config, p=211)), 16),
    }
    monkeypatch.setattr(layout, "sequence", lambda config: range(7))
    longer = count_of(config)
    differences[L] = difference(longer, here, 2)
    for symbol, (total, ratio) in differences.items():
        assert here.sizes.value(sympy.diff(here.form.total, symbol)) == total
        derivative = float(here.sizes.value(sympy.diff(here.form.ratio, symbol)))
        # V moves by 7 % around the middle of 211 and 227, which is not 223 but 219.
        assert derivative == pytest.approx(ratio, rel=0.04 if symbol is V else 1e-5)


def test_the_documents_print_three_derivatives_rightly_and_two_wrongly():
    errors = {
        key: sympy.simplify(printed - sympy.diff(getattr(DOCUMENTED, key[0]), key[1]))
        for key, printed in PRINTED.items()
    }
    assert [errors[key] for key in (("ratio", N), ("ratio", D), ("ratio", L))] == [0, 0, 0]
    assert sympy.expand(errors["total", D] - (8 * N - 8 * N * D)) == 0
    right = -4 * N * D / (L * V**2)
    assert sympy.simplify(PRINTED["ratio", V] / right - V / L) == 0


@pytest.mark.parametrize("target", [0.01, 1.0, 6.99, 10.0, 30.5])
def test_the_width_for_a_ratio_is_the_best_of_all(target):
    def ratio(width: int) -> float:
        return count_of(replace(preset("mini"), d_model=width)).ratio

    found = widths_around(ratio, target, 4)
    best = min(range(4, 400, 4), key=lambda width: abs(ratio(width) - target))
    assert found[0] == best
    if len(found) == 2:
        low, high = sorted(found)
        assert high - low == 4
        assert ratio(low) < target < ratio(high)


def test_the_width_for_a_number_of_parameters_is_exact_where_it_can_be():
    def total(width: int) -> int:
        return count_of(replace(preset("mini"), d_model=width)).total

    assert widths_around(total, total(64), 4) == [64]
    assert widths_around(total, total(64) + 1, 4) == [64, 68]
    assert widths_around(total, total(68) - 1, 4) == [68, 64]
    assert widths_around(total, 1, 4) == [4]


@pytest.mark.parametrize("target", [0, -1.0, float("nan"), float("inf")])
def test_a_target_must_be_a_number_above_0(target):
    with pytest.raises(ValueError, match="must be above 0 and finite"):
        widths_around(float, target, 4)


def test_a_target_out_of_reach_says_how_far_it_gets():
    with pytest.raises(ValueError, match=r"no width up to .* reaches 3: 2 there"):
        widths_around(lambda width: min(width / 8, 2), 3, 4)


def test_counting_needs_no_torch():
    code = (
        "import sys, grokseed.analysis.references, grokseed.analysis.parameters, "
        "grokseed.reports.parameters; sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_documents_small_model_has_their_readout_and_the_ratio_that_they_give(monkeypatch):
    """32 positions and 257 tokens: 131,584 weights, 257 biases; the norm is not theirs."""
    for module in (layout, readout):
        monkeypatch.setattr(module, "sequence", lambda config: tuple(map(str, range(32))))
        monkeypatch.setattr(module, "vocabulary_size", lambda config: 257)
    config = preset("mini", layers=1, d_model=16, ffn_multiple=1, readout="flatten")
    here = count_of(config)
    assert here.readout == 131_584 + 257 + 2 * 16
    assert here.sizes.value(here.form.readout) == here.readout
    # q, k, v, the output projection and both feed-forward layers, and two norms, where they count
    # four matrices.
    assert here.blocks == 6 * 16 * 17 + 2 * 32
    assert 1 / here.ratio == pytest.approx(131_873 / 1_696)
