"""The ladder's lanes against one `torch.nn` model each, and against the same lane alone."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from grokseed.analysis import ladder as rules
from grokseed.analysis.ladder import Level, Trial, trials
from grokseed.config import preset
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.seeds import Seeds
from grokseed.streams import loader_generator
from grokseed.training.batches import epoch_order
from grokseed.training.ladder import Setting, climb, setting

CONFIG = preset("mini", p=11, d_model=16, batch_size=16, sample_size=20, warmup_steps=3, layers=2)
SEEDS = Seeds(1, 2, 3, 4)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Three epochs of a level, two of a rate."""
    monkeypatch.setattr(rules, "MOST_EPOCHS", 3)
    monkeypatch.setattr(rules, "RATE_EPOCHS", 2)
    return setting(CONFIG, SEEDS)


def by_torch(at: Setting, trial: Trial) -> tuple[list[float], list[int], dict[str, list[float]]]:
    """Loss and right answers of each epoch, and gradients' norms of the first steps."""
    model = PlainDecoder(CONFIG).to(torch.get_default_dtype())
    for name, parameter in model.named().items():
        parameter.data.copy_(at.initial[name])
    beta, rate = (CONFIG.beta1, CONFIG.beta2), trial.rate
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=rate, betas=beta, eps=CONFIG.eps, weight_decay=0
    )
    warm = torch.optim.lr_scheduler.LinearLR(optimiser, 1e-8, total_iters=CONFIG.warmup_steps)
    generator = loader_generator(SEEDS.loader, CONFIG.scheme)
    losses, rights, norms, step = [], [], {}, 0
    for _ in range(trial.epochs):
        loss, right = 0.0, 0
        for rows in at.train[: trial.n][epoch_order(trial.n, generator)].split(trial.batch):
            a, b, label = at.step.examples[:, rows]
            logits = model(tokens(CONFIG, a, b))
            mean = F.cross_entropy(logits, label)
            optimiser.zero_grad()
            mean.backward()
            step += 1
            for name, parameter in model.named().items():
                assert parameter.grad is not None
                if step in (1, 2, 3):
                    norms.setdefault(name, []).append(parameter.grad.norm().item())
            optimiser.step()
            warm.step()
            loss += mean.item() * len(rows)
            right += int((logits.argmax(-1) == label).sum())
        losses.append(loss / trial.n)
        rights.append(right)
    return losses, rights, norms


def test_every_lane_is_a_training_of_its_own(at, float64):
    at = replace(at, initial={name: value.double() for name, value in at.initial.items()})
    at.step.shares = at.step.shares.double()
    found = trials(at.config)
    assert [trial.n for trial in found] == [4, *[66] * 8]
    for trial in found:
        trial.level = trial.level and replace(trial.level, n=trial.n + 1, above=1.0)  # never met
    climb(at, found)
    for trial in found:
        losses, rights, norms = by_torch(at, trial)
        assert_close(trial.loss, losses, rtol=1e-9, atol=1e-12)
        assert trial.right == rights
        if trial.level:
            split = {name for name in norms if ".qkv." in name}
            assert trial.steps[:3] == [1, 2, 3][: len(trial.steps)]
            for name in norms.keys() - split:
                assert_close(trial.norms[name][:3], norms[name], rtol=1e-7, atol=1e-12)
            for name in split:  # the norms of q, k and v make that of the three
                parts = [torch.tensor(trial.norms[name.replace("qkv", x)][:3]) for x in "qkv"]
                whole = torch.stack(parts).square().sum(0).sqrt().tolist()
                assert_close(whole, norms[name], rtol=1e-7, atol=1e-12)


def test_shared_keys_have_their_own_norm(at, float64):
    """A key's bias has no gradient but rounding; those of queries and values have one."""
    at = setting(replace(at.config, heads=4, kv_heads=1), SEEDS)
    at = replace(at, initial={name: value.double() for name, value in at.initial.items()})
    at.step.shares = at.step.shares.double()
    level, *_ = trials(at.config)
    climb(at, [level])
    q, k, v = (level.norms[f"block1.attention.{x}.bias"][0] for x in "qkv")
    assert k < 1e-12 < 1e-6 < min(q, v)


def test_lanes_do_not_touch(at):
    together = trials(at.config)
    climb(at, together)
    for number in (0, 1, 4):
        alone = trials(at.config)[number]
        climb(at, [alone])
        # A lane alone leaves no bits of its neighbours: only sums of other lengths may round.
        assert_close(alone.loss, together[number].loss, rtol=1e-6, atol=0)
        assert alone.right == together[number].right


def test_a_level_ends_as_soon_as_it_is_met(at):
    level = Level("all", 66, -1.0, None, 16)
    trial = Trial("all", 66, 1e-3, 16, level)
    climb(at, [trial])
    assert (len(trial.loss), trial.reached) == (1, 1)


def test_what_is_no_lack_of_memory_is_not_caught(at):
    def losses(*_):
        raise RuntimeError("shapes do not match")

    at.step.losses = losses
    with pytest.raises(RuntimeError, match="shapes do not match"):
        climb(at, trials(at.config))


def test_a_trial_that_ended_before_memory_ran_out_has_ended(at):
    losses, calls, said = at.step.losses, [], []

    def until(*given):
        calls.append(given)
        if said:
            raise MemoryError
        return losses(*given)

    at.step.losses = until
    ends = Trial("all", 66, 1e-3, 16, Level("all", 66, -1.0, None, 16))
    goes_on = Trial("never", 66, 1e-3, 16, Level("never", 66, 2.0, None, 16))
    climb(at, [ends, goes_on], lambda trial: said.append((trial.name, trial.status)))
    assert said == [("all", "done"), ("never", "out of memory")]
    assert ends.reached == 1
