"""How many threads a worker takes: one to train on, also if it has several, and to compile on."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
import torch
from local_clusters import local_cluster
from made_up import CONFIG, train

from grokseed.execution import fleet
from grokseed.execution.cluster import ClusterExecutor
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

IN_TRAINING = threading.Lock()
THREADS: list[int] = []


def watched(config, runs, **how):
    """`train`, which fails where another chunk is in training."""
    assert IN_TRAINING.acquire(blocking=False)
    THREADS.append(torch.get_num_threads())
    time.sleep(0.1)
    IN_TRAINING.release()
    return train(config, runs, **how)


@pytest.mark.parametrize(("given", "taken"), [(None, "1"), ("8", "8")])
def test_a_worker_compiles_on_one_thread_or_on_as_many_as_are_set(given, taken) -> None:
    name = "TORCHINDUCTOR_COMPILE_THREADS"
    code = f"from grokseed.execution.worker import ENVIRONMENT; print(ENVIRONMENT[{name!r}])"
    env = {key: value for key, value in os.environ.items() if key != name}
    env |= {name: given} if given else {}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.strip() == taken, done.stderr


@pytest.fixture
def two_threads() -> Iterator[None]:
    """As torch sees them on a machine of two cores."""
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


@pytest.mark.usefixtures("two_threads")
def test_a_worker_of_several_threads_trains_one_chunk_at_a_time_on_one_thread() -> None:
    runs, named = [Seeds(0, model, 8, 9) for model in range(6)], partial(numerics, CONFIG, "cpu")
    with local_cluster(1, processes=False, threads_per_worker=3) as made:
        executor = ClusterExecutor(made.scheduler_address, "cpu", named, None, print)
        chunks = fleet.run(CONFIG, runs, watched, executor, lanes=2)
        outcomes = [outcome for chunk in chunks for outcome in chunk]
    assert [outcome.error for outcome in outcomes if outcome.trajectory is None] == []
    assert len(outcomes) == 6
    assert THREADS == [1, 1, 1]
