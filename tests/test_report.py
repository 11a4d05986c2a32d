"""The report on all studies: what it lists, that its page is whole, and what it refuses."""

import base64
import gzip
import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import CONFIG, trajectory
from report_folders import CLAIMS, GRAFTS, ODD, RESULTS, SCAN, folder_of_results

from grokseed.records.export import export
from grokseed.records.store import Store
from grokseed.report import main, pages
from grokseed.seeds import Seeds

LARGEST = 5_000_000  # bytes, with the charts' library in it


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    folder = folder_of_results(tmp_path_factory.mktemp("results"))
    assert main([str(folder), "--lines", "12"]) == 0
    texts = [(folder / name).read_text("utf-8") for name in ("README.md", "report.html")]
    return folder, texts[0], texts[1]


def charts(html: str) -> dict[str, dict]:
    """The studies' data by name, as the page's script reads them."""
    found = re.search(r'<script [^>]*id="data">(.*?)</script>', html, re.S)
    assert found
    text = gzip.decompress(base64.b64decode(found[1]))
    return {study["name"]: study for study in json.loads(text)}


def test_the_repositorys_own_page_is_small_enough_to_mail() -> None:
    assert (RESULTS / "report.html").stat().st_size < LARGEST


def expanded(column, n: int) -> list:
    """A column as the page's script expands it."""
    if isinstance(column, dict):
        return [column["words"][place] for place in column["at"]]
    return column if isinstance(column, list) else [column] * n


def test_every_study_and_every_claim_is_on_both_pages(made) -> None:
    _, readme, html = made
    for name in (SCAN, GRAFTS, "notes"):
        assert f"[{name}]({name}/README.md)" in readme
        assert f'<a href="{name}/README.md">{name}</a>' in html
    assert "[LOG.md](LOG.md)" in readme
    claims = html.split('<table id="claims">')[1].split("</table>")[0]
    for row in CLAIMS:
        assert row[0] in unescape(claims)
    assert "0.0086 (0.0052 to 0.0137)" in readme
    assert "130,000" in claims
    assert '<td class="number">2,073 (24 pairs)</td>' in claims
    assert '<td class="number">1</td>' in claims  # as many seeds as runs
    assert '<td class="number">8</td>' in claims  # units are not known
    assert claims.count('class="verdict ') == len(CLAIMS)
    assert f'<a href="{SCAN}">{SCAN}</a>, <a href="{GRAFTS}">{GRAFTS}</a>' in claims
    assert f"[{SCAN}]({SCAN}), [{GRAFTS}]({GRAFTS})" in readme
    assert 'href="no_such_folder"' not in html
    assert re.findall(r"1 row; (.*): 1\.", readme) == [
        "holds in part",
        "holds",
        "cannot tell at this n",
    ]


def test_odd_text_is_text_and_nothing_else(made) -> None:
    _, readme, html = made
    assert ODD not in html
    assert "<b>" not in html.split("<script")[0]
    assert "&lt;b>5 % &amp; more&lt;/b> \\| won &lt;/script>" in readme
    assert html.count("</script>") == 3


def test_the_page_loads_nothing(made) -> None:
    html = made[2]
    assert "default-src 'none'" in html
    page = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    addresses = re.findall(r'(?:src|href|url)\s*[=(]\s*"?([^">)]+)', page.split('id="data"')[0])
    assert addresses
    assert not [a for a in addresses if a.startswith(("http", "//", "data:"))]


def test_points_of_the_page_are_those_of_the_tables(made) -> None:
    folder, _, html = made
    study = charts(html)[SCAN]
    runs = pd.read_csv(folder / SCAN / "runs.csv")
    assert study["runs"]["n"] == len(runs)
    columns = study["runs"]["columns"]
    for name in ("model_seed", "t98_step", "sample_loss_peak", "norm_peak"):
        mine = np.array(expanded(columns[name], len(runs)), float)
        np.testing.assert_allclose(mine, runs[name].to_numpy(float), rtol=1e-3)
    assert set(expanded(columns["class"], len(runs))) == {"super", "fast", "normal"}
    points = study["points"]
    drawn = expanded(points["columns"]["run"], points["n"])
    assert len(set(drawn)) == 12
    with np.load(folder / SCAN / "trajectories.npz") as arrays:
        for run in set(drawn):
            mine = [
                v for v, r in zip(points["columns"]["val_loss"], drawn, strict=True) if r == run
            ]
            np.testing.assert_allclose(mine, arrays["sample_loss"][arrays["run"] == run], rtol=1e-3)


def test_each_class_has_its_share_of_the_lines_and_winners_are_on_top(made) -> None:
    study = charts(made[2])[SCAN]
    classes = expanded(study["runs"]["columns"]["class"], study["runs"]["n"])
    run = expanded(study["points"]["columns"]["run"], study["points"]["n"])
    drawn = [classes[r] for r in dict.fromkeys(run)]
    assert drawn == ["normal"] * 4 + ["fast"] * 4 + ["super"] * 4
    assert "drawn: 4 of 5 super, 4 of 61 fast, 4 of 61 normal" in json.dumps(study["explorer"])


def test_an_ablation_has_its_map_and_survival_by_kind_of_cell(made) -> None:
    folder, _, html = made
    study = charts(html)[GRAFTS]
    cells = pd.read_csv(folder / GRAFTS / "cells.csv")
    effects = pd.read_csv(folder / GRAFTS / "effects.csv")
    assert study["cells"]["n"] == len(cells)
    pooled = effects.query("outcome == 'accuracy' and place.isna() and question == 'gain'")
    text = json.dumps(study["grafts"])
    assert all(f'"mean": {value}' in text for value in pooled["mean"])
    squares = study["grafts"]["hconcat"][0]["data"]["values"]
    kept = set(cells["kind"] + ": " + cells["groups"].fillna(""))
    assert {row["cells"] for row in squares if row["question"] != "among others"} <= kept
    assert not any(row["cells"] for row in squares if row["question"] == "among others")
    groups = {row["group"] for row in study["curves"]}
    assert {g.split(" (")[0] for g in groups} == set(cells["kind"])
    assert charts(html)[SCAN]["grafts"] is None


def test_made_twice_both_pages_are_the_same_bytes(made) -> None:
    folder, readme, html = made
    assert pages(folder, 12) == (readme, html)


def test_without_claims_and_without_torch(tmp_path: Path) -> None:
    folder = folder_of_results(tmp_path, claims=False)
    code = f"import sys; from grokseed.report import main; main([{str(folder)!r}, '--lines=1'])"
    run = [sys.executable, "-W", "error", "-c", f"{code}; print(*sys.modules)"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "altair" in done.stdout.split()
    assert "torch" not in done.stdout.split()
    for name in ("README.md", "report.html"):
        assert "No claims were judged yet" in (folder / name).read_text("utf-8")


@pytest.mark.parametrize("crashed", [{0, 1, 2}, {1}])
def test_scans_of_runs_that_crashed_have_their_page(crashed: set[int], tmp_path: Path) -> None:
    with Store(tmp_path / "out", CONFIG) as store:
        for seed in range(3):
            seeds = Seeds(0, seed, 0, 1)
            if seed in crashed:
                store.add_crashed(seeds, "out of memory")
            else:
                store.add(seeds, trajectory(CONFIG, seeds))
        export(store)
    readme, html = pages(tmp_path)
    study = charts(html)["out"]
    if len(crashed) == 3:
        assert study["explorer"] is None
        assert study["answer"] == "None of 3 runs gave a result."
    else:
        names = [view["name"] for view in _views(study["explorer"])]
        assert len([name for name in names if name.startswith("lines")]) == 4
        assert study["answer"].startswith("Of 2 runs 0 super (0.00%, 0.00% to 84.19%)")
    assert study["said"].startswith("Fewer than 5 runs")
    assert study["survival"] is None
    assert "| [out](out) |" in readme


def _views(spec: dict):
    """The views of a specification that have a name."""
    for part in spec.get("vconcat", []) + spec.get("hconcat", []):
        yield from _views(part)
    if "name" in spec:
        yield spec
