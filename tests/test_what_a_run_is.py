"""README's section on what a run is: a plain loop of torch alone, which does what the text says,
gives the numbers that are stored.

`training/test_trainer.py` compares many configs with another plain loop, to 1e-9.
"""

import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import grokseed
from grokseed.seeds import STREAMS
from grokseed.vocabulary import EOS, EQUALS, RESIDUE, VOCABULARY

ROOT = Path(__file__).parents[1]
(SECTION,) = re.findall(r"## What a run is\n(.*?)\n## ", (ROOT / "README.md").read_text(), re.S)
SAID = " ".join(SECTION.split())

P, D, HEADS, BATCH, SAMPLE = 97, 64, 4, 256, 1024
LR, BETAS, DECAY, WARMUP = 2e-3, (0.9, 0.98), 0.05, 10
ROLES = ("split", "model", "loader", "val")
EMBEDDINGS = ("token.weight", "position.weight")


def generator(role: str, seed: int) -> torch.Generator:
    """Of a stream of scheme independent."""
    x = (seed + (ROLES.index(role) + 1) * 0x9E3779B9) % 2**32
    x = (x ^ x >> 16) * 0x85EBCA6B % 2**32
    x = (x ^ x >> 13) * 0xC2B2AE35 % 2**32
    return torch.Generator().manual_seed(x ^ x >> 16)


class Decoder(nn.Module):
    """One block, with a layer norm after each of its layers and one more before the readout."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.position = nn.Embedding(11 + P, D), nn.Embedding(5, D)
        self.attention = nn.MultiheadAttention(D, HEADS, batch_first=True)
        self.up, self.down = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)
        self.readout = nn.Linear(D, 11 + P)
        self.norms = nn.ModuleList(nn.LayerNorm(D) for _ in range(3))

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token(tokens) + self.position.weight
        later = torch.ones(5, 5, dtype=torch.bool).triu(1)
        x = self.norms[0](x + self.attention(x, x, x, attn_mask=later, need_weights=False)[0])
        x = self.norms[1](x + self.down(F.gelu(self.up(x))))
        return self.readout(self.norms[2](x)[:, -1])

    def draw(self, stream: torch.Generator) -> None:
        nn.init.normal_(self.token.weight, generator=stream)
        nn.init.normal_(self.position.weight, generator=stream)
        linear(self.attention.out_proj, stream)
        nn.init.zeros_(self.attention.out_proj.bias)
        nn.init.xavier_uniform_(self.attention.in_proj_weight, generator=stream)
        for layer in (self.up, self.down, self.readout):
            linear(layer, stream)


def linear(layer: nn.Linear, stream: torch.Generator) -> None:
    """As `nn.Linear` draws itself: weight, then bias, between ± 1 / sqrt(inputs)."""
    bound = layer.in_features**-0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=stream)
    nn.init.uniform_(layer.bias, -bound, bound, generator=stream)


def plain_loop(seeds: dict[str, int], steps: int, every: int) -> list[tuple[float, float, float]]:
    """At step 0, `every`, ...: loss and accuracy of the validation sample, norm of the weights."""
    x, y = torch.arange(P).repeat_interleave(P - 1), torch.arange(1, P).repeat(P)
    one = torch.ones_like(x)
    tokens = torch.stack((0 * one, x * y % P + 11, 5 * one, y + 11, one), 1)
    answers = x + 11
    order = torch.randperm(len(x), generator=generator("split", seeds["split"]))
    train, val = order[: int(0.6 * len(x))], order[int(0.6 * len(x)) :]
    sample = val[torch.randperm(len(val), generator=generator("val", seeds["val"]))[:SAMPLE]]
    model, stream = Decoder(), generator("loader", seeds["loader"])
    model.draw(generator("model", seeds["model"]))
    adamw = torch.optim.AdamW(model.parameters(), LR, BETAS, 1e-8, DECAY)
    batches: list[Tensor] = []
    points = []
    for step in range(steps + 1):
        if step % every == 0:
            with torch.no_grad():
                logits = model(tokens[sample])
                loss = F.cross_entropy(logits, answers[sample]).item()
                right = (logits.argmax(1) == answers[sample]).float().mean().item()
                own = [v for n, v in model.named_parameters() if n not in EMBEDDINGS]
                points.append((loss, right, torch.cat([v.flatten() for v in own]).norm().item()))
        if not batches:
            torch.empty((), dtype=torch.int64).random_(generator=stream)
            batches = list(train[torch.randperm(len(train), generator=stream)].split(BATCH))
            torch.randperm(len(train), generator=stream)
        batch = batches.pop(0)
        for group in adamw.param_groups:
            group["lr"] = LR * (1e-8 + (1 - 1e-8) * min(step / WARMUP, 1))
        adamw.zero_grad()
        F.cross_entropy(model(tokens[batch]), answers[batch]).backward()
        adamw.step()
    return points


SAID_AND_DONE = [
    "fmix32(seed + (role + 1) * 0x9E3779B9)",
    "x ^= x >> 16; x *= 0x85EBCA6B; x ^= x >> 13; x *= 0xC2B2AE35; x ^= x >> 16",
    ", ".join(f"{role} for {name}" for role, name in enumerate(STREAMS)),
    f"`eos` is {EOS}, `=` is {EQUALS}, the operation `x/y`, or any expression, is "
    f"{VOCABULARY.index('x/y')}, and residue r is {RESIDUE} + r",
    "The **validation sample** is `val[randperm(len(val))[:sample_size]]` with the val stream",
    "One more layer norm comes after the last block, before the linear readout",
    "`lr * (1e-8 + (1 - 1e-8) * min(t / warmup_steps, 1))`",
]


@pytest.mark.parametrize("words", SAID_AND_DONE)
def test_the_text_says_what_the_loop_does(words: str) -> None:
    assert words in SAID


@pytest.mark.parametrize("model_seed", [0, 1105])
def test_a_plain_loop_from_the_text_gives_a_stored_runs_numbers(model_seed: int) -> None:
    """To 1e-5 for as long as rounding has not grown: the first 50 steps of `mini_screen`."""
    scan = grokseed.load(ROOT / "results" / "mini_screen")
    place = scan.runs["model_seed"].tolist().index(model_seed)
    seeds = {role: scan.runs[f"{role}_seed"].tolist()[place] for role in ROLES}
    ours = plain_loop(seeds, 50, 50)
    theirs = scan.trajectories.query("run == @place and step in (0, 50)")
    for point, (loss, right, norm) in zip(theirs.to_dict("records"), ours, strict=True):
        assert point["sample_loss"] == pytest.approx(loss, rel=1e-5)
        assert point["sample_accuracy"] == pytest.approx(right, abs=1e-6)
        assert point["norm"] == pytest.approx(norm, rel=1e-5)
