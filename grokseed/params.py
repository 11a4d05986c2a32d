"""Count a config's parameters, part by part, beside closed forms, derivatives and known models.

examples:
  python -m grokseed.params --preset mini
  python -m grokseed.params --preset mini --for-ratio 10
  python -m grokseed.params --layers 4 --sharing cycle --unique-layers 2 --for-params 300000

It trains nothing and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from grokseed.cli.command import Prepare, run_command, say

if TYPE_CHECKING:
    from jsonargparse import Namespace

    from grokseed.analysis.parameters import Counted
    from grokseed.config import Config

COMMAND = "grokseed.params"


@dataclass(frozen=True)
class WidthOptions:
    """Solve for a width, with everything else as in the config.

    Args:
        for_ratio: find the allowed d_model whose ratio of block to readout parameters is nearest to
            this.
        for_params: find the allowed d_model whose total number of parameters is nearest to this.
    """

    for_ratio: float | None = None
    for_params: int | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is `run_command`'s."""
    return run_command(COMMAND, _command, argv)


def _command() -> Prepare:
    from grokseed.cli.parser import named, parse, parser, take
    from grokseed.reports.parameters import (
        derivatives_table,
        forms_table,
        parts_table,
        readouts_table,
        references_table,
    )

    def prepare(argv: Sequence[str], command: Sequence[str]) -> Callable[[], None]:
        """The work that a command line asks for: printing all tables. Bad options raise here."""
        made = parser(COMMAND, __doc__, WidthOptions)

        def config_of(options: Namespace) -> Config:
            return _config(options, fixed="d_model" in named(made, argv))

        options = parse(made, argv, config_of)
        config, wanted = config_of(options), take(WidthOptions, options)
        here = count_config(config)
        tables = [parts_table(here)]
        if wanted.for_ratio is not None:
            tables.append(_solve(config, "ratio", "--for-ratio", wanted.for_ratio))
        if wanted.for_params is not None:
            tables.append(_solve(config, "total", "--for-params", wanted.for_params))
        tables += [forms_table(here), derivatives_table(here)]
        kind = config.ffn_multiple, config.biases == "all", _kv_share(config)
        tables += [readouts_table(here, *kind), references_table()]
        return partial(say, "\n\n".join(tables))

    return prepare


def _config(options: Namespace, fixed: bool) -> Config:
    """The config to count. No number of parameters depends on the batch size, and a preset's width
    that the heads do not divide is no reason to refuse to find one that they do.

    Args:
        fixed: whether the command line or its file names the width.

    Raises:
        ValueError: a field has a value that cannot be.
    """
    from grokseed.cli.parser import take
    from grokseed.config import Config
    from grokseed.limits import width_step

    some = options.clone()
    some.batch_size = min(some.batch_size, 1)
    solves = some.for_ratio is not None or some.for_params is not None
    if solves and not fixed and some.heads > 0:
        step = width_step(some.heads, some.readout)
        some.d_model = max(some.d_model // step, 1) * step
    return take(Config, some)


def count_config(config: Config) -> Counted:
    """The parameters of a config's decoder."""
    from grokseed.analysis.parameters import counted
    from grokseed.model.layout import parameter_shapes

    c = config
    return counted(
        parameter_shapes(c),
        c.d_model,
        c.ffn_multiple,
        c.readout,
        c.bottleneck_width,
        biases=c.biases == "all",
        kv_share=_kv_share(c),
        kernel=c.conv_kernel,
    )


def _kv_share(config: Config) -> Fraction:
    return Fraction(config.kv_heads or config.heads, config.heads)


def _solve(config: Config, name: str, flag: str, target: float) -> str:
    from grokseed.analysis.parameters import widths_around
    from grokseed.limits import width_step
    from grokseed.reports.parameters import widths_table

    def at(width: int) -> Counted:
        return count_config(replace(config, d_model=width))

    step = width_step(config.heads, config.readout)
    try:
        found = widths_around(lambda width: getattr(at(width), name), target, step)
    except ValueError as error:
        raise ValueError(f"{flag}: {error}") from None
    return widths_table(name, target, {d: at(d) for d in found}, at(config.d_model).sizes)


if __name__ == "__main__":
    sys.exit(main())
