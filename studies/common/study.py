"""Shared by the studies: options, an answer's template, and a folder's figures and README."""

import argparse
import math
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import NamedTuple

import jinja2
import pandas as pd
from matplotlib.figure import Figure

from grokseed.cli.results import write_results
from grokseed.records.export import write_atomically
from grokseed.reports.pictures import save
from grokseed.reports.scan import ANSWER

VERDICTS = "verdicts.csv"
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def percent(share: float) -> str:
    """A share in whole percent, or a question mark if it is not known."""
    return str(round(100 * share)) if math.isfinite(share) else "?"


def p_value(p: float) -> str:
    """A p-value in two digits, or a question mark if there was no test.

    Below 1e-20 its digits say nothing, and depend on how a table rounded it.
    """
    if p < 1e-20:
        return "< 1e-20"
    return f"{p:.2g}" if math.isfinite(p) else "?"


def one_line(text: str) -> str:
    """A paragraph whose source has many lines, as one."""
    return " ".join(text.split()) + "\n"


TEMPLATES.filters |= {"percent": percent, "p_value": p_value, "one_line": one_line}


def render(study: str, **found: object) -> str:
    """A study's answer, from `templates/<study>.md.j2`."""
    return TEMPLATES.get_template(f"{study}.md.j2").render(**found).strip() + "\n"


def options_of(doc: str | None) -> argparse.ArgumentParser:
    """The options of every study that trains; from here on the first SIGTERM does what Ctrl-C does,
    and both end it with one line.

    By itself SIGTERM would end the process at once, and a study's runs in training would be lost up
    to their last checkpoint. So would they be by a second one while they are saved: `timeout` and a
    shell may both send it.

    Args:
        doc: the study's docstring; its first line is the help.
    """
    signal.signal(signal.SIGTERM, _stop)
    sys.excepthook = _print_error
    options = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    options.add_argument("--export", action="store_true", help="train nothing")
    options.add_argument("--mixed-numerics", action="store_true")
    return options


def _stop(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _print_error(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print an error that nothing caught as Python does, but Ctrl-C in one line."""
    if issubclass(kind, KeyboardInterrupt):
        print("\nStopped; what is finished is stored. The same command goes on.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


class Verdict(NamedTuple):
    """What a study found, for results/claims.csv.

    Attributes:
        claim: a statement about a quantity.
        ours, low, high: the quantity and its 95 % limits; NaN if not known.
        n: runs behind it.
        verdict: yes, no or cannot tell.
        figure: the quantity as claimed; NaN if no number was.
        units: independent ones behind the limits, such as seeds or pairs; NaN: the runs.
        of: what these units are.
        detectable: the smallest effect found with 80 % power; NaN if not known.
        figure_low, figure_high: limits of the quantity as claimed; NaN if none were.
    """

    claim: str
    ours: float
    low: float
    high: float
    n: int
    verdict: str
    figure: float = float("nan")
    units: float = float("nan")
    of: str = ""
    detectable: float = float("nan")
    figure_low: float = float("nan")
    figure_high: float = float("nan")


def write_verdicts(folder: Path, found: Sequence[Verdict]) -> None:
    """Write a study's verdicts to its folder."""
    table = pd.DataFrame(found, columns=list(Verdict._fields))
    text = table.to_csv(index=False, float_format="%.5g", lineterminator="\n")
    write_atomically(folder / VERDICTS, text.encode())


def finish(folder: Path, answer: str, figures: Mapping[str, Figure]) -> None:
    """Write a study's figures and answer, and with it the folder's README."""
    for name, figure in figures.items():
        save(figure, folder / name)
    write_atomically(folder / ANSWER, answer.encode())
    write_results(folder)
