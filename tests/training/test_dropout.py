"""Dropout against torch.nn's layers under the same masks, and what it must leave as it was."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from tiny_runs import RUNS, assert_lanes_do_not_touch, tiny
from torch import Tensor

from grokseed.cli.options import SeedOptions
from grokseed.execution.how import How
from grokseed.execution.scanner import Scanner
from grokseed.model.decoder import Decoder
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.model.weights import stack
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.training.dropout import draw_masks
from grokseed.training.run import begin
from grokseed.training.trainer import train


def dropped(model: PlainDecoder, sequences: Tensor, masks: Tensor) -> Tensor:
    """Logits of a plain decoder whose layers' outputs are masked, [2 · blocks, B · T, d]."""
    x = model.token_embedding(sequences) + model.position_embedding.weight
    shaped = iter(masks.view(len(masks), *x.shape))
    for number in model.order:
        block = model.blocks[number]
        mixed = block.attention(x, x, x, attn_mask=model.mask, need_weights=False)[0]  # type: ignore[operator,union-attr]
        x = block.attention_norm(x + mixed * next(shaped))  # type: ignore[operator]
        down = block.down(block.activation(block.up(x)))  # type: ignore[operator]
        x = block.ffn_norm(x + down * next(shaped))  # type: ignore[operator]
    x = model.norm(x)
    return model.head(x.flatten(1) if model.readout == "flatten" else x[:, -1])


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "changes",
    [
        {"layers": 2},
        {"layers": 1},
        {"layers": 4, "sharing": "cycle", "unique_layers": 2},
        {"layers": 2, "attention": "full"},
        {"layers": 2, "readout": "flatten"},
    ],
)
def test_what_is_dropped_is_dropped_in_torchs_layers(changes: dict[str, object]) -> None:
    """Logits and gradients of two lanes, each under masks of its own."""
    config = tiny(dropout=0.3, **changes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        models = [PlainDecoder(config) for _ in range(2)]
    masks = draw_masks(config, [begin(config, seeds, 0) for seeds in RUNS[:2]])
    assert masks is not None
    random = torch.Generator().manual_seed(2)
    a, b = torch.randint(config.p, (2, 2, config.batch_size), generator=random)
    sequences = [tokens(config, x, y) for x, y in zip(a, b, strict=True)]
    theirs = torch.stack([dropped(*of) for of in zip(models, sequences, masks, strict=True)])
    p = stack([{k: v.detach() for k, v in model.named().items()} for model in models])
    p = {name: value.requires_grad_() for name, value in p.items()}
    ours = Decoder(config).logits(p, a, b, masks=masks)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    assert not torch.allclose(ours, Decoder(config).logits(p, a, b))
    weight = torch.randn(ours.shape, generator=random)
    gradients = torch.autograd.grad(ours, list(p.values()), weight)
    theirs.backward(weight)
    for name, gradient in zip(p, gradients, strict=True):
        expected = torch.stack([model.named()[name].grad for model in models])  # type: ignore[arg-type]
        torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-10)


def test_masks_keep_the_mean_and_drop_the_share_asked_for() -> None:
    config = tiny(dropout=0.3, batch_size=64, d_model=64, operation="x+y", p=23)
    run = begin(config, RUNS[0], 0)
    drawn = [draw_masks(config, [run, None]) for _ in range(5)]
    masks = torch.cat([some for some in drawn if some is not None], 1)
    kept = masks[0]
    assert masks[1].eq(0).all()  # an empty lane
    assert set(kept.unique().tolist()) == {0.0, float(torch.tensor(1.0) / (1 - 0.3))}
    error = (0.3 * 0.7 / kept.numel()) ** 0.5
    assert kept.eq(0).double().mean().item() == pytest.approx(0.3, abs=5 * error)
    assert kept.double().mean().item() == pytest.approx(1, abs=5 * error / 0.7)
    assert not kept[0].equal(kept[1])  # each layer, example and step has its own


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": 2},
        {"scheme": "diary", "p": 13, "d_model": 6, "heads": 1, "batch_size": 23},
    ],
)
def test_a_run_is_the_same_in_any_company(changes: dict[str, object]) -> None:
    assert_lanes_do_not_touch(tiny(dropout=0.2, **changes))


@pytest.mark.usefixtures("float64")
def test_no_other_stream_moves() -> None:
    """A share too small to drop anything: the run is the one without dropout, but for rounding."""
    config = tiny(max_steps=30)
    with_, without = (train(c, RUNS[:2]) for c in (replace(config, dropout=1e-12), config))
    for one, other in zip(with_, without, strict=True):
        for name, column in one.columns.items():
            np.testing.assert_allclose(column, other.columns[name], rtol=1e-8, err_msg=name)


def test_evaluations_drop_nothing() -> None:
    """Of weights that do not move every evaluation is the same, and that of no dropout."""
    config = tiny(lr=1e-30, weight_decay=0.0, max_steps=10)
    (plain,), (dropping,) = (train(replace(config, dropout=d), RUNS[:1]) for d in (0.0, 0.5))
    for name in ("sample_loss", "sample_correct", "val_loss", "val_correct"):
        assert np.array_equal(plain.columns[name], dropping.columns[name], equal_nan=True), name
    assert len(set(dropping.columns["sample_loss"].tolist())) == 1
    assert (plain.columns["train_loss"][1:] != dropping.columns["train_loss"][1:]).all()


def test_the_loader_seed_is_dropouts_in_a_role_of_its_own() -> None:
    def drawn(seeds: Seeds, scheme) -> dict[str, list[float]]:
        streams = generators(seeds, scheme, 110)
        return {
            name: torch.rand(4, generator=generator).tolist()
            for name, generator in vars(streams).items()
        }

    for scheme in ("independent", "diary"):
        first = drawn(Seeds(5, 5, 5, 5), scheme)
        assert first["dropout"] not in [v for name, v in first.items() if name != "dropout"]
        assert drawn(Seeds(1, 2, 5, 3), scheme)["dropout"] == first["dropout"]
        assert drawn(Seeds(5, 5, 6, 5), scheme)["dropout"] != first["dropout"]


def test_what_takes_no_masks_refuses_dropout(tmp_path, monkeypatch) -> None:
    config = tiny(dropout=0.1)
    reason = "dropout is trained eagerly on a CPU: take --device cpu and --compile no"
    runs = SeedOptions().runs("independent")
    scanner = partial(Scanner, config, runs, tmp_path)
    with pytest.raises(ValueError, match=reason):
        scanner(How(device="cpu", compile="yes"))
    with pytest.raises(ValueError, match=reason):
        train(config, RUNS[:1], compiled=True)
    monkeypatch.setattr("grokseed.execution.plan.WORTH_COMPILING", 0.0)
    monkeypatch.setattr("grokseed.execution.plan.compiler", lambda: "g++")
    assert not scanner(How(device="cpu")).plan.compiled  # auto: it goes without
    with pytest.raises(ValueError, match="scheme shared has only one"):
        tiny(dropout=0.1, scheme="shared")
