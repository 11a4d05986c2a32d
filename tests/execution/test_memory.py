"""Memory from sizes alone: against torch's own accounts, and for sizes that no machine has."""

import math
from dataclasses import replace

import pytest

from grokseed.config import Config, preset
from grokseed.execution import cluster, memory
from grokseed.execution.how import How
from grokseed.execution.plan import plan
from grokseed.model.layout import parameter_shapes
from grokseed.training.lane_counts import lane_bytes

CONFIGS = [
    preset("diary"),
    preset("mini"),
    preset("diary", layers=4),
    preset("diary", d_model=512),
    preset("diary", ffn_multiple=16, p=997),
    preset("diary", batch_size=4096, heads=64),
    preset("mini", task="rote"),
    preset("mini", task="rote", d_model=16, heads=4, ffn_multiple=1, length=200, examples=9000),
    preset("mini", task="rote", layers=4, length=4, examples=2000),
    preset("diary", attention="full"),
    preset("mini", attention="full", biases="none", heads=8, kv_heads=1),
    preset("mini", layers=4, biases="none", kv_heads=2),
    preset("mini", layers=6, sharing="cycle", unique_layers=3),
    preset("mini", layers=3, sharing="sequence", unique_layers=1, attention="full"),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_parameters_are_those_of_the_layout(config: Config):
    shapes = parameter_shapes(config).values()
    assert memory.parameters(config) == sum(math.prod(shape) for shape in shapes)


@pytest.mark.parametrize("config", CONFIGS)
def test_another_lane_takes_what_torch_keeps_of_one_and_not_much_more(config: Config):
    """`lane_bytes` counts the tensors that autograd saves; equations and points come on top."""
    lane = memory.training_bytes(config, 16) / 16
    assert 0.9 < lane / lane_bytes(config) < 4


ABSURD = [
    {"p": 9_999_991},
    {"p": 2**61 - 1},
    {"d_model": 2**62},
    {"ffn_multiple": 2**62},
    {"d_model": 4096, "layers": 1000},
    {"batch_size": 2**40, "p": 2**31 - 1},
    {"sample_every": 2**40, "val_every": 2**40, "screen_step": 2**40, "max_steps": 2**31 - 1},
    {"sample_every": 1, "max_steps": 2**31 - 1},
]


@pytest.mark.parametrize("sizes", ABSURD)
def test_absurd_sizes_are_refused(sizes, monkeypatch):
    monkeypatch.setattr(memory, "machine_bytes", lambda: 32 * 2**30)
    with pytest.raises(memory.MemoryNeededError, match="one run of this config needs about"):
        memory.check_room(preset("diary", **sizes), 1, 1)


def test_what_fits_alone_may_not_fit_side_by_side(monkeypatch):
    monkeypatch.setattr(memory, "machine_bytes", lambda: 32 * 2**30)
    memory.check_room(preset("diary"), 16, 4)
    with pytest.raises(memory.MemoryNeededError, match=r"2 x 100,000 runs .* fewer --jobs or"):
        memory.check_room(preset("diary"), 100_000, 2)


def test_the_container_limits_what_the_machine_has(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "CGROUP_LIMITS", (str(limit),))
    whole = memory.machine_bytes()
    assert whole > 2**28
    limit.write_text("max\n")
    assert memory.machine_bytes() == whole
    limit.write_text(f"{2**26}\n")
    assert memory.machine_bytes() == 2**26


def test_bytes_as_people_read_them():
    said = [memory.said(n) for n in (0, 1023, 1024, 3 * 2**29, 2**70)]
    assert said == ["0.0 B", "1,023.0 B", "1.0 KiB", "1.5 GiB", "1,024.0 EiB"]


def test_a_clusters_workers_are_not_on_this_machine(monkeypatch, tmp_path):
    """320 workers of 0.5 GiB each would fill any machine that has one."""
    config, there = preset("diary"), 4 * 2**30
    monkeypatch.setattr(memory, "machine_bytes", lambda: there)
    assert memory.needed_bytes(config, 4, 320) > there
    monkeypatch.setattr(cluster, "count_workers", lambda address: 320)
    how = How(executor="dask", scheduler="tcp://far:1", device="cpu", compile="no", lanes=4)
    found = plan(config, how, tmp_path, 10_000, 10_000)
    assert (found.jobs, found.memory) == (320, memory.needed_bytes(config, 4, 1))
    few = memory.needed_bytes(config, 32, 1) - 1
    monkeypatch.setattr(memory, "machine_bytes", lambda: few)
    with pytest.raises(memory.MemoryNeededError, match=r"1 x 32 runs .* take fewer --lanes$"):
        plan(config, replace(how, lanes=100_000), tmp_path, 10_000, 10_000)
