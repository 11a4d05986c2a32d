"""A command line becomes a config and the seeds to run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokseed import scan
from grokseed.config import Config
from grokseed.options import SeedOptions, parse, parser, take
from grokseed.ranges import read, spell
from grokseed.seeds import Seeds


def options(*argv: str) -> tuple[Config, SeedOptions]:
    found = parse(parser("grokseed.scan", "", scan.ScanOptions), argv)
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
    assert options("--preset=diary", "--config", str(file))[0] == replace(
        Config(), p=61, weight_decay=0.5, val_shuffle=True
    )


@pytest.mark.parametrize(
    ("flags", "value"),
    [
        (["--stop-when-generalised"], True),
        (["--stop-when-generalised", "--p", "97"], True),
        (["--stop-when-generalised=false"], False),
        (["--stop-when-generalised", "true"], True),
        (["--no-stop-when-generalised"], False),
        ([], False),
    ],
)
def test_a_boolean_is_a_plain_flag_too(flags, value):
    assert options(*flags)[0].stop_when_generalised is value


def test_the_printed_config_gives_the_same_scan(tmp_path, capsys):
    argv = ["--preset", "mini", "--p", "31", "--model-seeds", "3:12", "--stop-when-generalised"]
    with pytest.raises(SystemExit) as end:
        scan.main([*argv, "--print-config"])
    assert end.value.code == 0
    (tmp_path / "scan.yaml").write_text(capsys.readouterr().out)
    assert options("--config", str(tmp_path / "scan.yaml")) == options(*argv)


@given(st.sets(st.integers(0, 200), min_size=1))
def test_a_range_reads_as_it_is_spelled(seeds):
    assert read(spell(seeds)) == sorted(seeds)


@given(st.lists(st.tuples(st.integers(-3, 50), st.integers(-3, 50)), min_size=1, max_size=4))
def test_a_range_is_half_open_as_in_python(pairs):
    text = ",".join(f"{a}:{b}" for a, b in pairs)
    seeds = [s for a, b in pairs for s in range(a, b)]
    good = all(0 <= a < b for a, b in pairs) and len(set(seeds)) == len(seeds)
    if good:
        assert read(text) == seeds
    else:
        with pytest.raises(ValueError, match=r"seed|range"):
            read(text)
