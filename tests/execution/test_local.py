"""The executor of this machine when it is stopped at a bad moment."""

import resource
import threading
import time
from concurrent.futures import wait

import made_up
import pytest
from loky.process_executor import _ExecutorManagerThread

from grokseed.execution.executor import Chunk, Stopped
from grokseed.execution.local import LocalExecutor
from grokseed.seeds import Seeds


def half(config, runs, *, on_point, on_end, **how):
    """The first run of a chunk ends, and its worker goes on with the others."""
    on_end(0, made_up.trajectory(config, runs[0]))
    return made_up.sleepy(config, runs, on_point=on_point, on_end=on_end, **how)


@pytest.mark.workers
@pytest.mark.parametrize("train", [half, made_up.train])
def test_what_a_stopped_worker_has_left_is_not_lost(train) -> None:
    """Its file lies in the folder, and nobody has looked."""
    executor, runs = LocalExecutor(1), [Seeds(0, model, 8, 9) for model in range(2)]
    executor.submit(0, Chunk(made_up.CONFIG, runs, train, 2))
    end = time.monotonic() + 60
    while not list(executor._folder.glob("*.runs")):
        assert time.monotonic() < end
        time.sleep(0.02)
    left = executor.close(cancel=True)
    assert {ended.number: ended.trajectory.digest() for ended in left} == {
        number: made_up.trajectory(made_up.CONFIG, runs[number]).digest()
        for number in range(len(left))
    }
    assert left
    assert not executor._folder.exists()


def without_room(config, runs, **how):
    """`train` in a worker that can write no more to files: its runs come with its last message."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    return made_up.train(config, runs, **how)


@pytest.mark.workers
def test_a_last_message_that_nobody_has_read_is_not_lost() -> None:
    executor, runs = LocalExecutor(1), [Seeds(0, model, 8, 9) for model in range(2)]
    executor.submit(0, Chunk(made_up.CONFIG, runs, without_room, 2))
    wait(executor._busy)
    assert sorted(ended.number for ended in executor.close(cancel=True)) == [0, 1]


@pytest.mark.workers
def test_a_stop_before_a_chunk_has_been_taken_prints_no_traceback(monkeypatch) -> None:
    """loky's thread is held up after the second chunk has been handed to it."""
    woken = _ExecutorManagerThread.wait_result_broken_or_wakeup
    raised = []

    def late(thread):
        found = woken(thread)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(_ExecutorManagerThread, "wait_result_broken_or_wakeup", late)
    monkeypatch.setattr(threading, "excepthook", raised.append)
    executor = LocalExecutor(1)
    chunk = Chunk(made_up.CONFIG, [Seeds(0, 0, 8, 9)], made_up.train, 1)
    executor.submit(0, chunk)
    while not any(isinstance(event, Stopped) for event in executor.events()):
        pass
    executor.submit(0, chunk)
    executor.close(cancel=True)
    assert not raised
