"""The layout without torch: which sets of layers there are, and which block uses which."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from grokseed.config import Config
from grokseed.model import layout, weights
from grokseed.model.layout import (
    groups,
    layer_names,
    layer_of,
    layers_of,
    parameter_shapes,
)
from grokseed.model.readout import Last, readout_of
from grokseed.model.weights import initial_parameters
from grokseed.vocabulary import sequence

NO_TORCH = "import sys, grokseed.model.layout; sys.exit('torch' in sys.modules)"


def test_the_layout_loads_no_torch() -> None:
    assert subprocess.run([sys.executable, "-c", NO_TORCH]).returncode == 0


def test_every_block_has_layers_of_its_own() -> None:
    assert layers_of(Config(layers=3)) == ("block1", "block2", "block3")
    assert layer_names(Config(layers=3)) == ("block1", "block2", "block3")


def test_a_parameters_name_says_where_it_is() -> None:
    assert layer_of("block2.attention.norm.bias") == "block2.attention.norm"
    for name in parameter_shapes(Config()):
        assert name.startswith(tuple(groups(Config())))


def test_the_readout_adds_its_parameters_after_the_blocks() -> None:
    names, own = list(parameter_shapes(Config())), readout_of(Config()).shapes(Config())
    assert names[-len(own) :] == list(own)
    assert own["head.weight"] == (2 + 9 + 223, 128)
    assert set(readout_of(Config()).reads(Config())) <= set(sequence(Config()))


def test_a_readout_draws_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that draws a layer more moves no other draw."""

    class Two(Last):
        def shapes(self, config: Config) -> dict[str, tuple[int, ...]]:
            return {**super().shapes(config), "head.more.weight": (3, 5), "head.more.bias": (3,)}

        def draw(self, draw_linear: Callable[[str], None]) -> None:
            super().draw(draw_linear)
            draw_linear("head.more")

    def drawn() -> dict[str, torch.Tensor]:
        return initial_parameters(Config(p=11, batch_size=8), torch.Generator().manual_seed(0))

    before = drawn()
    for module in (layout, weights):
        monkeypatch.setattr(module, "readout_of", lambda config: Two())
    after = drawn()
    assert list(after) == [*before, "head.more.weight", "head.more.bias"]
    assert all(after[name].equal(value) for name, value in before.items())
    assert 0.1 < after["head.more.weight"].abs().max() <= 5**-0.5
