"""What README says beside its generated parts: that its links, seeds and times are right."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from grokseed import load, preset
from grokseed.seeds import read_seeds

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SAID = " ".join(README.split())


def test_the_contents_list_every_section_after_them() -> None:
    before, after = README.split("**Contents**: ")
    listed = re.findall(r"\[([^]]+)\]\(#([^)]+)\)", after.split("\n\n")[0])
    assert [title for title, _ in listed] == re.findall(r"^## (.+)$", after, re.M)
    anchors = [re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title, _ in listed]
    assert [anchor for _, anchor in listed] == anchors
    assert "## What was found" in before


def test_the_first_commands_seeds_are_as_early_and_as_late_as_the_text_says() -> None:
    """All memorise by its last step. Then four are super, and four need thousands of steps more."""
    (seeds,) = re.findall(r"--model-seeds (\S+) --loader-seed 8 --out results/try", README)
    assert "four early ones and four late ones" in SAID
    screened, timed = (
        pd.read_csv(ROOT / "results" / name / "runs.csv").set_index("model_seed")
        for name in ("mini_screen", "mini_generalise")
    )
    late, early = read_seeds(seeds)[:4], read_seeds(seeds)[4:]
    last = preset("mini").max_steps
    assert (screened.loc[early, "screen_val_accuracy"] > 0.98).tolist() == [True] * 4
    assert (screened.loc[early, "memorised_step"] < last).all()
    assert (timed.loc[late, "memorised_step"] < last).tolist() == [True] * 4
    assert (timed.loc[late, "t98_step"] > last + 2000).all()
    points = load(ROOT / "results" / "mini_generalise").trajectories
    for seed in late:
        own = points[(points["run"] == timed.index.tolist().index(seed)) & (points["step"] <= last)]
        assert np.max(own["sample_accuracy"]) < 0.25  # so that it is normal there


def test_the_times_of_a_scan_are_those_of_the_speed_tables_on_two_cores() -> None:
    seconds = {}
    for name in ("mini", "diary"):
        table = (ROOT / "results" / "speed" / f"{name}.md").read_text()
        (row,) = re.findall(r"^\| compiled, fp32 .*\| +2 x 1 \|.*$", table, re.M)
        seconds[name] = 2073 * preset(name).max_steps * float(row.split("|")[5].split()[0]) / 1000
    assert f"the scan takes about {seconds['diary'] / 3600:.0f} hours" in SAID
    assert f"`--preset mini` take about {seconds['mini'] / 60:.0f} minutes" in SAID


SRUN = """#!/bin/sh
for last; do folder=$last; done
[ "$(cat $folder/scan.db $folder/scan.db-wal)" = "old log" ] || exit 1
rm $folder/scan.db-wal
printf "whole" > $folder/scan.db
"""
"""A scan that goes on from a killed one's database and its log, and closes both."""


def test_a_shard_of_a_slurm_array_leaves_no_log_of_a_killed_job(tmp_path: Path) -> None:
    (script,) = re.findall(r"```bash\n(#!/bin/bash\n#SBATCH.*?)```", README, re.S)
    shards = tmp_path / "shards"
    for name, log in (("shard-3", "log"), ("new-shard-3", "half")):
        (shards / name).mkdir(parents=True)
        (shards / name / "scan.db").write_text("old ")
        (shards / name / "scan.db-wal").write_text(log)
    (tmp_path / "srun").write_text(SRUN)
    (tmp_path / "srun").chmod(0o755)
    (tmp_path / "scratch").mkdir()
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "scratch")}
    env |= {"SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_ID": "77"}
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, check=True)
    assert {str(p.relative_to(shards)): p.read_text() for p in shards.rglob("*.db*")} == {
        "shard-3/scan.db": "whole"
    }
    assert [path.name for path in shards.glob("*")] == ["shard-3"]
    assert not any((tmp_path / "scratch").iterdir())
