"""Products on the chosen kernels against float64, and the name that a machine's numerics get."""

import platform
import re
from pathlib import Path

import pytest
import torch

from grokseed.config import ENGINE, Config, preset
from grokseed.training.numerics import _onednn_is_exact, matmul_kernels, numerics

SHAPES = [(1, 1, 1, 1), (3, 17, 5, 9), (2, 449, 128, 384), (4, 512, 512, 128), (12, 121, 64, 256)]
"""Lanes, rows, inner and columns: odd ones, and those of the presets' layers."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transposed", [False, True])
def test_products_keep_fp32_accuracy(shape: tuple[int, ...], transposed: bool) -> None:
    lanes, rows, inner, columns = shape
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(lanes, rows, inner, generator=generator)
    y = torch.randn(lanes, inner, columns, generator=generator)
    exact = torch.bmm(x.double(), y.double())
    if transposed:  # as weights are read: x @ wᵀ
        y = y.mT.contiguous().mT
    with matmul_kernels(Config(), "cpu"):
        for product in (torch.bmm(x, y), torch.stack([a @ b for a, b in zip(x, y, strict=True)])):
            assert (product - exact).norm() / exact.norm() < 1e-5


@pytest.mark.usefixtures("float64")
def test_kernels_are_measured_in_fp32_whatever_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products of the wrong precision pass in float64: they must not be what is measured."""
    exact = torch.bmm

    def rounding(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (
            exact(x.bfloat16(), y.bfloat16()).to(x.dtype)
            if x.dtype == torch.float32
            else (exact(x, y))
        )

    monkeypatch.setattr(torch, "bmm", rounding)
    assert not _onednn_is_exact.__wrapped__()


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_the_switch_is_put_back(error: type[BaseException] | None) -> None:
    matmul = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    before = matmul.fp32_precision
    try:
        with matmul_kernels(Config(), "cpu"):
            if error:
                raise error
    except KeyboardInterrupt:
        pass
    assert matmul.fp32_precision == before


def test_numerics_names_processor_kernels_and_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    about = Path("/proc/cpuinfo")
    processor = about.read_text() if about.exists() else ""
    vendor = re.search(r"^vendor_id\s*:\s*(.*)$", processor, re.MULTILINE)
    named = numerics(Config(), "cpu")
    for word in (
        vendor[1] if vendor else platform.machine(),
        torch.backends.cpu.get_cpu_capability(),
        f"engine {ENGINE}",
    ):
        assert f" {word} " in f" {named} "
    monkeypatch.setattr("grokseed.training.numerics._vendor", lambda: "AnotherMaker")
    assert "AnotherMaker" in numerics(Config(), "cpu").split()


def test_numerics_names_device_precision_and_torch() -> None:
    names = {p: numerics(preset("diary", precision=p), "cpu") for p in ("fp32", "bf16")}
    for precision, name in names.items():
        assert {"cpu", precision, torch.__version__.split("+")[0]} <= set(name.split())
        assert "\n" not in name
    assert names["fp32"] != names["bf16"]
    assert numerics(Config(), "cpu") == numerics(Config(p=97), "cpu")
