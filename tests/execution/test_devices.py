"""Devices by name, with a stand-in for the cards."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from grokseed.config import Config, Precision
from grokseed.execution.devices import devices
from grokseed.execution.how import How
from grokseed.execution.plan import plan
from grokseed.training.numerics import numerics


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Card")
    monkeypatch.setattr(torch, "__version__", "2.11.0+cu130")
    triton = SimpleNamespace(__version__="3.6.0")
    monkeypatch.setattr("grokseed.training.numerics.import_module", lambda name: triton)


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


@pytest.mark.usefixtures("cards")
def test_numerics_of_a_gpus_compiled_runs_name_its_compiler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lacking(name: str) -> None:
        raise ModuleNotFoundError(name)

    config = Config(precision="tf32")
    assert " lanes 8 compiled triton 3.6.0" in numerics(config, "cuda:0", True, 8)
    assert "triton" not in numerics(config, "cuda:0", lanes=8)
    monkeypatch.setattr("grokseed.training.numerics.import_module", lacking)
    with pytest.raises(ValueError, match="--compile needs triton on a GPU"):
        numerics(config, "cuda:0", True, 8)


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_tf32_products_are_not_compiled_by_a_torch_that_cannot(
    precision: Precision, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch, "__version__", "2.10.1+cu128")
    config = Config(precision=precision)
    said = f"torch 2.10.1\\+cu128 cannot compile precision {precision} on a GPU"
    with pytest.raises(ValueError, match=said):
        plan(config, How(device="cuda", lanes=8, compile="yes"), tmp_path, 8, 8)
    numerics(config, "cuda:0", lanes=8)
    numerics(Config(), "cuda:0", True, 8)  # fp32
