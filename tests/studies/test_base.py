"""Cuts, winners and losers of made-up base scans."""

import re
from types import SimpleNamespace

import made_studies as made
import numpy as np
import pandas as pd
import pytest

import base
import grokseed
from common import part
from common.study import render
from experiments import base_runs, base_tables, bases, chosen, study_of_pairs
from experiments.bases import OWN
from experiments.before_memorised import Before
from grokseed.analysis.rates import rate


def test_the_base_scan_has_64_fresh_seeds_a_split_and_one_order() -> None:
    runs = base_runs.design()
    assert len(runs) == len(set(runs)) == 4 * 64
    assert {run.split for run in runs} == {1, 2, 3, 4}
    assert {run.loader for run in runs} == {100}
    assert min(run.model for run in runs) > 5011
    assert len({run.model for run in runs}) == len(runs)
    assert not set(runs) & set(base_runs.design(64, 192))
    assert runs != sorted(runs)


def test_the_cut_is_half_of_each_splits_own_median() -> None:
    scan = made.base_scan()
    slow = scan["split_seed"] == 2
    scan.loc[slow, "t98_step"] *= 2
    found = base_tables.cuts_of(scan).set_index("split_seed")
    assert found.loc[1, "cut"] == found.loc[1, "median"] / 2 == pytest.approx(4500, abs=100)
    assert found.loc[2, "cut"] == 2 * found.loc[1, "cut"]
    # 64 runs of which none is censored: the 32nd of the sorted times
    assert found.loc[1, "median"] == np.sort(scan.loc[scan["split_seed"] == 1, "t98_step"])[31]


def test_a_run_wins_by_the_cut_of_its_own_split() -> None:
    runs = pd.DataFrame({"split_seed": [1, 1, 1, 2], "t98_step": [4500, 4525, np.nan, 4525]})
    assert base_tables.has_won(runs, {1: 4500, 2: 5000}).tolist() == [True, False, False, True]
    assert base_runs.short({1: 4512.5, 2: 4001}).max_steps == 4525
    assert base_runs.short({1: 4500}).max_steps == 4500


def test_the_table_counts_winners_here_and_among_further_seeds_and_in_twins() -> None:
    scan, further = made.base_scan(), made.search(winners=8, failing=(0, 70))
    found = base_tables.table(scan, further, base_tables.cuts_of(scan))
    assert found["seeds"].tolist() == [192] * 4
    assert found["won"].tolist() == [12] * 4
    assert found["twinned"].tolist() == [12] * 4
    assert found["confirmed"].tolist() == [10] * 4
    assert found["thrice"].tolist() == [0] * 4
    answer = render(
        "base",
        found=found.to_dict("records"),
        runs=256,
        planned=256,
        won=rate(48, 768),
        before=Before(rate(0, 256), 7000, 2700),
        medians=(9000, 9000),
        of=bases.OWN,
        search=128,
        usual=128,
    )
    assert "48 of 768 seeds (6.2 %, 4.6 to 8.2 over splits)" in answer
    assert "Of 48 winners with two twins" in answer
    assert "40 won again in both" in answer


def test_the_table_counts_runs_three_times_sooner_and_no_crashed_ones() -> None:
    scan, further = made.base_scan(), made.search()
    first = scan.loc[scan["split_seed"] == 1, "t98_step"].idxmin()
    scan.loc[first, "t98_step"] = 2900.0  # the median is 8,857
    slow = further.loc[(further["split_seed"] == 1) & further["t98_step"].isna(), "steps"]
    further["steps"] = further["steps"].mask(further.index == slow.idxmax())
    found = base_tables.table(scan, further, base_tables.cuts_of(scan))
    assert found["thrice"].tolist() == [1, 0, 0, 0]
    assert found["seeds"].tolist() == [191, 192, 192, 192]


def test_the_search_counts_further_seeds_and_twins_apart() -> None:
    further = pd.DataFrame(
        {
            "split_seed": [1, 1, 2, 2, 2],
            "model_seed": [10, 11, 20, 20, 21],
            "t98_step": [4000, 4600, 4600, np.nan, 4000],
            "steps": [4000, 4600, 4600, 4600, np.nan],  # the last one crashed
            "graft": [None, None, None, "ulp=1", None],
        }
    )
    own = base_tables.own_weights(further)
    text = base.search_answer(further, {1: 4500, 2: 5000}, own)
    assert "that the plan has" not in text
    half = base.search_answer(further, {1: 4500, 2: 5000}, own, search=64)
    assert "the first 64 of the 128 seeds a split that the plan has" in half
    assert "2 of 3 further seeds win" in text
    assert "Of 1 runs that repeat a winner of either folder with one weight moved, 0 win" in text


def test_rates_of_wins_are_over_splits_and_have_the_error_of_the_median() -> None:
    scan, further = made.base_scan(), made.search(winners=8)
    cuts = base_tables.cuts_of(scan)
    row = base_tables.table(scan, further, cuts).iloc[0]
    exact = rate(12, 192)
    assert row["share"] == pytest.approx(exact.share, abs=0.01)
    assert row["share_high"] - row["share_low"] != pytest.approx(exact.high - exact.low, rel=1e-3)
    some = further.loc[~further["model_seed"].between(10_000, 19_999)]  # no winners on split 1
    every = pd.concat([scan, base_tables.own_weights(further)])
    both = [pd.concat([part, part.assign(split_seed=9)]) for part in (some, every)]
    text = base.search_answer(both[0], made.CUTS | {9: 1}, both[1])
    ((low, high),) = re.findall(r"%, ([\d.]+) to ([\d.]+) over splits", text)
    assert float(high) - float(low) > 5  # half of the splits have none


def test_a_search_that_was_stopped_counts_no_winners_too_many(monkeypatch, tmp_path) -> None:
    """Of the 24 runs in hand those that win have ended, and the others have not."""
    design, further = base_runs.design(64, 192), made.search()
    stored = design[:224]
    won = set(further.loc[base_tables.has_won(further, made.CUTS), "model_seed"])
    early = [run for run in design[224:248] if run.model in won]
    assert early
    own = made.scan([*stored, *early], lambda n: 3000.0 if n < 72 else 9000.0, made.CUT)
    assert len(base_runs.fresh(own)) < len(own)
    scans = {OWN.scan: made.base_scan(), OWN.further: own}
    monkeypatch.chdir(tmp_path)
    for folder in scans:
        folder.mkdir(parents=True)
        (folder / "runs.csv").touch()
    monkeypatch.setattr(grokseed, "load", lambda at: SimpleNamespace(runs=scans[at]))
    written = {}
    monkeypatch.setattr(base, "finish", lambda at, text, _: written.update({at: text}))
    base.analyse()
    k, n = sum(run.model in won for run in stored), len(stored)
    assert f"{k} of {n} further seeds win" in written[OWN.further]


def test_another_task_has_folders_of_its_own(monkeypatch, tmp_path) -> None:
    """The scan to t98, the search and the twins are of x+y, and nothing of x/y is read."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def scan(config, runs, out, **_) -> SimpleNamespace:
        asked.append((config.operation, str(out), config.max_steps, len(runs)))
        out.mkdir(parents=True, exist_ok=True)
        (out / "runs.csv").touch()
        return SimpleNamespace(runs=scans[out])

    add = bases.BASES["x+y"]
    scans = {add.scan: made.base_scan(), add.further: made.search()}
    written = {}
    monkeypatch.setattr(grokseed, "scan", scan)
    monkeypatch.setattr(grokseed, "load", lambda at: SimpleNamespace(runs=scans[at]))
    monkeypatch.setattr(base, "finish", lambda at, text, _: written.update({at: text}))
    base.main(["--operation", "x+y"])
    assert asked == [
        ("x+y", "results/base_add", 22_000, 256),
        ("x+y", "results/base_add_search", 4450, 512),
        ("x+y", "results/base_add_search", 4450, 4 * 12 * 2),
    ]
    assert "`python studies/base.py --operation x+y`" in written[add.scan]
    base.main(["--operation", "x+y", "--search", "64"])
    assert asked[-2] == ("x+y", "results/base_add_search", 4450, 256)
    assert "`python studies/base.py --operation x+y --search 64`" in written[add.scan]
    assert "further seeds of `base_add_search` included" in written[add.scan]
    assert "of the splits of `base_add` win" in written[add.further]
    assert (add.further / "cuts.csv").exists()
    assert not (tmp_path / "results" / "base_search").exists()


def test_a_winner_with_one_twin_is_not_confirmed_yet() -> None:
    further = made.search()
    one = further.loc[further["graft"] != base_tables.TWINS[1]]
    assert base_tables.confirmed(one, made.CUTS) == {}


def test_pairs_are_of_one_split_confirmed_winners_and_losers_each_used_once() -> None:
    failing = (1, 65)
    pairs = chosen.pairs_of(made.base_scan(), made.search(failing=failing), made.CUTS, 24)
    assert len(pairs) == 24
    assert pairs["winner"].is_unique
    assert not set(pairs["winner"] % 10_000) & set(failing)
    assert len({*pairs["loser"], *pairs["other"]}) == 48
    for role in ("winner", "loser", "other"):
        assert all(pairs[role] // 10_000 == pairs["split_seed"])
    number = pairs[["loser", "other"]].to_numpy() % 10_000
    assert all(made.even(n) > made.MEDIAN for n in number.ravel())
    assert pairs["split_seed"].value_counts().max() == 6


def test_with_few_winners_there_are_fewer_pairs_or_the_same_winner_with_another_loser() -> None:
    failing = (1, 2, 3, *range(64, 72))
    scan, further = made.base_scan(), made.search(failing=failing)
    assert len(chosen.pairs_of(scan, further, made.CUTS, 24)) == 4
    pairs = chosen.pairs_of(scan, further, made.CUTS, 48, again=True)
    assert len(pairs) == 48
    assert len(set(pairs["winner"])) == 4
    assert not any(pairs.duplicated(["winner", "loser"]))
    assert not any(pairs["loser"] == pairs["other"])


def test_seeds_once_chosen_stay(tmp_path) -> None:
    kept = chosen.pairs_of(made.base_scan(), made.search(), made.CUTS, 5)
    kept.to_csv(tmp_path / chosen.KEPT, index=False)
    assert chosen.chosen(tmp_path, 24).equals(kept)


def test_outcomes_are_of_the_plans_runs_that_were_trained() -> None:
    seeds = [base_runs.run(1, n, graft) for n in range(3) for graft in ("", "ulp=5")]
    plan = study_of_pairs.planned([(run, {"pair": i}) for i, run in enumerate(seeds)])
    runs = made.scan([*seeds, base_runs.run(1, 9)], made.even, made.CUT)
    runs.loc[4, "steps"] = np.nan  # it crashed
    times = [4000, 5000, np.nan, 4500, np.nan, 4000, 4000]
    done = study_of_pairs.outcomes(plan, runs.assign(t98_step=times), {1: 4500})
    assert done["pair"].tolist() == [0, 1, 2, 3, 5]
    assert done["won"].tolist() == [1, 0, 0, 1, 1]
    shuffled = study_of_pairs.runs_of(pd.concat([plan, plan]))
    assert sorted(shuffled) == sorted(seeds)


@pytest.mark.parametrize("missing", range(6))
def test_runs_after_the_first_missing_one_do_not_count(missing: int) -> None:
    seeds = [base_runs.run(1, n, graft) for n in range(3) for graft in ("", "ulp=5")]
    plan = study_of_pairs.planned([(run, {"pair": i}) for i, run in enumerate(seeds)])
    order = study_of_pairs.runs_of(plan)
    stored = made.scan([run for run in seeds if run != order[missing]], made.even, made.CUT)
    done = study_of_pairs.outcomes(plan, stored, {1: 4500})
    assert done["pair"].tolist() == sorted(seeds.index(run) for run in order[:missing])


def test_a_part_says_what_it_is_a_sample_of() -> None:
    assert part.there(2000, 2000, "all pairs") == "all 2,000 runs are there"
    text = "1,999 of 2,000 runs count so far, a random sample of all pairs"
    assert part.there(1999, 2000, "all pairs") == text


def test_twins_of_winners_near_the_cut_are_counted_apart() -> None:
    took = [0.5, 0.8, 0.85, 0.95, 1.0]
    every = pd.DataFrame(
        {"split_seed": 1, "model_seed": range(5), "t98_step": np.array(took) * 4000}
    )
    twins = pd.concat([every.assign(graft=name) for name in base_tables.TWINS], ignore_index=True)
    twins.loc[[3, 4], "t98_step"] = 4100.0  # a twin of each of the two latest loses
    found = base_tables.wins_by_time(twins, every, {1: 4000})
    assert {name: (r.k, r.n) for name, r in found.items()} == {"sooner": (4, 4), "later": (2, 4)}
