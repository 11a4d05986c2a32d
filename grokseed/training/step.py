"""One optimiser step of stacked runs: eager, or static so that it can be compiled.

An eager step trains lanes of equal batch size together. A static step takes all lanes at one width.
It is a function of tensors, with the same operations on the same shapes every time, so that it can
be compiled and recorded as a CUDA graph.
"""

from __future__ import annotations

from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor

from grokseed.config import Config
from grokseed.model.decoder import Decoder
from grokseed.model.layout import parameter_shapes
from grokseed.model.weights import Parameters
from grokseed.task import examples
from grokseed.training.batches import batch_sizes
from grokseed.training.buffer import joined, views
from grokseed.training.optimiser import optimiser_of
from grokseed.training.state import TrainState
from grokseed.vocabulary import sequence


class Step:
    """Forward pass, backward pass and update on batches of a config's examples.

    Attributes:
        optimiser: what updates the weights.
        shapes: the shape of every parameter of one run.
        sizes: examples of a batch, and of an epoch's last one.
        examples: all of the task's, as `task.examples` gives them, int64 [inputs + 1, n].
        shares: the weight of an example in the mean over a full batch, and over an epoch's last,
            [2, B].
    """

    def __init__(self, config: Config, device: str) -> None:
        self.config, self.decoder = config, Decoder(config)
        self.optimiser = optimiser_of(config)
        self.shapes, self.sizes = parameter_shapes(config), batch_sizes(config)
        self.examples = examples(config).to(device)
        ordinal, size = torch.arange(config.batch_size), torch.tensor(self.sizes).unsqueeze(1)
        self.shares = (ordinal < size).to(torch.get_default_dtype()).div(size).to(device)

    def losses(
        self,
        parameters: Parameters,
        examples: Tensor,
        counted: Tensor | None = None,
        masks: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Cross-entropy of each example, [L, B], and number of right answers a lane, [L].

        Args:
            examples: their inputs, and the right answer's token, [inputs + 1, L, B].
            counted: which answers count, [L, B]; None for all.
            masks: dropout's, see `Layers`.
        """
        *inputs, label = examples
        logits = self.decoder.logits(parameters, *inputs, masks=masks)
        loss = F.cross_entropy(logits.flatten(0, 1), label.flatten(), reduction="none")
        own = logits.detach().gather(-1, label.unsqueeze(-1))
        # Right if its logit is the only largest one; counted in floats, as compilers are slow with
        # int64.
        right = (logits.detach() >= own).float().sum(-1) == 1
        return loss.view(label.shape), (right if counted is None else right & counted).sum(-1)

    def eager(
        self,
        state: TrainState,
        loss: Tensor,
        right: Tensor,
        rows: Tensor,
        last: list[int],
        masks: Tensor | None = None,
    ) -> None:
        """One step on the CPU; neighbouring lanes with batches of one size share a backward pass.

        Args:
            loss: sum of the train loss of each lane so far, [L]; added to.
            right: right answers of each lane so far, [L]; added to.
            rows: examples of each lane's batch, [L, B].
            last: which lanes' batches are their epoch's last, 0 or 1 each.
            masks: `dropout.draw_masks`.
        """
        low = 0
        for kind, alike in groupby(last):
            lanes = slice(low, low := low + len(list(alike)))
            batch = self.examples[:, rows[lanes, : self.sizes[kind]]]
            share = self.shares[kind, : self.sizes[kind]].expand(batch[0].shape)
            leaves = self._leaves(state.weights[lanes])
            own = None
            if masks is not None:
                own = masks[lanes, :, : self.sizes[kind] * len(sequence(self.config))]
            losses, correct = self.losses(leaves, batch, masks=own)
            gradients = torch.autograd.grad(losses, list(leaves.values()), share)
            state.eager(lanes, gradients)
            loss[lanes] += losses.detach().double().sum(1)
            right[lanes] += correct

    def static(
        self,
        weights: Tensor,
        loss: Tensor,
        right: Tensor,
        factors: Tensor,
        batch: Tensor,
        share: Tensor,
        *state: Tensor,
    ) -> None:
        """One step in place of all lanes.

        Values that a compiler would compute again for every element are passed as arguments.

        Args:
            weights, factors, state: as in `Optimiser.update`.
            loss, right: as in `eager`.
            batch: the inputs and the answer's token of each lane's examples, [inputs + 1, L, B].
            share: the weight of each example in its batch's mean, [L, B]; 0 for what fills up a
                short batch.
        """
        leaves, counted = self._leaves(weights), share > 0
        losses, correct = self.losses(leaves, batch, counted)
        gradients = torch.autograd.grad(losses, list(leaves.values()), share)
        self.optimiser.update(factors, weights, joined(gradients, self.shapes), state)
        loss += losses.detach().double().mul(counted).sum(1)
        right += correct

    def _leaves(self, weights: Tensor) -> dict[str, Tensor]:
        parts = views(weights, self.shapes)
        return {name: value.detach().requires_grad_() for name, value in parts.items()}
