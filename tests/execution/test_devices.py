"""Devices by name, with a stand-in for the cards."""

import pytest
import torch

from grokseed.config import Config
from grokseed.execution.devices import devices
from grokseed.training.numerics import numerics


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Card")


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


@pytest.mark.usefixtures("cards")
def test_numerics_of_a_gpu_name_its_lanes() -> None:
    config = Config(precision="tf32")
    names = {numerics(config, "cuda:0", compiled, n) for n in (8, 64) for compiled in (False, True)}
    assert len(names) == 4
    assert all({"Card", "tf32", "lanes"} <= set(name.split()) for name in names)
    assert numerics(config, "cuda:0", lanes=8) == numerics(config, "cuda:1", lanes=8)
