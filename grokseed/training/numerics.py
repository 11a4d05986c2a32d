"""Which matmul kernels a device uses, chosen by measurement and named in a run's numerics."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path

import torch
from torch.torch_version import TorchVersion

from grokseed.config import ENGINE, Config
from grokseed.private import Private, has
from grokseed.training.lane_counts import compiled_lanes


@contextmanager
def matmul_kernels(config: Config, device: str) -> Iterator[None]:
    """Within it, `torch.bmm` runs on the fastest kernels that keep the config's precision.

    On a CPU torch computes fp32 products with MKL, which uses half of AVX-512 on processors that
    are not Intel's. The setting `fp32_precision = "bf16"` makes it use oneDNN instead (2.2 times
    faster there). oneDNN may then round to bf16, which it does only if there is AMX. Whether it
    does is measured once a process, and the setting is used only if products stay exact. On a GPU
    with precision bf16, the few products without bf16 inputs use tf32.
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
    """What decides a run's bits besides its config and seeds, in one line.

    Args:
        lanes: runs side by side, which a GPU's kernels depend on; required for a GPU.

    Raises:
        ValueError: compiled without a compiler, dropout that is not eager on a CPU, or products
            that a GPU's compiler cannot make.
    """
    check_dropout(config, device, compiled)
    check_compiles(config, device, compiled)
    torch_version = torch.__version__.split("+")[0]
    line = f"{config.precision} torch {torch_version} engine {ENGINE}"
    if has_constant_width(device):
        line = f"cuda {torch.cuda.get_device_name(device)} {line} cuda {torch.version.cuda}"
        line += f" lanes {lanes}"
        line += f" compiled triton {_triton_version()}" if compiled else ""
        return line + _stand_ins(device, compiled)
    matmul = "onednn" if _onednn_is_exact() else "bmm"
    line = f"cpu {_vendor()} {matmul} {torch.backends.cpu.get_cpu_capability()} {line}"
    line += f" compiled by {_compiler_version()} lanes {compiled_lanes(config)}" if compiled else ""
    return line + _stand_ins(device, compiled)


def check_dropout(config: Config, device: str, compiled: bool) -> None:
    """Refuse dropout if a step is compiled or captured, as such a step takes no masks.

    Raises:
        ValueError: with one line.
    """
    if config.dropout and (compiled or has_constant_width(device)):
        raise ValueError("dropout is trained eagerly on a CPU: take --device cpu and --compile no")


def check_compiles(config: Config, device: str, compiled: bool) -> None:
    """Refuse tf32 products in a GPU's compiled step if torch's compiler cannot make them.

    Before 2.11 the compiler asks for `allow_tf32`, which raises where `matmul_kernels` has chosen
    tf32 (pytorch issue 166387). In precision bf16 the few products without bf16 inputs are tf32.

    Raises:
        ValueError: with one line.
    """
    tf32 = has_constant_width(device) and config.precision != "fp32"
    if compiled and tf32 and TorchVersion(torch.__version__) < "2.11":
        raise ValueError(
            f"torch {torch.__version__} cannot compile precision {config.precision} on a GPU: take "
            "torch 2.11 or later, --compile no, or --precision fp32"
        )


def _stand_ins(device: str, compiled: bool) -> str:
    """The private functions of torch that such a run needs and this version lacks."""
    used: list[Private] = ["_softmax_backward_data"]
    if compiled:
        used.append("_inductor.compile")
    elif not has_constant_width(device):
        used.append("_fused_adamw_")
    lacking = [name for name in used if not has(name)]
    return f" without {' '.join(lacking)}" if lacking else ""


def has_constant_width(device: str) -> bool:
    """Whether a step takes all lanes, empty or not, and all batches at one size.

    A CUDA graph has fixed shapes, and a GPU's kernels are chosen by shape: with fixed shapes a
    run's bits do not depend on its neighbours. On a CPU they never do, and empty lanes are skipped.
    """
    return device != "cpu"


def compiler() -> str | None:
    """The C++ compiler's path: g++, or the one that CXX names; None if there is none."""
    return shutil.which(os.environ.get("CXX", "g++"))


def _compiler_version() -> str:
    path = compiler()
    if path is None:
        raise ValueError("--compile needs a C++ compiler: g++, or the one that CXX names")
    done = subprocess.run([path, "-dumpfullversion"], capture_output=True, text=True)
    return f"{Path(path).name} {done.stdout.strip()}"


def _triton_version() -> str:
    """The version of a GPU's compiler, which generates the kernels of compiled steps."""
    try:
        return import_module("triton").__version__
    except ModuleNotFoundError:
        raise ValueError("--compile needs triton on a GPU, which is not installed") from None


@cache
def _vendor() -> str:
    """The processor's vendor, by which MKL chooses kernels; else its architecture."""
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
    """Whether oneDNN's products under the bf16 setting have fp32 precision on this machine."""
    settings = _settings("cpu")
    # fp32 whatever the default dtype is: float64 would pass, and the result is cached.
    x = torch.linspace(0.1, 1.0, 2 * 128 * 64, dtype=torch.float32).view(2, 128, 64)
    before = settings.fp32_precision
    settings.fp32_precision = "bf16"
    try:
        error = torch.bmm(x, x.mT).double() / torch.bmm(x.double(), x.double().mT) - 1
    finally:
        settings.fp32_precision = before
    return error.abs().max().item() < 1e-5
