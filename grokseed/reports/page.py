"""The pages of all studies: an index in Markdown, and one HTML file to explore them. No torch."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import vl_convert
from altair import VEGALITE_VERSION
from markupsafe import Markup

from grokseed.analysis.survival import numbers
from grokseed.reports.charts import charts_of
from grokseed.reports.claims import FOUND, NO_CLAIM, RULES, VERDICTS, Claim, counted, sections
from grokseed.reports.groups import grouped
from grokseed.reports.studies import Study
from grokseed.reports.templating import TEMPLATES

EXPORT = "window.vegaEmbed = vegaEmbed;"
"""The line that exports what the page's script uses of the library."""

MOST_LINES = 3000
"""Most trajectories on the whole page: a hundred take about 50 kB."""

MARKDOWN = TEMPLATES.overlay()
HTML = MARKDOWN.overlay(autoescape=True)


def index(
    folder: Path,
    studies: Sequence[Study],
    claims: Sequence[Claim] | None,
    groups: Mapping[str, str],
) -> str:
    """The Markdown index: a row for each study with its parts, and the claims with their verdicts.

    Args:
        folder: of all results; its other Markdown files are linked.
        studies: as `read_studies` gives them.
        claims: as `read_claims` does.
        groups: as `read_groups` does.
    """
    return MARKDOWN.get_template("index.md.j2").render(
        claims=claims,
        sections=sections([_escaped(row) for row in _linked(claims or [], studies)]),
        counted=counted,
        no_claim=NO_CLAIM,
        found=FOUND,
        rules=RULES,
        numerics=_numerics(claims or []),
        groups={
            _markdown(name): [_escaped(row) for row in rows]
            for name, rows in grouped(_with_parts(studies), groups).items()
        },
        pages=sorted(p.name for p in folder.glob("*.md") if p.name != "README.md"),
    )


def page(studies: Sequence[Study], claims: Sequence[Claim] | None, most_lines: int) -> str:
    """The HTML page, which contains the charts' library and all data and loads nothing else.

    Args:
        studies: as `read_studies` gives them.
        claims: as `read_claims` does.
        most_lines: at most this many trajectories of one study; the page has `MOST_LINES` in all.

    Raises:
        StoreError: a table of effects cannot be read.
    """
    with_runs = [study for study in studies if study.scan is not None and len(study.scan.runs)]
    most = max(1, min(most_lines, MOST_LINES // max(len(with_runs), 1)))
    first = max(with_runs, key=_at_t98) if with_runs else None
    charts = [
        charts_of(study, most) | {"shown": _row(study)["n"], "first": study is first}
        for study in with_runs
    ]
    return HTML.get_template("report.html.j2").render(
        library=_library(),
        data=_data(charts),
        claims=claims,
        sections=sections(_linked(claims or [], studies)),
        verdicts=VERDICTS,
        counted=counted,
        no_claim=NO_CLAIM,
        rules=RULES,
        numerics=_numerics(claims or []),
        studies=[_row(study) | {"explored": study in with_runs} for study in studies],
        runs=sum(len(study.scan.runs) for study in studies if study.scan),
    )


def _at_t98(study: Study) -> int:
    """How many of its runs reached t98; 0 for an ablation, as its runs were chosen."""
    if study.scan is None or study.is_ablation:
        return 0
    return int(np.isfinite(numbers(study.scan.runs, "t98_step")).sum())


def _row(study: Study) -> dict[str, Any]:
    """A study as a row of the index, in words."""
    question, answer = study.briefly()
    return {
        "name": study.name,
        "question": question,
        "answer": answer,
        "n": _stored([study] if study.scan else []),
        "minutes": _minutes([study]),
        "path": quote(study.name),
        "readme": (study.folder / "README.md").exists(),
    }


def _with_parts(studies: Sequence[Study]) -> list[dict[str, Any]]:
    """The rows of the index. A folder inside one that has a page is a part of it: it has no row of
    its own, and its runs and minutes are in the other's, whose `parts` says how many there are."""
    pages = {study.name for study in studies if (study.folder / "README.md").exists()}
    above = {study.name: study.name.rpartition("/")[0] for study in studies}
    rows = []
    for study in studies:
        if above[study.name] in pages:
            continue
        own = study.name if study.name in pages else None
        parts = [part for part in studies if above[part.name] == own]
        some = [one for one in (study, *parts) if one.scan]
        whole = {"n": _stored(some), "minutes": _minutes(some)} if parts else {}
        rows.append(_row(study) | whole | {"parts": len(parts)})
    return rows


def _stored(studies: Sequence[Study]) -> str:
    """How many runs they have, and how many were asked for if that is more; empty without any."""
    n = sum(len(study.scan.runs) for study in studies if study.scan)
    asked = sum(study.asked for study in studies)
    return (f"{n:,}" if n == asked else f"{n:,} of {asked:,}") if studies else ""


def _minutes(studies: Sequence[Study]) -> str:
    known = [study.minutes for study in studies if not math.isnan(study.minutes)]
    return f"{sum(known):,.0f}" if known else ""


def _linked(claims: Sequence[Claim], studies: Sequence[Study]) -> list[dict[str, Any]]:
    """The claims with `folders`: the name and address of each, with an empty address if it is not a
    study; and with `made_by`: the preset, and in brackets the places of the numerics in
    `_numerics`.

    A claim names folders below `results/` or below the folder of all, separated by commas.
    """
    paths = {row["name"]: row["path"] for row in map(_row, studies)}
    numerics = _numerics(claims)
    named = [
        [part.strip().removeprefix("results/").strip("/") for part in claim["folder"].split(",")]
        for claim in claims
    ]
    return [
        {
            **claim,
            "folders": [(name, paths.get(name, "")) for name in names],
            "made_by": _made_by(claim, numerics),
        }
        for claim, names in zip(claims, named, strict=True)
    ]


def _numerics(claims: Sequence[Claim]) -> list[str]:
    """All numerics of the claims, each once: they are long, and few."""
    return list(dict.fromkeys(name for claim in claims for name in _parts(claim)))


def _parts(claim: Claim) -> list[str]:
    return [name for name in claim["numerics"].split(" | ") if name]


def _made_by(claim: Claim, numerics: Sequence[str]) -> str:
    places = ", ".join(str(numerics.index(name) + 1) for name in _parts(claim))
    return f"{claim['preset']} ({places})".strip() if places else claim["preset"]


def _escaped(row: dict[str, Any]) -> dict[str, Any]:
    """The row for a Markdown table: addresses unchanged, and all other text escaped for Markdown
    and HTML."""
    return {k: _markdown(v) if isinstance(v, str) and k != "path" else v for k, v in row.items()}


def _markdown(text: str) -> str:
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"[\\|*`\[\]]|(?<!\w)_|_(?!\w)", lambda sign: f"\\{sign[0]}", line)


def _data(charts: Sequence[dict[str, Any]]) -> str:
    """The charts as JSON, gzip and base64, for a script element. The charts of many studies are
    alike, so that the data of a page of 6 MB take 1.5."""
    text = json.dumps(charts, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


@cache
def _library() -> Markup:
    """Vega, Vega-Lite and vega-embed; ValueError if they cannot be put into a script element."""
    version = "_".join(VEGALITE_VERSION.split(".")[:2])
    text = vl_convert.javascript_bundle(EXPORT, vl_version=version)
    if re.search("</script|<!--", text, re.IGNORECASE):
        raise ValueError("this version of the charts' library cannot be put into a page")
    return Markup(text)


MARKDOWN.filters["as_text"] = _markdown
