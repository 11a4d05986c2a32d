"""A cluster that is not there, or cannot be used, is one line."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import SMALL, everything
from local_clusters import local_cluster
from made_up import sleepy

from grokseed import scan
from grokseed.cli.progress import Progress
from grokseed.execution import scanner


def on(address: str) -> list[str]:
    return [*SMALL, "--model-seeds=0:4", "--out=out", "--executor=dask", f"--scheduler={address}"]


def test_a_scheduler_that_goes_ends_the_scan_with_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scanner, "train", sleepy)
    with local_cluster(1, processes=False) as made:
        monkeypatch.setattr(Progress, "steps", lambda *_: made.close())
        assert scan.main(on(made.scheduler_address)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("grokseed.scan: error: the scheduler at inproc")


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of what takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def refused(argv: list[str], folder: Path, capsys: pytest.CaptureFixture) -> str:
    """The one line about a command line that is refused, with nothing written."""
    capsys.readouterr()
    start = time.monotonic()
    assert scan.main(argv) == 2
    assert time.monotonic() - start < 10
    assert everything(folder) == {}
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_no_scheduler_is_one_line(
    silent: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    for address, why in {
        "nowhere": "missing port number",
        silent: "nothing in 0.5 seconds",
        "tcp://127.0.0.1:1": "nothing in 0.5 seconds",
    }.items():
        monkeypatch.setattr("grokseed.execution.cluster.CONNECT_SECONDS", 0.5)
        line = refused(on(address), tmp_path, capsys)
        assert f"no scheduler answers at {address}: {why}" in line


def test_a_cluster_without_workers_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    with local_cluster(0, processes=False) as made:
        line = refused(on(made.scheduler_address), tmp_path, capsys)
    assert "has no workers; start dask worker" in line


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--executor=dask"], "--executor dask needs --scheduler"),
        (["--scheduler=tcp://127.0.0.1:1"], "--scheduler is for --executor dask"),
        ([*on("tcp://127.0.0.1:1"), "--jobs=2"], "--jobs is for this machine"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    options, why: str, monkeypatch, tmp_path: Path, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    assert why in refused([*SMALL, "--out=out", *options], tmp_path, capsys)


def test_without_dask_it_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "grokseed.execution.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = refused(on("tcp://127.0.0.1:1"), tmp_path, capsys)
    assert "--executor dask needs pip install grokseed[dask]" in line
