"""Which matmul kernels a device uses, chosen by measurement and named in a run's numerics."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

from grokseed.config import ENGINE, Config
from grokseed.private import Private, has
from grokseed.training.lane_counts import compiled_lanes


@contextmanager
def matmul_kernels(config: Config, device: str) -> Iterator[None]:
    """Within it, `torch.bmm` runs on the fastest kernels that keep the config's precision.

    torch hands fp32 products on a CPU to MKL, which uses half of AVX-512 on processors that are
    not Intel's; the setting `fp32_precision = "bf16"` hands them to oneDNN instead (2.2 times
    faster there), with leave to round to bf16 that oneDNN takes only where there is AMX. Whether
    it did is measured once a process, and the setting is used where products stay exact. On a GPU
    precision bf16 leaves tf32 to the few products that are not of bf16 inputs.
    """
    settings = _settings(device)
    before = settings.fp32_precision
    if device == "cpu" and _onednn_is_exact():
        settings.fp32_precision = "bf16"
    else:
        exact = config.precision == "fp32" or (config.precision == "bf16" and device == "cpu")
        settings.fp32_precision = "ieee" if exact else "tf32"
    try:
        yield
    finally:
        settings.fp32_precision = before


def numerics(config: Config, device: str, compiled: bool = False, lanes: int | None = None) -> str:
    """All that decides a run's bits besides its config and seeds, in one line.

    Args:
        lanes: runs side by side, which decide about a GPU's kernels and must be given for one.

    Raises:
        ValueError: compiled, and there is no C++ compiler; or dropout, and not eagerly on a CPU.
    """
    check_dropout(config, device, compiled)
    version = torch.__version__.split("+")[0]
    line = f"{config.precision} torch {version} engine {ENGINE}"
    if has_constant_width(device):
        line = f"cuda {torch.cuda.get_device_name(device)} {line} cuda {torch.version.cuda}"
        return f"{line} lanes {lanes}{' compiled' * compiled}{_stand_ins(device, compiled)}"
    matmul = "onednn" if _onednn_is_exact() else "bmm"
    line = f"cpu {_vendor()} {matmul} {torch.backends.cpu.get_cpu_capability()} {line}"
    line += f" compiled by {_compiler_version()} lanes {compiled_lanes(config)}" if compiled else ""
    return line + _stand_ins(device, compiled)


def check_dropout(config: Config, device: str, compiled: bool) -> None:
    """Refuse dropout where a step is compiled or captured: it takes no masks.

    Raises:
        ValueError: with one line.
    """
    if config.dropout and (compiled or has_constant_width(device)):
        raise ValueError("dropout is trained eagerly on a CPU: take --device cpu and --compile no")


def _stand_ins(device: str, compiled: bool) -> str:
    """The private functions of torch that such a run would use and this torch lacks."""
    used: list[Private] = ["_softmax_backward_data"]
    if compiled:
        used.append("_inductor.compile")
    elif not has_constant_width(device):
        used.append("_fused_adamw_")
    lacking = [name for name in used if not has(name)]
    return f" without {' '.join(lacking)}" if lacking else ""


def has_constant_width(device: str) -> bool:
    """Whether a step takes all lanes, empty or not, and all batches at one size.

    A CUDA graph holds one shape, and a GPU's kernels are chosen by shapes: with one shape a run's
    bits do not depend on its neighbours. A CPU's do not at any shape, and it skips what is empty.
    """
    return device != "cpu"


def compiler() -> str | None:
    """The C++ compiler's path: g++, or the one that CXX names; None where there is none."""
    return shutil.which(os.environ.get("CXX", "g++"))


def _compiler_version() -> str:
    path = compiler()
    if path is None:
        raise ValueError("--compile needs a C++ compiler: g++, or the one that CXX names")
    version = subprocess.run([path, "-dumpfullversion"], capture_output=True, text=True)
    return f"{Path(path).name} {version.stdout.strip()}"


@cache
def _vendor() -> str:
    """The processor's maker, whose name decides between kernels of MKL; else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    vendors = (line.split(":")[1].strip() for line in lines if line.startswith("vendor_id"))
    return next(vendors, platform.machine())


def _settings(device: str):
    """The switch of matmul precision for a device."""
    backend = torch.backends.mkldnn if device == "cpu" else torch.backends.cuda
    return backend.matmul  # type: ignore[attr-defined]


@cache
def _onednn_is_exact() -> bool:
    """Whether oneDNN's fp32 products under the bf16 setting are those of fp32 on this machine."""
    settings = _settings("cpu")
    # fp32 whatever the default is: float64 would pass, and stay on record for the process.
    x = torch.linspace(0.1, 1.0, 2 * 128 * 64, dtype=torch.float32).view(2, 128, 64)
    before = settings.fp32_precision
    settings.fp32_precision = "bf16"
    try:
        error = torch.bmm(x, x.mT).double() / torch.bmm(x.double(), x.double().mT) - 1
    finally:
        settings.fp32_precision = before
    return error.abs().max().item() < 1e-5
