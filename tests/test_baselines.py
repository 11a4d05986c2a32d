"""The loops that the engine's speed is measured against do train, and count their steps."""

import pytest
import torch

from grokseed.config import Config
from grokseed.model.reference import plain_loop, vmap_loop

CONFIG = Config(p=7, d_model=16, heads=2, batch_size=8, sample_every=10, val_every=10, lr=1e-2)


class Enough(Exception):  # noqa: N818
    """Ends a loop that would go on for ever."""


@pytest.mark.parametrize(("loop", "lanes"), [(plain_loop, 1), (vmap_loop, 3)])
def test_a_baseline_learns_and_counts(loop, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    losses, counted = [], []
    cross_entropy = torch.nn.functional.cross_entropy

    def noted(logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        assert logits.shape in ((8, 18), (5, 18))
        loss = cross_entropy(logits, label)
        losses.append(loss.detach())
        return loss

    def on_point(steps: float) -> None:
        counted.append(steps)
        if len(counted) == 4:
            raise Enough

    monkeypatch.setattr(torch.nn.functional, "cross_entropy", noted)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        with pytest.raises(Enough):
            loop(CONFIG, lanes, "cpu", on_point)
    assert counted == [10 * lanes] * 4
    assert len(losses) == 40
    if lanes == 1:
        assert torch.stack(losses[-5:]).mean() < 0.8 * torch.stack(losses[:5]).mean()
