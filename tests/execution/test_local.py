"""The executor of this machine when it is stopped at a bad moment."""

import threading
import time

import made_up
import pytest
from loky.process_executor import _ExecutorManagerThread

from grokseed.execution.executor import Chunk, Stopped
from grokseed.execution.local import LocalExecutor
from grokseed.seeds import Seeds


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
