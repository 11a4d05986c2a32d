"""The rough estimate against torch's own count of a step's operations."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from grokseed.config import Config, preset
from grokseed.model.cost import FLOPS_A_CORE, rough_seconds
from grokseed.model.decoder import Decoder
from grokseed.model.layout import parameter_shapes


@pytest.mark.parametrize(
    "config",
    [
        preset("diary"),
        preset("diary", heads=8, kv_heads=1, layers=4),
        preset("mini", attention="full"),
        preset("mini", attention="full", kv_heads=1, layers=3, biases="none"),
    ],
    ids=lambda config: str(config.changes()),
)
def test_operations_are_a_steps_own_to_the_right_order(config: Config) -> None:
    meta = {"device": "meta", "requires_grad": True}
    p = {name: torch.empty(1, *shape, **meta) for name, shape in parameter_shapes(config).items()}
    batch = torch.zeros(1, config.batch_size, dtype=torch.int64, device="meta")
    with FlopCounterMode(display=False) as counted:
        Decoder(config).logits(p, batch, batch).sum().backward()
    said = rough_seconds(config, runs=config.batch_size, jobs=config.batch_size) * FLOPS_A_CORE
    assert 0.5 < said / config.max_steps / counted.get_total_flops() < 1.2
