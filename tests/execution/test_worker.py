"""What a worker says about the runs that it has trained, and when it reads it."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from made_up import CONFIG, train

from grokseed.execution.executor import Chunk
from grokseed.execution.remote import about
from grokseed.execution.worker import Handed, train_chunk
from grokseed.records import provenance
from grokseed.seeds import Seeds

RUNS = [Seeds(0, model, 8, 9) for model in range(3)]


@pytest.fixture(autouse=True)
def unread() -> Iterator[None]:
    """As in a new process: the commit has not been read."""
    provenance.own_commit.cache_clear()
    yield
    provenance.own_commit.cache_clear()


def test_a_run_is_of_the_commit_that_its_worker_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """git comes to another commit while the run trains."""
    at = ["0123abc"]
    monkeypatch.setattr(provenance, "commit", lambda: at[-1])

    def train_meanwhile(config, runs, **how):
        at.append("4567def")
        return train(config, runs, **how)

    found: list[Handed] = []
    for _ in range(2):  # two chunks of one process
        chunk = Chunk(CONFIG, RUNS, train_meanwhile, 1)
        assert train_chunk(chunk, "cpu", lambda steps: None, found.append).error == ""
    assert sum(len(handed.ended) for handed in found) == 2 * len(RUNS)
    assert {handed.made.commit for handed in found} == {"0123abc"}


def test_a_worker_whose_environment_names_no_commit_trains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GROKSEED_COMMIT", "HEAD")
    worker = SimpleNamespace(id="a process")
    assert "GROKSEED_COMMIT must be a commit's" in about(lambda: "numerics", worker).error  # type: ignore[arg-type]
    rest = train_chunk(Chunk(CONFIG, RUNS, train, 1), "cpu", lambda steps: None, [].append)
    assert rest.error.startswith("ValueError: GROKSEED_COMMIT must be a commit's")
    assert rest.ended is None
