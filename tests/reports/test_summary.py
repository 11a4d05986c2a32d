"""The words and numbers people read, against tables made by hand."""

import pandas as pd
import pytest

from grokseed.records.measure import SCALARS
from grokseed.reports.classes import main_rule, with_classes
from grokseed.reports.remarks import incomplete, study_above
from grokseed.reports.scan import title
from grokseed.reports.summary import results


def table(generalised=(), accuracy=(), status=None, steps=3000) -> pd.DataFrame:
    n = max(len(generalised), len(accuracy))
    seeds = {"split_seed": 0, "model_seed": range(n), "loader_seed": 8, "val_seed": 9}
    blank = {name: [None] * n for name in SCALARS}
    columns = {"t98_step": generalised or [None] * n, "steps": [steps] * n}
    columns["screen_val_accuracy"] = accuracy or [None] * n
    lost = {"status": status or ["done"] * n}
    return with_classes(pd.DataFrame({**seeds, **lost, **blank, **columns}))


def test_the_diarys_rate_has_its_exact_interval():
    text = results(table(accuracy=[0.99] * 18 + [0.01] * 2055), 3000)
    assert "2,073 runs." in text
    assert "| super     |     18 |    0.87% |    0.52% to 1.37% |" in text
    assert (
        "| t98       |     0 of 2,073 |         |         |                   |         |" in text
    )
    assert "(--rule auto): the scan lacks what speedup needs: at least 20 runs" in text
    assert (
        "The best 10 runs by accuracy (split 0, loader 8, val 9); accuracy is of validation, at "
        "step 3,000:" in text
    )


def test_classes_by_speedup_where_the_median_is_reached():
    runs = table([100] + [400] * 2 + [600] * 16 + [None], [1.0] + [0.3] * 19, steps=700)
    assert main_rule(runs) == "speedup"
    text = results(runs, 500)
    assert "speedup rule (t98 against the scan's own median: super 3 times sooner, fast" in text
    row = "| t98       |       19 of 20 |     400 |     600 |        600 to 600 |     600 |"
    assert row in text
    verdicts = [
        line.split("|")[-2].strip() for line in text.split("Every run ")[1].splitlines()[4:]
    ]
    assert verdicts == ["super"] + ["fast"] * 2 + ["normal"] * 17


@pytest.mark.parametrize(
    ("grafts", "rule"),
    [
        ([""] * 20, "speedup"),
        (["branch-220=3001"] * 20, "screen"),
        (["", "head=3"] * 10, "screen"),
        ([*[""] * 19, "relabel-weights=2"], "screen"),
        ([*[""] * 10, *["ulp=1"] * 10], "speedup"),
        ([*[""] * 9, *["ulp=1"] * 11], "screen"),
        (["order-of-all=8"] * 20, "speedup"),
    ],
)
def test_grafted_runs_are_not_compared_with_their_own_median(grafts: list[str], rule: str) -> None:
    """Branches of winners, half of which are at t98 by step 600: one of step 300 is super."""
    runs = table([300] * 5 + [600] * 15, [1.0] * 20, steps=700)
    runs = with_classes(runs.assign(graft=[graft or None for graft in grafts]))
    assert main_rule(runs) == rule
    assert runs["class"].tolist() == runs[rule].tolist()
    text = results(runs, 500)
    assert ("speedup rule (t98 against" in text) == (rule == "speedup")
    assert ("own median, and grafted runs have none" in text) == (rule == "screen")
    assert main_rule(runs, "speedup") == "speedup"  # as it is asked for


def test_a_known_winner_among_a_few_runs_is_not_its_own_median():
    runs = table([1500] * 2, [1.0] * 2)
    assert main_rule(runs) == "screen"
    assert runs["class"].tolist() == ["super"] * 2
    assert list(runs["class"]) == ["super"] * 2


def test_lost_runs_are_told_apart():
    status = ["done", "diverged", "crashed", "crashed"]
    runs = table([None] * 4, [0.5, None, None, None], status)
    text = results(runs, 3000)
    assert "4 runs, 1 diverged, 2 crashed." in text
    assert "| fast      |      1 |  100.00% |  2.50% to 100.00% |" in text
    rows = text.split("Every run ")[1].splitlines()[4:]
    assert [row.split("|")[-2].strip() for row in rows] == ["fast", *status[1:]]


@pytest.mark.parametrize("status", [["crashed"], ["diverged"]])
def test_a_scan_without_a_single_result(status):
    assert f"1 run, 1 {status[0]}." in results(table([None], [None], status), 3000)


def test_the_best_generalise_first():
    runs = table([None] * 28 + [2500, 900], [i / 100 for i in range(28)] + [1.0, 1.0])
    best = results(runs, 3000).split("The best 10 runs ")[1].splitlines()[4:]
    models = [int(row.split("|")[1]) for row in best]
    assert models == [29, 28, 27, 26, 25, 24, 23, 22, 21, 20]


def test_the_first_lines_say_what_became_of_the_runs():
    runs = table([500, 900, None], [1.0, 1.0, 0.1], steps=3000).assign(
        memorised_step=[200, 300, 400]
    )
    memorised, generalised = results(runs, 3000).splitlines()[1:3]
    assert memorised.startswith("3 of 3 memorised the training examples (accuracy of 0.99 or more)")
    assert memorised.endswith("the first at step 200, half of all by step 300.")
    assert generalised == (
        "2 of 3 generalised (t98: 98 % of the validation answers right), the first at step 500, "
        "half of all by step 900; 1 had not when they ended, by step 3,000."
    )
    text = results(runs, 3000, generalises=False)
    assert "memorised the" in text
    assert "generalised (" not in text


def test_a_text_is_only_memorised_so_its_runs_have_no_class_and_no_t98():
    runs = table([30, None, 10], [1.0, 0.0, 0.0]).assign(memorised_step=[200, None, 100])
    text = results(runs, 500, generalises=False)
    assert "| memorised |         2 of 3 |" in text
    for word in ("t98", "t50", "completed", "super", "Classes", "accuracy is of"):
        assert word not in text
    assert text.splitlines()[-3:] == [
        "|     0 |       200 | done    |",
        "|     1 |           | done    |",
        "|     2 |       100 | done    |",
    ]
    many = table([None] * 30, [0.0] * 30).assign(memorised_step=range(30, 0, -1))
    best = results(many, 500, generalises=False).splitlines()[-10]
    assert best.startswith("|    29 |         1 ")


def test_where_all_seeds_were_chosen_there_is_no_table_of_classes():
    runs = table([None] * 2, [1.0, 0.0])
    text = results(runs, 3000, {0: "known to win", 1: "known to lose"})
    assert "All seeds were chosen by hand, so no class has a share." in text
    assert "100.00%" not in text
    assert "|     0 |           |         |           |   1.0000 | super  |" in text
    assert "100.00%" in results(runs, 3000, {0: "known to win"})


def test_a_list_of_changed_runs_says_what_was_changed():
    runs = table([None] * 2, [1.0, 0.0]).assign(graft=["ulp=1", None])
    head, _, first, second = results(runs, 3000).splitlines()[-4:]
    assert head.endswith("| class  | changed |")
    assert first.endswith("| super  | `ulp=1` |")
    assert second.endswith("| normal |         |")
    assert "changed" not in results(runs.assign(graft=None), 3000)


def test_an_interval_without_an_upper_limit_says_so():
    text = results(table([500] * 4 + [None] * 4), 3000)
    assert "500 or more |" in text
    assert "to  |" not in text


def test_streams_whose_seeds_are_all_the_same_have_no_column():
    runs = table([None] * 3, [0.5] * 3)
    assert "| model | memorised |" in results(runs, 3000)
    varied = runs.assign(loader_seed=[8, 9, 10], val_seed=[9, 10, 11])
    text = results(varied, 3000)
    assert "Every run (split 0, val loader + 1); accuracy" in text
    assert "| model | loader | memorised |" in text
    lines = results(varied.assign(split_seed=[1, 2, 3]), 3000).splitlines()
    assert max(len(line) for line in lines if line.startswith("|")) == 80


def test_none_that_got_there_is_said():
    assert "None of 2 generalised" in results(table([None] * 2, [0.1] * 2), 3000)


def test_many_chosen_seeds_are_one_sentence_and_in_no_time():
    runs = table([2000] * 20 + [5000] * 30, steps=5000)
    seeds = runs["model_seed"].tolist()
    text = results(runs, 3000, dict.fromkeys(seeds[:20], "picked") | {seeds[20]: "known to win"})
    assert "20 model seeds, named in `excluded.csv`, are in no share of a class: picked.\n" in text
    assert f"Model seed {seeds[20]} is in no share of a class: known to win.\n" in text
    assert "percentiles over the other runs" in text
    assert "| t98       |       29 of 29 |   5,000 |   5,000 |" in text
    every = results(runs, 3000, dict.fromkeys(seeds, "picked"))
    assert "percentiles over runs;" in every  # none is left to speak of
    assert "| t98       |       50 of 50 |   2,000 |   5,000 |" in every
    some = results(runs, 3000, dict.fromkeys(seeds[:3], "picked"))
    assert "Model seeds 0, 1, 2 are in no share of a class: picked.\n" in some


def test_a_folder_below_a_study_names_it(tmp_path):
    """A README above that asks no question, such as a project's own, is not named."""
    folder = tmp_path / "weight_decay" / "0.5"
    folder.mkdir(parents=True)
    assert study_above(folder) == ""
    page = folder.parent / "README.md"
    page.write_text("# My runs\n\nNotes.\n")
    assert study_above(folder) == ""
    page.write_text("# weight_decay\n\n**Question.** Does more help?\n")
    assert study_above(folder) == "weight_decay"


def test_a_part_of_a_scan_says_which_runs_it_has_too_many_of():
    whole = incomplete(5, 64, {"stop_when": "never"}, judged=True)
    assert whole == "Not complete: 5 of the 64 runs asked for."
    ended, judged = (incomplete(5, 64, {"stop_when": "t98"}, j) for j in (False, True))
    assert judged.endswith(
        "and times may be too short. The study's answer is free of this: it counts a run only if "
        "all runs before it in the order of training are stored, which gives a fair sample."
    )
    assert judged.startswith(ended)
    assert ended.startswith(f"{whole} A run is stored when it ends, and it ends at t98.")
    assert incomplete(5, 64, {}, judged=True) == whole  # of a version without the option


def test_the_title_of_a_part_of_a_scan_says_how_many_runs_it_lacks():
    runs, config = table([2000, None]), {"operation": "x-y", "p": 97, "stop_when": "t98"}
    screen = "classes by the screen rule"
    assert title(config, runs, 2, "screen") == f"x-y mod 97, 2 runs, {screen}"
    assert f", 2 of 1,000 runs (early ones come first), {screen}" in title(
        config, runs, 1000, "screen"
    )
    assert title(config, runs).endswith(", 2 runs")  # no rule without classes
    assert title({**config, "stop_when": "never"}, runs, 3).endswith(", 2 of 3 runs")


def test_without_a_t98_the_best_runs_are_by_t50_and_then_by_accuracy():
    """And the heading says so; with t98 it comes first."""
    runs = table(accuracy=[0.01 * n for n in range(30)])
    runs["t50_step"] = [900.0, None, 700.0, 800.0, *[None] * 26]
    text = results(runs, 3000)
    listing = text.split("The best 10 runs by t50, then accuracy (split 0,")[1].splitlines()
    assert "| memorised |     t50 |     t98 |" in listing[2]
    assert [line.split("|")[1].strip() for line in listing[4:9]] == ["2", "3", "0", "29", "28"]
    assert [line.split("|")[3].strip() for line in listing[4:8]] == ["700", "800", "900", ""]
    runs["t98_step"] = [None] * 29 + [950.0]
    text = results(with_classes(runs), 3000)
    listing = text.split("The best 10 runs by t98, then t50, then accuracy (")[1].splitlines()
    assert [line.split("|")[1].strip() for line in listing[4:8]] == ["29", "2", "3", "0"]
    listing = results(table(accuracy=[0.5] * 30), 3000).split("The best 10 runs by accuracy (")[1]
    assert "t50 |" not in listing


def test_every_kind_of_interval_is_named():
    median = "Intervals: the median time has Brookmeyer and Crowley's; "
    screen = "shares by the screen rule have Clopper and Pearson's (exact)"
    speedup = "those by speedup have Jeffreys', with the error of the scan's median in it"
    assert f"{median}{screen}." in results(table(accuracy=[0.1] * 30), 3000)
    timed = table(list(range(100, 700, 20)), [0.5] * 30)
    assert f"{median}{screen}; {speedup}." in results(timed, 3000)
    crossed = timed.assign(split_seed=timed.index % 5, model_seed=timed.index // 5)
    assert "Intervals: " not in results(crossed, 3000)  # they are over seeds, or there are none
