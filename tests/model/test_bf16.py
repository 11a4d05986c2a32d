"""Layers in bf16 take rounded inputs, and nothing else changes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, cat
from torch.nn.functional import linear

from grokseed.config import preset
from grokseed.model.layers import Layers, Rows

D, N = 16, 300
INDEX = torch.arange(N).flip(0).unsqueeze(0)


def random(*shape: int) -> Tensor:
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(sum(shape)))


WEIGHTS = {
    "few.weight": random(7, D),
    "many.weight": random(40, D),
    "many.bias": random(40),
    "convolved.weight": random(7, D, 3),
    "block1.attention.qkv.weight": random(D + 2 * 8, D),
    "token_embedding.weight": random(9, D),
}
CONFIG = preset("mini", d_model=D, heads=4, kv_heads=2)
FP32, BF16 = (Layers(replace(CONFIG, precision=p), WEIGHTS) for p in ("fp32", "bf16"))


@pytest.mark.parametrize(("name", "outputs"), [("few", 7), ("many", 40), ("tied", 9)])
def test_a_product_is_that_of_rounded_inputs(name: str, outputs: int) -> None:
    """Near float64's: it is rounded to 8 bits, before its bias is added."""
    x, bias = random(N, D), WEIGHTS.get(f"{name}.bias", torch.zeros(1, outputs))
    weight = WEIGHTS["token_embedding.weight" if name == "tied" else f"{name}.weight"]
    found = BF16.tied(x) if name == "tied" else BF16.linear(x, name)
    exact = linear(x[0].bfloat16().double(), weight[0].bfloat16().double()) + bias[0]
    assert found.shape == (1, N, outputs)
    torch.testing.assert_close(found[0].double(), exact, rtol=2**-8, atol=2**-6)


@pytest.mark.parametrize(
    "layer",
    [
        lambda on, x: on.linear(x, "few"),
        lambda on, x: on.linear(x, "many"),
        Layers.tied,
        lambda on, x: cat(on.qkv("block1", x, x), -1),
        lambda on, x: cat(on.qkv("block1", x, x[:, -200:])[:1], -1),
        lambda on, x: cat(on.qkv("block1", x, x[:, -200:])[1:], -1),
        lambda on, x: on.convolution(Rows(x.unsqueeze(2)), "convolved").table,
        lambda on, x: on.dense([Rows(x.unsqueeze(2))], "few"),
        lambda on, x: on.dense([Rows(x.unsqueeze(2), INDEX)], "few"),
        lambda on, x: on.dense([Rows(x.unsqueeze(2), INDEX)], "many"),
    ],
)
def test_to_round_its_inputs_first_changes_no_bit(
    layer: Callable[[Layers, Tensor], Tensor],
) -> None:
    x = random(N, D)
    rounded = x.bfloat16().float()
    assert layer(BF16, x).equal(layer(BF16, rounded))
    assert not layer(FP32, x).equal(layer(FP32, rounded))
