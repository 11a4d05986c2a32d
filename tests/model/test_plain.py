"""The plain forward pass trains: as a plain loop, lane by lane, on a device, and compiled."""

import shutil

import numpy as np
import pytest
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from tiny_runs import GROKS, SEVEN_RUNS, assert_lanes_do_not_touch, rote, tiny
from watch import Watch

from grokseed.config import Config
from grokseed.model import decoder, plain
from grokseed.training import compiled, lanes
from grokseed.training.trainer import train

AT_15 = dict.fromkeys(("max_steps", "sample_every", "val_every", "screen_step"), 15)


def changed(config: Config) -> str:
    return str(config.changes())


@pytest.fixture(autouse=True)
def plain_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "forward_of", lambda config: plain.rows)


@pytest.mark.parametrize("changes", [{}, {"layers": 1}, {"layers": 3, "operation": "x+y"}], ids=str)
@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops(changes: dict[str, object]) -> None:
    config = plain_tiny(**changes)
    for seeds, ours in zip(SEVEN_RUNS[:2], train(config, SEVEN_RUNS[:2]), strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)


@pytest.mark.parametrize(
    "config",
    [
        tiny(),
        tiny(precision="bf16", layers=1, p=13, batch_size=23),
        tiny(p=7, batch_size=10, train_fraction=0.5),  # the last batch is one example
        tiny(p=13, batch_size=31, d_model=20, heads=5, ffn_multiple=3),
        tiny(p=13, test_fraction=0.1, d_model=6, heads=1, sample_size=1),
        tiny(p=3, operation="x+y", batch_size=3, d_model=1, heads=1),
        rote(),
        rote(precision="bf16", layers=1, batch_size=29, length=32),
        rote(d_model=6, heads=1, length=3, sample_size=1, examples=44),
        rote(heads=1, length=33, readout="flatten", layers=1),
    ],
    ids=changed,
)
def test_a_run_is_the_same_in_any_company(config: Config) -> None:
    assert_lanes_do_not_touch(config)


@pytest.mark.parametrize("config", [tiny(layers=2), rote()], ids=changed)
def test_a_step_can_be_captured(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "captured", lambda step, device: step)
    monkeypatch.setattr(lanes, "has_constant_width", lambda device: True)
    room = lanes.Lanes(config, 3, "meta", compiled=False)
    with Watch():
        room.replay()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.filterwarnings("ignore")  # torch's compiler warns about its own imports
@pytest.mark.parametrize("config", [tiny(**GROKS | AT_15), rote(length=32)], ids=changed)
def test_a_compiled_run_is_the_eager_one_but_for_rounding(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "compiled_lanes", lambda config: 2)
    compiled._compiled.cache_clear()  # what is there may share prefixes
    eager, ours = train(config, SEVEN_RUNS[:3]), train(config, SEVEN_RUNS[:3], compiled=True)
    assert [t.digest() for t in ours] != [t.digest() for t in eager]
    for one, other in zip(ours, eager, strict=True):
        for name, column in one.columns.items():
            assert np.allclose(column, other.columns[name], rtol=1e-4, equal_nan=True), name
    compiled._compiled.cache_clear()
