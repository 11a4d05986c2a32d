"""Headings of README's findings follow from the tables, whichever way these point."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import findings
import val_shuffle
from experiments.commitment_tables import committed
from grokseed.analysis.rates import rate

RESULTS = Path(__file__).parents[2] / "results"
FOLDERS = (
    *("anatomy", "transport", "basin", "commitment"),
    *("val_shuffle", "mini_generalise", "early_fresh", "graft_mini", "base_scan", "readable"),
    *("diary_scan", "loaders_of_42", "attention_norm", "visible", "common_order", "search"),
    *("weight_decay", "coins", "early"),
)


pytestmark = pytest.mark.usefixtures("each_folder_is_read_once")


@pytest.fixture(autouse=True, scope="module")
def what_no_test_changes() -> Iterator[None]:
    """The fit of a study's runs, which takes a third of the time of all findings, is made once."""
    with pytest.MonkeyPatch.context() as patch:
        stored = cache(val_shuffle.stored)
        patch.setattr(val_shuffle, "stored", lambda folder: stored(folder.resolve()))
        patch.setattr(val_shuffle, "fitted", cache(val_shuffle.fitted))
        yield


def headings(results: Path) -> list[str]:
    lines = findings.findings(results).splitlines()
    assert [line.split(". **")[0] for line in lines] == [*map(str, range(1, 11))]
    return [line.split("**")[1] for line in lines]


def changed(where: Path, folder: str, name: str, **values: object) -> Path:
    """All folders of the findings, and one with a table whose columns have other values."""
    where.mkdir(exist_ok=True)
    for other in FOLDERS:
        (where / other).symlink_to(RESULTS / other)
    (where / folder).unlink()
    (where / folder).mkdir()
    for path in (RESULTS / folder).iterdir():
        (where / folder / path.name).symlink_to(path)
    (where / folder / name).unlink()
    table = pd.read_csv(RESULTS / folder / name).assign(**values)
    table.to_csv(where / folder / name, index=False)
    return where


@pytest.mark.parametrize(
    ("folder", "verdict", "said"),
    [
        ("basin", "yes", "A winner's luck survives a small change of all its initial weights"),
        ("basin", "no", "A winner's luck does not survive even a small change"),
        ("basin", "cannot tell", "Some of a winner's luck survives a small change of all its"),
        ("transport", "no", "A winner's weights win mostly with their own split and order."),
        ("transport", "yes", "A winner's weights win with other splits and orders too."),
        ("transport", "cannot tell", "Whether a winner's weights need their own split and"),
    ],
)
def test_a_heading_is_its_studys_verdict(
    folder: str, verdict: str, said: str, tmp_path: Path
) -> None:
    found = headings(changed(tmp_path, folder, "verdicts.csv", verdict=verdict))
    assert found[{"transport": 3, "basin": 4}[folder]].startswith(said)


WIDER = "So wider limits decide, and for the smallest e they include a half"


def test_a_verdict_that_more_than_one_look_makes_unsure_is_called_close(tmp_path: Path) -> None:
    for low, close in ((0.52, True), (0.48, False)):
        where = changed(tmp_path / str(low), "basin", "radii.csv", low=low)
        verdicts = where / "basin" / "verdicts.csv"
        table = pd.read_csv(verdicts).assign(verdict="cannot tell")
        verdicts.unlink()
        table.to_csv(verdicts, index=False)
        assert (WIDER in findings.findings(where)) == close
    sure = changed(tmp_path / "sure", "basin", "verdicts.csv", verdict="yes")
    assert WIDER not in findings.findings(sure)


def test_the_same_on_another_task_stands_beside_it_with_a_verdict_that_differs(tmp_path) -> None:
    changed(tmp_path, "transport", "verdicts.csv", verdict="no")
    assert "With x+y, winners' weights win" not in findings.findings(tmp_path)
    (tmp_path / "transport_add").symlink_to(tmp_path / "transport")
    line = findings.findings(tmp_path).splitlines()[3]
    assert "With x+y, winners' weights win" in line
    assert "(results/transport_add)" in line
    assert "by the same rule" not in line
    (tmp_path / "transport_add").unlink()
    changed(tmp_path / "other", "transport", "verdicts.csv", verdict="cannot tell")
    (tmp_path / "transport_add").symlink_to(tmp_path / "other" / "transport")
    said = "by the same rule cannot tell yet whether they need their own"
    assert said in findings.findings(tmp_path)


def test_no_luck_is_said_to_survive_if_the_difference_may_be_0(tmp_path: Path) -> None:
    changed(tmp_path, "basin", "verdicts.csv", verdict="cannot tell")
    table = pd.read_csv(RESULTS / "basin" / "radii.csv").assign(low=-0.1)
    (tmp_path / "basin" / "radii.csv").unlink()
    table.to_csv(tmp_path / "basin" / "radii.csv", index=False)
    assert headings(tmp_path)[4].startswith("Whether a winner's luck survives a small change")


def test_luck_is_called_lost_only_where_the_interval_is_below_a_half(tmp_path: Path) -> None:
    assert "mostly lost" in headings(RESULTS)[4]
    changed(tmp_path, "basin", "radii.csv", winner_high=0.6)
    assert "lost" not in headings(tmp_path)[4]


def test_the_match_has_the_largest_share_only_if_the_intervals_say_so(tmp_path: Path) -> None:
    assert headings(RESULTS)[2].startswith("The largest share of luck is in the interaction")
    (tmp_path / "wide").mkdir()
    wide = changed(tmp_path / "wide", "anatomy", "components.csv", low=0.1, high=0.9)
    assert headings(wide)[2].startswith("Part of luck is in the interaction")
    (tmp_path / "unknown").mkdir()
    values = {"low": 0.0, "matters": "cannot tell"}
    unknown = changed(tmp_path / "unknown", "anatomy", "components.csv", **values)
    assert headings(unknown)[2].startswith("Whether luck is in the interaction")


def test_another_task_is_named_where_its_shares_are_known(tmp_path: Path) -> None:
    changed(tmp_path, "anatomy", "components.csv")
    assert "With x+y" not in findings.findings(tmp_path).splitlines()[2]
    (tmp_path / "anatomy_add").mkdir()
    shutil.copy(RESULTS / "anatomy" / "components.csv", tmp_path / "anatomy_add")
    row = pd.read_csv(RESULTS / "anatomy" / "components.csv").set_index("term").loc["split:model"]
    first = findings.findings(tmp_path).splitlines()[2]
    assert "With x+y the two matches have " in first
    assert "is not certain" not in first  # the same table as at `mini`, where it is certain
    assert f"and {100 * row['share']:.0f} % (" in first.split("With x+y")[1]
    assert "another share" not in first
    other = pd.read_csv(RESULTS / "anatomy" / "components.csv").set_index("term")
    other.loc["split:model", ["share", "low", "high"]] = 0.9, 0.85, 0.95
    other.to_csv(tmp_path / "anatomy_add" / "components.csv")
    first = findings.findings(tmp_path).splitlines()[2]
    assert "; the match of split and weights has another share than at `mini`. [" in first
    assert "; which share is the largest is not certain; " in first


def test_when_luck_is_settled_is_headed_by_the_planned_test(tmp_path: Path) -> None:
    table = pd.read_csv(RESULTS / "commitment" / "branches.csv")
    step = committed(table)[1]
    text = findings.findings(RESULTS).splitlines()[5]
    heading = f"From step {step:,} on, a winner wins" if step else "When luck is settled cannot be"
    assert text.startswith(f"6. **{heading}")
    planned, _, looked = text.partition("**Found by looking:**")
    assert "results/val_shuffle" in looked
    assert "results/val_shuffle" not in planned
    sure = changed(tmp_path / "sure", "commitment", "branches.csv", rule_low=0.8)
    assert headings(sure)[5].startswith("From step 0 on, a winner wins with most batch orders")
    low = changed(tmp_path / "low", "commitment", "branches.csv", rule_low=0.2)
    assert headings(low)[5] == "When luck is settled cannot be told yet."


@pytest.mark.parametrize(
    ("said", "heading", "shown"),
    [
        (["cannot tell", "certain"], "To get all early runs of a scan, one can stop", 1),
        (["certain", "no"], "To get all early runs of a scan, one can stop", 0),
        (["cannot tell", "no"], "Whether slow runs of a scan can be stopped", 1),
        (["no", "part"], "Whether slow runs of a scan can be stopped", 1),
    ],
)
def test_an_early_verdict_is_called_certain_only_by_its_planned_check(
    said: list[str], heading: str, shown: int, tmp_path: Path
) -> None:
    """The rule that is certain is shown, or the last one, with those tried before it."""
    changed(tmp_path, "early", "fresh.csv", said=said)
    assert headings(tmp_path)[9].startswith(heading)
    rules = pd.read_csv(tmp_path / "early" / "fresh.csv")["rule"]
    line = findings.findings(tmp_path).splitlines()[9]
    assert f"The rule `{rules[shown]}` stops" in line
    assert ("A rule tried before it kept 101 of 104" in line) == (shown == 1)
    assert ("It keeps" in line) == (said[shown] != "part")


def test_what_is_said_of_42_is_the_claims_verdict() -> None:
    claims = pd.read_csv(RESULTS / "claims.csv")
    (row,) = claims.loc[claims["claim"].str.contains("model seed 42 is super or fast more")].index
    words = {"holds": "says that 42 wins more often", "does not hold": "is surely below 10 points"}
    said = words.get(str(claims.loc[row, "verdict"]), "cannot tell whether 42 wins more often")
    assert f"), {said}. [results/loaders_of_42]" in findings.findings(RESULTS).splitlines()[3]


@pytest.mark.parametrize(("cap", "said"), [(1.6, True), (1.2, False)])
def test_a_rule_is_set_beside_a_plain_limit_of_steps(cap: float, said: bool, tmp_path) -> None:
    """1.67 is almost what the limit saves by itself, or it is much more."""
    changed(tmp_path, "early", "fresh.csv", cap_saved=cap)
    assert ("a plain limit of steps saves almost as much" in headings(tmp_path)[9]) == said
    assert f"saves {cap:.2f} (" in findings.findings(tmp_path).splitlines()[9]


def test_the_heading_on_single_groups_follows_from_the_best_gain(tmp_path: Path) -> None:
    at = {"excess": 0.8, "excess_low": 0.6, "excess_high": 0.9}
    found = headings(changed(tmp_path / "gains", "graft_mini", "effects.csv", **at))
    assert found[6].startswith("A single layer group of a winner,")
    wide = {"excess_low": -0.1, "excess_high": 0.7}
    found = headings(changed(tmp_path / "wide", "graft_mini", "effects.csv", **wide))
    assert found[6].startswith("Whether a single layer group")
    assert headings(RESULTS)[6].startswith("No single layer group")


def test_the_share_of_seeds_that_are_3_times_sooner_is_that_of_four_splits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert headings(RESULTS)[1].startswith("About 2 % of seeds at `mini` are 3 times sooner")
    assert "None of the three can tell" in findings.findings(RESULTS)
    monkeypatch.setattr(findings, "on_four_splits", lambda *_: rate(52, 1024))
    assert headings(RESULTS)[1].startswith("About 5 % of seeds")
    last = "cannot tell at this n; cannot tell at this n; does not hold."
    assert f"Is it the diary's rate, 0.87 %: {last}" in findings.findings(RESULTS)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("yes", "Winners have a lower norm"),
        ("no", "The norm of the attention weights early in training does not"),
        ("cannot tell", "Whether the norm of the attention weights tells"),
    ],
)
def test_the_attention_norm_is_called_what_its_study_says(
    verdict: str, said: str, tmp_path: Path
) -> None:
    changed(tmp_path, "attention_norm", "verdicts.csv", verdict=verdict)
    assert headings(tmp_path)[7].startswith(said)


def test_a_search_that_is_worth_it_is_not_said_to_save_nothing(tmp_path: Path) -> None:
    assert headings(RESULTS)[8] == (
        "To get one early run, a search for early seeds saves no steps; more weight decay does, "
        "up to a point."
    )
    changed(tmp_path, "search", "search.csv", worth="yes")
    assert headings(tmp_path)[8].startswith(
        "To get one early run, a search for early seeds may save"
    )
