"""A page to check claims by: claim, folder, five lines of pandas, the number. Writes
results/CHECK.md.

    python studies/check.py

Every block below is run as it stands and its number is written under it; a test runs the page's
blocks again and compares them with the page and with results/claims.csv.
"""

import contextlib
import io
from pathlib import Path

import pandas as pd

from common.study import render
from grokseed.records.export import write_atomically

PAGE, CLAIMS = Path("results/CHECK.md"), Path("results/claims.csv")

BLOCKS = {
    ("mini", "share of model seeds that are not normal (validation accuracy"): """
runs = pd.read_csv("results/mini_screen/runs.csv")
print((runs["screen_val_accuracy"] >= 0.25).mean())
""",
    ("mini", "share of model seeds that reach t98 at least 3 times sooner"): """
time = pd.read_csv("results/mini_generalise/runs.csv")["t98_step"]
median = time.fillna(float("inf")).sort_values().iloc[149]  # of 300 seeds
print((time <= median / 3).mean())
""",
    ("diary", "share of model seeds that are super (validation accuracy"): """
runs = pd.read_csv("{folder}/runs.csv").query("model_seed != 42")  # chosen by hand
early = runs.get("early", runs["status"]).astype(str)  # an early verdict's, where there was one
stopped, spared = (early.str.startswith(verdict) for verdict in ("stopped", "spared"))
weight = 1 + spared * stopped.sum() / max(spared.sum(), 1)  # spared runs stand for stopped ones
print((weight * (runs["screen_val_accuracy"] > 0.98)).sum() / len(runs))
""",
    ("diary", "runs memorise (train accuracy of 0.99) within 40 steps"): """
runs = pd.read_csv("{folder}/runs.csv").query("model_seed != 42")  # chosen by hand
runs = runs[~runs.get("early", runs["status"]).astype(str).str.contains("@")]  # judged by no rule
print((runs["memorised_step"] <= 40).mean())
""",
    ("mini", "slow runs (later than the median): share whose weight norm"): """
runs = pd.read_csv("results/mini_generalise/runs.csv")
time = runs["t98_step"].fillna(float("inf"))
slow = runs[time > time.sort_values().iloc[149]]
print((slow["norm_fall_step"] < slow["t98_step"].fillna(float("inf"))).mean())
""",
    ("mini", "winners (2 times sooner than the median): share that reach t98"): """
runs = pd.read_csv("results/mini_generalise/runs.csv")
median = runs["t98_step"].fillna(float("inf")).sort_values().iloc[149]
fast = runs[runs["t98_step"] <= median / 2]
print(1 - (fast["norm_fall_step"] < fast["t98_step"]).mean())
""",
    (
        "diary",
        "seed 56 with the initial token embedding, block 2 and head of seed 42, on 56's split",
    ): """
cells = pd.read_csv("results/graft_42_56/cells.csv")
cells = cells[(cells["kind"] == "graft") & (cells["split_seed"] == 56)]
culprits = cells[cells["groups"] == "token_embedding+block2+head"]
print(culprits.loc[culprits["loader_seed"] == 8, "accuracy"].item())
""",
    ("mini", "one layer group of a winner makes a loser win"): """
table = pd.read_csv("results/graft_mini/effects.csv")
table = table[(table["outcome"] == "accuracy") & (table["question"] == "gain")]
winners = table[(table["kind"] == "graft") & table["place"].isna()]
print(winners["excess"].max())
""",
    ("mini", "a search for an early seed saves steps, by restarts at the best step"): """
runs = pd.read_csv("results/base_scan/runs.csv").query("split_seed == 3")
time = runs["t98_step"].fillna(runs["steps"]).sort_values().reset_index(drop=True)
spent = time.cumsum() + time * (63 - time.index)  # each run until t98 or given up
per_win = spent / runs["t98_step"].sort_values().dropna().searchsorted(time, side="right")
print(per_win.iloc[-1] / per_win.min())
""",
    ("mini", "luck has a basin: winners' excess of wins over losers at radius 0.003"): """
runs = pd.read_csv("results/basin/runs.csv").query("graft.str.contains('~0.003=')")
cut = pd.read_csv("results/base_scan/splits.csv").set_index("split_seed")["cut"]
won = runs["t98_step"] <= runs["split_seed"].map(cut)
winners = runs["model_seed"].isin(pd.read_csv("results/basin/seeds.csv")["winner"])
print(won[winners].mean() - won[~winners].mean())
""",
    ("mini", "luck is settled before the end of training"): """
names = [f"results/{name}/runs.csv" for name in ("commitment", "commitment_more")]
runs = pd.concat(map(pd.read_csv, names)).query("graft.str.startswith('branch-440=')")
seeds = pd.read_csv("results/commitment_more/seeds.csv")  # of both folders
won = runs["t98_step"] <= runs["split_seed"].map(seeds.groupby("split_seed")["cut"].first())
print(won[runs["model_seed"].isin(seeds["winner"]) & ~(runs["t98_step"] <= 440)].mean())
""",
}
"""The start of a claim of results/claims.csv with its preset, and the lines that compute its
number: pandas alone, from the root of a clone."""


def sections(claims: pd.DataFrame) -> list[dict[str, object]]:
    """The page's parts: claim, verdict, folder, the block and its output.

    Raises:
        ValueError: a block's claim is missing from the file, or is there more than once.
    """
    rows = claims.to_dict("records")
    made = []
    for (preset, start), lines in BLOCKS.items():
        own = [r for r in rows if r["preset"] == preset and r["claim"].startswith(start)]
        if len(own) != 1:
            raise ValueError(f"{CLAIMS} has {len(own)} claims that start with {start!r}")
        code = "import pandas as pd\n" + lines.replace("{folder}", own[0]["folder"].split(",")[0])
        made.append(own[0] | {"code": code, "printed": f"{float(printed(code)):.4g}"})
    return made


def printed(code: str) -> str:
    """The output of a block, run with nothing defined before."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(code, "<block>", "exec"), {})
    return told.getvalue()


def page(claims: pd.DataFrame) -> str:
    return render("check", sections=sections(claims))


def main() -> None:
    write_atomically(PAGE, page(pd.read_csv(CLAIMS)).encode())


if __name__ == "__main__":
    main()
