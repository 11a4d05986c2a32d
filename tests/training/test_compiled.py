"""Compiled steps against eager ones, which differ in rounding alone, and lanes beside others."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from stopped import stopped_over_and_over
from tiny_runs import GROKS, SEVEN_RUNS, tiny

from grokseed.config import Config
from grokseed.training import compiled, lanes
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train

POINTS = dict.fromkeys(("sample_every", "val_every", "screen_step"), 15)
SMALL_STEPS = {"lr": 5e-3, "max_steps": 120}  # so that rounding grows slowly
CONFIG = tiny(**{**GROKS, **SMALL_STEPS, **POINTS}, stop_when="completed")

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")


@pytest.fixture
def groups_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small groups, and the same shapes in both tests: they compile once."""
    monkeypatch.setattr(lanes, "compiled_lanes", lambda config: 2)


@needs_compiler
@pytest.mark.usefixtures("groups_of_two")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
def test_a_compiled_run_is_the_eager_one_but_for_rounding_whenever_it_enters() -> None:
    """Groups hold lanes at batches of unlike sizes, and lanes that are empty.

    One test, as compiling the step takes most of its time. The eager runs' first rows are compared:
    in later ones rounding has grown.
    """
    together = train(CONFIG, SEVEN_RUNS, lanes=3, compiled=True)
    assert len({len(t.columns["step"]) for t in together}) > 2, "all end at once: nothing is shown"
    for number in (0, 3, 6):  # at once, in the middle and at last
        (alone,) = train(CONFIG, [SEVEN_RUNS[number]], compiled=True)
        assert alone.digest() == together[number].digest()
    eager = train(replace(CONFIG, max_steps=15), SEVEN_RUNS[:3])
    for ours, theirs in zip(together, eager, strict=False):
        early = ours.columns["step"] <= 15
        assert early.sum() == 2
        for name, column in ours.columns.items():
            expected = theirs.columns[name]
            assert np.allclose(column[early], expected, rtol=1e-4, equal_nan=True), name


@needs_compiler
@pytest.mark.slow
@pytest.mark.usefixtures("groups_of_two")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_run_goes_on_to_the_bit() -> None:
    whole = train(CONFIG, SEVEN_RUNS, compiled=True)
    found, steps = stopped_over_and_over(CONFIG, SEVEN_RUNS, [1, 3, 2], lanes=3, compiled=True)
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


def test_the_backward_pass_is_traced_in_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU's would run in another one, of which the tracer sees nothing."""
    seen: list[bool] = []

    def tracer(step: object, **how: object) -> object:
        return lambda *inputs: seen.append(torch._C._is_multithreading_enabled())

    monkeypatch.setattr(compiled, "make_fx", tracer)
    monkeypatch.setattr(compiled, "compile_graph", lambda graph, examples: graph)
    compiled._compiled.__wrapped__(CONFIG, "cpu", ())
    assert seen == [False]
    assert torch._C._is_multithreading_enabled()
