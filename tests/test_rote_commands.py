"""Commands of task rote, from a text to figures: the text is named by its content throughout."""

import json
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from inline import InlineExecutor

from grokseed import ablate, load, overfit, scan, texts, verify
from grokseed.cli import results
from grokseed.cli.folder import named_folder
from grokseed.cli.results import export_stored
from grokseed.config import Config, preset
from grokseed.execution import scanner
from grokseed.model.graft import initial_weights
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.texts import content_of
from grokseed.training.ladder import setting

WORDS = "--task=rote --preset=mini --d-model=8 --heads=1 --ffn-multiple=1 --examples=40 --length=6"
ROTE = f"{WORDS} --batch-size=8 --lr=1e-2 --max-steps=50 --val-every=25 --screen-step=50".split()


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scanner, "LocalExecutor", InlineExecutor)
    monkeypatch.chdir(tmp_path)
    Path("text").write_bytes(content_of("")[5000:9000])


def run(command, *argv: str) -> int:
    return command.main([*argv])


def refused(capsys: pytest.CaptureFixture[str], command, *argv: str) -> str:
    capsys.readouterr()
    assert run(command, *argv) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    return err


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As another process, which was shown no text."""
    monkeypatch.setattr(texts, "_content", {})


def without_figures(out: Path, **how: object) -> None:
    export_stored(out)


def test_a_scan_is_gone_on_with_by_whoever_has_the_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = [*ROTE, "--out=out", "--no-compile", "--jobs=1"]
    assert run(scan, *mine, "--text=text", "--model-seeds=0:2") == 0
    name = json.loads(Path("out/config.json").read_text())["config"]["text"]
    assert name == preset("mini", task="rote", text="text", batch_size=8).text
    assert {path.stem for path in Path("out").glob("*.png")} >= {"accuracy", "classes"}

    Path("out/scan.db").unlink()  # a clone, with the text somewhere else
    Path("moved").mkdir()
    text = str(Path("text").rename("moved/novel"))
    forget(monkeypatch)
    assert len(load("out").runs) == 2  # nothing that only reads needs the text
    monkeypatch.setattr(results, "write_results", without_figures)
    assert run(scan, *mine, f"--text={text}", "--model-seeds=0:3") == 0
    assert load("out").runs["model_seed"].tolist() == [0, 1, 2]
    assert run(scan, *ROTE, "--out=out", "--export", f"--text={text}") == 0

    assert "cannot be read: No such file" in refused(capsys, scan, *mine, "--text=text")
    Path("other").write_bytes(Path(text).read_bytes() + b".")
    for how in ([], ["--export"], ["--dry-run"]):
        line = refused(capsys, scan, *mine, "--text=other", *how)
        of = [sha256(Path(file).read_bytes()).hexdigest()[:8] for file in (text, "other")]
        said = "text: a file whose sha256sum is {}…, not a file whose sha256sum is {}…\n"
        assert f"out holds another config's scan: {said.format(*of)}" in line
    line = refused(capsys, scan, *mine)
    assert f"scan: text: a file whose sha256sum is {of[0]}…, not the shipped text\n" in line
    forget(monkeypatch)
    assert f"the text {name} is not here" in refused(capsys, scan, *mine, f"--text={name}")
    assert f"the text {name} is not here" in refused(capsys, verify, "out", "--rows=1", "--jobs=1")
    assert run(verify, "out", "--rows=1", "--jobs=1", f"--text={text}") == 0
    assert "1 with the same digest" in capsys.readouterr().out


def test_fields_of_the_other_task_are_refused_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for line, argv in (
        ("p means nothing for task rote", [*ROTE, "--p=31"]),
        ("operation means nothing for task rote", [*ROTE, "--operation=x+y"]),
        ("length means nothing for task modular", ["--length=5"]),
        ("the different windows of 6 bytes", [*ROTE, "--examples=90000"]),
        ("the text sha256:", [*ROTE, f"--text=sha256:{0:064}"]),
    ):
        for command in (scan, overfit):
            assert line in refused(capsys, command, *argv)
    assert list(Path().iterdir()) == [Path("text")]


def test_a_folders_name_says_the_task_and_the_text() -> None:
    config = preset("mini", task="rote", text="text")
    assert (
        named_folder("mini", config, [])
        == f"results/mini_task-rote_text-sha256-{config.text[7:15]}"
    )
    assert "task-rote" in named_folder("diary", preset("diary", task="rote", batch_size=9), [])
    assert named_folder("mini", preset("mini"), []) == "results/mini"


@pytest.mark.slow
def test_an_ablation_grafts_groups() -> None:
    argv = [*ROTE, "--donors=0,1", "--recipients=2", "--jobs=1", "--no-compile", "--out=ablation"]
    assert run(ablate, *argv) == 0
    cells = pd.read_csv("ablation/cells.csv")
    assert {"block1.attention", "token_embedding", "head"} <= set(cells["groups"])
    assert Path("ablation/cells.png").exists()


def test_a_graft_gives_the_donors_group() -> None:
    config = Config(task="rote", examples=40, length=6, batch_size=8, layers=1)
    own, donor, grafted = (
        initial_weights(config, seeds, generators(seeds, config.scheme, 40).model)
        for seeds in (Seeds(0, 1, 8, 9), Seeds(0, 2, 8, 9), Seeds(0, 1, 8, 9, "block1=2"))
    )
    for name, value in grafted.items():
        assert value.equal((donor if name.startswith("block1") else own)[name])
    for graft in ("relabel-weights=5", "characters-2~0.5=0"):
        seeds = Seeds(0, 1, 8, 9, graft)
        with pytest.raises(ValueError, match=r"task rote"):
            initial_weights(config, seeds, generators(seeds, config.scheme, 40).model)


def test_the_ladder_tells_which_windows_it_learns() -> None:
    config = preset("mini", task="rote", text="text", examples=40, length=6, batch_size=8)
    at = setting(config, Seeds(0, 1, 8, 9))
    table = pd.DataFrame(overfit._examples(at))
    windows = texts.windows(config.text, 40, 6)
    assert table["window"].tolist() == at.train.tolist()
    for row, text, following in table.itertuples(index=False):
        assert f"{text}{following}" == repr(windows[row])[2:-1]


@pytest.mark.slow
def test_a_ladder_is_climbed() -> None:
    assert run(overfit, *ROTE, "--text=text", "--d-model=32", "--out=ladder") in (0, 1)
    assert len(pd.read_csv("ladder/examples.csv")) == 24
