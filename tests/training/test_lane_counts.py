"""Lanes by a CPU's caches and by a GPU's memory, with a stand-in for the cards."""

import pytest
import torch
import torch.nn.functional as F

from grokseed.config import Config, preset
from grokseed.model.decoder import Decoder
from grokseed.model.weights import initial_parameters, stack
from grokseed.presets import PRESETS
from grokseed.training.lane_counts import (
    GIB,
    default_lanes,
    has_room,
    lane_bytes,
    lanes_of,
    lanes_that_fit,
)

CONFIG = Config()


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The free memory of two cards, which have 80 and 24 GiB in all."""
    total = [80 * GIB, 24 * GIB]
    free = list(total)
    monkeypatch.setattr(
        torch.cuda, "mem_get_info", lambda device: (free[device.index], total[device.index])
    )
    return free


def test_chunks_have_room_for_a_run() -> None:
    for name in PRESETS:
        assert 1 <= default_lanes(preset(name)) <= 64
    assert default_lanes(Config(d_model=4096, layers=8, batch_size=4096)) == 1
    assert lanes_of(CONFIG, ["cpu"], 2) == default_lanes(CONFIG)


@pytest.mark.usefixtures("free")
def test_lanes_follow_the_smallest_card() -> None:
    assert lanes_of(CONFIG, ["cuda:0"], 1) == 512
    assert lanes_of(CONFIG, ["cuda:0", "cuda:1"], 2) == 256
    assert lanes_of(CONFIG, ["cuda:1"], 2) == 128  # two workers share its memory


def test_what_else_a_card_holds_does_not_change_the_lanes(free: list[int]) -> None:
    lanes = lanes_of(CONFIG, ["cuda:1"], 1)
    free[1] = lanes * lane_bytes(CONFIG)
    assert lanes_of(CONFIG, ["cuda:1"], 1) == lanes
    assert not has_room(CONFIG, lanes, "cuda:1")  # nothing would be to spare
    free[1] -= 1
    with pytest.raises(ValueError, match=r"cuda:1: 256 lanes need .* of its 24\.0 GiB are free"):
        lanes_of(CONFIG, ["cuda:0", "cuda:1"], 2)
    assert lanes_of(CONFIG, ["cuda:0"], 1) == 512


@pytest.mark.parametrize("memory", [0, GIB, 10 * GIB, 11 * GIB])
def test_lanes_are_a_power_of_two_that_fits(memory: int) -> None:
    lanes = lanes_that_fit(CONFIG, memory)
    assert lanes & (lanes - 1) == 0 < lanes
    assert lanes == 1 or lanes * lane_bytes(CONFIG) <= memory


@pytest.mark.parametrize("name", ["diary", "mini"])
def test_a_lanes_bytes_hold_what_a_step_keeps(name: str) -> None:
    """What a forward pass really keeps for its backward pass, three lanes' less two lanes'."""
    config = preset(name, batch_size=64)

    def kept(lanes: int) -> int:
        generator = torch.Generator().manual_seed(0)
        p = stack([initial_parameters(config, generator) for _ in range(lanes)])
        p = {name: value.requires_grad_() for name, value in p.items()}
        held: dict[int, torch.Tensor] = {}
        batch = torch.zeros(lanes, config.batch_size, dtype=torch.int64)

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            held[tensor.data_ptr()] = tensor
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            logits = Decoder(config).logits(p, batch, batch)
            F.cross_entropy(logits.flatten(0, 1), batch.flatten())
        return sum(tensor.nbytes for tensor in held.values())

    more = kept(3) - kept(2)
    assert 1 < lane_bytes(config) / more < 6
