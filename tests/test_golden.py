"""Digests of short runs, on file: a change that moves bits must raise the engine's number.

    python tests/test_golden.py

writes `golden.json` again: after the engine number was raised, or on a machine of other numerics.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grokseed.config import preset
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.numerics import ENGINE, numerics
from grokseed.training.trainer import train

FILE = Path(__file__).with_name("golden.json")
MINI = preset("mini", max_steps=100, screen_step=100)
RUNS = {
    "independent": (MINI, [Seeds(0, 1, 8, 9), Seeds(3, 2, 7, 8)]),
    "diary": (replace(MINI, scheme="diary"), [Seeds(5, 5, 8, 9)]),
    "shared": (replace(MINI, scheme="shared", val_every=50, val_shuffle=True), [Seeds(4, 4, 4, 4)]),
    "graft": (MINI, [Seeds(0, 1, 8, 9, "token_embedding+head=2")]),
    "test_fraction": (replace(MINI, test_fraction=0.1), [Seeds(0, 1, 8, 9)]),
    "two_layers": (replace(MINI, layers=2, operation="x^2+xy+y^2"), [Seeds(0, 1, 8, 9)]),
    "diary_size": (
        preset("diary", max_steps=25, screen_step=25),
        [Seeds(0, 42, 8, 9)],
    ),
}
COMPILED = ("independent", "diary_size")
ROUGHLY = 2e-3
"""Relative difference to which numerics agree after so few steps."""


def trained(name: str, compiled: bool) -> list[Trajectory]:
    config, seeds = RUNS[name]
    return train(config, seeds, compiled=compiled)


def check(name: str, compiled: bool) -> None:
    golden = json.loads(FILE.read_text())
    assert golden["engine"] == ENGINE, f"the engine's number changed: python tests/{FILE.stem}.py"
    trajectories = trained(name, compiled)
    ends = [end(trajectory) for trajectory in trajectories]
    assert ends == [pytest.approx(e, rel=ROUGHLY) for e in golden["ends"][name]]
    named = numerics(RUNS[name][0], "cpu", compiled)
    if named not in golden["digests"]:
        pytest.skip(f"{FILE.name} has no digests of {named}: ends alone were compared")
    assert [t.digest() for t in trajectories] == golden["digests"][named][name]


def end(trajectory: Trajectory) -> list[float]:
    """What the same run ends with, nearly, in any numerics."""
    return [float(trajectory.columns[name][-1]) for name in ("train_loss", "sample_loss", "norm")]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_has_the_digest_on_file(name: str) -> None:
    check(name, compiled=False)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
@pytest.mark.parametrize("name", COMPILED)
def test_a_compiled_run_has_the_digest_on_file(name: str) -> None:
    check(name, compiled=True)


def main() -> None:
    torch.set_num_threads(1)
    old = json.loads(FILE.read_text()) if FILE.exists() else {}
    digests = old["digests"] if old.get("engine") == ENGINE else {}
    ends = {}
    for name, (config, _) in RUNS.items():
        for compiled in (False, True)[: 1 + (name in COMPILED)]:
            trajectories = trained(name, compiled)
            found = [t.digest() for t in trajectories]
            digests.setdefault(numerics(config, "cpu", compiled), {})[name] = found
            ends.setdefault(name, [end(t) for t in trajectories])
    golden = {"engine": ENGINE, "ends": ends, "digests": digests}
    FILE.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
