"""What verifying finds in folders that are right, damaged, or made on another machine."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import everything
from folder_tables import pack
from made_up import CONFIG, trajectory

from grokseed import verify
from grokseed.config import Config
from grokseed.early import spelled_rule
from grokseed.execution import retrain
from grokseed.records.export import export, write_atomically
from grokseed.records.points import thinned
from grokseed.records.provenance import Made
from grokseed.records.store import Store
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("made_up_training")

HERE = numerics(CONFIG, "cpu")
MADE = Made(HERE)
RUNS = [Seeds(0, model, 8, 9) for model in range(6)] + [Seeds(0, 1, 8, 9, "head=42")]


def filled(
    name: str,
    made: Made = MADE,
    exported: bool = True,
    database: bool = True,
    trajectories: dict[Seeds, Trajectory] | None = None,
    config: Config = CONFIG,
) -> Path:
    folder = Path(name)
    with Store(folder, config, made.numerics) as store:
        for seeds in RUNS if trajectories is None else trajectories:
            found = trajectory(config, seeds) if trajectories is None else trajectories[seeds]
            store.add(seeds, found, 1.0, made)
        if exported:
            export(store)
    if not database:
        (folder / "scan.db").unlink()
    return folder


def verified(capsys, *argv: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr; nothing is written."""
    before = everything(Path())
    status = verify.main([*argv, "--jobs=1"])
    assert everything(Path()) == before
    return status, *capsys.readouterr()


def test_a_folder_that_is_right_says_what_was_checked(capsys):
    filled("both")
    filled("store", exported=False)
    filled("tables", database=False)
    with Store(Path("store"), CONFIG, HERE) as store:
        store.add_crashed(Seeds(0, 77, 8, 9), "out of memory")
    status, out, err = verified(capsys, "both", "store", "tables")
    assert (status, err) == (0, "")
    both, alone, tables, last = out.splitlines()
    assert both.startswith("both: 7 runs; every row matches its seal in scan.db, runs.csv; 7 whole")
    assert alone.startswith("store: 8 runs, 1 crashed; every row matches its seal in scan.db; 7 ")
    assert "no whole trajectories: only --rows checks digests and trajectories.npz." in tables
    assert both.endswith("7 whole trajectories, each matches its digest.")
    assert last == "No run was trained again: --rows compares some with a training."


def test_points_of_a_clone_are_compared_with_nothing_without_rows(capsys):
    """As its line says. Other tests find such points where runs are whole or trained again."""
    folder = filled("clone", database=False)
    spoil_points(folder)
    assert verified(capsys, "clone")[0] == 0


def test_a_run_that_went_on_since_its_table_was_written_is_not_damaged(capsys):
    rule = spelled_rule("sample_loss<0@100")
    whole = trajectory(CONFIG, RUNS[2])
    short = replace(whole.stopped_at(100), early=f"stopped {rule}")
    folder = filled("out", trajectories={RUNS[2]: short})
    with Store(folder, CONFIG, HERE) as store:
        store.add(RUNS[2], whole, 1.0, MADE)
    for rows in (0, 1):
        status, out, err = verified(capsys, "out", f"--rows={rows}")
        assert (status, err, "holds other points" in out) == (0, "", False)


def spoil_digest(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "scan.db")) as db, db:
        other = trajectory(CONFIG, RUNS[5]).to_bytes()
        db.execute("UPDATE results SET trajectory = ? WHERE number = 3", [other])


def spoil_row(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "scan.db")) as db, db:
        db.execute("UPDATE runs SET day = '2026-01-01' WHERE model = 2")


def spoil_table(folder: Path) -> None:
    text = (folder / "runs.csv").read_text()
    (folder / "runs.csv").write_text(text.replace(",400,", ",375,", 1))


def spoil_points(folder: Path) -> None:
    some = [dict(thinned(trajectory(CONFIG, seeds), CONFIG.n_sample)) for seeds in sorted(RUNS)]
    some[3]["sample_loss"][1:] *= np.float32(1.01)  # at the first point its row says it
    with (folder / "trajectories.npz").open("wb") as file:
        pack(some, file)


def spoil_config(folder: Path) -> None:
    text = (folder / "config.json").read_text()
    write_atomically(folder / "config.json", text.replace('"lr": 0.001', '"lr": 0.002').encode())


def lose_rows(folder: Path) -> None:
    (folder / "scan.db").unlink()
    lines = (folder / "runs.csv").read_text().splitlines(keepends=True)
    (folder / "runs.csv").write_text("".join(lines[:-2]))


def swap_store(folder: Path) -> None:
    other = filled("other", config=replace(CONFIG, lr=0.5))
    (other / "scan.db").rename(folder / "scan.db")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_digest, "Seeds(split=0, model=2, loader=8, val=9, graft='') does not match its dig"),
        (spoil_row, "Seeds(split=0, model=2, loader=8, val=9, graft='') does not match its seal"),
        (spoil_table, "does not match its seal"),
        (spoil_points, "model=2, loader=8, val=9, graft=''): trajectories.npz holds other points"),
        (spoil_config, "config does not match its key"),
        (lambda folder: (folder / "trajectories.npz").unlink(), "holds no trajectories.npz"),
        (lose_rows, "it holds more runs than the table, which has 5"),
        (
            lambda folder: (folder / "runs.csv").write_text(""),
            "bad/runs.csv cannot be read: it is empty",
        ),
        (lambda folder: (folder / "config.json").write_text("[]"), "it holds no config"),
        (swap_store, "bad/runs.csv is of another config than bad/scan.db: lr"),
    ],
)
def test_damage_is_named_and_the_other_folders_are_checked(spoil, message, capsys):
    spoil(filled("bad"))
    filled("good")
    status, out, err = verified(capsys, "bad", "good")
    assert status == 1
    assert message in out + err
    assert err.count("\n") <= 1
    assert "good: 7 runs; every row" in out


def test_a_table_and_a_store_with_two_digests_of_a_run_do_not_agree(capsys):
    filled("out")
    filled("other", trajectories={RUNS[0]: trajectory(CONFIG, RUNS[5])}, exported=False)
    Path("other/scan.db").rename("out/scan.db")
    status, out, err = verified(capsys, "out")
    assert (status, out) == (1, "")
    assert "model=0, loader=8, val=9, graft='') has two digests" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "folders"),
        ("nothing", "nothing holds no scan"),
        ("out --rows -1", "rows must be at least 0, not -1"),
        ("out --rows x", "--rows: expected int"),
        ("out --jobs 0", "jobs must be at least 1"),
        ("out ./out", "out is named twice"),
        ("out --lr 1", "unrecognized arguments: --lr 1"),
    ],
)
def test_bad_input_is_one_line(words, message, capsys):
    filled("out")
    assert verify.main(words.split()) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_the_draw_is_of_the_seed_alone(capsys, monkeypatch):
    filled("out", database=False)
    drawn: list[list[int]] = []

    def note(config, rows, jobs):
        drawn.append([row.seeds.model for row in rows])
        return []

    monkeypatch.setattr(retrain, "retrain", note)
    for seed in (0, 0, 1, 2):
        assert verified(capsys, "out", "--rows=3", f"--seed={seed}")[0] == 0
    assert drawn[0] == drawn[1]
    assert len({tuple(models) for models in drawn}) > 1
    assert {len(models) for models in drawn} == {3}


def t98(found: Trajectory) -> float:
    """By hand: the first point with 98 % of the validation set right."""
    right = found.columns["val_correct"] >= 0.98 * CONFIG.n_val
    return found.columns["step"][right][0] if right.any() else np.inf


def test_other_numerics_are_named_and_classes_and_landmarks_compared(capsys):
    made = {seeds: trajectory(CONFIG, seeds) for seeds in RUNS}
    near, far = RUNS[2], next(run for run in RUNS if np.isfinite(t98(made[run])))
    nudged = made[near].columns["sample_loss"] * (1 + 1e-12)
    made[near] = replace(made[near], columns={**made[near].columns, "sample_loss": nudged})
    others = (trajectory(CONFIG, Seeds(5, model, 5, 5)) for model in range(100))
    made[far] = next(run for run in others if t98(run) < np.inf and t98(run) != t98(made[far]))
    assert near != far
    filled("out", Made(HERE.replace("engine", "motor")), database=False, trajectories=made)
    status, out, _ = verified(capsys, "out", "--rows=7")
    assert status == 0
    assert "7 runs trained again: 5 with the same digest.\n2 with other digests" in out
    assert ", as their bits may differ: numerics here are engine, not motor.\n" in out
    # Clopper and Pearson by hand: 2 of 2 from sqrt(0.025), 1 of 2 from 1 - sqrt(0.975).
    assert "  memorised_step: 2 of 2 (16% to 100%)\n" in out
    assert "  t98_step: 1 of 2 (1% to 99%)\n" in out
    assert "  class: " in out


def test_a_config_that_this_machine_cannot_train_is_bad_input(capsys):
    filled("out", config=replace(CONFIG, precision="tf32"), database=False)
    assert verified(capsys, "out")[0] == 0
    status, _, err = verified(capsys, "out", "--rows=1")
    assert status == 2
    assert "out: precision tf32 is a GPU's" in err
