"""Nobody reads stderr any more, as after `2>&1 | head -1`: results are written all the same."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest
from made_up import CONFIG, trajectory
from small_ladder import FLAGS

from grokseed import merge, overfit, verify
from grokseed.records.provenance import Made
from grokseed.records.store import Store
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("made_up_training")


@contextmanager
def nobody_reads() -> Iterator[None]:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", buffering=1) as stream, redirect_stderr(stream):  # by lines, as stderr
        yield


def filled(name: str, more: str = "") -> None:
    """A folder of one run, of numerics whose name ends in `more`."""
    made, seeds = Made(numerics(CONFIG, "cpu") + more), Seeds(0, 1, 8, 9)
    with Store(Path(name), CONFIG, made.numerics) as store:
        store.add(seeds, trajectory(CONFIG, seeds), 1.0, made)


def test_overfit():
    with nobody_reads():
        assert overfit.main([*FLAGS, "--out=out"]) == 0
    assert Path("out/overfit.json").exists()


def test_merge():
    filled("a")
    filled("b", " of another machine")
    with nobody_reads():
        assert merge.main(["a", "b", "--mixed-numerics", "--out=out"]) == 0
    assert Path("out/runs.csv").exists()


def test_verify(capsys):
    filled("a")
    filled("b")
    Path("b/config.json").write_text("{}")
    Path("b/runs.csv").touch()
    with nobody_reads():
        assert verify.main(["b", "a", "--rows=1", "--jobs=1"]) == 1
    assert "1 run trained again: 1 with the same digest" in capsys.readouterr().out
