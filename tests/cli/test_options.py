"""A command line becomes a config and the seeds to run."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies as st
from jsonargparse import ArgumentParser

from grokseed import scan
from grokseed.cli.options import ClassOptions, EarlyOptions, HowOptions, SeedOptions
from grokseed.cli.parser import given, parse, parser, take
from grokseed.config import Config, preset
from grokseed.seeds import Seeds, read_seeds, spell_seeds


def made_parser() -> ArgumentParser:
    return parser("grokseed.scan", "", HowOptions, SeedOptions, ClassOptions, EarlyOptions)


def options(*argv: str) -> tuple[Config, SeedOptions]:
    found = parse(made_parser(), argv, bool)
    return take(Config, found), take(SeedOptions, found)


def runs(*argv: str) -> list[Seeds]:
    config, seeds = options(*argv)
    return seeds.runs(config.scheme)


def test_the_main_job_as_it_is_spelled():
    argv = ["--model-seeds", "0:2073", "--loader-seed", "8"]
    assert options(*argv)[0] == Config()
    assert runs(*argv) == [Seeds(0, model, 8, 9) for model in range(2073)]


def test_seeds_become_runs():
    assert runs("--model-seeds", "3,5,8:10") == [Seeds(0, m, 0, 1) for m in (3, 5, 8, 9)]
    grid = runs("--model-seeds=0:2", "--loader-seeds=5:7", "--split-seeds=1:3", "--val-seed=4")
    assert grid == [Seeds(s, m, t, 4) for s in (1, 2) for m in (0, 1) for t in (5, 6)]
    zipped = runs("--model-seeds=0:3", "--loader-seeds=5:8", "--split-seed=9", "--pairs=zip")
    assert zipped == [Seeds(9, 0, 5, 6), Seeds(9, 1, 6, 7), Seeds(9, 2, 7, 8)]
    assert runs("--scheme=diary", "--model-seeds=42", "--loader-seed=8") == [Seeds(42, 42, 8, 9)]
    assert runs("--scheme=diary", "--model-seeds=42", "--split-seed=1") == [Seeds(1, 42, 0, 1)]
    assert runs("--scheme=shared", "--model-seeds=42") == [Seeds(42, 42, 42, 42)]


def test_flags_win_over_a_file_and_a_file_over_a_preset(tmp_path):
    mini = options("--preset", "mini")[0]
    assert mini != Config()
    file = tmp_path / "scan.yaml"
    file.write_text(
        "preset: mini\np: 61\nweight_decay: 0.5\nmodel_seeds: '7:9'\nval_shuffle: true\n"
    )
    config, seeds = options("--config", str(file), "--p", "37", "--no-val-shuffle")
    assert config == replace(mini, p=37, weight_decay=0.5)
    assert seeds.model_seeds == "7:9"
    assert options("--config", str(file), "--preset=diary")[0] == replace(
        Config(), p=61, weight_decay=0.5, val_shuffle=True
    )


@pytest.mark.parametrize(
    ("flags", "value"),
    [
        (["--val-shuffle"], True),
        (["--val-shuffle", "--p", "97"], True),
        (["--val-shuffle=false"], False),
        (["--val-shuffle", "true"], True),
        (["--no-val-shuffle"], False),
        ([], False),
    ],
)
def test_a_boolean_is_a_plain_flag_too(flags, value):
    assert options(*flags)[0].val_shuffle is value


def test_the_printed_config_gives_the_same_scan(tmp_path, capsys):
    argv = ["--preset", "mini", "--p", "31", "--model-seeds", "3:12", "--stop-when", "completed"]
    with pytest.raises(SystemExit) as end:
        scan.main([*argv, "--print-config"])
    assert end.value.code == 0
    (tmp_path / "scan.yaml").write_text(capsys.readouterr().out)
    assert options("--config", str(tmp_path / "scan.yaml")) == options(*argv)


@pytest.mark.parametrize(
    "argv",
    [
        ["--preset=mini"],
        ["--config", '{"preset": "mini"}'],
        ["--config=a.yaml"],
        ["--config", "a.yaml", "--config", "b.yaml"],
        ["--config", "b.yaml", "--config", "a.yaml"],
        ["--preset=mini", "--config", "c.yaml"],
    ],
)
def test_the_preset_that_is_reported_is_the_one_that_is_used(argv, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("preset: mini\n")
    (tmp_path / "b.yaml").write_text("loader_seeds: '5'\n")
    (tmp_path / "c.yaml").write_text("preset: diary\n")
    found = parse(made_parser(), argv, bool)
    assert found.preset == "mini"
    assert take(Config, found) == preset("mini")


@pytest.mark.parametrize("name", ["null", "~", "Null", "3", "yes", "'a'", "[a]", ""])
def test_an_option_of_text_is_the_text_given(name, tmp_path, capsys):
    """Also where YAML would read something else; only in a file does null leave it out."""
    found = parse(made_parser(), ["--out", name], bool)
    assert found.out == name
    with pytest.raises(SystemExit):
        parse(made_parser(), ["--out", name, "--print-config"], bool)
    (tmp_path / "a.yaml").write_text(capsys.readouterr().out)
    assert parse(made_parser(), [f"--config={tmp_path / 'a.yaml'}"], bool).out == name
    (tmp_path / "b.yaml").write_text("out: null\n")
    assert parse(made_parser(), [f"--config={tmp_path / 'b.yaml'}"], bool).out is None


def test_what_was_given_is_told_from_defaults(tmp_path):
    (tmp_path / "a.yaml").write_text("preset: mini\nloader_seeds: '5'\n")
    made = made_parser()
    argv = [f"--config={tmp_path / 'a.yaml'}", "--p=61", "--no-val-shuffle"]
    parse(made, argv, bool)
    expected = preset("mini", p=61)
    assert given(made, argv) == (asdict(expected), {"loader_seeds": "5"})
    assert given(made, argv[1:]) == ({"p": 61, "val_shuffle": False}, {})


def test_help_shows_the_presets_defaults(capsys):
    for name, p in (("mini", 97), ("diary", 223)):
        with pytest.raises(SystemExit):
            options("--preset", name, "--help")
        assert f"a prime (default: {p})" in capsys.readouterr().out


def test_many_runs_are_refused_before_they_are_listed():
    wide = ["--model-seeds=0:5000", "--loader-seeds=0:5000"]
    with pytest.raises(ValueError, match="more than 1,000,000 runs: 1 x 5,000 x 5,000"):
        runs(*wide)
    assert len(runs(*wide, "--pairs=zip")) == 5000
    for scheme in ("shared", "diary"):
        with pytest.raises(ValueError, match="more than 1,000,000 runs: "):
            runs(f"--scheme={scheme}", "--model-seeds=0:1000001")


def test_one_stream_has_no_pairs():
    with pytest.raises(ValueError, match="scheme shared has one stream: it takes --model-seeds"):
        runs("--scheme=shared", "--model-seeds=0:4", "--pairs=zip")


@given_by_hypothesis(st.sets(st.integers(0, 200), min_size=1))
def test_a_range_reads_as_it_is_spelled(seeds):
    assert read_seeds(spell_seeds(seeds)) == sorted(seeds)


@given_by_hypothesis(
    st.lists(st.tuples(st.integers(-3, 50), st.integers(-3, 50)), min_size=1, max_size=4)
)
def test_a_range_is_half_open_as_in_python(pairs):
    text = ",".join(f"{a}:{b}" for a, b in pairs)
    seeds = [s for a, b in pairs for s in range(a, b)]
    good = all(0 <= a < b for a, b in pairs) and len(set(seeds)) == len(seeds)
    if good:
        assert read_seeds(text) == seeds
    else:
        with pytest.raises(ValueError, match=r"seed|range"):
            read_seeds(text)
