"""Shared layers: assignments by hand, and gradients that sum over a layer's uses."""

from dataclasses import replace

import pytest
import torch
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from tiny_runs import RUNS, assert_lanes_do_not_touch, tiny

from grokseed.config import Config, preset
from grokseed.model import plain, prefix
from grokseed.model.decoder import Decoder, Forward
from grokseed.model.layout import groups, layer_names, layers_of, parameter_shapes
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.seeds import Seeds
from grokseed.training.trainer import train

ASSIGNED = {
    ("sequence", 6, 3): [1, 1, 2, 2, 3, 3],
    ("cycle", 6, 3): [1, 2, 3, 1, 2, 3],
    ("cycle-rev", 6, 3): [1, 2, 3, 3, 2, 1],
    ("sequence", 12, 6): [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    ("cycle", 12, 6): [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
    ("cycle-rev", 12, 6): [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1],
    ("cycle-rev", 9, 3): [1, 2, 3, 1, 2, 3, 3, 2, 1],
    ("cycle-rev", 4, 1): [1, 1, 1, 1],
    ("sequence", 3, 1): [1, 1, 1],
}


@pytest.mark.parametrize(("sharing", "n", "m"), ASSIGNED)
def test_blocks_use_the_sets_of_the_paper(sharing, n: int, m: int) -> None:
    config = Config(layers=n, sharing=sharing, unique_layers=m)
    assert layers_of(config) == tuple(f"block{i}" for i in ASSIGNED[sharing, n, m])
    assert layer_names(config) == tuple(f"block{i}" for i in range(1, m + 1))
    unshared = replace(config, layers=m, sharing="none", unique_layers=0)
    assert list(parameter_shapes(config)) == list(parameter_shapes(unshared))
    assert groups(config) == groups(unshared)


@pytest.mark.parametrize("forward", [prefix.rows, plain.rows])
@pytest.mark.parametrize(("sharing", "n", "m"), [k for k in ASSIGNED if k[1] <= 6])
def test_a_shared_layers_gradient_is_the_sum_over_its_uses(
    sharing, n: int, m: int, forward: Forward
) -> None:
    """Against torch.nn's decoder of as many blocks that share nothing and start equal."""
    config = plain_tiny(layers=n, sharing=sharing, unique_layers=m, d_model=12, heads=2)
    generator = torch.Generator().manual_seed(0)
    p = {
        name: torch.randn(1, *shape, dtype=torch.float64, generator=generator).mul_(0.4)
        for name, shape in parameter_shapes(config).items()
    }
    p = {name: value.requires_grad_() for name, value in p.items()}
    a, b = torch.randint(config.p, (2, 1, 9), generator=generator)
    unshared = PlainDecoder(replace(config, sharing="none", unique_layers=0)).double()

    def source(name: str) -> str:
        block, _, rest = name.partition(".")
        if not block.startswith("block"):
            return name
        return f"block{ASSIGNED[sharing, n, m][int(block[5:]) - 1]}.{rest}"

    with torch.no_grad():
        for name, value in unshared.named().items():
            value.copy_(p[source(name)][0])
    theirs = unshared(tokens(config, a[0], b[0]))
    weight = torch.randn(theirs.shape, dtype=torch.float64, generator=generator)
    theirs.backward(weight)
    ours = Decoder(config, forward).logits(p, a, b)
    torch.testing.assert_close(ours[0], theirs, rtol=1e-12, atol=1e-12)
    ours.backward(weight[None])
    summed = {name: torch.zeros_like(value[0]) for name, value in p.items()}
    for name, value in unshared.named().items():
        summed[source(name)] += value.grad  # type: ignore[operator]
    for name, value in p.items():
        scale = summed[name].abs().max()
        torch.testing.assert_close(value.grad[0] / scale, summed[name] / scale, rtol=0, atol=1e-12)  # type: ignore[index]


@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops() -> None:
    config = plain_tiny(layers=4, sharing="cycle-rev", unique_layers=2)
    seeds = Seeds(3, 3, 0, 1)
    assert_same(train(config, [seeds])[0], plain_training(config, seeds), 1e-9)


def test_lanes_do_not_touch() -> None:
    assert len(RUNS) > 1
    assert_lanes_do_not_touch(tiny(layers=2, sharing="cycle", unique_layers=1))


def test_sharing_changes_no_stored_key_and_refuses_what_cannot_be() -> None:
    assert "sharing" not in Config().changes()
    for changes, said in (
        ({"sharing": "loop"}, "sharing must be one of none, sequence, cycle, cycle-rev"),
        ({"unique_layers": 1}, "unique_layers needs a sharing"),
        ({"sharing": "cycle"}, "must divide layers: 0 does not divide 2"),
        ({"sharing": "cycle", "unique_layers": 3}, "must divide layers: 3 does not divide 2"),
        ({"sharing": "cycle", "unique_layers": -1}, "must divide layers"),
        ({"sharing": "cycle", "unique_layers": 2}, "sharing cycle shares nothing: 2 layers"),
        (
            {"sharing": "sequence", "layers": 1, "unique_layers": 1},
            "sharing sequence shares nothing: 1 layers",
        ),
    ):
        with pytest.raises(ValueError, match=said):
            preset("diary", **changes)
