"""Compiled steps against eager ones, which differ in rounding alone, and lanes beside others."""

import shutil

import numpy as np
import pytest
from stopped import stopped_over_and_over
from tiny_runs import GROKS, SEVEN_RUNS, tiny

from grokseed.config import Config
from grokseed.training import lanes
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")


@pytest.fixture
def groups_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small groups, and the same shapes in both tests: they compile once."""
    monkeypatch.setattr(lanes, "compiled_lanes", lambda config: 2)


@needs_compiler
@pytest.mark.usefixtures("groups_of_two")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
def test_a_compiled_run_is_the_eager_one_but_for_rounding() -> None:
    schedule = dict.fromkeys(("max_steps", "sample_every", "val_every", "screen_step"), 15)
    config = tiny(**{**GROKS, **schedule})
    eager, together = train(config, SEVEN_RUNS[:3]), train(config, SEVEN_RUNS[:3], compiled=True)
    alone = [train(config, [run], compiled=True)[0] for run in SEVEN_RUNS[:3]]
    assert [t.digest() for t in alone] == [t.digest() for t in together]
    for ours, theirs in zip(together, eager, strict=True):
        assert len(ours.columns["step"]) == 2
        for name, column in ours.columns.items():
            assert np.allclose(column, theirs.columns[name], rtol=1e-4, equal_nan=True), name


@needs_compiler
@pytest.mark.usefixtures("groups_of_two")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_run_is_the_same_whenever_it_enters() -> None:
    """Groups hold lanes at batches of unlike sizes, and lanes that are empty."""
    config = tiny(**GROKS, stop_when="completed")
    alone = [train(config, [run], compiled=True)[0] for run in SEVEN_RUNS]
    assert len({len(t.columns["step"]) for t in alone}) > 2, "all end at once: nothing is shown"
    together = train(config, SEVEN_RUNS, lanes=3, compiled=True)
    assert [t.digest() for t in together] == [t.digest() for t in alone]


@needs_compiler
@pytest.mark.slow
@pytest.mark.usefixtures("groups_of_two")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_run_goes_on_to_the_bit() -> None:
    config = tiny(**GROKS, stop_when="completed")
    whole = train(config, SEVEN_RUNS, compiled=True)
    found, steps = stopped_over_and_over(config, SEVEN_RUNS, [1, 3, 2], lanes=3, compiled=True)
    assert [found[run].digest() for run in SEVEN_RUNS] == [t.digest() for t in whole]
    assert len(set(steps)) > 1


def test_compiled_runs_are_other_numerics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "compiled" not in numerics(Config(), "cpu")
    with pytest.raises(ValueError, match=r"C\+\+ compiler"):
        numerics(Config(), "cpu", compiled=True)


@needs_compiler
def test_numerics_name_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "g++")
    assert " compiled by g++ " in numerics(Config(), "cpu", compiled=True)
