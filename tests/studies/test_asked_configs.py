"""Every study that trains asks for the config, and for the runs, that its folders on file hold."""

import json
import os
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest
from checked_in import RESULTS, folders_with

import anatomy
import base
import basin
import basin_parts
import coins
import commitment
import common_order
import graft_42_56
import graft_mini
import graft_pairs
import grokseed
import precision
import rates
import readable
import readouts
import subsets
import transport
import val_shuffle
import weight_decay
from common import part
from common.part import seeds_of
from experiments import study_of_pairs
from grokseed import ablate
from grokseed.config import Config
from grokseed.model.graft import check_name
from grokseed.records.folder import TABLE
from grokseed.seeds import Seeds

FOLDERS = [str(folder.relative_to(RESULTS)) for folder in folders_with("config.json")]
BY_HAND = {"diary_scan", "diary_oracle", "diary_loader8", "mini_screen", "mini_generalise"}
BY_HAND |= {"loaders_of_42", "models_of_split_0", "early_fresh"}
"""Folders that the command line of a scan made, and no study."""

STUDIES: Sequence[tuple[ModuleType, list[str]]] = (
    *((anatomy, ["--study", name]) for name in anatomy.STUDIES),
    *((base, ["--operation", of]) for of in base.BASES),
    *((transport, ["--operation", of]) for of in transport.FOLDERS),
    *((commitment, further) for further in ([], ["--further"])),
    *((study, []) for study in (basin, basin_parts, coins, common_order, graft_42_56)),
    *((study, []) for study in (graft_mini, graft_pairs)),
    *((study, []) for study in (precision, rates, readable, readouts, subsets, val_shuffle)),
    (weight_decay, []),
)
Asked = dict[str, tuple[Config, set[Seeds]]]


class TrainedError(Exception):
    """Raised where a study has trained, and would write what it found."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The config and the runs that the studies ask for, by folder. They train nothing."""
    found: Asked = {}

    def end(*_: object, **__: object) -> None:
        raise TrainedError

    def scan(config: Config, *, runs: Sequence[Seeds], out: Path, **_: object) -> SimpleNamespace:
        for model, graft in {(run.model, run.graft) for run in runs if run.graft}:
            check_name(config, model, graft)
        folder = str(out.resolve().relative_to(place / "results"))
        before, there = found.setdefault(folder, (config, set()))
        assert before == config
        there.update(runs)
        return SimpleNamespace(runs=pd.read_csv(out / TABLE) if (out / TABLE).exists() else None)

    def prepared(config: Config, runs: Sequence[Seeds], out: Path, *_: object) -> Callable:
        scan(config, runs=runs, out=out)
        return lambda: 0

    def copy(source: str, to: str) -> None:
        (os.symlink if source.endswith(".npz") else shutil.copy)(source, to)

    place = tmp_path_factory.mktemp("studies").resolve()
    unread = shutil.ignore_patterns("*.png", "*.html")
    shutil.copytree(RESULTS, place / "results", copy_function=copy, ignore=unread)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(grokseed, "scan", scan)
        patch.setattr("grokseed.cli.train.prepared", prepared)
        patch.setattr(part, "write_results", end)
        patch.setattr(ablate, "write_ablation", end)
        for name in ("observed", "correlations"):  # what the order of its doses was chosen by
            patch.setattr(readable, name, lambda *_: {})
        for study, argv in STUDIES:
            patch.setattr(sys, "argv", ["study", *argv])  # where a study reads its options
            for name in ("analyse", "write_results"):
                patch.setattr(study, name, end, raising=False)
            with suppress(TrainedError), pytest.MonkeyPatch.context() as inner:
                if hasattr(study, "main"):
                    study.main()
                else:
                    inner.setattr(study_of_pairs, "export_stored", end)
                    runpy.run_path(str(study.__file__), run_name="__main__")
        yield found


@pytest.mark.parametrize("folder", [name for name in FOLDERS if name not in BY_HAND])
def test_a_study_asks_for_the_config_of_its_folder(folder: str, asked: Asked) -> None:
    config, runs = asked[folder]
    about = json.loads((RESULTS / folder / "config.json").read_text())
    assert config == Config(**about["config"])
    there = {Seeds(*run) for run in seeds_of(pd.read_csv(RESULTS / folder / TABLE))}
    assert runs <= there or there <= runs  # it goes on with them, or some were left out later
