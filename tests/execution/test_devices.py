"""Devices by name and lanes by memory, with a stand-in for the cards."""

import pytest
import torch
import torch.nn.functional as F

from grokseed.config import Config, preset
from grokseed.execution.devices import devices, lane_bytes, lanes_of, lanes_that_fit
from grokseed.model.decoder import Decoder
from grokseed.model.weights import initial_parameters, stack
from grokseed.training.numerics import default_lanes, numerics

GIB = 2**30


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two cards, and the free memory of each."""
    free = [80 * GIB, 24 * GIB]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(free))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free[device.index], 80 * GIB))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Card")
    return free


@pytest.mark.usefixtures("cards")
def test_devices_by_name() -> None:
    assert devices("cpu") == ["cpu"]
    assert devices("auto") == devices("cuda") == devices("cuda:0") == ["cuda:0"]
    assert devices("cuda:1,0") == ["cuda:1", "cuda:0"]
    for name in ("cuda:2", "cuda:0,0", "cuda:0,2"):
        with pytest.raises(ValueError, match="torch sees 2 GPUs"):
            devices(name)
    for name in ("tpu", "cuda:", "cuda:-1", "cuda:0,", "cpu:0"):
        with pytest.raises(ValueError, match="device must be cpu, cuda, auto, or like"):
            devices(name)


def test_auto_is_the_cpu_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices("auto") == ["cpu"]
    with pytest.raises(ValueError, match="torch sees no GPU"):
        devices("cuda:0,1")


def test_lanes_follow_the_least_free_memory(cards: list[int]) -> None:
    config = Config()
    assert lanes_of(config, ["cpu"], 2) == default_lanes(config)
    assert lanes_of(config, ["cuda:0"], 1) == 512
    both = lanes_of(config, ["cuda:0", "cuda:1"], 2)
    assert both == lanes_that_fit(config, cards[1]) == 256
    assert lanes_of(config, ["cuda:1"], 2) == 128  # two workers share its memory
    for free in (0, GIB, 10 * GIB, 11 * GIB):
        lanes = lanes_that_fit(config, free)
        assert lanes & (lanes - 1) == 0 < lanes
        assert lanes == 1 or lanes * lane_bytes(config) <= free


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


@pytest.mark.usefixtures("cards")
def test_numerics_of_a_gpu_name_its_lanes() -> None:
    config = Config(precision="tf32")
    names = {numerics(config, "cuda:0", compiled, n) for n in (8, 64) for compiled in (False, True)}
    assert len(names) == 4
    assert all({"Card", "tf32", "lanes"} <= set(name.split()) for name in names)
    assert numerics(config, "cuda:0", lanes=8) == numerics(config, "cuda:1", lanes=8)
