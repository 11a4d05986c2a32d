"""Large products, which show the peak that a machine reaches."""

from __future__ import annotations

from collections.abc import Callable

import torch

from grokseed.config import Config

PRODUCTS = ((1, 2048, 2048, 2048), (1, 4096, 1024, 1024), (4, 1024, 1024, 1024), (8, 512, 512, 512))
GPU_PRODUCTS = ((1, 8192, 8192, 8192), (1, 4096, 4096, 4096), (64, 1024, 1024, 1024))
"""Lanes, rows, inner size and columns of products that are large enough to reach the peak."""

TURN_GFLOP, GPU_TURN_GFLOP = 40, 4000
"""Work of a turn of these products, some tens of milliseconds at least."""


def products(config: Config, _: int, device: str, on_point: Callable[[float], None]) -> None:
    """A loop of large products, another shape each turn, counted in GFLOP."""
    dtype = torch.bfloat16 if config.precision == "bf16" else torch.float32
    shapes, work = (PRODUCTS, TURN_GFLOP) if device == "cpu" else (GPU_PRODUCTS, GPU_TURN_GFLOP)
    while True:
        for lanes, n, k, m in shapes:
            gflop = 2e-9 * lanes * n * k * m
            x = torch.ones(lanes, n, k, dtype=dtype, device=device)
            y = torch.ones(lanes, k, m, dtype=dtype, device=device)
            repeats = max(1, round(work / gflop))
            for _ in range(repeats):
                torch.bmm(x, y) if lanes > 1 else torch.mm(x[0], y[0])
            on_point(repeats * gflop)
