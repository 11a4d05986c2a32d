"""Runs that `verify` trains again."""

import pytest
from made_up import CONFIG, trajectory
from test_verify import RUNS, filled, spoil_points, verified
from tiny_runs import tiny

from grokseed.execution import scanner
from grokseed.records.provenance import Made
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics
from grokseed.training.trainer import train as real_train

pytestmark = pytest.mark.usefixtures("made_up_training")


def test_runs_trained_again_have_the_same_digest_grafted_ones_too(capsys):
    filled("out", database=False)
    status, out, _ = verified(capsys, "out", "--rows=7")
    assert (status, "7 runs trained again: 7 with the same digest.\n" in out) == (0, True)
    status, out, _ = verified(capsys, "out", "--rows=100")
    assert (status, "7 runs trained again" in out) == (0, True)
    status, out, _ = verified(capsys, "out", "--rows=1")
    assert (status, "\n1 run trained again: 1 with the same digest." in out) == (0, True)


def test_a_run_that_comes_out_otherwise_is_a_failure(capsys):
    wrong = {seeds: trajectory(CONFIG, seeds) for seeds in RUNS}
    wrong[RUNS[-1]] = trajectory(CONFIG, Seeds(5, 5, 5, 5))
    filled("out", database=False, trajectories=wrong)
    assert verified(capsys, "out")[0] == 0  # the digest is of what was stored
    status, out, _ = verified(capsys, "out", "--rows=7")
    assert status == 1
    here, there = trajectory(CONFIG, RUNS[-1]).digest()[:12], wrong[RUNS[-1]].digest()[:12]
    assert f"graft='head=42'): digest {here}, not {there}, under the same numerics\n" in out
    assert "7 runs trained again: 6 with the same digest." in out


def test_points_that_are_not_the_runs_are_found_where_the_store_is_gone(capsys):
    spoil_points(filled("out", database=False))
    assert verified(capsys, "out")[0] == 0
    status, out, _ = verified(capsys, "out", "--rows=7")
    assert status == 1
    assert "model=2, loader=8, val=9, graft=''): trajectories.npz holds other points" in out


def test_a_real_run_comes_out_the_same_and_one_that_is_another_does_not(monkeypatch, capsys):
    monkeypatch.setattr(scanner, "train", real_train)
    config = tiny(max_steps=10)
    runs = [Seeds(0, 1, 8, 9), Seeds(0, 2, 8, 9, "head=7")]
    found = dict(zip(runs, real_train(config, runs), strict=True))
    filled("out", Made(numerics(config, "cpu")), trajectories=found, config=config)
    status, out, _ = verified(capsys, "out", "--rows=2")
    assert (status, "2 runs trained again: 2 with the same digest." in out) == (0, True)
    found[runs[1]] = real_train(config, [Seeds(0, 2, 8, 9, "head=6")])[0]
    filled("bad", Made(numerics(config, "cpu")), trajectories=found, config=config)
    status, out, _ = verified(capsys, "bad", "--rows=2")
    assert (status, "2 runs trained again: 1 with the same digest." in out) == (1, True)
