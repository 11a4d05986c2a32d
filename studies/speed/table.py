"""Which contenders are timed together, and the table of what their turns cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from torch.utils.flop_counter import FlopCounterMode

from grokseed.config import Config
from grokseed.execution.worker import ENVIRONMENT
from grokseed.model.decoder import Decoder
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.model.weights import stack
from grokseed.task import equations
from grokseed.training.numerics import matmul_kernels
from speed.contenders import baseline, engine, mapped, plain
from speed.peak import products
from speed.timing import DIED, Contender, take_turns

JAX_LANES = (1, 2, 4, 8)
"""Lanes that JAX is tried with. At mini, 16 took longer a run-step than any of them."""

ONE_THREAD = {"NPROC": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
"""The environment of a process in which JAX takes one thread: the first sizes its pools."""

ROW = "| {:24} | {:>13} | {:>19} | {:>5} | {:>26} | {:>11} | {:>6} |"


def gflop_of_a_run_step(config: Config) -> tuple[float, float]:
    """Multiplications of all layers here and in the plain decoder, after a check that logits agree.

    Attention's few multiplications over five keys are not counted in either.
    """
    a, b, _ = (t[: config.batch_size] for t in equations(config.operation, config.p))
    plain = PlainDecoder(config)
    ours = stack([{k: v.detach() for k, v in plain.named().items()}])
    ours = {k: v.requires_grad_() for k, v in ours.items()}
    # In this order: choosing kernels runs a product of its own, once a process.
    with matmul_kernels(config, "cpu"), FlopCounterMode(display=False) as here:
        logits = Decoder(config).logits(ours, a[None], b[None])
        logits.sum().backward()
    with FlopCounterMode(display=False) as there:
        expected = plain(tokens(config, a, b))
        expected.sum().backward()
    error = ((logits[0] - expected).norm() / expected.norm()).item()
    assert error < (2e-2 if config.precision == "bf16" else 1e-5), f"logits differ by {error}"
    return here.get_total_flops() / 1e9, there.get_total_flops() / 1e9


def contenders(
    timed: list[Config], compile: bool, lanes: int, cores: int, gpu: bool
) -> list[Contender]:
    """Everything that is timed together, including large products for the peak.

    Args:
        timed: the config, and the same in another precision; on a GPU only one.
        compile: whether compiled steps are timed too.
        lanes: runs side by side, here and in torch.func.
        cores: processes of this engine, threads of the others.
    """
    base, rows = timed[0], []
    ours = {"lanes": lanes, "processes": cores, "environment": ENVIRONMENT}
    for c in timed:
        name, many = c.precision, {"processes": cores, "kernels": True}
        rows.append(Contender(f"{name} products", products, c, **many))
        rows.append(Contender(f"this engine, {name}", engine, c, **ours))
        if compile:
            rows.append(Contender(f"compiled, {name}", partial(engine, compiled=True), c, **ours))
    one, many = partial(baseline, plain), partial(baseline, mapped)
    rows.append(Contender("plain loop", one, base, threads=cores, kernels=gpu))
    if not gpu:
        same = Contender("plain, engine's kernels", one, base, threads=cores, kernels=True)
        rows += [same, Contender("torch.func", many, base, lanes, threads=cores)]
    if cores > 1:
        rows.append(Contender("plain, a run a core", one, base, processes=cores))
    return rows


def fastest_in_jax(config: Config, cores: int, turns: int) -> Contender:
    """JAX with its best number of lanes, found in separate turns; one process a core.

    Raises:
        ModuleNotFoundError: there is no JAX.
    """
    from speed.in_jax import in_jax  # imported here, as JAX is an optional dependency

    loop = partial(baseline, in_jax)
    tried = [
        Contender("JAX", loop, config, lanes, cores, environment=ONE_THREAD) for lanes in JAX_LANES
    ]
    take_turns(tried, "cpu", turns)
    alive = [contender for contender in tried if contender.seconds]
    best = min(alive or tried[:1], key=lambda contender: contender.median)
    return replace(best, seconds=[], memory=[])


def print_table(rows: Sequence[Contender], plain_name: str, gflop: float) -> None:
    """One row a contender, its share of the peak first: machines differ more than twofold in speed.

    The share counts this engine's products for every contender.

    Args:
        rows: contenders that took turns, including `products` for the peak of each precision.
        plain_name: the contender that the others are compared with.
        gflop: this engine's products in a run-step.
    """
    measured = [c for c in rows if c.loop is products and c.seconds]
    peak = {c.config.precision: 1 / min(c.seconds) for c in measured}
    plain = next(c for c in rows if c.name == plain_name)
    peaks = ", ".join(f"{v:.0f} GFLOP/s in {k}" for k, v in peak.items())
    print(f"\npeak: {peaks or 'not measured'}\n")
    names = ("share of peak", "processes x threads", "lanes", "ms a run-step (quartiles)")
    print(ROW.format("", *names, "times plain", "MiB"))
    print("|---" * 7 + "|")
    for c in (c for c in rows if c.loop is not products):
        how = (f"{c.processes} x {c.threads}", c.lanes)
        if not c.seconds:
            print(ROW.format(c.name, "", *how, DIED, "", ""), flush=True)
            continue
        low, middle, high = 1e3 * np.quantile(c.seconds, (0.25, 0.5, 0.75))
        top = peak.get(c.config.precision)
        share = f"{gflop / c.median / top:.0%}" if top else ""
        times = f"{np.median(np.divide(plain.seconds, c.seconds)):.2f}" if plain.seconds else ""
        spread = f"{middle:.2f} ({low:.2f} to {high:.2f})"
        cells = (share, *how, spread, times, c.memory[0] >> 20)
        print(ROW.format(c.name, *cells), flush=True)
