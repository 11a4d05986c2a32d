"""Chunks over processes: every run comes back once, whatever dies on the way."""

import os
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline import InlineExecutor
from made_up import CONFIG, Failing, sleepy, train, trajectory

from grokseed.execution import fleet, scanner
from grokseed.execution.chunks import cut
from grokseed.execution.executor import Ended, Stopped
from grokseed.execution.how import How
from grokseed.execution.local import LocalExecutor
from grokseed.records.provenance import Made
from grokseed.seeds import Seeds

RUNS = [Seeds(0, model, 8, 9) for model in range(20)]


def chunks_of(runs, train, jobs=2, lanes=4, devices=("cpu",), **how):
    return fleet.run(CONFIG, runs, train, LocalExecutor(jobs, devices), lanes=lanes, **how)


def outcomes(train, runs=RUNS, **how) -> list[fleet.Outcome]:
    return [o for chunk in chunks_of(runs, train, **how) for o in chunk]


@given(st.integers(0, 400), st.integers(1, 9), st.integers(1, 20))
def test_the_cut_holds_every_run_once_in_chunks_of_at_most_the_lanes(n, jobs, lanes):
    chunks = cut(list(range(n)), jobs, lanes)  # type: ignore[arg-type]
    assert [run for chunk in chunks for run in chunk] == list(range(n))
    assert all(1 <= len(chunk) <= lanes for chunk in chunks)
    assert len(chunks) >= min(n, jobs)


def sizes(n: int, jobs: int, lanes: int) -> list[int]:
    return [len(chunk) for chunk in cut(list(range(n)), jobs, lanes)]  # type: ignore[arg-type]


def test_the_cut_keeps_every_core_busy_to_the_end():
    assert sizes(6, 2, 16) == [3, 3]
    assert sizes(33, 2, 16) == [8, 8, 8, 9]
    assert sizes(64, 2, 8) == [8, 8, 8, 8, 8, 8, 4, 4, 4, 4]
    assert sizes(300, 1, 256) == [150, 150]
    with pytest.raises(ValueError, match="at least 1"):
        cut(RUNS, 0, 1)


def test_every_run_comes_back_as_it_is_alone():
    found = outcomes(train)
    assert sorted(o.seeds for o in found) == RUNS
    for outcome in found:
        assert outcome.trajectory is not None
        assert outcome.trajectory.digest() == trajectory(CONFIG, outcome.seeds).digest()
        assert outcome.error == ""
        assert outcome.seconds > 0


def _chunks(log: Path) -> list[str]:
    """The model seeds of every chunk tried."""
    return [line.rpartition(" ")[0] for line in log.read_text().splitlines()]


def test_a_chunk_is_tried_again_and_then_run_by_run(tmp_path):
    log = tmp_path / "log"
    found = {o.seeds.model: o for o in outcomes(Failing({3}, {12}, log=log))}
    assert sorted(found) == list(range(20))
    assert {m for m, o in found.items() if o.trajectory is None} == {3, 12}
    assert found[3].error == "RuntimeError: out of memory"
    assert found[12].error.startswith("TerminatedWorkerError")
    tried = Counter(_chunks(log))
    (with_3,) = (line for line in tried if "3" in line.split() and len(line) > 1)
    assert tried[with_3] == 2
    assert tried["3"] == tried["12"] == 1
    # Whatever was in flight beside the dying worker was neither lost nor done twice.
    assert tried["16 17"] == tried["18 19"] == 1


def test_one_death_costs_a_retry_and_no_run(tmp_path):
    log = tmp_path / "log"
    found = outcomes(Failing({5}, {6}, once=tmp_path, log=log), RUNS[:8], lanes=2)
    assert sorted(o.seeds for o in found if o.trajectory) == RUNS[:8]
    tried = Counter(_chunks(log))
    assert sum(tried.values()) == len(tried) + 2


@pytest.mark.parametrize(("device", "processes"), [("cpu", 1), ("cuda:0", 2)])
def test_after_an_error_a_gpu_gets_a_new_process(tmp_path, device: str, processes: int):
    """What raised may have left its GPU in a state that no later call survives."""
    log = tmp_path / "log"
    outcomes(Failing({1}, log=log), RUNS[1:2], jobs=1, devices=[device])
    tried = [line.rpartition(" ")[2] for line in log.read_text().splitlines()]
    assert (len(tried), len(set(tried))) == (2, processes)


def on_a_gpu(train, said: list[str], **how) -> list[fleet.Outcome]:
    return outcomes(train, jobs=1, on_gpu=True, say=said.append, **how)


def test_a_gpu_that_fails_twice_ends_the_scan_and_its_first_error_is_said_at_once(tmp_path):
    """A run alone takes as long as all lanes: 20 that fail alike would take hours."""
    log, said = tmp_path / "log", []
    with pytest.raises(OSError, match="20 runs failed twice on a GPU: RuntimeError: out of"):
        on_a_gpu(Failing({3}, log=log), said, rounds=5)
    assert said == ["a worker failed, 20 runs are tried again: RuntimeError: out of memory"]
    assert len(_chunks(log)) == 2


def test_a_gpu_that_fails_now_and_then_trains_all_runs_side_by_side(tmp_path):
    """Each time some runs come back, and the others are tried together."""
    log, said = tmp_path / "log", []
    found = on_a_gpu(dying_halfway(log, 4), said, rounds=5)
    assert sorted(o.seeds for o in found if o.trajectory) == RUNS
    assert log.read_text().split() == ["20", "10", "5", "3"]
    assert len(said) == 1
    assert said[0].startswith("a worker failed, 10 runs are tried again: TerminatedWorkerError")


@pytest.mark.parametrize(("device", "crashed"), [("cpu", 20), ("cuda:0", 0)])
def test_a_scan_gives_up_by_its_device(
    device: str, crashed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)
    monkeypatch.setattr(scanner, "train", Failing(range(20)))
    scan, said = scanner.Scanner(CONFIG, RUNS, tmp_path, How(device="cpu", compile="no")), []
    scan.plan = replace(scan.plan, devices=[device])
    trained = scan.train(RUNS, lambda steps: None, said.append)
    with nullcontext() if crashed else pytest.raises(OSError, match="failed twice on a GPU"):
        assert sum(o.trajectory is None for chunk in trained for o in chunk) == crashed
    assert len(said) == (device != "cpu")


class Shrinking:
    """Two slots, and one once the chunk in slot 0 is lost; that in slot 1 goes on for a while."""

    def __init__(self) -> None:
        self.slots, self.chunks, self.most = 2, {}, [0, 0]

    def submit(self, slot, chunk):
        assert slot not in self.chunks
        self.chunks[slot] = chunk
        self.most[self.slots - 1] = max(self.most[self.slots - 1], len(self.chunks))

    def events(self):
        if self.slots == 2:
            self.slots = 1
            del self.chunks[0]
            yield Stopped(0, "lost", 0.0)
            return
        slot, chunk = self.chunks.popitem()
        for number, seeds in enumerate(chunk.runs):
            yield Ended(slot, number, trajectory(CONFIG, seeds), 1.0, Made())
        yield Stopped(slot, "", 0.0)

    def steps(self, slot):
        return 0

    def close(self, cancel):
        assert not cancel


def test_slots_that_go_get_no_chunks():
    executor = Shrinking()
    chunks = fleet.run(CONFIG, RUNS, train, executor, lanes=4)
    assert sorted(o.seeds for chunk in chunks for o in chunk if o.trajectory) == RUNS
    assert executor.most == [1, 2]


def test_trajectories_that_are_too_few_are_a_failure():
    def short(config, runs, *, on_end, **how):
        return train(config, runs[:-1], **how) if runs[1:] else []

    (outcome,) = outcomes(short, RUNS[:1])
    assert outcome.error == "ValueError: 0 trajectories for 1 runs"


def half(config, runs, *, on_point, on_end, then):
    """Hand back the first half of the runs, and then something happens."""
    for number, seeds in enumerate(runs[: len(runs) // 2]):
        on_end(number, trajectory(config, seeds))
    on_point(0)
    then(config, runs, on_point=on_point)


def dying_halfway(log: Path, least: int):
    """Training whose process dies after half of the runs, if there are at least so many."""

    def train_or_die(config, runs, *, on_point, on_end, **how):
        with log.open("a") as file:
            file.write(f"{len(runs)}\n")
        if len(runs) < least:
            train(config, runs, on_point=on_point, on_end=on_end)
        else:
            half(config, runs, on_point=on_point, on_end=on_end, then=lambda *_, **__: os._exit(7))

    return train_or_die


def test_runs_come_back_while_their_chunk_trains():
    def then_sleep(config, runs, *, on_point, on_end, **how):
        half(config, runs, on_point=on_point, on_end=on_end, then=sleepy)

    chunks = chunks_of(RUNS, then_sleep, jobs=1, rounds=5)
    start = time.monotonic()
    assert [o.seeds for o in next(chunks)] == RUNS[:10]
    assert time.monotonic() - start < 30  # the chunk would have slept for a minute
    chunks.close()  # type: ignore[attr-defined]


def test_a_death_costs_the_runs_in_hand_alone(tmp_path):
    log = tmp_path / "log"
    found = outcomes(dying_halfway(log, 20), jobs=1, rounds=5)
    assert sorted(o.seeds for o in found if o.trajectory) == RUNS
    assert log.read_text().split() == ["20", "10"]


def test_progress_counts_the_steps_of_the_chunks_in_hand():
    seen: list[int] = []

    def watch(steps: int) -> None:
        seen.append(steps)
        if len(seen) > 5 and steps:
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        outcomes(sleepy, RUNS[:4], lanes=2, on_steps=watch)
    assert 0 < seen[-1] <= 600 * 4
    assert time.monotonic() - start < 30  # the workers would have slept for a minute


def test_closing_ends_the_workers(tmp_path):
    chunks = chunks_of(RUNS, Failing(log=tmp_path / "log"), lanes=1)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    workers = {int(line.split()[-1]) for line in (tmp_path / "log").read_text().splitlines()}
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
