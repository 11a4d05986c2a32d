"""What a GPU runs, on a CPU: all lanes at one width, and the step called that would be captured."""

from unittest.mock import MagicMock

import pytest
import torch
from plain_training import assert_same, plain_training
from plain_training import tiny as plain_tiny
from stopped import stopped_over_and_over
from tiny_runs import EXPLODES, GROKS, SEVEN_RUNS, tiny
from watch import Watch

from grokseed.model.ops import sum_by_product
from grokseed.training import capture, trainer
from grokseed.training import lanes as lanes_room
from grokseed.training.lanes import Lanes
from grokseed.training.numerics import has_constant_width
from grokseed.training.trainer import train


@pytest.fixture(autouse=True)
def constant_width(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (lanes_room, trainer):
        monkeypatch.setattr(room, "has_constant_width", lambda device: True)


def test_the_width_is_constant_on_a_gpu_alone() -> None:
    assert not has_constant_width("cpu")
    assert has_constant_width("cuda:1")


@pytest.mark.parametrize("changes", [{}, {"batch_size": 78}, {"scheme": "shared"}], ids=str)
@pytest.mark.usefixtures("float64")
def test_a_run_is_a_plain_loops(changes: dict[str, object]) -> None:
    """An epoch's last batch, filled up, and AdamW's update on the device."""
    config = plain_tiny(**changes)
    for seeds, ours in zip(SEVEN_RUNS[:2], train(config, SEVEN_RUNS[:2], lanes=3), strict=True):
        assert_same(ours, plain_training(config, seeds), 1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {**GROKS},
        {**GROKS, "p": 7, "lr": 1e-2, "batch_size": 20, "max_steps": 58, "precision": "bf16"},
        {**EXPLODES},
    ],
    ids=str,
)
def test_a_run_is_the_same_in_any_lane_whenever_it_enters(changes: dict[str, object]) -> None:
    config = tiny(**changes, stop_when="completed")
    together = train(config, SEVEN_RUNS, lanes=3)
    assert len({len(t.columns["step"]) for t in together}) > 2, "all end at once: nothing is shown"
    backwards = train(config, SEVEN_RUNS[::-1], lanes=3)[::-1]
    assert [t.digest() for t in backwards] == [t.digest() for t in together]
    for number in (0, 3, 6):  # at once, in the middle and at last
        (alone,) = train(config, [SEVEN_RUNS[number]], lanes=3)
        assert alone.digest() == together[number].digest()


def test_evaluations_take_so_many_lanes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny(**{**GROKS, "max_steps": 35}, stop_when="completed")
    expected = [t.digest() for t in train(config, SEVEN_RUNS[:5], lanes=5)]
    monkeypatch.setattr(lanes_room, "CONSTANT_LANES", 2)
    assert [t.digest() for t in train(config, SEVEN_RUNS[:5], lanes=5)] == expected


def test_sums_by_product_are_sums_by_index() -> None:
    generator = torch.Generator().manual_seed(0)
    index = torch.randint(7, (3, 40), generator=generator)
    rows = torch.randn(3, 40, 5, dtype=torch.float64, generator=generator)
    expected = torch.stack(
        [torch.zeros(7, 5).double().index_add_(0, i, r) for i, r in zip(index, rows, strict=True)]
    )
    torch.testing.assert_close(sum_by_product(rows, index, 7), expected)


@pytest.mark.parametrize(
    "changes",
    [
        *({}, {"layers": 1}, {"layers": 3}, {"precision": "bf16"}),
        *({"readout": "flatten"}, {"readout": "conv"}, {"readout": "tied"}),
    ],
    ids=str,
)
def test_a_step_can_be_captured(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forward, backward and AdamW on tensors without data: nothing can be asked of them."""
    monkeypatch.setattr(lanes_room, "captured", lambda step, device: step)
    config = tiny(**{"layers": 2, **changes})
    lanes = Lanes(config, 3, "meta", compiled=False)
    with Watch() as watch:
        lanes.replay()
    assert {"bmm", "lerp_.Scalar", "index_select"} <= watch.seen


def test_a_step_is_recorded_after_warming_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for torch.cuda: three steps aside, one into the graph, then replays alone."""
    cuda, steps = MagicMock(), []
    monkeypatch.setattr(capture.torch, "cuda", cuda)
    replay = capture.captured(lambda: steps.append(cuda.graph.called), "cuda:0")
    assert steps == [False, False, False, True]
    cuda.graph.assert_called_once_with(cuda.CUDAGraph.return_value, stream=cuda.Stream.return_value)
    replay()
    assert len(steps) == 4
    cuda.CUDAGraph.return_value.replay.assert_called_once_with()


def test_a_run_goes_on_to_the_bit() -> None:
    """Its batches are drawn further ahead here."""
    config, runs = tiny(**{**GROKS, "max_steps": 42, "batch_size": 20}), SEVEN_RUNS[:4]
    expected = train(config, runs, lanes=3)
    found, steps = stopped_over_and_over(config, runs, [2, 3, 2], lanes=3)
    assert [found[run].digest() for run in runs] == [t.digest() for t in expected]
    assert len(set(steps)) > 1
