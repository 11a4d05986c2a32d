"""Where one run stands: against arrays worked by hand, known quantiles and simulation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from test_compare import folder

from grokseed import compare, luck
from grokseed.analysis.seed_shares import share_over
from grokseed.analysis.standing import best_of, quantile, runs_for, standing


def test_a_standing_by_hand():
    found = standing([100, 200, 200, 300, np.inf], 200)
    assert (found.n, found.sooner, found.tied, found.share) == (5, 1, 2, 0.4)
    exact = [binomtest(k, 5).proportion_ci(method="exact") for k in (1, 3)]
    assert (found.low, found.high) == pytest.approx((exact[0].low, exact[1].high))
    found = standing([100, 200, np.inf, np.inf], np.inf)
    assert (found.sooner, found.tied, found.high) == (2, 2, 1)
    with pytest.raises(ValueError, match="no other runs"):
        standing([], 5)


def test_a_run_that_ended_before_a_step_may_be_sooner_or_later_than_it():
    """Of those that never got there, the one seen up to 400 is later than 300."""
    found = standing([100, 200, np.inf, np.inf], 300, ends=[100, 200, 250, 400])
    assert (found.sooner, found.tied, found.unknown) == (2, 0, 1)
    assert np.isnan(found.share)
    exact = [binomtest(k, 4).proportion_ci(method="exact") for k in (2, 3)]
    assert (found.low, found.high) == pytest.approx((exact[0].low, exact[1].high))
    known = standing([100, 200, np.inf, np.inf], 250, ends=[100, 200, 250, 400])
    assert (known.unknown, known.share) == (0, 0.5)


def test_limits_of_a_standing_are_over_the_seeds_that_runs_share():
    split = np.repeat(np.arange(8), 8)
    times = np.where(split < 2, 100.0, 200.0)  # two splits whose runs are all sooner
    runs = pd.DataFrame({"split_seed": split, "model_seed": np.arange(64)})
    shared, alone = standing(times, 150, seeds=runs), standing(times, 150)
    assert shared.share == alone.share == 0.25
    assert (shared.low, shared.high) == pytest.approx(share_over(times < 150, split)[1:])
    assert shared.high - shared.low > 2 * (alone.high - alone.low)


def test_a_quantile_and_its_exact_interval():
    found = quantile(np.random.default_rng(0).permutation(np.arange(1, 101)), 0.5)
    assert (found.step, found.low, found.high) == (50, 40, 61)  # the known ranks for n = 100
    assert quantile([1, 2, np.inf, np.inf], 0.75).step == np.inf
    assert quantile([1, 2, 3], 0.01).low == 0


def test_a_quantiles_interval_covers():
    random = np.random.default_rng(3)
    hits = [q.low <= 0.3 <= q.high for q in (quantile(random.random(40), 0.3) for _ in range(2000))]
    assert 0.94 < np.mean(hits) < 0.985


@pytest.mark.parametrize("n", [1, 5, 20])
def test_the_best_of_n_is_what_drawing_n_at_a_time_shows(n):
    random = np.random.default_rng(4)
    drawn = random.lognormal(9, 0.4, (20_000, n)).min(axis=1)
    times = random.lognormal(9, 0.4, 20_000)
    assert best_of(times, n).step == pytest.approx(np.median(drawn), rel=0.03)
    assert best_of(times, n, 0.1).step == pytest.approx(np.quantile(drawn, 0.1), rel=0.05)


def test_runs_for_is_the_inverse_of_the_best_of_n():
    for n in (1, 2, 10, 300):
        assert runs_for(1 - 0.5 ** (1 / n)) == pytest.approx(n)
    assert runs_for(0) == np.inf
    assert runs_for(1) == 1


@pytest.fixture
def scan(tmp_path) -> Path:
    """Runs of model seeds 0 to 19 that reach t98 at 1,000, 2,000 to 19,000; the last never."""
    return folder(tmp_path / "scan", [*range(1000, 20_000, 1000), 20_000])


def test_a_run_stands_among_the_others(scan, capsys):
    assert luck.main([str(scan), "--run", "2"]) == 0
    out = capsys.readouterr().out
    assert "Run 0,2,8,9 that reaches t98 at step 3,000 is later than 10.5 % of the 19 other" in out
    low, high = (f"{100 * x:.1f}" for x in binomtest(2, 19).proportion_ci(method="exact"))
    assert f"(95 %: {low} to {high} %): 2 were sooner, 0 tied. It takes 0.273 times" in out
    assert "The best of 6 runs" in out  # log(1/2) / log(1 - 2/19) = 6.2
    assert "18 of 19 reached t98" in out
    assert luck.main([str(scan), "--run", "0,2,8,9"]) == 0
    assert capsys.readouterr().out == out


def test_a_run_that_never_got_there_and_one_sooner_than_all(scan, capsys):
    assert luck.main([str(scan), "--run", "19"]) == 0
    out = capsys.readouterr().out
    assert "did not reach t98: it is later than 100.0 % or more of the 19 other runs" in out
    assert luck.main([str(scan), "--at", "500"]) == 0
    out = capsys.readouterr().out
    assert "later than 0.0 % of the 20 other runs" in out
    assert "No run was as early: with probability 1/2 it takes 4 runs or more." in out
    assert "inf" not in out.replace("info", "")
    assert "nan" not in out


def test_seeds_that_were_chosen_by_hand_are_no_others_to_stand_among(scan, capsys):
    (scan / "excluded.csv").write_text("model_seed,reason\n0,the best\n1,the best\n")
    assert luck.main([str(scan), "--run", "2"]) == 0
    out = capsys.readouterr().out
    assert "2 runs are left out: excluded.csv says that their seeds were chosen by hand." in out
    assert "later than 0.0 % of the 17 other runs" in out
    assert luck.main([str(scan), "--run", "1"]) == 0
    assert "step 2,000 is later than 0.0 % of the 18 other runs" in capsys.readouterr().out


@pytest.mark.parametrize("stop_when", ["never", "t98"])
def test_a_folder_that_is_not_complete_is_named(stop_when, tmp_path, capsys):
    half = folder(tmp_path / "half", [1000, 2000, 3000], stop_when=stop_when, asked=9)
    assert luck.main([str(half), "--at", "1500"]) == 0
    out = capsys.readouterr().out
    assert "Not complete: 3 of the 9 runs asked for." in out
    assert ("early runs come first" in " ".join(out.split())) == (stop_when == "t98")
    other = folder(tmp_path / "other", [2000, 4000, 6000], stop_when=stop_when)
    assert compare.main([str(half), str(other)]) == 0
    assert "\nA: Not complete: 3 of the 9 runs asked for." in capsys.readouterr().out


def test_a_step_beyond_all_that_were_seen_is_after_the_last(scan, capsys):
    """Not never: such a run may come after the steps that were trained."""
    assert luck.main([str(scan), "--at", "5000"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "| 10 % | 2,000 | before the first to 6,000 |" in out
    assert "| 90 % | 18,000 | 15,000 to after the last |" in out
    rare = folder(scan.parent / "rare", [1000, 2000, *[20_000] * 98])
    assert luck.main([str(rare), "--at", "1500"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "| 50 % | after the last | after the last |" in out
    assert "Before the first, after the last: of the steps at which one of the runs reached" in out
    assert "exact (Clopper and Pearson's). Those of steps are too, by the ranks of runs" in out
    assert "never" not in out


def test_a_step_beyond_the_last_one_trained_is_not_later_than_runs_that_were_censored(
    tmp_path, capsys
):
    """Of runs that ended at 2,500 nobody knows whether they would be there by 9,000."""
    scan = folder(tmp_path / "scan", [1000, 2000, *[9999] * 8], steps=2500, max_steps=2500)
    assert luck.main([str(scan), "--at", "9000"]) == 0
    out = capsys.readouterr().out
    assert "at step 9,000 is later than 20.0 % or more of the 10 other runs" in out
    low = 100 * binomtest(2, 10).proportion_ci(method="exact").low
    assert f"(95 %: {low:.1f} to 100.0 %): 2 were sooner, 0 tied. Of 8 it is not known" in out
    assert "as they ended before this step without t98." in out
    assert "is as early with" not in out
    row = luck(scan, at=9000).loc["share of runs that are sooner"]
    assert np.isnan(row["estimate"])
    assert row["high"] == 1
    assert luck.main([str(scan), "--at", "2500"]) == 0
    assert "at step 2,500 is later than 20.0 % of the 10 other runs" in capsys.readouterr().out


def test_a_run_that_diverged_is_later_than_any_step(tmp_path, capsys):
    """It never gets there, so that it is not unknown beyond its last step."""
    scan = folder(tmp_path / "scan", [1000, 2000, 9999], steps=2500, max_steps=20_000)
    assert luck.main([str(scan), "--at", "9000"]) == 0
    assert "is later than 66.7 % of the 3 other runs" in capsys.readouterr().out


def test_runs_that_share_seeds_have_limits_over_these_and_steps_have_none(tmp_path, capsys):
    split, model = np.indices((8, 8)).reshape(2, -1)
    scan = folder(tmp_path / "scan", 1000.0 * (1 + split), split=split, first=model + 8 * split)
    assert luck.main([str(scan), "--at", "2500"]) == 0
    out = capsys.readouterr().out
    low, high = (f"{100 * x:.1f}" for x in share_over(split < 2, split)[1:])
    assert f"is later than 25.0 % of the 64 other runs\n(95 %: {low} to {high} %)" in out
    assert "| 50 % | 4,000 | |" in " ".join(out.split())
    assert "steps have none, as runs share split seeds." in out
    assert "exact" not in out
    table = luck(scan, at=2500)
    assert table["low"].dropna().index.tolist() == ["share of runs that are sooner"]
    assert np.isfinite(table["estimate"]).all()


@pytest.mark.parametrize("command", [luck, compare])
def test_runs_that_an_early_verdict_stopped_are_refused_with_the_reason(
    command, scan, capsys, monkeypatch
):
    monkeypatch.chdir(scan.parent)
    judged = folder(Path("judged"), [20_000] * 3, status="stopped", early="stopped norm<44@800")
    rest = ["--at", "5"] if command is luck else [str(scan)]
    assert command.main([str(judged), *rest]) == 2
    said = capsys.readouterr().err
    assert "judged: --keep stopped 3 of 3 runs that looked slow. Their times are not known" in said
    assert "the same scan without --keep trains them to the end" in said


BAD = {
    "scan": "name a folder, and either --run or --at",
    "scan --run 1 --at 5": "name a folder, and either --run or --at",
    "--run 1": "name a folder, and either --run or --at",
    "scan --run 99": "no run of seeds 99",
    "scan --run 1,2": "a run is a model seed or split,model,loader,val, not '1,2'",
    "scan --run x": "a run is a model seed",
    "scan --run 1_0": "a run is a model seed or split,model,loader,val, not '1_0'",
    "scan --at 0": "--at must be a positive number",
    "scan --at nan": "--at must be a positive number of steps, not nan",
    "scan --at x": "invalid float value: 'x'",
    "scan --at 5 --landmark t99": "invalid choice: 't99'",
    "scan --at 5 --more": "unrecognized arguments: --more",
    "nowhere --at 5": "nowhere holds no scan",
    "twice --run 1": "2 runs have model seed 1: name split,model,loader,val",
    "one --run 0": "no other runs",
    "never --run 0": "no run reached t98: try another landmark",
    "never --at 5": "no run reached t98: try another landmark",
    "chosen --at 5": "chosen holds only seeds that its excluded.csv calls chosen by hand",
    "edited --at 5": "edited/runs.csv cannot be read: line 3: Seeds(split=0, model=1",
    "cut --at 5": "cut/trajectories.npz cannot be read",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_one_line_and_status_2(line, scan, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder(Path("twice"), [1000] * 8, first=[0, 1, 2, 3] * 2, loader=[8] * 4 + [9] * 4)
    folder(Path("edited"), [1000, 2000])
    table = Path("edited/runs.csv")
    table.write_text(table.read_text().replace(",2000,", ",200,"))
    folder(Path("cut"), [1000, 2000, 3000])
    table = Path("cut/runs.csv")
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:3]))
    folder(Path("one"), [1000])
    folder(Path("chosen"), [1000]).joinpath("excluded.csv").write_text("model_seed,reason\n0,so\n")
    folder(Path("never"), [20_000] * 3)
    assert luck.main(line.split()) == 2
    out, err = capsys.readouterr()
    assert BAD[line] in err
    assert err.count("\n") == 1
    assert out == ""
