"""The peer in JAX trains the runs that the engine and the plain loop train."""

from itertools import islice

import numpy as np
import pytest
import torch
from test_speed import CONFIG, engine_losses, turn_losses

from grokseed.config import Config, preset
from speed import table
from speed.contenders import plain
from speed.timing import Contender

jax = pytest.importorskip("jax")
from speed.in_jax import in_jax  # noqa: E402


@pytest.mark.usefixtures("float64")
def test_its_losses_are_the_engines_in_float64() -> None:
    with jax.enable_x64(True):
        theirs = torch.stack(list(islice(in_jax(CONFIG, 3, "cpu"), 4))).numpy()
    assert theirs.dtype == np.float64
    assert theirs.shape == (4, 10, 3)
    np.testing.assert_allclose(turn_losses(theirs), engine_losses(3), rtol=1e-9)


MINI = preset("mini", sample_every=25, batch_size=255)
"""Of 22 batches an epoch, the last is smaller."""
WITHOUT_WARMUP = Config(p=13, d_model=32, batch_size=16, warmup_steps=0, sample_every=20)


@pytest.mark.parametrize("config", [MINI, WITHOUT_WARMUP], ids=["mini", "without warm-up"])
def test_every_steps_loss_is_the_plain_loops_to_fp32_rounding(config: Config) -> None:
    theirs = next(in_jax(config, 1, "cpu"))
    assert theirs.dtype == torch.float32
    np.testing.assert_allclose(theirs, next(plain(config, 1, "cpu")), rtol=2e-5)


def test_lanes_are_searched_apart_from_the_turns_of_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take_turns(tried: list[Contender], device: str, turns: int) -> None:
        assert (device, turns) == ("cpu", 3)
        for contender in tried:
            contender.seconds.extend([abs(contender.lanes - 3.5)] * turns)

    monkeypatch.setattr(table, "take_turns", take_turns)
    best = table.fastest_in_jax(MINI, cores=2, turns=3)
    assert (best.lanes, best.processes, best.seconds) == (4, 2, [])
