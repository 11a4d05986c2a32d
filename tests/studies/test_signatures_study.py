"""The study of signatures: shares by hand, two kinds that were put in, and its page is today's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import grokseed
import signatures
from common.verdict import FAILS, HOLDS, IN_PART, UNKNOWN
from diary.signatures_norm import between, norm_rises
from diary.signatures_sizes import of_diary, of_sizes
from diary.signatures_tables import of_norm_and_loss, share_row
from diary_claims import signatures as claimed
from grokseed.analysis.rates import rate
from grokseed.reports.result import Scan

RESULTS = Path(__file__).parents[2] / "results"


def made_up(split: int = 0) -> pd.DataFrame:
    """80 runs: 20 at 2,000 without a peak, 20 at 8,000, and 40 at 12,000 that lose norm before."""
    time = np.repeat([2000.0, 8000.0, 12_000.0], [20, 20, 40])
    late = time == 12_000
    runs = pd.DataFrame({"split_seed": split, "model_seed": 1000 * split + np.arange(80)})
    runs = runs.assign(loader_seed=8, graft=None, t98_step=time, steps=13_000.0)
    runs = runs.assign(memorised_step=1000.0, completed_step=np.where(late, 12_000, np.nan))
    runs = runs.assign(norm_fall_step=np.where(late, 7000.0, np.nan), norm_start=20.0)
    runs = runs.assign(norm_peak=44.0, norm_peak_step=np.where(late, 6000.0, 900.0))
    runs = runs.assign(sample_loss_start=5.0, sample_loss_peak=np.where(time == 2000, 5.0, 10.0))
    return runs.assign(sample_loss_peak_step=np.where(time == 2000, 0.0, 3000.0))


def scan(loss: float) -> Scan:
    """The runs above, whose loss is 10 up to step 9,000 and falls in a line to `loss` at 10,000."""
    step = np.tile([0.0, 9000.0, 10_000.0, 13_000.0], 80)
    points = pd.DataFrame({"run": np.repeat(np.arange(80), 4), "step": step})
    points["sample_loss"] = np.tile([5.0, 10.0, loss, loss], 80)
    return Scan(grokseed.preset("mini"), made_up(), points, {})


def test_signatures_that_were_put_in_are_found() -> None:
    rows = {row.what: row for row in of_norm_and_loss(made_up(), "", True)}
    late = rows["norm, slow"]  # the median is 8,000 or 12,000: 40 of 80 are at 12,000
    assert (late.ours.value, late.n) == (1, 40)
    assert late.verdict == HOLDS
    assert (rows["norm, fast"].ours.value, rows["norm, fast"].n) == (1, 20)
    assert rows["norm, fast"].verdict == IN_PART  # 20 of 20: 83 % or more
    assert rows["loss, slow"].verdict == HOLDS
    assert rows["loss, fast"].ours.value == 1
    assert rows["peaks sooner"].ours.value == 1


def test_runs_of_several_splits_have_limits_over_splits_and_medians_of_their_own() -> None:
    second = made_up(1).assign(t98_step=lambda runs: 3 * runs["t98_step"])
    second["sample_loss_peak_step"] += 5000  # its fast runs peak after the first one's slow ones
    both = pd.concat([made_up(0), second], ignore_index=True)
    rows = {row.what: row for row in of_norm_and_loss(both, "", True)}
    assert (rows["norm, slow"].n, rows["norm, slow"].units) == (80, 2)
    assert rows["norm, slow"].of == "splits"
    assert rows["norm, fast"].n == 40
    assert rows["peaks sooner"].ours.value == 1


def test_a_run_that_never_got_to_t98_is_slow_and_its_norm_fell_before() -> None:
    runs = made_up()
    runs.loc[70:, "t98_step"] = np.nan
    rows = {row.what: row for row in of_norm_and_loss(runs, "", True)}
    assert (rows["norm, slow"].ours.value, rows["norm, slow"].n) == (1, 40)


def test_runs_that_each_have_a_split_of_their_own_are_seeds() -> None:
    every = np.ones(80, bool)
    runs = made_up().assign(split_seed=lambda runs: runs["model_seed"])
    row = share_row("x", "runs do it", every, every, runs, True)
    assert (row.units, row.of) == (80, "seeds")


def test_the_norm_rises_after_the_train_loss_is_near_0_or_else_after_memorising() -> None:
    (rises,) = norm_rises(scan(0.4), "")
    assert (rises.ours.value, rises.n, rises.planned) == (0.5, 80, False)
    assert "stands for a train loss of 0" in rises.claim
    recorded = scan(0.4)
    loss = np.where(recorded.trajectories["step"] >= 10_000, 0.05, 2.0)
    recorded.trajectories["train_loss"] = np.where(recorded.trajectories["step"] == 0, np.nan, loss)
    recorded.runs["norm_peak_step"] = np.repeat([8000.0, 12_000.0], [20, 60])
    near, strict = norm_rises(recorded, "")
    assert (near.ours.value, near.n, near.verdict) == (0.75, 80, IN_PART)
    assert (near.ours.low, near.ours.high) == (rate(60, 80).low, rate(60, 80).high)
    assert (strict.n, strict.verdict) == (0, UNKNOWN)  # none of them gets so low
    assert "document 003" in near.claim
    # A run that ends when its loss gets there has no time left for its norm to rise.
    ended = recorded.runs.assign(steps=np.repeat([10_000.0, 13_000.0], [10, 70]))
    near, _ = norm_rises(Scan(recorded.config, ended, recorded.trajectories, {}), "")
    assert near.n == 70


def test_limits_allow_for_a_norm_that_peaks_between_the_points_around_the_cut() -> None:
    """The train loss gets below 0.1 between 9,000 and 10,000, and 30 norms peak between them."""
    made = scan(0.4)
    made.trajectories["train_loss"] = np.where(made.trajectories["step"] >= 10_000, 0.05, 2.0)
    peaks = [9000.0, 9200.0, 9800.0, 12_000.0]
    made.runs["norm_peak_step"] = np.repeat(peaks, [20, 20, 10, 30])
    near, _ = norm_rises(made, "")
    assert (near.ours.value, near.n) == (0.5, 80)
    assert (near.ours.low, near.ours.high) == (rate(30, 80).low, rate(60, 80).high)
    assert rate(30, 80).high < 0.5  # which alone would say that it does not hold
    assert near.verdict == UNKNOWN


def test_a_loss_that_is_near_0_from_the_first_point_on_got_there_after_step_0() -> None:
    made = scan(0.4)
    made.trajectories["train_loss"] = 0.05
    first = float(made.trajectories["step"].to_numpy().min())
    assert between(made, 0.1).tolist() == [[0.0] * 80, [first] * 80]


@pytest.mark.parametrize(("loss", "verdict"), [(0.4, HOLDS), (0.6, FAILS)])
def test_the_loss_of_slow_runs_is_read_at_10_of_12_parts(loss: float, verdict: str) -> None:
    rows = {row.what: row for row in of_sizes(scan(loss))}
    assert (rows["loss ends"].n, rows["loss ends"].verdict) == (40, verdict)
    changes = rows["norm changes"]
    assert (changes.ours.value, changes.verdict) == (2.2, FAILS)
    assert rows["peak"].ours.value == pytest.approx(3000 / 8000)  # slow runs take 12,000
    assert "over the median t98 of all runs [found by looking: rule made" in rows["peak"].claim
    assert "rule made" not in rows["peak, own t98"].claim  # found by looking as a whole


def test_a_seed_chosen_by_hand_memorises_for_itself_alone() -> None:
    runs = made_up().assign(screen_val_accuracy=0.1, memorised_step=lambda r: 30 + r["model_seed"])
    runs = runs.assign(status="done")
    points = scan(0.4).trajectories
    rows = {row.what: row for row in of_diary(Scan(grokseed.preset("diary"), runs, points, {}))}
    assert rows["norm rises"].n == 79
    assert rows["40 steps"].n == 79
    assert rows["40 steps"].ours.value == pytest.approx(11 / 79)
    assert rows["40 epochs"].ours.value == 1


def test_peaks_of_all_runs_need_the_peaks_of_those_that_have_one() -> None:
    names = [signatures.TIME, signatures.PEAK, signatures.WITH_PEAK]
    table = pd.DataFrame({"folder": "one", "split_seed": 0, "quantity": names})
    artefact = signatures.judged(table.assign(gain=[11.0, 29.8, 1.9]))["verdict"].tolist()
    assert artefact == [HOLDS, UNKNOWN, UNKNOWN]
    real = signatures.judged(table.assign(gain=[-11.0, 29.8, 12.0]))["verdict"].tolist()
    assert real == [FAILS, HOLDS, HOLDS]


def test_the_claims_on_peaks_agree_and_say_why() -> None:
    rows = {str(row["claim"]): dict(row) for row in claimed.two_kinds(RESULTS)}
    every: dict
    some: dict
    (every,) = (row for claim, row in rows.items() if "stand at their start" in claim)
    (some,) = (row for claim, row in rows.items() if "in runs that have one:" in claim)
    assert every["ours"] > 10 > some["ours"]
    assert every["verdict"] == some["verdict"] == UNKNOWN
    assert f"{some['ours']:.1f}" in every["claim"]


def test_what_plan_md_does_not_have_is_said_to_be_found_by_looking() -> None:
    table = pd.read_csv(RESULTS / "signatures" / "signatures.csv")
    said = [str(row["claim"]) for row in claimed.sentences(RESULTS)]
    for claim, planned in zip(said, table["planned"], strict=True):
        assert ("[found by looking]" in claim) != planned
    for words in ("goes on rising after their train loss is 0", "near 0", "within 40 steps"):
        assert any(words in claim for claim in said)


def test_the_tables_and_page_on_file_are_what_the_runs_say(tmp_path: Path) -> None:
    found, mixed = signatures.table(RESULTS), signatures.judged(signatures.fits(RESULTS))
    on_file = RESULTS / "signatures"
    for name, table in (("signatures.csv", found), ("kinds.csv", mixed)):
        table.to_csv(tmp_path / name, index=False, float_format="%.6g")
        close = pd.read_csv(tmp_path / name), pd.read_csv(on_file / name)
        pd.testing.assert_frame_equal(*close, rtol=1e-3)
    assert (on_file / "README.md").read_text() == signatures.answer(found, mixed)
    assert (on_file / "signatures.png").exists()
