"""The line of a folder's README that asks for its runs today: a command that works, or a script."""

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
from checked_in import RESULTS, folders_with
from commands import everything, small_scan

from common.part import seeds_of
from grokseed import scan
from grokseed.cli.again import again
from grokseed.cli.options import ClassOptions, EarlyOptions, HowOptions, SeedOptions
from grokseed.cli.parser import parse, parser, take
from grokseed.config import ENGINE, Config
from grokseed.seeds import Seeds

FOLDERS = [str(folder.relative_to(RESULTS)) for folder in folders_with("config.json")]
COMMAND = "python -m grokseed.scan "
SCRIPT = "The study's script is `{}`."


def command_in(line: str) -> list[str]:
    """The options of the scan in a line; empty if it names none."""
    words = shlex.split(line.partition("`")[2].removesuffix("`"))
    return words[3:] if line.partition("`")[2].startswith(COMMAND) else []


@pytest.mark.parametrize("name", FOLDERS)
def test_the_command_of_a_page_asks_for_the_folders_config_and_runs(name, monkeypatch) -> None:
    monkeypatch.chdir(RESULTS.parent)
    folder = Path("results") / name
    line = again(folder)
    assert line
    if not (words := command_in(line)):
        script = line.removeprefix("The study's script is `").split("`")[0].split()[1]
        assert Path(script).exists()
        return
    made = parser(scan.COMMAND, None, SeedOptions, ClassOptions, EarlyOptions, HowOptions)
    found = parse(made, words, bool)
    about = json.loads((folder / "config.json").read_text())
    assert take(Config, found) == Config(**about["config"])
    assert take(HowOptions, found).out == str(folder)
    asked = set(take(SeedOptions, found).runs(take(Config, found).scheme))
    assert {Seeds(*run) for run in seeds_of(pd.read_csv(folder / "runs.csv"))} <= asked
    assert len(asked) == about["asked"]["runs"]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("mini_generalise", "--out results/mini_generalise --mixed-numerics`"),  # engine 4
        ("mini_screen", "--out results/mini_screen`"),
        ("diary_scan", "--out results/diary_scan --mixed-numerics`"),  # two machines
        ("anatomy_add", SCRIPT.format("python studies/anatomy.py --study anatomy_add")),
        ("coins/p_71", SCRIPT.format("python studies/coins.py")),  # of the page above
        ("graft_mini", SCRIPT.format("python studies/graft_mini.py")),  # an ablation
    ],
)
def test_mixed_numerics_and_studies_are_named(name, end, monkeypatch) -> None:
    monkeypatch.chdir(RESULTS.parent)
    assert again(RESULTS / name).endswith(end)


@pytest.mark.parametrize(
    ("name", "engine", "asked", "said"),
    [
        ("mini_screen", ENGINE, 2073, "asks for the same runs: `"),
        ("mini_screen", ENGINE, 2100, "asks for the same runs, and goes on with them: `"),
        ("mini_screen", 1, 2100, "and goes on with them, in other numerics: `"),
    ],
)
def test_a_command_goes_on_only_where_runs_are_missing(name, engine, asked, said, tmp_path) -> None:
    about = json.loads((RESULTS / name / "config.json").read_text())
    about["asked"] |= {"runs": asked, "model": f"0:{asked}"}
    about["numerics"] = {f"cpu fp32 engine {engine}": 2073}
    (tmp_path / "config.json").write_text(json.dumps(about))
    (tmp_path / "runs.csv").symlink_to(RESULTS / name / "runs.csv")
    assert said in again(tmp_path)


@pytest.mark.usefixtures("made_up_training")
def test_the_command_of_a_new_page_goes_on_with_its_runs(capsys) -> None:
    assert small_scan("--model-seeds=0:3") == 0
    page = Path("out/README.md").read_text()
    line = next(line for line in page.splitlines() if line.startswith("Today this command"))
    before = everything(Path("out"))
    capsys.readouterr()
    assert scan.main([*command_in(line), "--dry-run"]) == 0
    assert capsys.readouterr().out == "out: 3 done, 0 missing, 0 failed\n"
    assert everything(Path("out")) == before


@pytest.mark.usefixtures("made_up_training")
def test_a_page_names_no_command_that_would_ask_for_other_runs() -> None:
    assert small_scan("--model-seeds=0:3", "--loader-seeds=0:3", "--pairs=zip") == 0
    assert again(Path("out")) == ""
    rule = ["--screen-at=200", "--keep=sample_loss<1"]
    assert small_scan("--model-seeds=0:3", "--out=early", *rule) == 0
    assert again(Path("early")) == ""
