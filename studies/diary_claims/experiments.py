"""What this project asks beyond the diary: experiments A to F, and the attention norm.

Studies write verdicts by rules of `studies/plan.md`; this reads them.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from common.study import Verdict, p_value
from common.verdict import FAILS, HOLDS, UNKNOWN, Number, within
from diary_claims.row import DIARY, WANTED, Evidence, row
from experiments import anatomy_tables, base_tables
from experiments.anatomy_plan import of_complete
from experiments.bases import OWN
from experiments.commitment_plan import MORE as FURTHER
from experiments.looks import coverage, looks_at

STUDIES = {
    "common_order": "weights and order match on all splits alike (study A with common orders)",
    "transport": "luck is that of winners' initial weights alone (study B)",
    "transport_add": "on x+y, luck is that of winners' initial weights alone (study B)",
    "subsets": "some of a winner's layer groups carry its win (study C)",
    "basin": "initial weights near a winner's win as well (study D)",
    "basin_parts": "luck is lost sooner in some layer groups than in others (study D)",
    "commitment": "luck is settled before the end of training (study E)",
    "readable": "the initial token embedding says which seed is early (study F)",
    "attention_norm": "the attention norm at step 500 tells winners from others",
    "visible": "when luck is settled, the signals recorded there show it",
}
"""Each study's folder, and the claim that stands for it until it has runs."""

VERDICTS = {"yes": HOLDS, "no": FAILS, "cannot tell": UNKNOWN, "certain": HOLDS}
VERDICTS |= {"yes, not certain": UNKNOWN, "no, known too late": FAILS}
TERMS = {
    "model:loader in split": "the match of weights and order on a split",
    "split:model": "the match of split and weights",
    "model": "the initial weights by themselves",
    "loader in split": "the batch order by itself on a split",
}
"""Terms of study A; that of the split answers a claim of the diary."""

DATA_DEPENDENT = "model:loader in split"
"""The term that answers another: the order is one of data, the permutation the weights."""


def claims(results: Path) -> Iterator[dict[str, object]]:
    yield from anatomy(results)
    for name, question in STUDIES.items():
        yield from _written(results, name, question)


def anatomy(results: Path) -> Iterator[dict[str, object]]:
    """Shares of the variance of log t98, once all cells are there (A). A test after Holm decides
    beside the limits, so that a claim gives its p."""
    found = Evidence(results, "anatomy", "mini")
    whole = found.there and (found.paths[0] / "components.csv").exists()
    terms = found.table("components.csv").set_index("term").to_dict("index") if whole else {}
    own = of_complete(found.runs) if whole else pd.DataFrame()
    n = len(base_tables.own_weights(own)) if whole else 0
    levels, least = (levels_of(own), seen(found)) if whole else (None, {})
    for term, words in TERMS.items():
        ours = number(terms[term], "share") if whole else Number()
        above = "yes if above 0, no if surely below 5 %; orders nested in splits, as was seen late"
        above += f"; p {p_value(terms[term]['p_holm'])} after Holm" if whole else ""
        above += changed(found, term) if whole else ""
        text = f"share of the variance of log t98 that belongs to {words} ({above}; study A)"
        if (
            whole
            and (looks := looks_at(anatomy_tables.LOOKED_AT["anatomy"], levels_of(own)[0])) > 1
        ):
            text += f" [judged {looks} times while runs were added: by limits of "
            text += f"{coverage(looks):.1%}, and p below {1 - coverage(looks):.1%}]"
        source = WANTED
        if term == DATA_DEPENDENT:
            source = DIARY
            text = f"luck is data dependent, for a certain order a certain permutation: {text}"
        said = VERDICTS[terms[term]["matters"]] if whole else UNKNOWN
        from_share = least.get(term, np.nan)
        yield row(text, source, Number(), ours, n, found, said, levels, from_share)
    ours = number(terms["rounding"], "share") if whole else Number()
    text = "rounding explains luck: its share of the variance of log t98 (half or more; study A)"
    twins = (len(own["graft"].dropna()), "one-ulp twins") if whole else None
    yield row(text, WANTED, Number(0.5), ours, n, found, within(ours, 0.5, 1), twins)
    for name, what in anatomy_tables.OTHERS.items():
        yield _same(results, name, what)


def _same(results: Path, name: str, what: str) -> dict[str, object]:
    """Whether the shares are those of the main part of study A, where both are known: the term
    whose shares lie farthest apart."""
    found = Evidence(results, name, "mini", sizes=False)
    tables = [results / folder / anatomy_tables.COMPONENTS for folder in ("anatomy", name)]
    text = (
        f"all shares of the variance of log t98 are the same with {what} as in study A (each "
        "within the other's interval): share there minus share in study A"
    )
    if not found.there or not all(table.exists() for table in tables):
        return row(text, WANTED, Number(0.0), Number(), 0, found, UNKNOWN)
    terms = anatomy_tables.same(*map(pd.read_csv, tables))
    most, said = anatomy_tables.farthest(terms), VERDICTS[anatomy_tables.all_same(terms)]
    words = TERMS.get(most["term"], most["term"])
    text += f", the term whose difference is largest for its interval ({words})"
    own = of_complete(found.runs)
    n, ours = len(base_tables.own_weights(own)), number(most, "difference")
    return row(text, WANTED, Number(0.0), ours, n, found, said, levels_of(own))


def changed(found: Evidence, term: str) -> str:
    """What the planned table says of a term, if it says another thing, to be put in brackets."""
    names = "components.csv", "components_crossed.csv"
    now, before = (found.table(name).set_index("term")["matters"].get(term) for name in names)
    return f"; with orders crossed, as planned: {before}" if before not in (None, now) else ""


def seen(found: Evidence) -> dict[str, float]:
    """The smallest share of each term that studies of this size see with 80 % power."""
    return anatomy_tables.findable(found.paths[0], levels_of(of_complete(found.runs))[0])


def levels_of(runs: pd.DataFrame) -> tuple[int, str]:
    """The factor with the fewest seeds: so many splits, weights or orders the limits are over."""
    own = base_tables.own_weights(runs)
    fewest = min(len(set(own[f"{factor}_seed"])) for factor in ("split", "model", "loader"))
    return fewest, "splits, weights and orders each"


def _written(results: Path, name: str, question: str) -> Iterator[dict[str, object]]:
    """The verdicts that a study wrote beside its runs."""
    found, file = Evidence(results, name, "mini"), results / name / "verdicts.csv"
    if name == "commitment" and (results / FURTHER.name / "runs.csv").exists():
        found = Evidence(results, f"{name},{FURTHER.name}", "mini")
    if name in ("attention_norm", "visible"):  # they read the runs of the search
        found = Evidence(results, OWN.further.name, "mini", page=name)
    if not found.there or not file.exists():
        yield row(question, WANTED, Number(), Number(), 0, found, UNKNOWN)
        return
    table = pd.read_csv(file).reindex(columns=list(Verdict._fields))
    for one in table.to_dict("records"):
        ours, figure = number(one, "ours"), number(one, "figure", "figure_")
        units = (one["units"], one["of"]) if isinstance(one["of"], str) else (one["n"], "runs")
        verdict, least = VERDICTS[one["verdict"]], one["detectable"]
        yield row(one["claim"], WANTED, figure, ours, one["n"], found, verdict, units, least)


def number(table: dict, name: str, prefix: str = "") -> Number:
    return Number(*(float(table[n]) for n in (name, f"{prefix}low", f"{prefix}high")))
