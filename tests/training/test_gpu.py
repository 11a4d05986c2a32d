"""On a card: the captured step against the CPU's, lanes beside others, a second run, two workers.

python -m pytest -m gpu tests/training/test_gpu.py
"""

import gc

import pytest
import torch
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from tiny_runs import EXPLODES, GROKS, SEVEN_RUNS, tiny

from grokseed.config import Config, preset
from grokseed.execution import fleet
from grokseed.execution.devices import devices
from grokseed.execution.local import LocalExecutor
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.lane_counts import has_room, lane_bytes
from grokseed.training.numerics import check_compiles
from grokseed.training.trainer import train

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])

WIDE = 530
"""Lanes of the scans of studies/on_gpu.sh."""

DIARY = {"max_steps": 60, "sample_every": 20, "val_every": 60, "screen_step": 60}


def digests(config: Config, runs: list[Seeds], lanes: int, **how) -> list[str]:
    return [t.digest() for t in train(config, runs, device="cuda:0", lanes=lanes, **how)]


@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops() -> None:
    config = plain_tiny(max_steps=40)
    for seeds, ours in zip(
        SEVEN_RUNS[:2], train(config, SEVEN_RUNS[:2], device="cuda:0", lanes=3), strict=True
    ):
        assert_same(ours, plain_training(config, seeds), 1e-9)


@compiled_or_not
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
@pytest.mark.parametrize("changes", [{**GROKS}, {**EXPLODES}], ids=["groks", "explodes"])
def test_a_run_is_the_same_in_any_lane_whenever_it_enters(
    changes: dict[str, object], compiled: bool
) -> None:
    config = tiny(**changes, stop_when="completed")
    alone = [digests(config, [run], 3, compiled=compiled)[0] for run in SEVEN_RUNS]
    assert digests(config, SEVEN_RUNS, 3, compiled=compiled) == alone
    assert digests(config, SEVEN_RUNS[::-1], 3, compiled=compiled)[::-1] == alone


@compiled_or_not
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_a_run_at_full_size_is_the_same_again(precision: str, compiled: bool) -> None:
    """In other lanes, beside others, and alone beside empty lanes."""
    config = preset("diary", **{**DIARY, "precision": precision})
    try:
        check_compiles(config, "cuda:0", compiled)
    except ValueError as error:
        pytest.skip(str(error))
    runs = [Seeds(0, seed, 8, 9) for seed in range(64)]
    first = digests(config, runs, 64, compiled=compiled)
    assert len(set(first)) == 64
    assert digests(config, runs[::-1], 64, compiled=compiled)[::-1] == first
    assert digests(config, runs[-1:], 64, compiled=compiled) == first[-1:]


def test_a_run_is_the_same_in_any_of_as_many_lanes_as_scans_have() -> None:
    """Kernels are chosen by shape, so 64 lanes do not speak for 530."""
    config = preset("diary", precision="tf32", max_steps=20, sample_every=20, val_every=20)
    if not has_room(config, WIDE, "cuda:0"):
        pytest.skip(f"the card has no room for {WIDE} lanes")
    runs = [Seeds(0, seed, 8, 9) for seed in range(WIDE)]
    first = digests(config, runs, WIDE)
    assert len(set(first)) == WIDE
    assert digests(config, runs[::-1], WIDE)[::-1] == first
    assert digests(config, runs[-1:], WIDE) == first[-1:]


def test_a_gpus_run_is_a_cpus_but_for_rounding() -> None:
    """On a CPU, 60 steps in bf16 move these columns by 3.5e-5 at most."""
    runs = [Seeds(42, 42, 8, 9), Seeds(56, 56, 8, 9)]
    exact, seen = train(preset("diary", **DIARY), runs), set()
    for precision, tolerance in (("fp32", 1e-5), ("tf32", 1e-4), ("bf16", 3e-4)):
        config = preset("diary", **{**DIARY, "precision": precision})
        ours = train(config, runs, device="cuda:0", lanes=4)
        seen |= {trajectory.digest() for trajectory in ours}
        assert_close(ours, exact, tolerance)
    assert len(seen) == 6, "a precision is another's"


def assert_close(some: list[Trajectory], others: list[Trajectory], tolerance: float) -> None:
    for ours, theirs in zip(some, others, strict=True):
        for name in ("train_loss", "sample_loss", "norm"):
            torch.testing.assert_close(
                *(torch.from_numpy(t.columns[name]) for t in (ours, theirs)),
                rtol=tolerance,
                atol=0,
                equal_nan=True,
            )


def test_lanes_take_the_memory_that_was_reckoned() -> None:
    config = preset("diary", **DIARY)
    runs = [Seeds(0, seed, 8, 9) for seed in range(64)]
    torch.cuda.init()  # memory cannot be counted before
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats("cuda:0")
    before = torch.cuda.memory_allocated("cuda:0")
    digests(config, runs, 64)
    taken = torch.cuda.max_memory_allocated("cuda:0") - before
    assert taken < 64 * lane_bytes(config) + 2**29


def test_workers_on_every_card_give_what_one_gives() -> None:
    """Each through the fleet, in a process of its own, runs taking over lanes."""
    config = tiny(**GROKS, stop_when="completed")
    every = devices("cuda:" + ",".join(map(str, range(torch.cuda.device_count()))))
    chunks = fleet.run(config, SEVEN_RUNS, train, LocalExecutor(2, every), lanes=2, rounds=4)
    found = {o.seeds: o.trajectory for chunk in chunks for o in chunk}
    assert all(found.values()), "a worker failed"
    there = [found[run].digest() for run in SEVEN_RUNS]  # type: ignore[union-attr]
    assert there == digests(config, SEVEN_RUNS, 2)
