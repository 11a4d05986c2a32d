"""Made-up arms: the same times, other orders, and a real gain."""

import re
from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

import val_shuffle
from grokseed.records.row import SEEDS


def made_up(seed: int, factor: float = 1.0) -> pd.DataFrame:
    time = 9000 * factor * np.exp(np.random.default_rng(seed).normal(0, 0.4, 64))
    rows = [dict(zip(SEEDS, astuple(run), strict=True)) for run in val_shuffle.design()]
    return pd.DataFrame(rows).assign(
        t98_step=time.round(), steps=time.round(), norm_final=40 + time
    )


def test_the_arms_differ_in_the_shuffle_alone() -> None:
    runs = val_shuffle.design()
    assert all(run.split == run.model == run.loader == run.val >= 60_000 for run in runs)
    plain, shuffled = (val_shuffle.config(arm).changes() for arm in (False, True))
    assert plain["scheme"] == "shared"
    assert set(shuffled.items()) - set(plain.items()) == {("val_shuffle", True)}


def test_the_same_times_are_no_change() -> None:
    same = made_up(0), made_up(0)
    assert val_shuffle.changed(*same).k == 0
    assert val_shuffle.sooner(val_shuffle.arms(*same)).k == 0


def test_another_norm_at_the_same_step_is_a_change() -> None:
    plain = made_up(0)
    found = val_shuffle.changed(plain, plain.assign(norm_final=plain["norm_final"] + 0.01))
    assert (found.k, found.n) == (64, 64)


def test_what_was_put_in_is_said() -> None:
    arms = made_up(0), made_up(1, factor=0.25)
    plain, shuffled = (arm["t98_step"] for arm in arms)
    found = val_shuffle.arms(*arms)
    assert val_shuffle.changed(*arms).k == 64
    assert val_shuffle.sooner(found).k == (plain >= 3 * shuffled).sum() > 30
    text = val_shuffle.answer(*arms)
    assert "other weight norms on 64 of 64 seeds (94 to 100 %)" in text
    assert f"3 times sooner on {val_shuffle.sooner(found).k} of 64 seeds" in text
    assert "the plain one on 0 of 64 seeds" in text


def test_runs_that_part_late_keep_their_times() -> None:
    """Times that differ by a tenth within seeds and by 0.4 between them: scipy's correlation."""
    plain = made_up(0)
    shift = np.exp(np.random.default_rng(2).normal(0, 0.1, 64))
    later = plain.assign(t98_step=(plain["t98_step"] * shift).round())
    text = val_shuffle.answer(plain, later)
    logs = np.log(plain["t98_step"]), np.log(later["t98_step"])
    found = float(re.search(r"correlate by ([\d.]+)", " ".join(text.split()))[1])  # type: ignore
    assert found == pytest.approx(pearsonr(*logs)[0], abs=0.01)
    assert "at step 500" in text


@pytest.mark.parametrize("shuffled", [0, 1])
def test_an_arm_with_too_few_runs_decides_nothing(shuffled: int) -> None:
    text = val_shuffle.answer(made_up(0), made_up(1, 0.25).iloc[:shuffled])
    assert f"Shuffled: {shuffled} of 64 runs count so far" in text
    assert "change training: **cannot tell**" in text
    assert "runs sooner: **cannot tell**" in text
    assert "nan" not in text


def test_arms_that_agree_are_a_no_and_noise_says_what_it_could_find() -> None:
    same = val_shuffle.answer(made_up(0), made_up(0))
    assert "runs sooner: **no**; each shuffled run takes as many steps as the plain one" in same
    assert "nan" not in same
    noise = val_shuffle.answer(made_up(0), made_up(1).iloc[:8])
    assert "runs sooner: **cannot tell**" in noise
    assert "times would have been found with 80 % power" in noise


def test_before_any_run_it_says_so(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="still to be trained"):
        val_shuffle.main(["--export"])
