"""How a command trains its runs: its options, and the choices that they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import loky

from grokseed.config import Config
from grokseed.execution.devices import devices
from grokseed.execution.how import How
from grokseed.execution.memory import check_room, needed_bytes
from grokseed.model.cost import rough_seconds
from grokseed.records.look import numerics_there
from grokseed.texts import content_of
from grokseed.training.lane_counts import lanes_of
from grokseed.training.numerics import compiler, numerics

GPU_ROUNDS = 16
"""Runs of a GPU's chunk in units of its lanes. Lanes are empty at its end, so it should be long."""

JOBS_A_CORE = 4
"""Most worker processes a core: more would only wait for one another."""

WORTH_COMPILING = 600.0
"""Seconds of training above which a minute of compiling saves time."""


@dataclass(frozen=True)
class Plan:
    """How runs are trained.

    Attributes:
        devices: their names; workers are assigned to them in turn.
        jobs: workers.
        lanes: runs that each trains side by side at most.
        rounds: runs of a chunk at most, in units of lanes.
        compiled: whether the step is compiled.
        numerics: as `numerics.numerics` names them, the same on all devices.
        memory: bytes that training takes at most, on the host; of a cluster, whose workers are not
            on this machine, for one worker.
        on_cluster: whether a cluster's workers train.
    """

    devices: list[str]
    jobs: int
    lanes: int
    rounds: int
    compiled: bool
    numerics: str
    memory: int
    on_cluster: bool


def plan(config: Config, how: How, out: Path, runs: int, whole: int) -> Plan:
    """Decide how runs are trained.

    Args:
        out: the folder of results, whose numerics `--compile auto` follows.
        runs: their number.
        whole: the number of all runs, if these are a shard.

    Raises:
        ValueError: jobs or lanes are out of range, a device is missing or lacks the precision, the
            cluster has no workers, the text has not been read, or the runs need too much memory.
        StoreError: the folder's tables cannot be read.
    """
    on = devices(how.device)
    jobs = _jobs(how, on)
    for name, value in (("jobs", jobs), ("lanes", how.lanes)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    if jobs > (most := JOBS_A_CORE * loky.cpu_count()) and how.scheduler is None:
        raise ValueError(f"jobs must be at most {most}, {JOBS_A_CORE} a core, not {jobs}")
    content_of(config.text)
    check_room(config, 1, 1)  # before sizes that may be absurd are used
    alone = on != ["cpu"]  # one process fills a GPU with its lanes
    processes = jobs if how.executor == "local" else 1  # of a device
    lanes = how.lanes or lanes_of(config, on, processes)
    of_each, workers = (1, jobs) if alone else _at_once(runs, lanes, jobs)
    on_cluster = how.executor == "dask"
    at_once = of_each, 1 if on_cluster else workers
    check_room(config, *at_once)
    if config.precision == "tf32" and not alone:
        raise ValueError("precision tf32 is a GPU's, and the device is cpu")
    compiled = _compiled(config, how, out, on, rough_seconds(config, whole, jobs))
    named = {numerics(config, device, compiled, lanes) for device in on}
    if len(named) > 1:
        raise ValueError(f"runs would differ between devices: {'; '.join(sorted(named))}")
    rounds = GPU_ROUNDS if alone else 1
    (name,) = named
    memory = needed_bytes(config, *at_once)
    return Plan(on, jobs, lanes, rounds, compiled, name, memory, on_cluster)


def _jobs(how: How, devices: Sequence[str]) -> int:
    if how.executor == "dask":
        return _workers(how, devices)
    if how.scheduler is not None:
        raise ValueError("--scheduler is for --executor dask")
    if how.jobs is not None:
        return how.jobs
    return loky.cpu_count() if devices == ["cpu"] else len(devices)


def _workers(how: How, devices: Sequence[str]) -> int:
    """How many workers a cluster has."""
    if how.scheduler is None:
        raise ValueError("--executor dask needs --scheduler and its address")
    if how.jobs is not None:
        raise ValueError("--jobs is for this machine: with --executor dask all workers train")
    if len(devices) > 1:
        raise ValueError(f"--executor dask trains on one device a worker, not {','.join(devices)}")
    try:
        from grokseed.execution.cluster import count_workers
    except ModuleNotFoundError as error:
        raise ValueError(f"{error}: --executor dask needs pip install grokseed[dask]") from None
    return count_workers(how.scheduler)


def _at_once(runs: int, lanes: int, jobs: int) -> tuple[int, int]:
    """Runs that a worker keeps in the host's memory at once, and the number of such workers."""
    jobs = min(jobs, runs)
    return min(lanes, -(-runs // jobs)), jobs


def _compiled(config: Config, how: How, out: Path, devices: list[str], seconds: float) -> bool:
    """Whether to compile: as asked, or as the folder was made, or if it saves time.

    Args:
        seconds: of all runs. By a shard's alone, shards could choose different numerics.
    """
    if how.compile != "auto":
        return how.compile == "yes"
    there = numerics_there(out)
    if there:
        return all("compiled" in name for name in there)
    if config.dropout:
        return False
    return devices == ["cpu"] and seconds > WORTH_COMPILING and compiler() is not None
