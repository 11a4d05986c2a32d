"""One thread, as every worker has; no time limit on single hypothesis examples."""

import os

# Before numpy is imported: two test processes with two BLAS threads each wait for each other.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import pickle
import random
import shutil
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from forked import fork_exec
from inline import InlineExecutor
from made_up import train
from matplotlib.figure import Figure
from processes import Scans, scans_in

from grokseed.execution import scanner
from grokseed.execution.worker import ENVIRONMENT
from grokseed.figures import scan as scan_figures
from grokseed.figures import times
from grokseed.records import provenance

SCAN_FIGURES = [(scan_figures, name) for name in ("accuracy", "loss_and_norm", "classes")]
SCAN_FIGURES += [(times, "survival"), (times, "peak_against_time")]
commit = cache(provenance.commit)
HAS_GPU = torch.cuda.is_available()

RAM = "/dev/shm"
if os.access(RAM, os.W_OK) and shutil.disk_usage(RAM).free > 2**31:
    # A store waits for the disk at every commit; in memory there is nothing to wait for.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", RAM)
os.environ |= ENVIRONMENT  # before CUDA starts: a test's own runs are compared with workers'
torch.set_num_threads(1)
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, lambda *_: None),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        # As in a background job of a shell: the processes that tests start would ignore it too.
        signal.signal(number, handler)
hypothesis.settings.register_profile("grokseed", deadline=None)
hypothesis.settings.load_profile("grokseed")


@pytest.fixture(autouse=True)
def no_card(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are of the CPU, whatever the machine has, but for those that are marked gpu."""
    if not request.node.get_closest_marker("gpu"):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture(autouse=True)
def forked_workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes are forked from the test's, but for those of tests marked fresh_workers.

    Beside a GPU all are new interpreters: there autograd does not work after a fork.
    """
    if not HAS_GPU and not request.node.get_closest_marker("fresh_workers"):
        monkeypatch.setattr("loky.backend.fork_exec.fork_exec", fork_exec)


@pytest.fixture
def made_up_training(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Commands train made-up trajectories in this process, in an empty folder.

    With the marker `workers` they are trained in worker processes, which take seconds to start.
    Figures of scans are empty, and none is drawn, which takes a second a command, but with the
    marker `drawn`. git is asked for the commit once.
    """
    monkeypatch.setattr(scanner, "train", train)
    monkeypatch.setattr(provenance, "commit", commit)
    if not request.node.get_closest_marker("workers"):
        monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)
    if not request.node.get_closest_marker("drawn"):
        for module, name in SCAN_FIGURES:
            monkeypatch.setattr(module, name, lambda *_: Figure())
        request.getfixturevalue("not_drawn")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of figures hold no picture, for tests of all else that a command leaves."""
    monkeypatch.setattr(Figure, "draw_without_rendering", lambda _: None)
    monkeypatch.setattr(Figure, "savefig", lambda _, file, **how: file.write(b"not drawn"))


@pytest.fixture(scope="session")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scans]:
    """The processes of scans. Their server is started once: it loads torch."""
    found = scans_in(tmp_path_factory.mktemp("scans"))
    yield found
    found.close()


@pytest.fixture
def float64() -> Iterator[None]:
    """Both sides in float64, where a step's rounding is too small to hide a mistake."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def global_streams() -> Iterator[None]:
    """A test with this fails if it moves a global random stream by one bit."""
    before = _global_streams()
    yield
    assert _global_streams() == before


def _global_streams() -> bytes:
    legacy = np.random.get_state()  # noqa: NPY002
    return pickle.dumps((torch.get_rng_state().tolist(), random.getstate(), legacy))
