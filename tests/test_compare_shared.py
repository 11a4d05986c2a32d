"""The command that compares two scans whose runs share seeds: what has limits, and over what."""

from pathlib import Path

import numpy as np
import pandas as pd
from compared_folders import folder

from grokseed import compare


def crossed(path: Path, splits=8, effect=0.0, ratio=1.0, **config) -> Path:
    """A table of splits and initial weights, with effects of the splits in this folder alone."""
    random = np.random.default_rng([8, *path.name.encode()])
    split, model = np.indices((splits, 8)).reshape(2, -1)
    logs = 9 + effect * random.standard_normal(splits)[split] + random.normal(0, 0.1, 8 * splits)
    return folder(path, np.exp(logs) * ratio, split=split, first=model, **config)


def rows(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "comparison.csv").set_index("quantity")


def test_limits_are_over_the_seeds_that_runs_share(tmp_path, capsys):
    a, b = crossed(tmp_path / "a", effect=0.3), crossed(tmp_path / "b", effect=0.3, ratio=0.9)
    out = tmp_path / "out"
    assert compare.main([str(a), str(b), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "Limits are over the 8 split seeds and 8 model seeds that runs of a set share" in printed
    assert "These runs cannot tell B from A" in printed
    assert (
        "The smallest ratio that as many runs on as many seeds show with 80 % power is" in printed
    )
    table = rows(out)
    ratio, wins = table.loc["time ratio, B over A"], table.loc["B wins on a matched seed"]
    assert ratio["method"].endswith("limits over split and model seeds")
    assert ratio["high"] / ratio["low"] > 1.5  # about 1.25 if runs were independent
    assert table.loc["its p-value", "estimate"] > 0.05
    assert 0 < wins["low"] < wins["estimate"] < wins["high"] < 1
    assert table["low"].dropna().index.tolist() == [ratio.name, wins.name]
    assert set(table.index) - set(table["estimate"].dropna().index) == {"log-rank p-value"}
    assert len(table) == 9


def test_a_difference_that_every_split_shows_is_found_over_splits_too(tmp_path, capsys):
    a, b = crossed(tmp_path / "a", effect=0.1), crossed(tmp_path / "b", effect=0.1, ratio=0.6)
    assert compare.main([str(a), str(b)]) == 0
    assert "B is sooner than A: it takes 0." in capsys.readouterr().out


def test_too_few_seeds_that_runs_share_cannot_tell(tmp_path, capsys):
    a, b = crossed(tmp_path / "a", splits=3), crossed(tmp_path / "b", splits=3, ratio=0.5)
    assert compare.main([str(a), str(b), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "These runs cannot tell B from A: the time ratio is 0.4" in printed
    assert "share 3 split seeds and 8 model seeds, and limits need 4 of each" in printed
    table = rows(tmp_path / "out")
    assert table[["low", "high"]].isna().to_numpy().all()
    assert "nan" not in printed


def test_no_ratio_and_no_p_value_if_a_set_that_shares_seeds_never_gets_there(tmp_path, capsys):
    a, b = crossed(tmp_path / "a", ratio=9), crossed(tmp_path / "b")
    assert compare.main([str(a), str(b)]) == 0
    printed = capsys.readouterr().out
    assert "so none is given. Nor is a p-value, as runs of a set share seeds." in printed


def trend(tmp_path, ratio, **design) -> tuple[pd.DataFrame, Path]:
    """What `--trend` writes of three learning rates, each `ratio` times as slow as the last."""
    folders = [
        crossed(tmp_path / str(lr), ratio=ratio**i, lr=lr, **design)
        for i, lr in enumerate((0.001, 0.002, 0.004))
    ]
    out = tmp_path / "out"
    argv = ["--trend", *map(str, folders), "--out", str(out)]
    assert compare.main(argv) == 0
    return rows(out), out


def test_a_trends_limits_are_over_the_seeds_that_runs_share(tmp_path, capsys):
    table, _ = trend(tmp_path, 0.9, effect=0.3)
    printed = capsys.readouterr().out
    assert "Limits are over the 8 split seeds and 8 model seeds that runs of a set share" in printed
    assert "These runs show no trend" in printed
    assert "80 % power" in printed
    ratio = table.loc["time ratio a unit"]
    assert ratio["method"].endswith("limits over split and model seeds")
    assert ratio["low"] < 0.9 < 1 < ratio["high"]
    assert table["low"].dropna().index.tolist() == [ratio.name]  # nor have the medians
    assert table.loc["its p-value", "estimate"] > 0.05


def test_a_trend_says_what_equal_seeds_share_if_it_is_not_all(tmp_path, capsys):
    same = [str(crossed(tmp_path / f"lr {lr}", lr=lr)) for lr in (0.001, 0.002)]
    assert compare.main(["--trend", *same]) == 0
    assert "Equal seeds" not in capsys.readouterr().out
    assert compare.main(["--trend", *same, str(crossed(tmp_path / "wide", d_model=96))]) == 0
    share = "Equal seeds share the split and the batch order here, and not the initial weights."
    assert share in capsys.readouterr().out


def test_a_trend_that_every_split_shows_is_found_over_splits_too(tmp_path, capsys):
    trend(tmp_path, 0.6, effect=0.1)
    assert "each doubling of lr multiplies them by 0." in capsys.readouterr().out


def test_a_trend_over_too_few_seeds_that_runs_share_is_not_shown(tmp_path, capsys):
    table, out = trend(tmp_path, 0.5, splits=3)
    printed = capsys.readouterr().out
    assert "These runs cannot show a trend in the time to t98" in printed
    assert "share 3 split seeds and 8 model seeds, and limits need 4 of each" in printed
    assert table["low"].isna().to_numpy().all()
    assert table["estimate"].isna().to_numpy().sum() == 1  # the p-value
    assert "nan" not in (out / "README.md").read_text()
