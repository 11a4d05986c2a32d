"""The folders in results/ can be read, carried on, and written again byte for byte."""

import json
import shutil
from pathlib import Path

import pytest
from checked_in import folders_with

from grokseed.config import Config
from grokseed.records.export import export
from grokseed.records.folder import ABOUT, POINTS, TABLE, Tables
from grokseed.records.store import Store

FOLDERS = folders_with("runs.csv")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_store_made_from_a_folder_gives_it_back(folder: Path, tmp_path: Path) -> None:
    assert Tables(folder).commands, "what made it is not known"
    for name in (TABLE, POINTS, ABOUT, "README.md"):
        shutil.copy(folder / name, tmp_path)
    with Store(tmp_path) as store:
        export(store)
    for name in (TABLE, POINTS):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
    before, after = (json.loads((where / ABOUT).read_text()) for where in (folder, tmp_path))
    for about in (before, after):  # a field that is newer than the folder has its default there
        about["config"] = Config(**about["config"])
    assert before == after
