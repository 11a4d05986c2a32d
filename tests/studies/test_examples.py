"""The examples run at toy size, and the README's generated parts are today's."""

import re
import runpy
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import grokseed
import judge_folder
import my_luck
import readme

ROOT = Path(__file__).parents[2]


def test_the_luck_of_a_config_of_ones_own(tmp_path, monkeypatch) -> None:
    figure = tmp_path / "luck.png"
    small = "--p 11 --batch-size 16 --max-steps 50 --screen-step 50 --operation x*y --seeds 2"
    trained = []
    scan = my_luck.grokseed.scan
    monkeypatch.setattr(
        my_luck.grokseed,
        "scan",
        lambda config, **how: trained.append(config) or scan(config, **how),
    )
    told = my_luck.main([*small.split(), "--figure", str(figure)])
    assert told.startswith("2 seeds, ")
    assert figure.exists()
    of = {"p": 11, "batch_size": 16, "max_steps": 50, "screen_step": 50, "stop_when": "t98"}
    assert trained == [my_luck.grokseed.preset("mini", **of, operation="x*y")]


def test_a_config_of_ones_own_that_cannot_be_is_one_line(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["my_luck.py", "--p=10"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(my_luck.__file__, run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "my_luck: error: p must be prime, not 10\n"


def test_the_best_of_some_is_the_soonest() -> None:
    times = np.array([100.0, np.inf])
    assert 0.86 < np.mean(my_luck.best_of(3, times) == 100) < 0.89  # 7 / 8


def test_a_folder_is_judged() -> None:
    told = judge_folder.main([str(ROOT / "results" / "mini_generalise")])
    assert "half of the runs reach t98 by step 9,325 (8,750 to 9,900; 2 censored)" in told
    assert "speedup rule: super 3 (" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one folder of results, not 0"),
        (["a", "b"], "name one folder of results, not 2"),
        (["nowhere"], "nowhere holds no config.json"),
    ],
)
def test_a_folder_that_cannot_be_judged_is_one_line(words, said, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["judge_folder.py", *words])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(judge_folder.__file__, run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"judge_folder: error: {said}\n"


@pytest.mark.parametrize("name", ["base_scan", "subsets"])
def test_a_judged_folder_whose_runs_share_seeds_has_no_limits_that_are_not_known(name: str) -> None:
    told = judge_folder.main([str(ROOT / "results" / name)])
    assert "nan" not in told
    assert re.search(r"speedup rule: super \d+, fast \d+, normal \d+\n", told)
    assert told.endswith("limits that take runs as independent are left out")


def test_the_generated_parts_of_the_readme_are_todays() -> None:
    text = (ROOT / "README.md").read_text()
    assert readme.written(text, ROOT) == text
    for name, page in readme.pages(ROOT).items():
        assert (ROOT / name).read_text() == page


def test_every_option_of_ones_own_luck_has_a_help(capsys) -> None:
    with pytest.raises(SystemExit):
        my_luck.main(["--help"])
    said = " ".join(capsys.readouterr().out.partition("options:")[2].split())
    assert "--p N the modulus, a prime (default: 97)" in said
    for field in fields(grokseed.Config):
        flag = f" --{field.name.replace('_', '-')} "
        assert not said.partition(flag)[2].split(maxsplit=1)[1].startswith("--"), field.name
