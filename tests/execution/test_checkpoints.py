"""A worker's runs go on from their checkpoints, and from nothing that is not theirs."""

import hashlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from made_up import CONFIG, sleepy
from short_runs import RUNS, SHORT, damage, empty, kept_in, state_of

from grokseed.execution import fleet, local
from grokseed.execution.checkpoints import BadCheckpointError, Checkpoints
from grokseed.execution.executor import Chunk
from grokseed.execution.local import LocalExecutor
from grokseed.execution.worker import Handed, train_chunk
from grokseed.seeds import Seeds
from grokseed.training.trainer import train


def trained(
    kept: Checkpoints, count: Callable[[int], None], asked: Callable[[], bool] = lambda: False
) -> tuple[dict[Seeds, str], str]:
    """The digests of what a worker hands back, and why it stopped."""
    found: dict[Seeds, str] = {}

    def hand_back(handed: Handed) -> None:
        found.update({RUNS[number]: t.digest() for number, t in handed.ended})

    chunk = Chunk(SHORT, RUNS, train, lanes=2, checkpoints=kept)
    return found, train_chunk(chunk, "cpu", count, hand_back, asked).error


@pytest.mark.fresh_workers
def test_the_runs_of_a_worker_that_dies_go_on_in_the_next(tmp_path):
    """To the bit those of this process, which a worker's own environment must not change."""

    def dies(config, runs, *, saved=None, on_pause=None, **how):
        assert saved is not None
        assert on_pause is not None
        pauses, anew = [], saved(0) is None

        def pause(states) -> None:
            on_pause(states)
            pauses.append(1)
            if anew and len(pauses) == 3:
                os._exit(7)

        return train(config, runs, saved=saved, on_pause=pause, **how)

    kept = kept_in(tmp_path)
    runs = fleet.run(SHORT, RUNS[:2], dies, LocalExecutor(1), lanes=2, checkpoints=kept)
    found = {o.seeds: o.trajectory for some in runs for o in some}
    for seeds, alone in zip(RUNS[:2], train(SHORT, RUNS[:2]), strict=True):
        trajectory = found[seeds]
        assert trajectory is not None  # begun anew, it would have died again
        assert trajectory.digest() == alone.digest()


@pytest.mark.parametrize(("lanes", "seconds"), [(16, 20.0), (530, 106.0)])
def test_many_lanes_get_more_time_to_be_saved(lanes, seconds, tmp_path, monkeypatch):
    """530 lanes of `diary` are 2.8 GB; a worker that is killed half-way would lose the others."""
    runs = [Seeds(0, model, 8, 9) for model in range(2 * lanes)]
    executor, waited = LocalExecutor(1), []
    executor.submit(0, Chunk(CONFIG, runs, sleepy, lanes, checkpoints=kept_in(tmp_path)))
    while not executor.steps(0):
        assert not list(executor.events())
    monkeypatch.setattr(local, "wait", lambda futures, most: waited.append((len(futures), most)))
    executor.close(cancel=True)
    assert waited == [(1, seconds)]


@pytest.fixture(scope="module")
def state() -> dict:
    return state_of(RUNS[0])


def test_a_worker_that_is_to_end_goes_on_where_it_was(tmp_path):
    kept, steps = kept_in(tmp_path, 300.0), []
    first, error = trained(kept, steps.append, asked=lambda: len(steps) == 3)
    assert (first, error) == ({}, "AskedToEndError: ")
    files = sorted(path.name for path in kept.folder.iterdir())
    assert files == ["0-0-8-9.pt", "0-1-8-9.pt"]  # of the two in lanes
    assert kept.look(RUNS) == ({RUNS[0]: 75, RUNS[1]: 75}, [])
    again: list[int] = []
    second, error = trained(kept, again.append)
    assert error == ""
    alone = {run: t.digest() for run, t in zip(RUNS, train(SHORT, RUNS), strict=True)}
    assert second == alone
    # It trains what is left alone, and says as runs come back what they had before.
    assert again == [50, 150, 25, 25, 25, 25]
    assert sum(steps) == 150


def test_checkpoints_are_written_when_it_is_time_and_no_sooner(tmp_path, monkeypatch):
    now = 0.0
    monkeypatch.setattr("grokseed.execution.checkpoints.time.monotonic", lambda: now)
    kept, seen = kept_in(tmp_path, 300.0), []

    def count(steps: int) -> None:
        nonlocal now
        now += 160.0
        seen.append(max(kept.look(RUNS)[0].values(), default=0))

    trained(kept, count)
    assert seen[:4] == [0, 0, 50, 50]


def test_without_the_time_come_nothing_is_written(tmp_path):
    kept = kept_in(tmp_path, 300.0)
    trained(kept, lambda steps: None)
    assert not kept.folder.exists()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("made-by-a-checkpoint",)


def hostile(path: Path) -> None:
    held = io.BytesIO()
    torch.save({"state": Hostile()}, held)
    path.write_bytes(hashlib.sha256(held.getvalue()).digest() + held.getvalue())


def of_another_run(path: Path) -> None:
    path.with_name("0-1-8-9.pt").replace(path)


HARM = {damage: "damaged", cut: "damaged", empty: "damaged", hostile: "not readable"}
HARM |= {of_another_run: "of another run"}


@pytest.mark.parametrize("harm", HARM)
def test_what_is_not_this_runs_checkpoint_is_refused(tmp_path, monkeypatch, state, harm):
    monkeypatch.chdir(tmp_path)
    kept = kept_in(tmp_path)
    for seeds in RUNS[:2]:
        kept.write(seeds, state)
    assert kept.read(RUNS[0]) is not None
    harm(kept.folder / "0-0-8-9.pt")
    with pytest.raises(BadCheckpointError, match=HARM[harm]):
        kept.read(RUNS[0])
    assert not Path("made-by-a-checkpoint").exists()
    steps, (line,) = kept.look([RUNS[0]])
    assert not steps
    assert line.startswith(f"{kept.folder}: 1 checkpoint ignored: {HARM[harm]}")


def test_other_configs_and_numerics_have_other_checkpoints(tmp_path, state):
    kept = kept_in(tmp_path)
    kept.write(RUNS[0], state)
    with pytest.raises(BadCheckpointError, match="of another config"):
        kept._replace(key="another").read(RUNS[0])
    torch_9 = kept.numerics.replace("torch 2", "torch 9")
    with pytest.raises(BadCheckpointError, match=r"of other numerics \(9\.\S+, not 2\."):
        kept._replace(numerics=torch_9).read(RUNS[0])
    assert kept.read(replace(RUNS[0], graft="head=3")) is None


def test_a_write_that_fails_leaves_the_one_before(tmp_path, monkeypatch, state):
    kept = kept_in(tmp_path)
    kept.write(RUNS[0], state)
    before = (kept.folder / "0-0-8-9.pt").read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.write(RUNS[0], {**state, "loss": 1.0})
    assert [path.read_bytes() for path in kept.folder.iterdir()] == [before]


def test_without_room_for_checkpoints_runs_end_as_ever(tmp_path, monkeypatch, capfd):
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    found, error = trained(kept_in(tmp_path), lambda steps: None)
    assert error == ""
    assert sorted(found) == RUNS
    said = capfd.readouterr().err
    assert said.count("no checkpoint could be written: [Errno 28] No space left") == 1


def test_without_room_on_stderr_either_runs_end_as_ever(tmp_path, monkeypatch):
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(sys, "stderr", Full())
    found, error = trained(kept_in(tmp_path), lambda steps: None)
    assert error == ""
    assert sorted(found) == RUNS


def test_without_room_a_worker_ends_when_asked_and_the_state_before_stays(
    tmp_path, monkeypatch, state
):
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    kept = kept_in(tmp_path)
    kept.write(RUNS[0], state)
    (path,) = kept.folder.iterdir()
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    found, error = trained(kept, lambda steps: None, asked=lambda: True)
    assert (found, error) == ({}, "AskedToEndError: ")
    assert [file.read_bytes() for file in kept.folder.iterdir()] == [before]
