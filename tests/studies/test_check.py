"""The page to check claims by: its blocks, run as a reader would, print the numbers on it."""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import check

ROOT = Path(__file__).parents[2]
CLAIMS = pd.read_csv(ROOT / "results" / "claims.csv")
PAGE = (ROOT / "results" / "CHECK.md").read_text()
PARTS = re.findall(r"## \d+\. (.*?)\n.*?```python\n(.*?)```\n\nPrints (\S+) ", PAGE, re.DOTALL)


def test_the_page_is_todays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert check.page(CLAIMS) == PAGE
    assert 6 <= len(PARTS) == len(check.BLOCKS) <= 12


@pytest.mark.parametrize(("claim", "code", "number"), PARTS, ids=[part[0][:30] for part in PARTS])
def test_a_block_prints_its_number_and_it_is_the_claims(
    claim: str, code: str, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(one) for one in imports] == ["import pandas as pd"]
    assert len(ast.parse(code).body) <= 1 + 5
    monkeypatch.chdir(ROOT)
    assert f"{float(check.printed(code)):.4g}" == number
    ours = [row["ours"] for row in CLAIMS.to_dict("records") if row["claim"][1:] == claim[1:]]
    assert float(number) in [pytest.approx(one, rel=2e-4, abs=1e-6) for one in ours]


def test_a_block_without_a_claim_is_refused() -> None:
    with pytest.raises(ValueError, match="has 0 claims"):
        check.sections(CLAIMS.iloc[:0])
