"""The diary's own runs, full length, against what its protocol measured on a CPU in fp32."""

import pytest

from grokseed.config import Config
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.trainer import train

MEASURED: dict[tuple[int, int], dict[int, tuple[float, float]]] = {
    (42, 0): {3000: (0.0125, 65.26)},
    (42, 8): {1500: (0.079, 53.96), 2000: (0.947, 57.02), 2500: (0.99996, 57.76)},
    (56, 8): {3000: (0.0121, 65.91)},
}
"""By seed and loader seed: step, validation accuracy and weight norm there."""


@pytest.fixture(scope="module")
def runs() -> dict[tuple[int, int], Trajectory]:
    config = Config(scheme="diary")
    seeds = [Seeds(seed, seed, loader, loader + 1) for seed, loader in MEASURED]
    return dict(zip(MEASURED, train(config, seeds), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("run", MEASURED, ids=str)
def test_the_diarys_run(run: tuple[int, int], runs: dict[tuple[int, int], Trajectory]) -> None:
    columns = runs[run].columns
    steps = columns["step"].tolist()
    for step, (accuracy, norm) in MEASURED[run].items():
        at = steps.index(step)
        # Run 42, 8 gains 0.002 a step at 2,000: another order of sums moves it there by 0.005.
        tolerance = 0.01 if 0.1 < accuracy < 0.99 else 0.002
        assert columns["val_correct"][at] / Config().n_val == pytest.approx(accuracy, abs=tolerance)
        assert columns["norm"][at] == pytest.approx(norm, abs=0.05)
