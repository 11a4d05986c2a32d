"""Runs that an early verdict stopped, in every place that reads the diary's scan.

The runs are those of `mini_screen`, of which a made-up rule fails half: what it hides is known.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import answers
import check
import grokseed
from diary.signatures_sizes import of_diary
from diary_claims import diary_rates
from diary_claims.rates_of_seeds import screened
from diary_claims.row import Evidence
from grokseed.analysis.classify import classify
from grokseed.early import is_spared
from grokseed.seeds import Seeds

RESULTS = Path(__file__).parents[2] / "results"
RULE = "norm<44@800"
FIRST = 300
"""Seeds that ran to their end before the rule was there."""


def hidden(missed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs under the rule, and all that would have been known of them without it.

    Args:
        missed: of the runs that are not normal every how-manieth fails too; none if 0.
    """
    whole = grokseed.load(RESULTS / "mini_screen").runs
    normal = (classify(whole, "screen") == "normal").to_numpy()
    number, model = np.arange(len(whole)), whole["model_seed"].to_numpy()
    fails = np.where(normal, np.random.default_rng(0).random(len(whole)) < 0.55, False)
    if missed:
        fails |= ~normal & (number % missed == 0)
    fails &= model >= FIRST
    tenth = np.array([is_spared(Seeds(0, int(m), 8, 9)) for m in model])
    stops, verdict = fails & ~tenth, np.where(fails, "spared", "kept")
    early = [f"{v} {RULE}" for v in np.where(stops, "stopped", verdict)]
    seen = whole.assign(early=pd.Series(early, whole.index, object).where(model >= FIRST))
    unknown = [c for c in whole if c.endswith("_step") or c == "screen_val_accuracy"]
    seen.loc[stops, unknown] = np.nan
    seen.loc[stops, "status"] = "stopped"
    seen["screen"] = classify(seen, "screen")
    return seen, whole


def test_a_rate_is_of_all_runs_and_not_of_those_that_were_left() -> None:
    seen, whole = hidden()
    truth, _ = screened(whole, ("super", "fast"))
    ours, n = screened(seen, ("super", "fast"))
    assert n == len(whole) == 2073
    assert truth.value == pytest.approx(0.0656, abs=1e-4)
    assert ours.value == pytest.approx(truth.value)  # the rule missed none, and spared none of them
    left = seen["screen"].dropna().to_numpy(object)
    assert np.mean(left != "normal") > 1.6 * truth.value  # what was said before
    missing, _ = hidden(missed=2)
    ours, _ = screened(missing, ("super", "fast"))
    assert ours.low < truth.value < ours.high


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pd.DataFrame:
    """A diary's scan whose runs are those, in the folder of results given."""
    seen, _ = hidden(missed=2)
    scan = grokseed.Scan(grokseed.preset("diary"), seen, pd.DataFrame(), {"made up": len(seen)})
    monkeypatch.setattr(Evidence, "scans", property(lambda _: [scan]))
    monkeypatch.setattr(Evidence, "there", property(lambda self: self.name == "diary_scan"))
    monkeypatch.setattr(answers.grokseed, "load", lambda _: scan)
    folder = tmp_path / "results" / "diary_scan"
    folder.mkdir(parents=True)
    seen.drop(columns=["screen", "speedup", "class"]).to_csv(folder / "runs.csv", index=False)
    (folder / "excluded.csv").write_text("model_seed,reason\n42,by hand\n")
    monkeypatch.chdir(tmp_path)
    return seen


def test_page_claim_and_block_have_one_rate(stopped: pd.DataFrame, tmp_path: Path) -> None:
    rows: list[dict] = list(diary_rates.claims(tmp_path / "results"))
    own = stopped.loc[stopped["model_seed"] != 42]
    assert rows[0]["n"] == rows[1]["n"] == 2072
    ours = screened(own, ("super",))[0]
    assert rows[0]["ours"] == ours.value
    (code,) = [c for (_, start), c in check.BLOCKS.items() if "are super (validation" in start]
    code = "import pandas as pd" + code.replace("{folder}", "results/diary_scan")
    assert float(check.printed(code)) == pytest.approx(ours.value)
    text = answers.answer(tmp_path / "results", "diary_scan")
    assert f"are super: {ours.value:.2%} (95 %: {ours.low:.2%} to {ours.high:.2%})" in text
    n = int((own["status"] == "stopped").sum())
    assert f"An early verdict stopped {n:,} of the seeds" in text


def test_signatures_are_of_runs_that_no_rule_judged(stopped: pd.DataFrame, tmp_path: Path) -> None:
    scan = grokseed.Scan(grokseed.preset("diary"), stopped, pd.DataFrame(), {})
    rows = {row.what: row for row in of_diary(scan)}
    first = stopped.loc[(stopped["model_seed"] < FIRST) & (stopped["model_seed"] != 42)]
    assert rows["40 epochs"].n == len(first) == FIRST - 1
    share = (first["memorised_step"] <= 1960).mean()
    assert rows["40 epochs"].ours.value == pytest.approx(share)
    (code,) = [c for (_, start), c in check.BLOCKS.items() if start.startswith("runs memorise")]
    code = "import pandas as pd" + code.replace("{folder}", "results/diary_scan")
    printed = float(check.printed(code.replace("<= 40)", "<= 1960)")))
    assert printed == pytest.approx(share)


def test_stopped_runs_have_no_class_to_compare(tmp_path: Path, monkeypatch) -> None:
    seen, whole = hidden()
    scan = grokseed.Scan(grokseed.preset("diary"), whole, pd.DataFrame(), {})
    (tmp_path / "diary_loader8").mkdir()
    monkeypatch.setattr(answers.grokseed, "load", lambda _: scan)
    same = answers.as_before(tmp_path, seen)
    assert same.k == same.n == (seen["status"] == "done").sum()
