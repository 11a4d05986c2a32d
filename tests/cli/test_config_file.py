"""What a file of `--config` may hold: YAML options, each once and with a value, or a scan's own."""

import json
import os
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import pytest
from commands import everything, small_scan
from jsonargparse import ArgumentParser
from made_up import CONFIG

from grokseed import scan
from grokseed.cli.cells import AblateOptions
from grokseed.cli.options import ClassOptions, EarlyOptions, HowOptions, SeedOptions
from grokseed.cli.parser import parse, parser, take
from grokseed.config import Config, preset
from grokseed.overfit import OverfitOptions
from grokseed.params import WidthOptions
from grokseed.records.asked import Asked
from grokseed.seeds import Seeds

pytestmark = pytest.mark.usefixtures("made_up_training")

CLASSES = {
    "scan": (SeedOptions, ClassOptions, EarlyOptions, HowOptions),
    "ablate": (HowOptions, AblateOptions),
    "overfit": (OverfitOptions, SeedOptions),
    "params": (WidthOptions,),
}
"""The dataclasses of options of every command that takes a file."""


def made_parser(command: str = "scan") -> ArgumentParser:
    return parser(f"grokseed.{command}", "", *CLASSES[command])


def options(*argv: str) -> tuple[Config, SeedOptions]:
    found = parse(made_parser(), argv, bool)
    return take(Config, found), take(SeedOptions, found)


def refused(capsys, command: str, *argv: str) -> str:
    """The one line on stderr of a command that writes nothing."""
    before = everything(Path())
    assert import_module(f"grokseed.{command}").main(list(argv)) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert everything(Path()) == before
    return err.removeprefix(f"grokseed.{command}: error: ")


@pytest.mark.parametrize("command", CLASSES)
@pytest.mark.parametrize("named", [["--config=a.yaml"], ["--config", "a.yaml"]])
def test_the_command_line_wins_over_a_file_in_any_order(command, named):
    Path("a.yaml").write_text("preset: mini\np: 61\nweight_decay: 0.5\n")
    made = made_parser(command)
    for argv in ([*named, "--p=37", "--preset=diary"], ["--p=37", "--preset=diary", *named]):
        found = parse(made, argv, bool)
        assert take(Config, found) == preset("diary", p=37, weight_decay=0.5)


def test_of_two_files_the_later_wins():
    Path("a.yaml").write_text("p: 61\nlr: 0.5\n")
    Path("b.yaml").write_text("p: 67\n")
    config = options("--lr=0.1", "--config", "a.yaml", "--config=b.yaml")[0]
    assert (config.p, config.lr) == (67, 0.1)


def test_a_file_without_a_name_takes_no_other_word(capsys):
    assert "expected one argument" in refused(capsys, "scan", "--p=11", "--config", "--jobs=1")
    assert "expected one argument" in refused(capsys, "scan", "x", "--config")


@pytest.mark.parametrize("command", CLASSES)
def test_a_key_without_a_value_is_refused_unless_the_option_may_be_left_out(command, capsys):
    names = [f.name for cls in (*CLASSES[command], Config) for f in fields(cls)]
    defaults = {f.name: f.default for cls in CLASSES[command] for f in fields(cls)}
    for name in ["preset", *names]:
        Path("a.yaml").write_text(f"{name}:\nlr: 0.5\n")
        if defaults.get(name, "") is None:
            assert parse(made_parser(command), ["--config=a.yaml"], bool)[name] is None
        else:
            err = refused(capsys, command, "--config=a.yaml")
            assert err == f"a.yaml: {name} has no value: give it one, or leave it out\n"


def test_a_file_that_leaves_all_out_sets_nothing():
    Path("a.yaml").write_text("out:\njobs: null\n")
    assert options("--config=a.yaml") == options()


@pytest.mark.parametrize("content", ["p: 97\nlr: 0.1\np: 101\n", '{"p": 97, "p": 97}'])
def test_a_key_that_is_there_twice_is_named(content, capsys):
    Path("a.yaml").write_text(content)
    for command in CLASSES:
        err = refused(capsys, command, "--config=a.yaml")
        assert err == "a.yaml: p is there twice: leave one out\n"
    assert refused(capsys, "scan", "--config={p: 97, p: 101}") == (
        "--config: p is there twice: leave one out\n"
    )


@pytest.mark.parametrize("seed", ["1_0", "+3", "0x10", "1:30", "true"])
def test_a_seed_in_a_file_is_written_in_digits(seed, capsys):
    Path("a.yaml").write_text(f"p: 97\nval_seed: {seed}\n")
    assert "val" in refused(capsys, "scan", "--config=a.yaml")
    Path("a.yaml").write_text("val_seed: 12\n")
    assert options("--config=a.yaml")[1].val_seed == 12


@pytest.mark.parametrize("value", ["1", "maybe", "[no]"])
def test_a_flag_in_a_file_that_is_neither_yes_nor_no_is_named(value, capsys):
    Path("a.yaml").write_text(f"val_shuffle: {value}\n")
    for command in CLASSES:
        err = refused(capsys, command, "--config=a.yaml")
        assert err.startswith("a.yaml: val_shuffle must be yes or no, not ")
    for value, meant in (("yes", True), ("'yes'", True), ("False", False), ("'no'", False)):
        Path("a.yaml").write_text(f"val_shuffle: {value}\n")
        assert options("--config=a.yaml")[0].val_shuffle is meant


def test_a_file_that_can_be_read_only_once_is_refused(capsys):
    """As the pipe of `--config <(command)`, and a terminal, which a read would wait for."""
    os.mkfifo("pipe")
    for name in ("pipe", "/dev/null"):
        err = refused(capsys, "scan", f"--config={name}")
        assert err == f"--config is read several times, so it must be a file: {name} is none\n"
    os.unlink("pipe")


def test_a_scans_own_config_asks_for_the_same_runs(capsys):
    seeds = ["--model-seeds=0:3", "--loader-seeds=5,8", "--split-seed=2"]
    assert small_scan(*seeds) == 0
    before = everything(Path("out"))
    capsys.readouterr()
    assert scan.main(["--config=out/config.json", "--out=out", "--dry-run"]) == 0
    assert capsys.readouterr().out == "out: 6 done, 0 missing, 0 failed\n"
    assert options("--config=out/config.json") == (CONFIG, SeedOptions("0:3", "5,8", "2"))
    other = options("--model-seeds=9", "--p=37", "--config=out/config.json")
    assert other == (replace(CONFIG, p=37), SeedOptions("9", "5,8", "2"))
    found = parse(made_parser("ablate"), ["--config=out/config.json"], bool)
    assert take(Config, found) == CONFIG
    assert everything(Path("out")) == before


@pytest.mark.parametrize(
    "asked",
    [
        SeedOptions("0:3"),
        SeedOptions("0:3", val_seed=7),
        SeedOptions("0:3", "0:2", "1:4"),
        SeedOptions("5"),
    ],
)
@pytest.mark.parametrize("scheme", ["independent", "diary", "shared"])
def test_a_scans_own_seeds_are_read_in_every_scheme(asked, scheme):
    if scheme == "shared":
        asked = SeedOptions(asked.model_seeds)
    write_config(asked.runs(scheme), scheme)
    config, seeds = options("--config=config.json")
    assert (config.scheme, seeds.runs(scheme)) == (scheme, asked.runs(scheme))
    if asked == SeedOptions("0:3"):  # so the folder has its usual name
        assert seeds == asked


def write_config(runs: list[Seeds], scheme: str = "independent") -> None:
    config = preset("mini", scheme=scheme)
    asked = Asked.of(runs)._asdict()
    about = {"config": config.changes(), "config_key": config.key(), "asked": asked}
    Path("config.json").write_text(json.dumps(about))


def test_seeds_that_are_no_grid_must_be_named(capsys):
    write_config([Seeds(one, one, 8, 9) for one in range(4)])
    err = refused(capsys, "scan", "--config=config.json", "--loader-seed=3")
    assert "its runs are not every combination of its seeds: name seeds too" in err
    named = options("--config=config.json", "--model-seeds=0:2")
    assert named == (preset("mini"), SeedOptions("0:2"))
    assert parse(made_parser("params"), ["--config=config.json"], bool).p == 97


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("config: 0\n", "config is no option: only a scan's config.json holds one"),
        ('{"config": {"lr": 0.1}, "memorises": true}', "config is no option"),
        ('{"config": {"lx": 1}, "config_key": ""}', "its config cannot be used"),
        ('{"config": {"p": 10}, "config_key": ""}', "its config cannot be used: p must be prime"),
        ('{"config": {}, "config_key": "", "asked": {"runs": -1}}', "its config cannot be used"),
    ],
)
def test_a_config_that_is_no_scans_is_refused(content, reason, capsys):
    Path("a.yaml").write_text(content)
    assert reason in refused(capsys, "scan", "--config=a.yaml")


@pytest.mark.parametrize("command", CLASSES)
def test_help_says_what_wins_over_a_file(command, capsys):
    with pytest.raises(SystemExit):
        import_module(f"grokseed.{command}").main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "or a scan's config.json; options of the command line win over it" in said
