"""The scale of the initial weights: the same draws, each times the scale."""

import pytest
import torch

from grokseed.config import Config, preset
from grokseed.model.layout import layer_of, parts
from grokseed.model.weights import initial_parameters


@pytest.mark.parametrize("scale", [0.5, 0.3, 8.0])
def test_every_draw_is_scaled_and_nothing_else(scale: float) -> None:
    streams = [torch.Generator().manual_seed(7) for _ in range(2)]
    plain = initial_parameters(preset("mini", layers=2), streams[0])
    scaled = initial_parameters(preset("mini", layers=2, init_scale=scale), streams[1])
    assert streams[0].get_state().equal(streams[1].get_state())
    for name, value in plain.items():
        norm = name.endswith(("norm.weight", "norm.bias"))
        assert scaled[name].equal(value if norm else value * scale), name
        assert norm or layer_of(name) in parts(Config())
    for name in ("token_embedding.weight", "head.bias", "block2.ffn.up.bias"):
        assert not scaled[name].equal(plain[name])


def test_a_scale_of_1_is_the_draws_themselves() -> None:
    """As `torch.nn.Embedding` draws them: the first of all draws."""
    ours = initial_parameters(Config(), torch.Generator().manual_seed(3))
    drawn = torch.empty(234, 128).normal_(generator=torch.Generator().manual_seed(3))
    assert ours["token_embedding.weight"].equal(drawn)
