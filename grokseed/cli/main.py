"""One command for all: `grokseed scan ...` is `python -m grokseed.scan ...`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from grokseed.cli.command import BAD_INPUT

COMMANDS = {
    "scan": "train many runs that differ in their seeds alone, and say which won",
    "ablate": "exchange layer groups of the initial weights of winners and losers",
    "compare": "say whether one set of runs is sooner than another, or whether that is luck",
    "luck": "say where one run stands among others",
    "merge": "join folders of one config into one",
    "verify": "check a folder's seals and digests, and train some of its runs again",
    "report": "write all studies on two pages: an index, and one to explore with a browser",
    "overfit": "say whether a config can memorise at all, before a long scan",
    "params": "count parameters part by part, beside closed forms",
}
"""Each is a module of the package."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the first word names; the exit status is its own."""
    words = list(sys.argv[1:] if argv is None else argv)
    listed = "\n".join(f"  {name:<10} {about}" for name, about in COMMANDS.items())
    if words[:1] in (["-h"], ["--help"]):
        print(
            f"usage: grokseed COMMAND [options]\n\n{listed}\n\n`grokseed COMMAND --help` has more."
        )
        return 0
    if words == ["--version"]:
        print(import_module("grokseed").__version__)
        return 0
    if not words or words[0] not in COMMANDS:
        named = f"no command {words[0][:80]!r}" if words else "no command"
        print(f"grokseed: error: {named}: one of {', '.join(COMMANDS)}", file=sys.stderr)
        return BAD_INPUT
    run = import_module(f"grokseed.{words[0]}").main
    if argv is None:  # the command's own process: see `run_command`
        del sys.argv[1]
        return run()
    return run(words[1:])
