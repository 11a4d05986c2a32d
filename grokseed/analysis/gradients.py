"""Gradient flow: which parameters' gradients are zero, too small, too large or not a number.

The limits are the document's. No torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from grokseed.analysis.ladder import Trial

SMALL, LARGE = 1e-6, 1e2
"""Norms below and above which a gradient is flagged."""

UNSEEN = ".attention.k.bias"
"""End of the names of key biases. A key bias adds the same number to all scores of a query, which
the softmax ignores. So its gradient is zero up to rounding, and that is no fault."""


def flag(norm: float) -> str:
    """The flag of a gradient of this norm: `NaN`, `zero`, `small`, `large`, or empty for none."""
    if not np.isfinite(norm):
        return "NaN"
    if norm == 0:
        return "zero"
    return "small" if norm < SMALL else "large" if norm > LARGE else ""


def norms(found: Sequence[Trial]) -> pd.DataFrame:
    """Every measured norm: columns `level`, `parameter`, `step`, `norm`, `flag`.

    The flag of a key's bias is `unseen`.
    """
    rows = [
        (trial.name, name, step, norm, "unseen" if name.endswith(UNSEEN) else flag(norm))
        for trial in found
        for name, values in trial.norms.items()
        for step, norm in zip(trial.steps, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["level", "parameter", "step", "norm", "flag"])


def flow(trial: Trial) -> pd.DataFrame:
    """The gradients of one training, a parameter a row.

    Returns:
        Columns `parameter`; `first`: the first norm measured; `lowest`, `median`, `highest`: of
        the finite ones; `flags`: how many steps have which flag.
    """
    rows = []
    for name, values in trial.norms.items():
        real = np.array([norm for norm in values if np.isfinite(norm)] or [np.nan])
        found = [flag(norm) for norm in values]
        counts = [f"{f} at {found.count(f)}" for f in dict.fromkeys(found) if f]
        said = f"{', '.join(counts)} of {len(values)} steps" if counts else ""
        flags = "unseen by the softmax" if name.endswith(UNSEEN) else said
        rows.append((name, values[0], real.min(), np.median(real), real.max(), flags))
    return pd.DataFrame(
        rows, columns=["parameter", "first", "lowest", "median", "highest", "flags"]
    )


def silent(found: Sequence[Trial]) -> dict[str, bool]:
    """Parameters whose gradient is zero or small at every step measured, of every level.

    Returns:
        For each name whether the gradient is exactly zero throughout.
    """
    by_name: dict[str, list[float]] = {}
    for trial in found:
        for name, values in trial.norms.items():
            by_name.setdefault(name, []).extend(values)
    return {
        name: not any(values)
        for name, values in by_name.items()
        if not name.endswith(UNSEEN) and all(flag(norm) in ("zero", "small") for norm in values)
    }


def broken(found: Sequence[Trial]) -> list[str]:
    """Parameters whose gradient was not a number at some step."""
    bad = {
        name: None
        for trial in found
        for name, values in trial.norms.items()
        if not np.isfinite(values).all()
    }
    return list(bad)
