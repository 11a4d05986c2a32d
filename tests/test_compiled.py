"""Compiled steps against eager ones, which differ in rounding alone, and lanes beside others."""

import shutil

import numpy as np
import pytest

from grokseed.config import preset
from grokseed.kernels import numerics
from grokseed.seeds import Seeds
from grokseed.trainer import train

RUNS = [Seeds(0, seed, 8, 9) for seed in range(3)]
CONFIG = preset(
    "mini", {"p": 13, "d_model": 32, "batch_size": 30, "max_steps": 25, "warmup_steps": 0}
)

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")


@needs_compiler
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
def test_a_compiled_run_is_the_eager_one_but_for_rounding() -> None:
    eager, together = train(CONFIG, RUNS), train(CONFIG, RUNS, compiled=True)
    alone = [train(CONFIG, [run], compiled=True)[0] for run in RUNS]
    assert [t.digest() for t in alone] == [t.digest() for t in together]
    for ours, theirs in zip(together, eager, strict=True):
        assert len(ours.columns["step"]) == 2
        for name, column in ours.columns.items():
            assert np.allclose(column, theirs.columns[name], rtol=1e-4, equal_nan=True), name


def test_compiled_runs_are_other_numerics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "compiled" not in numerics(CONFIG, "cpu")
    with pytest.raises(ValueError, match=r"C\+\+ compiler"):
        numerics(CONFIG, "cpu", compiled=True)


@needs_compiler
def test_numerics_name_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "g++")
    assert " compiled by g++ " in numerics(CONFIG, "cpu", compiled=True)
