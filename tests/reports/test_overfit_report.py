"""A ladder's report says the same everywhere: in its verdict, criteria, table and figure."""

from pathlib import Path

import pandas as pd

from grokseed.analysis.ladder import LOW_LOSS, trials, unregularised
from grokseed.config import preset
from grokseed.figures.overfit import ladder
from grokseed.reports.overfit import Found, report
from grokseed.seeds import Seeds


def test_a_train_set_that_is_right_but_whose_loss_is_high_is_missed_everywhere(
    tmp_path: Path,
) -> None:
    config = unregularised(preset("mini", p=11, batch_size=16))
    made = trials(config)
    for trial in made:
        trial.loss, trial.right = [2.5] * 10, [1] * 10
        if level := trial.level:
            trial.end_right = trial.sure = level.least
            trial.end_loss, trial.val_loss = 0.2, 3.0
            trial.reached = 9 if trial.meets(level.least, 0.2, level.least) else None
            trial.norms, trial.steps = {"head.weight": [1.0]}, [1]
    found = Found(config, Seeds(0, 0, 0, 1), made, pd.DataFrame({"equation": [1]}), 10, "cpu")
    text = report(tmp_path, found, "python -m grokseed.overfit")
    assert "does not memorise" in text
    assert "- [x] 4 examples: all right (epoch 9;" in text
    assert "- [ ] train set: over 95% right and confident, loss below 0.1 (never; 63 of 66" in text
    assert "- [ ] train loss below 0.1 (0.2)" in text
    assert "- [x] train accuracy over 95% (63 of 66" in text
    levels, epochs = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("levels", "epochs"))
    assert levels["met"].tolist() == [True, False]
    title = ladder(epochs, levels, LOW_LOSS).get_suptitle()
    assert title.startswith("The config memorises 1 of 2 levels of the ladder")
