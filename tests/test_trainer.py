"""Trainings against a plain loop: torch.nn's layers, torch's AdamW, warm-up, split and loaders."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import LinearLR
from torch.utils.data import DataLoader, TensorDataset, random_split

from grokseed.config import Config, preset
from grokseed.model.layout import group_of
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.task import equations
from grokseed.training.trainer import train

TINY = {"p": 13, "d_model": 32, "batch_size": 16, "scheme": "diary", "max_steps": 30}
TINY |= {"sample_every": 5, "val_every": 10, "screen_step": 15, "sample_size": 50}


def tiny(**changes: object) -> Config:
    return preset("diary", {**TINY, **changes})


def plain_training(config: Config, seeds: Seeds) -> list[dict[str, float]]:
    """The evaluation points of a run of scheme diary or shared, trained as one would write it."""
    a, b, result = equations(config.operation, config.p)
    examples = TensorDataset(tokens(config, a, b), result + 11)
    sizes = [config.n_train, config.n_val, config.n_test]
    shared = config.scheme == "shared"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.model if shared else seeds.split)
        train_set, val_set, test_set = random_split(examples, sizes)
        if not shared:
            torch.manual_seed(seeds.model)
            torch.randperm(len(examples))
        model = PlainDecoder(config)
        own = None if shared else torch.Generator().manual_seed(seeds.loader)
        loader = DataLoader(train_set, config.batch_size, shuffle=True, generator=own)
        probe = torch.arange(config.n_val)
        if not shared:
            probe = torch.randperm(config.n_val, generator=torch.Generator().manual_seed(seeds.val))
        points = [evaluated(config, model, 0, [], val_set[:], probe)]
        optimiser = torch.optim.AdamW(
            model.parameters(),
            lr=config.lr,
            betas=(config.beta1, config.beta2),
            eps=config.eps,
            weight_decay=config.weight_decay,
        )
        first = 1e-8 if config.warmup_steps else 1.0
        warmup = LinearLR(optimiser, start_factor=first, total_iters=config.warmup_steps)
        step, since = 0, []
        while True:
            for x, y in loader:
                logits = model(x)
                losses = F.cross_entropy(logits, y, reduction="none")
                optimiser.zero_grad()
                losses.mean().backward()
                optimiser.step()
                warmup.step()
                step += 1
                since.append((losses.detach(), logits.detach().argmax(-1) == y))
                if step % config.sample_every == 0 or step == config.max_steps:
                    points.append(evaluated(config, model, step, since, val_set[:], probe))
                    since = []
                if shared and scheduled(config, step):
                    list(DataLoader(val_set, 64, shuffle=config.val_shuffle))
                if step == config.max_steps:
                    if config.n_test:
                        points[-1]["test"] = scored(model, test_set[:])[1]
                    return points


@torch.no_grad()
def scored(model: PlainDecoder, examples: tuple[Tensor, ...]) -> tuple[float, int]:
    logits = model(examples[0])
    correct = int((logits.argmax(-1) == examples[1]).sum())
    return F.cross_entropy(logits, examples[1]).item(), correct


def scheduled(config: Config, step: int) -> bool:
    """Whether the whole validation set is run whatever the validation sample says."""
    named = step in (config.screen_step, config.max_steps)
    return step > 0 and (named or step % config.val_every == 0)


def evaluated(config, model, step, since, val, probe) -> dict[str, float]:
    losses = torch.cat([loss for loss, _ in since]) if since else torch.zeros(0)
    point: dict[str, float] = {"step": step, "train_seen": len(losses)}
    point["train_loss"] = losses.double().mean().item()
    point["train_correct"] = sum(int(right.sum()) for _, right in since)
    part = tuple(t[probe[: config.n_sample]] for t in val)
    point["sample_loss"], point["sample_correct"] = scored(model, part)
    point["val_loss"], point["val_correct"] = np.nan, -1
    if config.n_sample == config.n_val or scheduled(config, step):
        point["val_loss"], point["val_correct"] = scored(model, val)
    squares: dict[str, float] = {}
    for name, value in model.named().items():
        group = f"norm.{group_of(name)}"
        squares[group] = squares.get(group, 0.0) + value.detach().double().square().sum().item()
    whole = sum(v for name, v in squares.items() if "embedding" not in name)
    return point | {name: v**0.5 for name, v in squares.items()} | {"norm": whole**0.5}


def assert_same(ours: Trajectory, plain: list[dict[str, float]], tolerance: float) -> None:
    assert ours.status == "done"
    assert set(ours.columns) == set(plain[0])
    for name, column in ours.columns.items():
        expected = [point[name] for point in plain]
        if name in ("step", "train_seen", "train_correct", "sample_correct", "val_correct"):
            assert column.tolist() == expected, name
        else:
            np.testing.assert_allclose(column, expected, rtol=tolerance, err_msg=name)


RUNS = [Seeds(3, 3, 0, 1), Seeds(3, 4, 0, 1), Seeds(5, 3, 7, 2)]


@pytest.mark.parametrize(
    "changes",
    [
        {"max_steps": 60},
        {"layers": 1, "operation": "x^2+y^2", "weight_decay": 1.0, "lr": 3e-3},
        {"layers": 3, "operation": "x-y", "warmup_steps": 0, "beta2": 0.999, "p": 7},
        {"p": 11, "batch_size": 18, "train_fraction": 0.5},  # the last batch is one example
        {"batch_size": 78, "heads": 1},  # one batch an epoch
        {"scheme": "shared"},
        {"scheme": "shared", "val_shuffle": True},
    ],
    ids=str,
)
@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops(changes: dict[str, object]) -> None:
    """Stacked lanes against one torch.optim.AdamW a run, every column of every point."""
    config = tiny(**changes)
    for seeds, ours in zip(RUNS, train(config, RUNS), strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)


def test_a_run_is_a_plain_loops_in_float32() -> None:
    config = tiny(max_steps=60)
    for seeds, ours in zip(RUNS, train(config, RUNS), strict=True):
        assert_same(ours, plain_training(config, seeds), 2e-4)


@pytest.mark.usefixtures("float64")
def test_the_test_set_is_scored_once_at_the_end() -> None:
    config = tiny(test_fraction=0.2, max_steps=15)
    ours = train(config, RUNS[:1])[0]
    assert ours.test_correct == plain_training(config, RUNS[0])[-1]["test"]
    assert train(tiny(max_steps=1), RUNS[:1])[0].test_correct is None


def test_two_steps_move_every_group() -> None:
    """The first step's learning rate is 1e-8 of the whole: it moves next to nothing."""
    config = tiny(max_steps=2, sample_every=1, val_every=1, screen_step=1)
    norms = {k: v for k, v in train(config, RUNS[:1])[0].columns.items() if "norm" in k}
    assert len(norms) == 8
    for name, (start, first, second) in norms.items():
        assert first == pytest.approx(start, rel=1e-7), name
        assert abs(second / start - 1) > 1e-7, name


def test_points_and_whole_evaluations_come_on_schedule() -> None:
    config = tiny(max_steps=33, val_every=10, screen_step=15)
    columns = train(config, RUNS[:1])[0].columns
    assert columns["step"].tolist() == [0, 5, 10, 15, 20, 25, 30, 33]
    assert columns["step"][columns["val_correct"] >= 0].tolist() == [10, 15, 20, 30, 33]
    assert np.array_equal(columns["val_correct"] >= 0, np.isfinite(columns["val_loss"]))


def test_the_probe_is_part_of_the_validation_set() -> None:
    """Right answers on the whole are those on the validation sample and some of those beside it."""
    config = tiny(operation="x^2+y^2", lr=3e-3, sample_size=60, val_every=5)
    assert config.n_val - config.n_sample == 25
    for ours in train(config, RUNS):
        beside = (ours.columns["val_correct"] - ours.columns["sample_correct"])[1:]
        assert (beside >= 0).all()
        assert (beside <= 25).all()


def test_the_whole_set_is_the_probe_where_the_probe_is_no_smaller() -> None:
    columns = train(tiny(sample_size=10_000, max_steps=10), RUNS[:1])[0].columns
    assert np.array_equal(columns["sample_loss"], columns["val_loss"])
    assert np.array_equal(columns["sample_correct"], columns["val_correct"])


def test_validation_moves_training_in_the_shared_scheme_alone() -> None:
    """A whole validation pass comes after step 10; the third epoch begins after it."""
    for scheme in ("shared", "diary", "independent"):
        config = {"scheme": scheme, "max_steps": 25, "screen_step": 25}
        still, shuffled = (
            train(tiny(**config, val_every=10, val_shuffle=shuffle), RUNS[:1])[0]
            for shuffle in (False, True)
        )
        rare = train(tiny(**config, val_every=25), RUNS[:1])[0]
        losses = [t.columns["train_loss"] for t in (still, shuffled, rare)]
        assert np.array_equal(losses[0][:3], losses[1][:3], equal_nan=True)
        assert (still.digest() == shuffled.digest()) == (scheme != "shared")
        for other in losses[1:]:
            assert np.array_equal(losses[0][1:], other[1:]) == (scheme != "shared")


@pytest.mark.parametrize("stream", ["split", "model", "loader", "val"])
def test_every_stream_moves_a_run(stream: str) -> None:
    """And the val stream moves nothing but the validation sample."""
    config = tiny(scheme="independent", max_steps=20)
    one = Seeds(1, 1, 1, 1)
    other = Seeds(**{**vars(one), stream: 2})
    first, second = (t.columns for t in train(config, [one, other]))
    moved = {name for name in first if not np.array_equal(first[name], second[name], True)}
    if stream == "val":
        assert {"sample_loss"} <= moved <= {"sample_loss", "sample_correct"}
    else:
        assert {"train_loss", "val_loss", "norm"} <= moved
    starts = {name for name in first if "norm" in name and first[name][0] != second[name][0]}
    assert bool(starts) == (stream == "model")


def test_independent_streams_are_named_generators() -> None:
    """A plain run given each stream's own seed is the run."""
    config = tiny(scheme="independent", max_steps=20)
    streams = generators(RUNS[2], "independent", config.n_equations)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(streams.model.initial_seed())
        model = PlainDecoder(config)
    ours = train(config, RUNS[2:])[0].columns
    squares = [value.detach().double().square().sum().item() for value in model.parameters()]
    embeddings = sum(squares[:2])
    assert ours["norm"][0] == pytest.approx((sum(squares) - embeddings) ** 0.5, rel=1e-9)
