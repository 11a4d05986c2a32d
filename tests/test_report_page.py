"""The report's page in a browser: it draws, and its figures follow what is chosen in any of them.

It needs `pip install .[browser]` and a Chromium: `playwright install chromium`, or one on the PATH,
or at $GROKSEED_CHROMIUM.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_folders import GRAFTS, SCAN, folder_of_results

from grokseed.report import main

pytestmark = pytest.mark.slow
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

CHOSEN = """() => {
  const total = (texts) => texts.map((t) => parseInt(t.textContent.replaceAll(",", "")));
  const bright = (name) => [...document.querySelectorAll(`.${name}_marks path`)]
    .filter((path) => parseFloat(path.getAttribute("opacity")) > 0.5).length;
  const counts = total([...document.querySelectorAll(".counts_layer_1_marks text")]);
  return {
    counts: counts.reduce((a, b) => a + b, 0),
    times: bright("times"),
    norms: bright("norms"),
    lines: document.querySelectorAll(".lines_val_loss_marks path").length,
  };
}"""


def _browser(playwright: Any) -> Any:
    path = os.environ.get("GROKSEED_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return playwright.chromium.launch(executable_path=path)
    except Exception as error:
        pytest.skip(f"no Chromium to open the page with: {str(error).splitlines()[0]}")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = folder_of_results(tmp_path_factory.mktemp("results"))
    assert main([str(folder), "--lines", "200"]) == 0  # so that each run has its line
    return folder


@pytest.fixture
def page(results: Path) -> Iterator[Any]:
    """The page, opened at the scan; at its end it has said nothing and loaded nothing else."""
    api = pytest.importorskip("playwright.sync_api", reason="pip install .[browser]")
    said: list[str] = []
    loaded: list[str] = []
    with api.sync_playwright() as playwright:
        browser = _browser(playwright)
        page = browser.new_page(viewport={"width": 1160, "height": 1100})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: loaded.append(request.url))
        page.goto(f"{(results / 'report.html').as_uri()}#{SCAN}")
        page.wait_for_selector(f"body[data-shown={SCAN}]")
        yield page
        browser.close()
    assert not said
    assert {url.partition("#")[0] for url in loaded} == {(results / "report.html").as_uri()}


def _box(page: Any, selector: str) -> dict[str, float]:
    page.locator(selector).first.scroll_into_view_if_needed()
    return page.locator(selector).first.bounding_box()


def _drag(page: Any, figure: str, left: float, top: float, right: float, low: float) -> None:
    """Drag a brush over a part of a figure, in shares of its width and height."""
    box = _box(page, f".{figure}_group > g > path.background")
    at = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"])
        for x, y in ((left, top), (right, low))
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=8)
    page.mouse.up()
    page.wait_for_timeout(500)


def test_all_figures_follow_a_brush_a_click_and_the_legend(page: Any, results: Path) -> None:
    runs = pd.read_csv(results / SCAN / "runs.csv")
    before = page.evaluate(CHOSEN)
    assert before["counts"] == before["times"] == before["norms"] == len(runs)
    assert before["lines"] == len(runs)

    _drag(page, "norms", 0.95, 0.13, 0.0, -0.05)  # from within up to the figure's corner
    brushed = page.evaluate(CHOSEN)
    assert brushed["counts"] == brushed["times"] == brushed["norms"] == brushed["lines"]
    box = _box(page, ".norms_group > g > path.background")
    edge = (box["height"] - 260) / 2  # pixels of the box outside of the axes, which are 260 high
    low = 1 - (0.13 * box["height"] - edge) / 260
    assert brushed["counts"] == pytest.approx((runs["screen_val_accuracy"] >= low).sum(), abs=1)
    assert 10 < brushed["counts"] < 40

    page.mouse.dblclick(box["x"] + 30, box["y"] + 0.05 * box["height"])
    page.wait_for_timeout(500)
    assert page.evaluate(CHOSEN) == before

    page.locator(".norms_marks path").first.click(force=True)
    page.wait_for_timeout(500)
    picked = page.evaluate(CHOSEN)
    assert picked["counts"] == picked["times"] == picked["norms"] == 1
    page.mouse.dblclick(box["x"] + 30, box["y"] + 0.05 * box["height"])
    page.wait_for_timeout(500)

    page.locator(".class_legend_labels text").first.click()
    page.wait_for_timeout(500)
    known = (runs["screen_val_accuracy"] > 0.98).sum()
    assert page.evaluate(CHOSEN) == dict.fromkeys(before, known)


def test_another_landmark_moves_the_points(page: Any) -> None:
    where = """() => [...document.querySelectorAll(".times_marks path")].map(
        (path) => path.getAttribute("transform"))"""
    before = page.evaluate(where)
    page.locator("#explorer-inputs select").select_option("completed")
    page.wait_for_timeout(500)
    after = page.evaluate(where)
    assert len(after) == len(before)
    assert after != before


def test_a_chooser_of_studies_and_a_map_whose_squares_choose_cells(
    page: Any, results: Path
) -> None:
    assert page.locator("#grafts-part").is_hidden()
    page.locator("#scan").select_option(GRAFTS)
    page.wait_for_selector(f"body[data-shown={GRAFTS}]")
    cells = pd.read_csv(results / GRAFTS / "cells.csv")
    drawn = page.locator(".cells_marks path")
    assert drawn.count() == cells["accuracy"].notna().sum()
    page.locator(".effects_0_marks path").first.click()
    page.wait_for_timeout(500)
    own = cells.query("groups == 'token_embedding' and kind == 'graft'")
    assert drawn.count() == len(own)
    runs = pd.read_csv(results / GRAFTS / "runs.csv")
    offered = page.locator("#survival-inputs option").evaluate_all(
        "(all) => all.map((o) => o.value)"
    )
    landmarks = ("memorised", "t50", "t98", "completed")
    assert offered == [
        name for name in landmarks if np.isfinite(runs[f"{name}_step"].to_numpy()).sum() >= 5
    ]


def test_choosers_of_sources_and_verdicts(page: Any) -> None:
    shown = page.locator("#claims tbody tr:visible")
    assert shown.count() == 3
    page.locator("#verdict").select_option("holds in part")
    assert shown.count() == 1
    assert "super seeds are rare" in shown.first.inner_text()
    page.locator("#section").select_option("Note 002")
    assert shown.count() == 0  # a row needs both
    page.locator("#verdict").select_option("")
    assert shown.count() == 1
    assert "lucky early" in shown.first.inner_text()


def test_an_old_browser_gets_a_sentence_and_the_tables(page: Any) -> None:
    page.add_init_script("delete window.DecompressionStream")
    page.reload()
    assert "too old" in page.locator("#question").inner_text()
    page.locator("#verdict").select_option("holds in part")
    assert page.locator("#claims tbody tr:visible").count() == 1


def test_the_repositorys_own_page_draws_every_study(tmp_path: Path) -> None:
    from report_folders import RESULTS

    api = pytest.importorskip("playwright.sync_api", reason="pip install .[browser]")
    folder = tmp_path / "results"
    shutil.copytree(RESULTS, folder, ignore=shutil.ignore_patterns("*.png"))
    assert main([str(folder)]) == 0
    path = folder / "report.html"
    said: list[str] = []
    with api.sync_playwright() as playwright:
        browser = _browser(playwright)
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-shown]")
        for name in page.evaluate("grokseed.studies.map((study) => study.name)"):
            page.locator("#scan").select_option(name)
            page.wait_for_selector(f"body[data-shown='{name}']")
            assert page.locator(".lines_val_loss_marks path").count() > 0
        browser.close()
    assert not said
