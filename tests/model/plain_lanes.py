"""Decoders of torch.nn's layers with random parameters, and whether ours are the same functions."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from grokseed.config import Config
from grokseed.model.decoder import Decoder, Forward
from grokseed.model.reference import PlainDecoder
from grokseed.model.weights import stack


def plain_lanes(config: Config, lanes: int) -> list[PlainDecoder]:
    """Decoders whose every parameter is random, the biases and norms that start constant too."""
    generator = torch.Generator().manual_seed(1)
    models = [PlainDecoder(config).double() for _ in range(lanes)]
    with torch.no_grad():
        for model in models:
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
    return models


def stacked(models: list[PlainDecoder]) -> dict[str, Tensor]:
    runs = [{k: v.detach() for k, v in model.named().items()} for model in models]
    return {k: v.requires_grad_() for k, v in stack(runs).items()}


def example_residues(config: Config, lanes: int, examples: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    a, b = torch.randint(config.p, (2, lanes, examples), generator=generator)
    return a, b


def assert_same_function(
    config: Config,
    forwards: Sequence[Forward],
    lanes: int,
    examples: int,
    tokens: Callable[[Config, Tensor, Tensor], Tensor],
) -> None:
    """Logits, and the gradients of a different weighted sum of them in each lane, in float64."""
    models = plain_lanes(config, lanes)
    parameters = stacked(models)
    a, b = example_residues(config, lanes, examples)
    expected = torch.stack([m(tokens(config, x, y)) for m, x, y in zip(models, a, b, strict=True)])
    weight = torch.randn(expected.shape, dtype=torch.float64, generator=torch.Generator())
    torch.autograd.backward(expected, weight)
    for forward in forwards:
        logits = Decoder(config, forward).logits(parameters, a, b)
        torch.testing.assert_close(logits, expected.detach(), rtol=1e-12, atol=1e-12)
        gradients = torch.autograd.grad(logits, list(parameters.values()), weight)
        for name, gradient in zip(parameters, gradients, strict=True):
            theirs = torch.stack([model.named()[name].grad for model in models])  # type: ignore[arg-type]
            scale = theirs.abs().max()
            torch.testing.assert_close(gradient / scale, theirs / scale, rtol=0, atol=1e-12)
            assert gradient.abs().amax(tuple(range(1, gradient.ndim))).min() > 0, name
