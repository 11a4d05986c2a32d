"""When in training does luck commit? (study E of plan.md, and "Study E with further winners")

    python studies/commitment.py                 train what is missing, then say what was found
    python studies/commitment.py --further       the same of the further winners
    python studies/commitment.py --export        train nothing

Design: 8 confirmed winners and 8 losers of the base scan, in pairs on one split. Each run is
branched at 8 steps: up to the branch it is the same run, from there on batches come in one of 16
fresh orders, the same 16 for all. Branches are at ends of epochs. 24 further winners get 4 of the
orders, in results/commitment_more. Outcome: does the branch win? A run that had reached t98 by the
branch has won already, whatever comes: it is counted, and not judged. Contrast: the winners' rate
at each step against half of the lead, and against their own rate at step 0. The lead is 1: the
winners won the runs by which they were chosen, and the losers did not.
"""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from common.part import begun, there
from common.study import Verdict, finish, options_of, render, write_verdicts
from experiments.chosen import LEAD
from experiments.commitment_figure import commitment_curve
from experiments.commitment_plan import LOOKED_AT, MORE, OUT, PAIRS, WINNERS, further, plan
from experiments.commitment_tables import LEAST, committed, judged, table
from experiments.looks import coverage, label, looks_at
from experiments.study_of_pairs import trained_rows
from grokseed.cli.results import write_results
from grokseed.records.export import write_atomically
from grokseed.reports.scan import ANSWER

Part = tuple[pd.DataFrame, pd.DataFrame]
"""The rows that count, and all that are planned."""


def analyse(
    folder: Path, done: pd.DataFrame, whole: pd.DataFrame, more: Part | None = None
) -> None:
    """Write the study's table, figure and answer.

    Args:
        folder: where to.
        done: the rows that count, of the pairs.
        whole: all that are planned.
        more: of the further winners, if they have runs.
    """
    parts = [(done, whole), *([more] if more else [])]
    every = pd.concat([some for some, _ in parts])
    found = table(every, looks := looks_at(LOOKED_AT, len(every)))
    found.to_csv(folder / "branches.csv", index=False, float_format="%.5g")
    verdict, step = committed(found)
    rates = judged(found)
    write_verdicts(folder, [_verdict(rates, verdict, step, looks)] if rates else [])
    names = ("all seeds, steps and orders", "all further winners, steps and orders")
    named = zip(parts, names, strict=False)
    counts = [there(len(some), len(planned), name) for (some, planned), name in named]
    own = [table(some) for some, _ in parts] if more else ()
    figure = commitment_curve(found, verdict, step, LEAD / 2, sum(len(w) for _, w in parts))
    answer = said(found, "; further winners: ".join(counts), own)
    finish(folder, answer, {"branches": figure})


def _verdict(rates: dict[int, dict], said: str, step: int | None, looks: int) -> Verdict:
    """Of the step by which luck is committed, or of the last one."""
    own = max(rates) if step is None else step
    row = rates[own]
    wider = f" {label(looks, row['rule_low'], row['rule_high'])}" * (looks > 1)
    also = " there, and at all later steps tried" if own == step else ""
    claim = (
        "luck is settled before the end of training: share of winners not yet at t98 that win with "
        f"a fresh batch order from step {own:,} on (above a half{also}) [the rule was changed "
        f"twice, last when all runs had been looked at]{wider}"
    )
    limits = row["rate"], row["rate_low"], row["rate_high"]
    return Verdict(claim, *limits, row["runs"], said, units=row["seeds"], of="winners")


def said(found: pd.DataFrame, runs: str, parts: Sequence[pd.DataFrame] = ()) -> str:
    """The answer.

    Args:
        found: the table of all rows.
        runs: how many there are.
        parts: the tables of the first winners' rows and of the further ones', if there are any.
    """
    verdict, step = committed(found)
    first, more = parts or (found, found.iloc[:0])
    return render(
        "commitment",
        found=found.to_dict("records"),
        more=more.to_dict("records"),
        seeds=most_winners(found),
        further=most_winners(more),
        first_said=phrase(*committed(first)),
        more_said=phrase(*committed(more)),
        verdict=verdict,
        said=phrase(verdict, step),
        step=step,
        rates=judged(found),
        there=runs,
        least=LEAST,
        looks=(looks := max(found["looks"], default=1)),
        level=coverage(looks),
    )


def said_of_further(more: Part | None) -> str:
    """The answer of the further winners' folder; without a verdict if none of their rows counts."""
    found = table(more[0]) if more else None
    verdict = "" if found is None else phrase(*committed(found))
    seeds = 0 if found is None else most_winners(found)
    return render("commitment_more", said=verdict, seeds=seeds)


def phrase(verdict: str, step: int | None) -> str:
    """A verdict with its step, such as "yes, by step 440"."""
    return verdict if step is None else f"{verdict}, by step {step:,}"


def most_winners(found: pd.DataFrame) -> int:
    """The winners of a table, at the step that has most of them."""
    seeds = found.loc[found["role"] == "winner", "seeds"]
    return int(seeds.max()) if len(seeds) else 0


def main(argv: list[str] | None = None) -> None:
    options = options_of(__doc__)
    options.add_argument("--further", action="store_true", help="train the further winners")
    asked = options.parse_args(argv)
    tables = Namespace(export=True)  # of a part that is not to be trained
    done, whole = trained_rows(tables if asked.further else asked, OUT, PAIRS, plan)
    more = None
    if asked.further or begun(MORE):
        own = asked if asked.further else tables
        some = trained_rows(own, MORE, WINNERS, further)
        more = some if len(some[0]) else None
        write_atomically(MORE / ANSWER, said_of_further(more).encode())
        write_results(MORE)
    if done.empty:
        raise SystemExit(f"{OUT} holds no run of the study that counts yet")
    analyse(OUT, done, whole, more)


if __name__ == "__main__":
    main()
