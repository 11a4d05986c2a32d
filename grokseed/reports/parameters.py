"""Tables of parameter counts as plain text: parts, widths, closed forms, derivatives, readouts,
published models. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from grokseed.analysis.closed_forms import (
    DOCUMENTED,
    PRINTED,
    D,
    L,
    N,
    Sizes,
    V,
    decoder_form,
    readouts,
)
from grokseed.analysis.parameters import Counted
from grokseed.analysis.references import REFERENCES
from grokseed.limits import width_step

BOTTLENECK = 16
"""Width of the bottleneck that stands beside a config that has none."""

WORDS = {N: "depth N", D: "width d", L: "length L", V: "vocabulary V"}


def parts_table(here: Counted) -> str:
    """Parameters of each part and in all, and each part's share."""
    rows = [[part, f"{n:,}", f"{n / here.total:.1%}"] for part, n in here.parts.items()]
    rows.append(["in all", f"{here.total:,}", "100.0%"])
    rows.append(["blocks / readout", f"{here.ratio:.6g}", ""])
    at = here.sizes
    title = (
        f"depth N {at.layers}, width d {at.d_model}, length L {at.length}, vocabulary V "
        f"{at.vocabulary}"
    )
    return _table(title, ["part", "parameters", "share"], rows)


def widths_table(name: str, target: float, found: Mapping[int, Counted], at: Sizes) -> str:
    """The widths nearest to a target, and what each is exactly.

    Args:
        name: what is to meet the target: ratio or total.
        target: the value wanted.
        found: counts by width, the nearest first.
        at: sizes of which all but the width are kept.
    """
    rows = [[f"{d:,}", f"{it.total:,}", f"{it.ratio:.6g}"] for d, it in found.items()]
    fixed = {N: at.layers, L: at.length, V: at.vocabulary}
    roots = sympy.solve(getattr(DOCUMENTED, name).subs(fixed) - sympy.Rational(str(target)), D)
    title = (
        f"d_model for {name} {target:,}, nearest first; the documents' forms give "
        f"{_short(float(roots[0]))}"
    )
    return _table(title, ["d_model", "parameters", "blocks / readout"], rows)


def forms_table(here: Counted) -> str:
    """The documents' closed forms and this decoder's, their values, and the exact counts."""
    rows = []
    for name in ("blocks", "readout", "total", "ratio"):
        theirs, exact = getattr(DOCUMENTED, name), getattr(here, name)
        value = float(here.sizes.value(theirs))
        ours = "blocks / readout" if name == "ratio" else _spell(getattr(here.form, name))
        rows.append([name, _spell(theirs), _short(value), _off(value, exact), ours, _short(exact)])
    title = "closed forms; the documents' readout reads all L positions, and their blocks are small"
    return _table(title, ["", "documents", "value", "off by", "this decoder", "exact"], rows)


def derivatives_table(here: Counted) -> str:
    """Derivatives of total and ratio by each size: as printed, of the documents' forms, exact."""
    rows = []
    for name in ("ratio", "total"):
        for symbol, word in WORDS.items():
            printed = PRINTED.get((name, symbol))
            as_printed = ["", ""]
            if printed is not None:
                as_printed = [_spell(printed), _at(here.sizes, printed)]
            right = sympy.diff(getattr(DOCUMENTED, name), symbol)
            exact = sympy.diff(getattr(here.form, name), symbol)
            values = [_at(here.sizes, right), _at(here.sizes, exact)]
            rows.append([f"{name} by {word}", *as_printed, *values])
    title = "derivatives: as the documents print them, of the documents' forms, and exact"
    return _table(title, ["", "as printed", "value", "of their forms", "exact"], rows)


def readouts_table(
    here: Counted, ffn_multiple: int, biases: bool = True, kv_share: Fraction = Fraction(1)
) -> str:
    """Every kind of readout on one decoder: its own parameters, the total and the ratio.

    Args:
        here: the decoder; the other three are as in `closed_forms.decoder_block`.
    """
    at, bottleneck = here.sizes, here.bottleneck_width or BOTTLENECK
    rows = []
    for name, own in readouts(bottleneck, here.kernel, biases).items():
        if at.d_model % (step := width_step(1, name)):
            rows.append([name, f"needs a width divisible by {step}", "", "", ""])
            continue
        form = decoder_form(ffn_multiple, own, name == "tied", biases, kv_share)
        values = [_at(at, e) for e in (form.readout, form.total, form.ratio)]
        rows.append([name, _spell(form.readout), *values])
    title = (
        f"readouts, with the layer norm before them: bottleneck {bottleneck} wide; conv, of width "
        f"{here.kernel}, and\n"
        "time-distributed narrow a position to d/8; tied uses the token embedding as well"
    )
    header = ["", "own parameters", "value", "in all", "blocks / readout"]
    return _table(title, header, rows)


def references_table() -> str:
    """Published models: exact counts, and how far the documents' forms are off."""
    rows = []
    for known in REFERENCES:
        exact, form = known.sizes.value, known.form
        total, blocks, readout = map(int, map(exact, (form.total, form.blocks, form.used)))
        for at in filter(None, (known.sizes, known.claimed)):
            label = known.name if at is known.sizes else f"{known.name}, as documented"
            shape = (at.layers, at.d_model, at.length, at.vocabulary)
            forms = [float(at.value(e)) for e in (DOCUMENTED.blocks, DOCUMENTED.readout)]
            cells = [label, *(f"{n:,}" for n in (*shape, total, blocks))]
            cells += [_off(forms[0], blocks), f"{readout:,}", _off(forms[1], readout)]
            rows.append([*cells, f"{blocks / readout:.4g}", f"{forms[0] / forms[1]:.4g}"])
    title = (
        "published models: exact counts, and how far off 4*N*d^2 and L*V*d are. A token embedding "
        "used as readout\nis in the total once. blocks / readout is exact, then by those two forms"
    )
    header = "|N|d|L|V|in all|blocks|off by|readout|off by|blocks / readout|by forms"
    return _table(title, header.split("|"), rows)


def _at(at: Sizes, expression: Any) -> str:
    return _short(float(at.value(expression)))


def _spell(expression: Any) -> str:
    return str(sympy.expand(expression)).replace("**", "^")


def _short(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def _off(value: float, exact: float) -> str:
    """How far a value is off: in per cent, or from ten times too large on in times."""
    return f"{value / exact - 1:+.1%}" if value < 10 * exact else f"{value / exact:,.0f} times"


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the first to the left, the others to the right."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    lines = [title]
    for first, *others in (header, *rows):
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)
