"""When the whole validation set is asked for t50, and which answers count as right."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tiny_runs import EXPLODES, SEVEN_RUNS, tiny

from grokseed.early import is_spared, spelled_rule
from grokseed.model.graft import initial_weights
from grokseed.seeds import Seeds
from grokseed.training import trainer
from grokseed.training.evaluations import Evaluations
from grokseed.training.run import begin
from grokseed.training.trainer import train


@pytest.mark.parametrize(("sample", "t50"), [(18, 5), (2, -1)])
def test_the_whole_set_is_asked_for_t50_while_the_sample_may_only_be_unlucky(
    sample: int, t50: int
) -> None:
    """Below a half on the sample, and above it on the whole: 41 of 80 are right."""
    sizes = {"p": 23, "operation": "x+y", "train_fraction": 0.85, "sample_size": 40}
    config = tiny(**sizes, max_steps=100, val_every=100, screen_step=100)
    assert (config.n_sample, config.n_val) == (40, 80)
    run = begin(config, Seeds(0, 0, 0, 0), 0)
    run.step, run.seen = 5, 16

    def evaluate(lanes: list[int], rows: list[torch.Tensor]) -> tuple[list[float], list[int]]:
        return [1.0] * len(rows), [{40: sample, 80: 41}[len(own)] for own in rows]

    lanes: Any = SimpleNamespace(
        run=lambda lane: run,
        sums=lambda lanes: ([1.0], [1]),
        norms=lambda lanes: [{"norm": 1.0}],
        evaluate=evaluate,
    )
    Evaluations(config, lanes).note([0])
    assert run.t50 == t50


def test_an_answer_that_ties_with_others_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head of zeros gives every token the same logit: nothing is known."""

    def of_zeros(*about: Any) -> dict[str, torch.Tensor]:
        weights = initial_weights(*about)
        return {k: torch.zeros_like(v) if "head" in k else v for k, v in weights.items()}

    monkeypatch.setattr(trainer, "initial_weights", of_zeros)
    config = tiny(max_steps=2, sample_every=1, val_every=1, screen_step=1)
    (found,) = train(config, [Seeds(0, 0, 0, 0)])
    assert found.columns["sample_loss"][0] == pytest.approx(torch.tensor(22.0).log().item())
    assert found.columns["sample_correct"][0] == 0
    assert (found.columns["train_seen"][1], found.columns["train_correct"][1]) == (16, 0)


def test_a_run_that_stops_or_diverges_is_not_scored_on_the_test_set() -> None:
    runs = SEVEN_RUNS[2:5]
    assert not any(map(is_spared, runs))
    config = tiny(test_fraction=0.1, max_steps=10)
    found = train(config, runs, rule=spelled_rule("norm<0@5"))
    assert {(t.status, t.test_correct) for t in found} == {("stopped", None)}
    found = train(tiny(**{**EXPLODES, "test_fraction": 0.1, "batch_size": 10}), runs)
    assert {t.test_correct for t in found if t.status == "diverged"} == {None}
    assert train(config, runs[:1])[0].test_correct is not None
