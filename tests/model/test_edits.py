"""Changes of initial weights, split and order against the task's own symmetries, in float64."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from grokseed.config import Config, preset
from grokseed.grafts import Graft, parse_graft
from grokseed.model.edits import characters, relabelled_rows, relabelling, symmetries
from grokseed.model.graft import initial_weights
from grokseed.model.layout import parts
from grokseed.seeds import Seeds
from grokseed.streams import generators, loader_generator
from grokseed.task import equations
from grokseed.training.batches import draw_ahead, epoch_order
from grokseed.training.run import begin
from grokseed.training.trainer import train

SMALL = {"p": 13, "d_model": 16, "layers": 2, "heads": 2, "batch_size": 16, "max_steps": 60}
SMALL |= {"sample_every": 10, "val_every": 30, "screen_step": 60, "sample_size": 20, "lr": 3e-3}
CONFIG = preset("diary", **SMALL)
PLUS = replace(CONFIG, operation="x+y")


def weights(graft: str = "", config: Config = CONFIG) -> dict[str, torch.Tensor]:
    seeds = Seeds(0, 1, 8, 9, graft)
    return initial_weights(config, seeds, generators(seeds, config.scheme, 1).model)


@pytest.mark.parametrize(
    ("text", "graft"),
    [
        ("head+block1=42", Graft("parts", 42, "head+block1")),
        ("head~0.25=42", Graft("parts", 42, "head", 0.25)),
        ("ulp=3", Graft("ulp", 3)),
        ("relabel-weights=5", Graft("relabel", 5, "weights")),
        ("relabel-weights-split=5", Graft("relabel", 5, "weights-split")),
        ("characters-3~1.5=0", Graft("characters", 0, "3", 1.5)),
        ("branch-440=77", Graft("branch", 77, step=440)),
        ("order-of-all=77", Graft("order", 77)),
    ],
)
def test_each_kind_is_read(text: str, graft: Graft) -> None:
    assert parse_graft(text) == graft


def test_what_is_not_spelled_so_is_refused() -> None:
    for text in ("ulp", "relabel-split=3", "characters-4~1=0", "head~=3", "head=3=4"):
        with pytest.raises(ValueError, match="spelled like"):
            parse_graft(text)
    with pytest.raises(ValueError, match=r"lie in 0\.\.1"):
        parse_graft("head~1.5=3")


@pytest.mark.parametrize("config", [CONFIG, PLUS])
def test_a_relabelling_makes_true_equations_of_true_ones(config: Config) -> None:
    a, b, result = equations(config.operation, config.p)
    rows = torch.arange(len(a))
    assert len(symmetries(config)) == (4 if config is CONFIG else 12)
    for number in symmetries(config):
        to, moved = relabelling(config, number), relabelled_rows(config, number, rows)
        assert sorted(moved.tolist()) == rows.tolist()
        for column in (a, b, result):
            assert to[column].equal(column[moved])


def test_mini_has_32_relabellings() -> None:
    assert len(symmetries(preset("mini"))) == 32


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("config", [CONFIG, PLUS])
def test_with_weights_split_and_order_relabelled_a_run_is_the_same(config: Config) -> None:
    number = symmetries(config)[2]
    plain, both, alone = train(
        config,
        [
            Seeds(0, 1, 8, 9),
            Seeds(0, 1, 8, 9, f"relabel-weights-split={number}"),
            Seeds(0, 1, 8, 9, f"relabel-weights={number}"),
        ],
    )
    for name, column in plain.columns.items():
        assert np.allclose(column, both.columns[name], rtol=1e-9, equal_nan=True), name
    assert not np.allclose(plain.columns["sample_loss"], alone.columns["sample_loss"], rtol=1e-3)
    for name in ("norm", "norm.head", "norm.token_embedding"):  # at the start all norms stay
        assert alone.columns[name][0] == pytest.approx(plain.columns[name][0], rel=1e-12)


def test_a_blend_lies_between_two_seeds_weights_and_keeps_their_variance() -> None:
    own, other = weights(), weights("head+token_embedding=2")
    half = weights("head+token_embedding~0.6=2")
    for name, value in half.items():
        if name.rpartition(".")[0] in ("head", "token_embedding"):
            expected = 0.8 * own[name].double() + 0.6 * other[name].double()
            assert torch.allclose(value.double(), expected, atol=1e-6), name
        else:
            assert value.equal(own[name])
    assert half["token_embedding.weight"].std() == pytest.approx(1, abs=0.2)


def test_one_weight_moves_by_one_ulp() -> None:
    own = weights()
    places = set()
    for seed in range(20):
        moved = weights(f"ulp={seed}")
        changed = [name for name in own if not own[name].equal(moved[name])]
        assert len(changed) == 1
        (name,) = changed
        assert name.rpartition(".")[0] in parts(CONFIG)
        at = (own[name] != moved[name]).nonzero()
        assert len(at) == 1
        before, after = own[name][tuple(at[0])], moved[name][tuple(at[0])]
        assert np.nextafter(before.numpy(), np.float32(np.inf)) == after.numpy()
        places.add((name, *at[0].tolist()))
    assert len(places) == 20


def test_characters_are_those_of_the_nonzero_residues() -> None:
    legendre = [0] + [1 if any(x * x % 13 == r for x in range(13)) else -1 for r in range(1, 13)]
    assert torch.allclose(characters(CONFIG, 2)[0] * 12**0.5, torch.tensor(legendre).double())
    basis = characters(CONFIG, 3)
    assert torch.allclose(basis @ basis.T, torch.eye(2).double(), atol=1e-12)
    for r in range(1, 13):  # a character of order 3 is the same at r and at r times a cube
        assert torch.allclose(basis[:, r], basis[:, r * 8 % 13], atol=1e-12)
    with pytest.raises(ValueError, match="no character of order 5"):
        characters(CONFIG, 5)


def test_a_dose_scales_a_character_and_nothing_else() -> None:
    own, none, double = (weights(f"characters-2~{dose}=0") for dose in (1, 0, 2))
    basis = characters(CONFIG, 2).float()
    name = "token_embedding.weight"

    def component(w: dict[str, torch.Tensor]) -> torch.Tensor:
        return basis @ w[name][-13:]

    assert torch.allclose(own[name], weights()[name], atol=1e-6)
    assert component(none).abs().max() < 1e-6
    assert torch.allclose(component(double), 2 * component(own), atol=1e-5)
    rest = own[name][-13:] - basis.T @ component(own)
    assert torch.allclose(none[name][-13:], rest, atol=1e-6)
    assert all(none[other].equal(own[other]) for other in own if other != name)


def test_a_branch_changes_the_order_from_its_step_on() -> None:
    epoch = CONFIG.steps_per_epoch
    step = 5 * epoch
    plain, branched = train(CONFIG, [Seeds(0, 1, 8, 9), Seeds(0, 1, 8, 9, f"branch-{step}=77")])
    same = plain.columns["step"] <= step
    assert 1 < same.sum() < len(same)
    for name, column in plain.columns.items():
        equal = np.isclose(column, branched.columns[name], rtol=0, atol=0, equal_nan=True)
        assert equal[same].all(), name
    assert (plain.columns["train_loss"] != branched.columns["train_loss"])[~same].all()


def test_a_branch_takes_the_epochs_of_the_new_loader_seed() -> None:
    seeds = Seeds(0, 1, 8, 9, f"branch-{CONFIG.steps_per_epoch}=77")
    run = begin(CONFIG, seeds, 0)
    draw_ahead(CONFIG, run, 3 * CONFIG.steps_per_epoch)
    fresh = generators(replace(seeds, loader=77, graft=""), CONFIG.scheme, 1).loader
    for epoch in (1, 2):
        batch = run.batches[epoch * CONFIG.steps_per_epoch]
        order = run.train[epoch_order(len(run.train), fresh)]
        assert batch.equal(order[: CONFIG.batch_size])
    with pytest.raises(ValueError, match="end of an epoch"):
        begin(CONFIG, Seeds(0, 1, 8, 9, f"branch-{CONFIG.steps_per_epoch + 1}=77"), 0)


def test_an_order_of_all_is_a_data_loaders_over_all_examples_less_those_not_trained_on() -> None:
    """Epoch after epoch, and on two splits the common examples come in one order."""
    stream = loader_generator(77, CONFIG.scheme)
    loader = DataLoader(range(CONFIG.n_examples), shuffle=True, generator=stream)  # type: ignore[arg-type]
    epochs = [[int(example) for example in loader] for _ in range(3)]
    for split in (0, 1):
        run = begin(CONFIG, Seeds(split, 1, 8, 9, "order-of-all=77"), 0)
        draw_ahead(CONFIG, run, 3 * CONFIG.steps_per_epoch)
        trained_on = set(run.train.tolist())
        wanted = [[example for example in order if example in trained_on] for order in epochs]
        found = run.batches.view(3, -1)[:, : CONFIG.n_train]
        assert found.tolist() == wanted, split


def test_an_order_of_all_changes_the_batches_and_nothing_else() -> None:
    plain, other = (begin(CONFIG, Seeds(0, 1, 8, 9, graft), 0) for graft in ("", "order-of-all=8"))
    assert plain.train.equal(other.train)
    assert plain.val.equal(other.val)
    own = initial_weights(CONFIG, Seeds(0, 1, 8, 9, "order-of-all=8"), other.generators.model)
    assert all(own[name].equal(value) for name, value in weights().items())
    for run in (plain, other):
        draw_ahead(CONFIG, run, 1)
    assert not plain.batches[0].equal(other.batches[0])
