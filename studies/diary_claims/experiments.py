"""What this project asks beyond the diary: experiments A to F, the attention norm, early verdicts,
and published laws. Studies write verdicts by rules of `studies/plan.md`; this reads them."""

from collections.abc import Iterator
from pathlib import Path

import base
import base_tables
import pandas as pd

from diary_claims.row import WANTED, Evidence, row
from diary_claims.verdict import FAILS, HOLDS, UNKNOWN, Number, within

STUDIES = {
    "transport": "winners' initial weights carry luck by themselves (study B)",
    "subsets": "some of a winner's layer groups carry its win (study C)",
    "basin": "initial weights near a winner's win as well (study D)",
    "basin_parts": "luck is lost sooner in some layer groups than in others (study D)",
    "commitment": "luck is settled before the end of training (study E)",
    "readable": "the initial token embedding says which seed is early (study F)",
    "attention_norm": "the attention norm at step 500 tells winners from others",
}
"""Each study's folder, and the claim that stands for it until it has runs."""

VERDICTS = {"yes": HOLDS, "no": FAILS, "cannot tell": UNKNOWN, "certain": HOLDS}
VERDICTS |= {"yes, not certain": UNKNOWN, "no, known too late": FAILS}
TERMS = {
    "split:model:loader": "the match of split, weights and order",
    "split:model": "the match of split and weights",
    "split:loader": "the match of split and order",
    "model:loader": "the match of weights and order",
    "model": "the initial weights by themselves",
    "loader": "the batch order by itself",
}
"""Terms of study A; that of the split answers a claim of the diary."""

NORMED, UNREAD = "2606.13753", "2605.18845"
"""A law that makes an exception for models with a final layer norm, and a paper that could not be
read."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from anatomy(results)
    for name, question in STUDIES.items():
        yield from _written(results, name, question)
    yield from early(results)
    yield from laws(results)


def anatomy(results: Path) -> Iterator[dict[str, object]]:
    """Shares of the variance of log t98, once all cells are there (A)."""
    found = Evidence(results, "anatomy", "mini")
    whole = found.there and (found.paths[0] / "components.csv").exists()
    terms = found.table("components.csv").set_index("term").to_dict("index") if whole else {}
    n = len(base_tables.own_weights(found.runs)) if whole else 0
    for term, words in TERMS.items():
        ours = _number(terms[term], "share") if whole else Number()
        text = f"share of the variance of log t98 that belongs to {words} (above 0; study A)"
        said = VERDICTS[terms[term]["matters"]] if whole else UNKNOWN
        yield row(text, WANTED, Number(), ours, n, found, said)
    ours = _number(terms["rounding"], "share") if whole else Number()
    text = "rounding explains luck: its share of the variance of log t98 (half or more; study A)"
    yield row(text, WANTED, Number(), ours, n, found, within(ours, 0.5, 1))


def _written(results: Path, name: str, question: str) -> Iterator[dict[str, object]]:
    """The verdicts that a study wrote beside its runs."""
    of_runs = base.FURTHER.name if name == "attention_norm" else name
    found, file = Evidence(results, of_runs, "mini"), results / name / "verdicts.csv"
    if not found.there or not file.exists():
        yield row(question, WANTED, Number(), Number(), 0, found, UNKNOWN)
        return
    for one in pd.read_csv(file).to_dict("records"):
        ours, figure = _number(one, "ours"), Number(float(one["figure"]))
        yield row(one["claim"], WANTED, figure, ours, one["n"], found, VERDICTS[one["verdict"]])


def early(results: Path) -> Iterator[dict[str, object]]:
    """Early verdicts on the seeds on which they were not fitted. A claim holds if certain."""
    rules = pd.read_csv(results / "early" / "early.csv").query("chosen")
    text = (
        "stopping runs by an early verdict takes 1.6 times fewer steps and keeps 97 % of the runs "
        "that are not normal"
    )
    for name, folder in FOLDERS.items():
        found = Evidence(results, folder, "mini" if folder.startswith("mini") else "diary")
        own = rules.loc[rules["scan"] == name].to_dict("records")
        ours, n, said = Number(), 0, UNKNOWN
        if own:
            ours, n = _number(own[0], "recall", "recall_"), own[0]["early"]
            said = _early_verdict(own[0])
        yield row(f"{text}, {name}: share of them kept", WANTED, Number(0.97), ours, n, found, said)


FOLDERS = {
    "mini to t98": "mini_generalise",
    "mini, screen at 3,100": "mini_generalise",
    "mini, screen at 1,750": "mini_screen",
    "diary": "diary_scan",
}


def _early_verdict(rule: dict) -> str:
    """As `studies/early.py` has it: certain, not certain, or no."""
    if rule["saved"] < 1.6 or rule["recall_high"] < 0.97:
        return FAILS
    return HOLDS if rule["recall_low"] >= 0.97 else UNKNOWN


def laws(results: Path) -> Iterator[dict[str, object]]:
    """Published laws as predictors of which seed is early, on fresh seeds."""
    found = Evidence(results, base.SCAN.name, "mini")
    table = pd.read_csv(results / "laws" / "laws.csv").query("folder == @base.SCAN.name")
    text = "arXiv {}: early seeds can be predicted from {}: rank correlation with t98 (above 0.5)"
    for one in table.loc[table["paper"] != "none"].to_dict("records"):
        ours = _number(one, "rho")
        said = VERDICTS[one["of_use"]]
        claim = text.format(one["paper"], one["predictor"])
        yield row(claim, f"arXiv {one['paper']}", Number(), ours, one["n"], found, said)
    ours = _number(table.set_index("predictor").loc["norm at memorising"].to_dict(), "rho")
    claim = (
        f"arXiv {NORMED}: with a final layer norm, as here, the norm at memorising predicts "
        "nothing: rank correlation with t98 (within 0.1 of 0)"
    )
    said = within(ours, -0.1, 0.1)
    n = int(table.loc[table["predictor"] == "norm at memorising", "n"].iloc[0])
    yield row(claim, f"arXiv {NORMED}", Number(0.0), ours, n, found, said)
    claim = text.format(f"{UNREAD} (could not be read)", "its rate of contraction")
    none = Evidence(results, "", "mini")
    yield row(claim, f"arXiv {UNREAD}", Number(), Number(), 0, none, UNKNOWN)


def _number(table: dict, name: str, prefix: str = "") -> Number:
    return Number(*(float(table[n]) for n in (name, f"{prefix}low", f"{prefix}high")))
