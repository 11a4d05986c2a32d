"""The grid of document 002: its models, minimal pairs by hand, tables, and a run at toy size."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from made_sharing import made_up

import grokseed
import sharing
from grokseed.model.layout import layers_of
from grokseed.model.reference import PlainDecoder
from grokseed.records.measure import measure
from grokseed.seeds import Seeds
from grokseed.task import equations, tokens
from grokseed.training.run import begin
from older_documents import minimal_pairs, sharing_training
from older_documents.sharing_answer import answer
from older_documents.sharing_grid import CELLS, MODELS, ROWS, config_of, design
from older_documents.sharing_luck import LUCK
from older_documents.sharing_tables import GRID, grid_table, shapes_table

TOY = {
    "p": 5,
    "d_model": 8,
    "batch_size": 10,
    "max_steps": 4,
    "screen_step": 2,
    "sample_every": 2,
    "val_every": 2,
}


def test_sixteen_rows_of_as_many_parameters_within_two_percent() -> None:
    shapes = shapes_table(CELLS, ROWS).set_index("row")
    assert len(shapes) == 16
    assert set(ROWS.values()) == set(CELLS)
    assert (np.abs(shapes["off"]) < 0.02).all()
    assert shapes.loc["deep_cycle_rev", "sets"] == "1 2 3 4 4 3 2 1"
    assert shapes.loc["wide_seq", "sets"] == "1 1 2 2"
    assert shapes.loc["very_wide_seq", "sets"] == shapes.loc["very_wide_cycle_rev", "sets"]


@pytest.mark.parametrize("sharing_kind", ["sequence", "cycle", "cycle-rev"])
def test_one_set_of_layers_is_one_model_however_it_is_assigned(sharing_kind) -> None:
    config = replace(CELLS["very_wide_seq"], sharing=sharing_kind)
    assert layers_of(config) == ("block1",) * 4


def test_minimal_pairs_by_hand() -> None:
    # mod 5: 3 - 1 = 2, foils 3 and 1 (off by one), 4 (the sum), 3 (swapped);
    # 2 - 0 = 2, foils 3 and 1, and two that are right themselves but for swapped: 0 - 2 = 3.
    x, y = torch.tensor([3, 2]), torch.tensor([1, 0])
    scores = torch.tensor([[0.0, 3.0, 2.0, 1.0, 2.0], [9.0, 0.0, 1.0, 5.0, 9.0]])
    found = minimal_pairs.share_right(scores, x, y)
    assert found["off_by_one"] == 2 / 4  # 2 > 1 and not 2 > 3; not 1 > 5 and 1 > 0
    assert found["other_operation"] == 0  # a tie, 2 and 2; 2 + 0 is no foil
    assert found["swapped"] == 1 / 2  # 2 > 1; not 1 > 5
    assert found["pairs"] == pytest.approx((1 / 2 + 0 + 1 / 2) / 3)


def test_pairs_of_a_run_are_of_its_validation_set_and_of_its_logits() -> None:
    config = grokseed.preset("mini", operation="x-y", train_fraction=0.5, **TOY)
    seeds = Seeds(1, 1, 1, 2)
    kept = {}
    grokseed.train(config, [seeds], on_weights=lambda _, m, __, w: kept.update({m: dict(w)}))
    found = minimal_pairs.of_run(config, seeds, kept["last"])
    reference = PlainDecoder(config).load({n: w.numpy() for n, w in kept["last"].items()})
    a, b, right = equations("x-y", 5)
    rows = begin(config, seeds, 0).val
    logits = reference(tokens(config, (a[rows], b[rows])))[:, -5:].tolist()
    swapped = [
        line[r] > line[-r % 5]
        for line, r in zip(logits, right[rows].tolist(), strict=True)
        if r != 0
    ]
    assert found["swapped"] == pytest.approx(sum(swapped) / len(swapped))


def test_a_best_cell_is_marked_only_where_it_is_above_all_others() -> None:
    cells = ["baseline", "deep_seq", "wide_seq"]
    clear = grid_table(made_up({"baseline": 0.5, "deep_seq": 0.7, "wide_seq": 0.4}), cells)
    assert list(clear) == GRID
    accuracy = clear.query("outcome == 'accuracy' and training == 'short'").set_index("cell")
    assert accuracy.loc["deep_seq", ["told", "others", "best"]].tolist() == [2, 2, "yes"]
    assert accuracy.loc["deep_seq", "difference"] == pytest.approx(0.2, abs=0.02)
    assert accuracy.loc["wide_seq", "p_holm"] < 0.05
    # the same, loss for accuracy: lower is better
    assert clear.query("outcome == 'loss' and best == 'yes'")["cell"].tolist() == ["wide_seq"] * 2
    close = made_up({"baseline": 0.5, "deep_seq": 0.5, "wide_seq": 0.4}, sd=0.02)
    best = grid_table(close, cells).query("outcome == 'accuracy' and told >= 0")["best"]
    assert best.tolist() == ["no", "no"]
    text = answer(grid_table(close, cells), pd.DataFrame(columns=LUCK), close)
    assert "no model is surely best" in text
    assert "**5" not in text.split("## Accuracy")[1]
    assert "decoder deep_cycle 0, " in text
    assert "decoder baseline" not in text


def test_the_answer_on_file_is_of_the_trainings_on_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are trained, counted once more with pandas alone."""
    monkeypatch.chdir(Path(__file__).parents[2])
    runs, text = sharing.read(), (sharing.OUT / "README.md").read_text()
    for model, cell in {*zip(runs["model"], runs["cell"], strict=True)}:
        some = runs.loc[(runs["model"] == model) & (runs["cell"] == cell)]
        first = some.sort_values("model_seed").head(8)
        (line,) = [
            row for row in text.splitlines() if row.startswith(f"| {cell} | ") and "[" in row
        ]
        mean = f"{100 * first['accuracy_long'].mean():.0f} ("
        assert mean in line.replace("*", "").split(" | ")[3 if model == "decoder" else 4]
        assert f"{model} {cell} {len(first)}" not in text or len(first) < 8
    assert (sharing.OUT / "grid.png").exists()


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for table in (CELLS, ROWS):
        for name in set(table) - {"baseline", "deep_cycle"}:
            monkeypatch.delitem(table, name)
    for cell, config in CELLS.items():
        monkeypatch.setitem(CELLS, cell, replace(config, train_fraction=0.5, **TOY))
    monkeypatch.setattr(sharing_training, "SHORT", 2)
    monkeypatch.setattr(sharing_training, "LONG", 4)
    monkeypatch.setattr(sharing.grid, "EACH", 2)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("toy", "not_drawn")
def test_the_study_trains_says_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sharing.main(["--jobs", "1", "--models", "encoder"])
    first = pd.read_csv(sharing.RUNS)
    assert first[["model", "cell"]].value_counts().tolist() == [2, 2]
    sharing.main(["--jobs", "1"])
    readme = (sharing.OUT / "README.md").read_text()
    assert "**Answer.**" in readme
    runs = pd.read_csv(sharing.RUNS)
    assert len(runs) == 8
    again = runs.loc[runs["model"] == "encoder"].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first)  # what is there is not trained again
    monkeypatch.setattr(sharing, "train_cell", None)
    (sharing.OUT / "README.md").unlink()
    sharing.main(["--export"])
    assert (sharing.OUT / "README.md").read_text() == readme


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("model", MODELS)
def test_the_short_column_is_a_training_of_that_length(model: str) -> None:
    (found,) = sharing_training.train_cell(model, "deep_cycle", design(1))
    config, kept = replace(config_of(model, "deep_cycle"), max_steps=2), {}
    (alone,) = grokseed.train(
        config, design(1), on_weights=lambda _, m, __, w: kept.update({m: dict(w)})
    )
    scalars = measure(config, alone)
    assert found["accuracy_short"] == scalars["final_val_accuracy"]
    assert found["loss_short"] == scalars["final_val_loss"]
    pairs = minimal_pairs.of_run(config, design(1)[0], kept["last"])
    assert {name: found[f"{name}_short"] for name in pairs} == pairs
    assert found["loss_short"] != found["loss_long"]


@pytest.mark.parametrize("argv", [["--models", "mixer"], ["--jobs", "0"]])
def test_what_the_study_has_not_is_refused(argv, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        sharing.main(argv)
    assert "must be" in capsys.readouterr().err
