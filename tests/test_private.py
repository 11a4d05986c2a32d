"""A torch without its private functions: the public ones against float64, and numerics that say so.

Each is forced by having this torch lack it.
"""

import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from tiny_runs import SEVEN_RUNS, assert_lanes_do_not_touch, tiny
from torch.testing import assert_close

from grokseed import private
from grokseed.config import Config
from grokseed.private import TRIED, Private, softmax_gradient
from grokseed.training import adamw, compiled, lanes, numerics
from grokseed.training.trainer import train

Lack = Callable[..., None]


@pytest.fixture
def lack(monkeypatch: pytest.MonkeyPatch) -> Lack:
    def without(*names: Private) -> None:
        for module in (private, adamw, numerics):
            monkeypatch.setattr(module, "has", lambda name: name not in names)

    return without


def test_the_range_is_what_was_tried() -> None:
    """The oldest allowed, the one that results were made with, and what the README says."""
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    oldest = ".".join(TRIED[0].split(".")[:2])
    assert f"torch>={oldest}" in project["dependencies"]
    (pin,) = re.findall(r"^torch==(.+)$", (root / "constraints.txt").read_text(), re.MULTILINE)
    assert pin in TRIED
    assert f"{', '.join(TRIED[:-1])} and {TRIED[-1]}" in (root / "README.md").read_text()


def test_this_torch_has_them_all() -> None:
    """Else the tests below compare a stand-in with itself."""
    for name in Private.__args__:
        assert private.has(name), name
    assert "without" not in numerics.numerics(Config(), "cpu")


@pytest.mark.parametrize("lacking", [(), ("_softmax_backward_data",)])
def test_the_gradient_of_a_softmax(lacking: tuple[Private, ...], lack: Lack) -> None:
    lack(*lacking)
    x = torch.randn(4, 3, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    grad = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    x.requires_grad_()
    weights = x.exp() / x.exp().sum(0)
    (expected,) = torch.autograd.grad(weights, x, grad)
    assert_close(softmax_gradient(grad, weights.detach()), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.usefixtures("float64")
def test_a_run_without_them_is_a_plain_loops(lack: Lack) -> None:
    lack("_softmax_backward_data", "_fused_adamw_")
    config = plain_tiny()
    for seeds, ours in zip(SEVEN_RUNS[:2], train(config, SEVEN_RUNS[:2]), strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)


def test_lanes_do_not_touch_without_them(lack: Lack) -> None:
    lack("_softmax_backward_data", "_fused_adamw_")
    assert_lanes_do_not_touch(tiny())
    assert_lanes_do_not_touch(tiny(p=13, batch_size=31, d_model=20, heads=5, ffn_multiple=3))


def test_numerics_name_what_a_run_would_have_used(
    lack: Lack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numerics, "_compiler_version", lambda: "g++ 0")
    monkeypatch.setattr(numerics, "_triton_version", lambda: "0")
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Card")
    full = {
        (device, fused): numerics.numerics(Config(), device, fused, lanes=8)
        for device in ("cpu", "cuda:0")
        for fused in (False, True)
    }
    lack(*Private.__args__)
    for (device, fused), line in full.items():
        now = numerics.numerics(Config(), device, fused, lanes=8)
        names = ["_softmax_backward_data"] + ["_inductor.compile"] * fused
        names += ["_fused_adamw_"] * (device == "cpu" and not fused)
        assert now == f"{line} without {' '.join(names)}"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
@pytest.mark.usefixtures("float64")
def test_a_run_compiled_by_the_public_compiler(lack: Lack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "compiled_lanes", lambda config: 2)
    compiled._compiled.cache_clear()
    lack(*Private.__args__)
    config = plain_tiny()
    for seeds, ours in zip(
        SEVEN_RUNS[:3], train(config, SEVEN_RUNS[:3], compiled=True), strict=True
    ):
        assert_same(ours, plain_training(config, seeds), 1e-9)
    compiled._compiled.cache_clear()
