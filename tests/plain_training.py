"""Training as one would write it with torch.nn and a DataLoader: the judge of the engine's runs."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import LinearLR
from torch.utils.data import DataLoader, TensorDataset, random_split

from grokseed import texts
from grokseed.config import Config, preset
from grokseed.model.layout import group_of
from grokseed.model.reference import PlainDecoder, tokens
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.task import equations

TINY = {"p": 13, "d_model": 32, "batch_size": 16, "scheme": "diary", "max_steps": 22}
TINY |= {"sample_every": 5, "val_every": 10, "screen_step": 15, "sample_size": 50}


def tiny(**changes: object) -> Config:
    return preset("diary", **{**TINY, **changes})


def plain_training(config: Config, seeds: Seeds) -> list[dict[str, float]]:
    """The evaluation points of a run, trained as one would write it."""
    examples = all_examples(config)
    sizes = [config.n_train, config.n_val, config.n_test]
    shared = config.scheme == "shared"
    numbers = seeds if config.scheme != "independent" else mixed(seeds)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.model if shared else numbers.split)
        train_set, val_set, test_set = random_split(examples, sizes)
        if not shared:
            torch.manual_seed(numbers.model)
        if config.scheme == "diary":
            torch.randperm(len(examples))
        model = PlainDecoder(config)
        own = None if shared else torch.Generator().manual_seed(numbers.loader)
        loader = DataLoader(train_set, config.batch_size, shuffle=True, generator=own)
        probe = torch.arange(config.n_val)
        if not shared:
            probe = torch.randperm(
                config.n_val, generator=torch.Generator().manual_seed(numbers.val)
            )
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


def mixed(seeds: Seeds) -> Seeds:
    """The number that seeds each stream's generator in scheme independent."""
    each = (seeds.split, seeds.model, seeds.loader, seeds.val)
    split, model, loader, val = (murmur3(s + role * 0x9E3779B9) for role, s in enumerate(each, 1))
    return Seeds(split, model, loader, val)


def murmur3(key: int) -> int:
    """MurmurHash3's 32-bit finalizer, `fmix32`, of a key's lowest 32 bits."""
    h = np.array([key % 2**32], np.uint32)
    h ^= h >> 16
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> 16
    return int(h[0])


def all_examples(config: Config) -> TensorDataset:
    """Tokens and answers."""
    if config.task == "rote":
        windows = [
            list(window) for window in texts.windows(config.text, config.examples, config.length)
        ]
        return TensorDataset(torch.tensor(windows)[:, :-1], torch.tensor(windows)[:, -1])
    a, b, result = equations(config.operation, config.p)
    return TensorDataset(tokens(config, a, b), result + 11)


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
