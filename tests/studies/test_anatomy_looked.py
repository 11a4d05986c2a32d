"""What is said by looking of study A's runs: times to memorise, and equal weights on two tasks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr

import anatomy
import grokseed
from experiments import anatomy_looked, base_runs
from experiments.anatomy_looked import looked, runs_alike, weights_alike

SEEDS = ("split", "model", "loader", "val")


def made_up(seed: int, share: float = 0.4, t50: float = 0.5) -> pd.DataFrame:
    """Study A's runs: weights' own luck is the same with every seed, the rest is not. Times to
    memorise follow the match of split and weights, and t50 comes at a share of them."""
    random = np.random.default_rng(seed)
    own = dict(enumerate(np.random.default_rng(7).normal(0, share, 12), 5000))
    match = {(s, m): random.normal() for s in range(1, 13) for m in range(5000, 5012)}
    rows = []
    for run in anatomy.design(8):
        step = 6000 * np.exp(own[run.model] + random.normal(0, 0.3))
        memorised = 1600 * np.exp(0.5 * match[run.split, run.model] + random.normal(0, 0.1))
        row = {f"{name}_seed": getattr(run, name) for name in SEEDS}
        row |= {"t98_step": step, "memorised_step": memorised, "t50_step": t50 * memorised}
        rows.append({**row, "graft": run.graft or np.nan, "steps": step})
    return pd.DataFrame(rows)


def base(seed: int) -> pd.DataFrame:
    """The base scan of a task: a tenth of a seed's log t98 is its own on both tasks."""
    random, common = np.random.default_rng(seed), np.random.default_rng(9)
    rows = [{f"{name}_seed": getattr(run, name) for name in SEEDS} for run in base_runs.design()]
    luck = 0.4 * common.normal(size=len(rows)) + 1.2 * random.normal(size=len(rows))
    return pd.DataFrame(rows).assign(t98_step=6000 * np.exp(0.3 * luck))


def components_of(runs: pd.DataFrame, landmark: str) -> pd.DataFrame:
    return anatomy.table(runs, 8, landmark)[0]


def test_weights_are_compared_by_their_mean_log_times_without_twins() -> None:
    """Against numpy's correlation, and Fisher's z by hand; a run without t98 counts as 22,000."""
    one, other = made_up(0), made_up(1)
    one.loc[one["t98_step"].idxmax(), "t98_step"] = np.nan
    twin = one["graft"].notna()
    one.loc[twin, "t98_step"] *= 1000
    more = one.assign(split_seed=one["split_seed"] + 8)  # levels that the other task lacks
    more["t98_step"] *= 1 + more["model_seed"] % 3
    found = weights_alike(pd.concat([one, more]), other)
    means = [
        [
            np.log(own.loc[own["graft"].isna() & (own["model_seed"] == model), "t98_step"])
            .fillna(np.log(22_000))
            .mean()
            for model in range(5000, 5008)
        ]
        for own in (one, other)
    ]
    r = np.corrcoef(means)[0, 1]
    assert r > 0.8
    limits = np.tanh(np.arctanh(r) + np.array([-1, 1]) * norm.ppf(0.975) / 5**0.5)
    assert (found.value, found.low, found.high) == pytest.approx((r, *limits))


def test_single_runs_are_compared_by_ranks_within_splits() -> None:
    one, other = base(0), base(1)
    other = other.iloc[::-1]  # rows are matched by seeds
    slow = other["split_seed"] == 2
    other.loc[slow, "t98_step"] *= 3
    found = runs_alike(one, other)
    both = one.merge(other, on=["split_seed", "model_seed"])
    rhos = [
        np.asarray(spearmanr(own["t98_step_x"], own["t98_step_y"]))[0]
        for _, own in both.groupby("split_seed")
    ]
    assert found.n == 256
    assert found.rho == pytest.approx(np.tanh(np.mean(np.arctanh(rhos))))


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tables of both tasks in a folder of results."""
    results = tmp_path / "results"
    scans = {"anatomy": made_up(0, t50=2.0), "base_scan": base(0), "base_add": base(1)}
    for name in scans:
        (results / name).mkdir(parents=True)
        (results / name / "runs.csv").touch()
    monkeypatch.setattr(
        grokseed, "load", lambda at: type("Scan", (), {"runs": scans[Path(at).name]})
    )
    return results


def page(folder: Path, runs: pd.DataFrame) -> str:
    found, counts = anatomy.table(runs, 8)
    task = "x+y mod 97, 64 wide" if folder.name == "anatomy_add" else "x/y mod 97, 64 wide"
    about = {"task": task, "levels": 8, "planned": 8, "option": "", "looks": 1, **counts}
    more = looked(folder, runs, found, components_of(runs, "memorised"))
    text = anatomy.answer(found, found, found, about, {}, pd.DataFrame(), more)
    assert "nan" not in text
    return " ".join(text.split())


def test_the_page_of_another_task_compares_it_with_the_first(folders: Path) -> None:
    runs = made_up(1)
    text = page(folders / "anatomy_add", runs)
    row = components_of(runs, "memorised").set_index("term").loc["split:model"]
    share = f"{100 * row['share']:.0f} % (95 %: {100 * row['low']:.0f} to {100 * row['high']:.0f})"
    assert f"(found by looking): the match of split and weights has the largest there, {share}" in (
        text
    )
    assert "x+y does not memorise first. In 512 of 512 runs (100 %" in text
    assert "On x/y that is so in 0 of 512 (0.0 %, 95 %: 0.0 to" in text
    weights = weights_alike(made_up(0), runs)
    assert f"by {weights.value:.2f} (95 %: {weights.low:.2f} to {weights.high:.2f}; Fisher" in text
    single = runs_alike(base(0), base(1))
    assert f"by {single.rho:.2f} ({single.low:.2f} to {single.high:.2f}; ranks within" in text
    assert "n = 8 weights" in text
    assert "n = 256 runs" in text


def test_the_other_pages_say_only_what_is_of_their_own_runs(folders: Path) -> None:
    for name in ("anatomy", "anatomy_wide"):  # with d 96 the weights are others
        text = page(folders / name, made_up(0, t50=2.0))
        assert "components_memorised.csv" in text
        assert "memorise first" not in text
        assert "initial weights are also in" not in text
    alone = page(folders.parent / "elsewhere" / "anatomy_add", made_up(1))
    assert "x+y does not memorise first" in alone
    assert "On x/y" not in alone
    assert "initial weights are also in" not in alone


def test_the_largest_term_is_called_the_same_only_if_it_is(folders: Path) -> None:
    runs = made_up(0)
    found = components_of(runs, "memorised")
    assert anatomy_looked.looked(folders / "anatomy", runs, found, found)["same"]
    t98 = components_of(runs, "t98")
    assert not anatomy_looked.looked(folders / "anatomy", runs, t98, found)["same"]
