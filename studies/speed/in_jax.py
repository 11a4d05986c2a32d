"""The peer in JAX: the same decoder and the same runs, as one would write them there.

One run's step is a plain function; `vmap` maps it over runs, `lax.scan` over the steps of a turn,
and `jit` compiles the whole. Parameters have the engine's names. Needs `pip install .[peers]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

import jax  # pyright: ignore[reportMissingImports]  # not among the tests' needs
import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
import torch
from jax import Array, lax  # pyright: ignore[reportMissingImports]
from torch import Tensor

from grokseed.config import Config
from grokseed.model.graft import initial_weights
from grokseed.model.reference import tokens
from grokseed.model.weights import stack
from grokseed.task import equations
from grokseed.training.run import begin
from grokseed.vocabulary import RESIDUE
from speed.contenders import batch_rows, lane_seeds

Parameters = dict[str, Array]
State = tuple[Parameters, Parameters, Parameters]
"""Weights and both of AdamW's moments."""


def logits(config: Config, p: Parameters, x: Array) -> Array:
    """Tokens [B, 5] give one run's logits at `=`, [B, vocabulary]."""
    h = p["token_embedding.weight"][x] + p["position_embedding.weight"]
    for block in range(1, config.layers + 1):
        attention, ffn = (_layers(p, f"block{block}.{name}.") for name in ("attention", "ffn"))
        h = _norm(attention, h + _attention(config, attention, h))
        up = jax.nn.gelu(_linear(ffn, "up.", h), approximate=False)
        h = _norm(ffn, h + _linear(ffn, "down.", up))
    head = _layers(p, "head.")
    return _linear(head, "", _norm(head, h[:, -1]))


def _attention(config: Config, p: Parameters, h: Array) -> Array:
    """Causal self-attention of [B, T, d].

    `jax.nn.dot_product_attention` would take its softmax in float32 whatever the dtype, too coarse
    to be checked against float64.
    """
    parts = jnp.split(_linear(p, "qkv.", h), 3, -1)
    q, k, v = (x.reshape(*x.shape[:2], config.heads, -1) for x in parts)
    scores = jnp.einsum("bthd,bshd->bhts", q, k) / q.shape[-1] ** 0.5
    seen = jnp.tril(jnp.ones(2 * h.shape[1:2], bool))
    shares = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
    mixed = jnp.einsum("bhts,bshd->bthd", shares, v)
    return _linear(p, "out.", mixed.reshape(h.shape))


def _layers(p: Parameters, prefix: str) -> Parameters:
    return {k.removeprefix(prefix): v for k, v in p.items() if k.startswith(prefix)}


def _linear(p: Parameters, name: str, x: Array) -> Array:
    return x @ p[f"{name}weight"].T + p[f"{name}bias"]


def _norm(p: Parameters, x: Array) -> Array:
    return jax.nn.standardize(x, epsilon=1e-5) * p["norm.weight"] + p["norm.bias"]


def adamw(config: Config, state: State, gradients: Parameters, step: Array) -> State:
    """`torch.optim.AdamW`'s update after `step` steps, its rate warmed up as by `LinearLR`."""
    c = config
    warm = jnp.minimum(1.0, step / c.warmup_steps) if c.warmup_steps else 1.0
    rate = c.lr * (1e-8 + (1 - 1e-8) * warm)
    first_correction, second_correction = (1 - beta ** (step + 1.0) for beta in (c.beta1, c.beta2))
    weights, first, second = state
    first = jax.tree.map(lambda m, g: c.beta1 * m + (1 - c.beta1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: c.beta2 * v + (1 - c.beta2) * g * g, second, gradients)

    def moved(w: Array, m: Array, v: Array) -> Array:
        scale = jnp.sqrt(v / second_correction) + c.eps
        return w * (1 - rate * c.weight_decay) - rate / first_correction * m / scale

    return jax.tree.map(moved, weights, first, second), first, second


def steps_of_lanes(config: Config) -> Callable[..., tuple[State, Array]]:
    """Some steps of all lanes as one compiled function.

    It takes a state stacked over lanes, the steps taken before, the examples of all equations
    (tokens [n, 5] and labels [n]), rows of them [steps, L, B], and for each example its weight in
    its batch's mean [steps, B]. It gives the state and the losses [steps, L].
    """

    def loss(p: Parameters, x: Array, y: Array, weight: Array) -> Array:
        log_p = jax.nn.log_softmax(logits(config, p, x))
        return -(jnp.take_along_axis(log_p, y[:, None], -1)[:, 0] * weight).sum()

    def step_of_one(state, step, x, y, weight):
        value, gradients = jax.value_and_grad(loss)(state[0], x, y, weight)
        return adamw(config, state, gradients, step), value

    step_of_all = jax.vmap(step_of_one, (0, None, 0, 0, None))

    @partial(jax.jit, donate_argnums=0)
    def steps(state, start, x, y, rows, weights):
        def body(carry, batch):
            state, step = carry
            rows, weight = batch
            state, losses = step_of_all(state, step, x[rows], y[rows], weight)
            return (state, step + 1), losses

        (state, _), losses = lax.scan(body, (state, start), (rows, weights))
        return state, losses

    return steps


def in_jax(config: Config, lanes: int, _: str) -> Iterator[Tensor]:
    """Turns of several runs on the CPU, in torch's default dtype.

    An epoch's last batch is filled up to the others' size with examples that weigh nothing, so that
    all have one shape: at most 1.3 % more work at the presets.
    """
    dtype = str(torch.get_default_dtype()).removeprefix("torch.")
    runs = [begin(config, seeds, lane) for lane, seeds in enumerate(lane_seeds(lanes))]
    initial = stack(
        [
            initial_weights(config, seeds, run.generators.model)
            for run, seeds in zip(runs, lane_seeds(lanes), strict=True)
        ]
    )
    weights = {name: jnp.asarray(value.numpy(), dtype) for name, value in initial.items()}
    state = weights, jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, weights)
    a, b, result = equations(config.operation, config.p)
    x, y = jnp.asarray(tokens(config, a, b).numpy()), jnp.asarray((result + RESIDUE).numpy())
    batches, steps, start = batch_rows(config, runs), steps_of_lanes(config), 0
    while True:
        turn = list(islice(batches, config.sample_every))
        rows = torch.zeros(len(turn), lanes, config.batch_size, dtype=torch.int64)
        shares = torch.zeros(len(turn), config.batch_size)
        for i, batch in enumerate(turn):
            rows[i, :, : batch.shape[1]] = batch
            shares[i, : batch.shape[1]] = 1 / batch.shape[1]
        state, losses = steps(state, start, x, y, rows.numpy(), jnp.asarray(shares.numpy(), dtype))
        start += len(turn)
        yield torch.from_numpy(jax.device_get(losses).copy())
