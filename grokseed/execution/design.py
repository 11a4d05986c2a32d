"""The cells of an ablation: whose weights in which layer groups, which split, which order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from typing import Literal

from grokseed.analysis.pairs import ALL_BUT
from grokseed.config import Config
from grokseed.model.layout import groups, layer_names, parts, select, spell, splice
from grokseed.seeds import Seeds, read_seeds, val_of

Design = Literal["singles", "leave-one-out", "cumulative", "subsets", "diary"]
Kind = Literal["donor", "recipient", "graft", "sham", "reverse", "fresh"]
Parts = frozenset[str]

FRESH = 2**31
"""First of the model seeds that groups are redrawn from: no donor or recipient may be one."""

MOST_SUBSETS = 10
"""Most groups whose subsets may all be run: 10 make 1,023 sets."""


@dataclass(frozen=True)
class Cell:
    """One cell of an ablation. Several cells with equal weights, split and order are one run.

    Attributes:
        kind: `donor` and `recipient` have their own weights. `graft` is a recipient with some of a
            donor's weights, `sham` one with some of a seed that did not win. `reverse` is a donor
            with some of a recipient's weights, `fresh` one with some redrawn.
        groups: the layer groups that were exchanged, as people read them; empty in baselines.
        parts: the same, written as a sum of all parts in module order.
        recipient: model seed of the weights that were kept.
        donor: model seed of the weights that were put in; the recipient's own for `donor` and
            `recipient`.
        split: the split as the user named it: donor, recipient or a seed.
        seeds: the run.
    """

    kind: Kind
    groups: str
    parts: str
    recipient: int
    donor: int
    split: str
    seeds: Seeds


def sets(config: Config, design: Design, names: Sequence[str]) -> list[Parts]:
    """The sets of parts that a design exchanges, each once, in the order of the names.

    `singles`: each named group or sum. `leave-one-out`: all but each. `cumulative`: the first, the
    first two, and so on. `subsets`: every combination. `diary`: the 24 modules of the diary's
    decoder in module order, then the combinations of token embedding, last block and head. A module
    that draws no weights gives the recipient's own run, and the whole decoder gives the donor's;
    both are in every ablation already.

    Args:
        names: layer groups or sums of them; by default all of `layout.groups`, for `diary` its own.

    Raises:
        ValueError: a group that is unknown or draws nothing, groups of a sum that overlap, too many
            groups for `subsets`, or names with `diary`.
    """
    if design == "diary":
        if names:
            raise ValueError("--design diary has groups of its own: leave out --groups")
        return _diary(config)
    named = [select(config, name) for name in names or groups(config)]
    for name, chosen in zip(names, named, strict=False):
        if not chosen:
            raise ValueError(f"{name} has no drawn initial weights: there is nothing to exchange")
    every = frozenset(parts(config))
    if design == "singles":
        found = named
    elif design == "leave-one-out":
        found = [every - chosen for chosen in named]
    else:
        if sum(map(len, named)) > len(frozenset().union(*named)):
            raise ValueError(f"--design {design} adds groups up: {', '.join(names)} overlap")
        if design == "cumulative":
            found = list(accumulate(named, frozenset.union))
        elif len(named) > MOST_SUBSETS:
            raise ValueError(f"--design subsets takes at most {MOST_SUBSETS} groups")
        else:
            found = _unions(named)
    return [chosen for chosen in dict.fromkeys(found) if chosen and chosen != every]


def label(config: Config, chosen: Collection[str]) -> str:
    """Parts as people read them: a sum of groups, or `all but` the one that is missing."""
    sums = spell(config, chosen), spell(config, set(parts(config)) - set(chosen))
    return f"{ALL_BUT}{sums[1]}" if "+" in sums[0] and "+" not in sums[1] else sums[0]


def cells(
    config: Config,
    donors: Sequence[int],
    recipients: Sequence[int],
    exchanged: Sequence[Parts],
    *,
    splits: Sequence[str],
    loaders: Sequence[int],
    reverse: bool = False,
    shams: Sequence[int] = (),
    fresh: int = 0,
    val_seed: int | None = None,
) -> list[Cell]:
    """All cells of a design, each once: baselines first, then set by set.

    Args:
        donors: model seeds that won.
        recipients: model seeds that did not.
        exchanged: what `sets` gave.
        splits: levels of the split: seeds, or `donor` and `recipient` for the split of their model
            seed in scheme diary.
        loaders: loader seeds.
        reverse: whether recipients' groups go into donors as well.
        shams: model seeds that did not win, as further donors.
        fresh: how many times each group is redrawn in the donors.
        val_seed: seed of the validation stream; by default each loader's + 1.

    Raises:
        ValueError: a seed from `FRESH` on.
    """
    if max(*donors, *recipients, *shams) >= FRESH:
        raise ValueError(f"model seeds from {FRESH} on are reserved for groups that are redrawn")
    found: dict[tuple, Cell] = {}

    def add(kind: Kind, moved: Parts, recipient: int, donor: int, split: str, seed: int) -> None:
        for loader in loaders:
            model, graft = splice(config, recipient, donor, moved)
            seeds = Seeds(seed, model, loader, val_of(loader, val_seed), graft)
            cell = Cell(kind, name, spelled, recipient, donor, split, seeds)
            found.setdefault((kind, moved, recipient, donor, split, seed, loader), cell)

    for moved in [frozenset(), *exchanged]:
        name = label(config, moved)
        spelled = "+".join(part for part in parts(config) if part in moved)
        for split in splits:
            for donor in donors:
                for recipient in recipients:
                    own = {"donor": donor, "recipient": recipient}
                    seed = own[split] if split in own else int(split)
                    if not moved:
                        add("recipient", moved, recipient, recipient, split, seed)
                        add("donor", moved, donor, donor, split, seed)
                        continue
                    add("graft", moved, recipient, donor, split, seed)
                    for sham in shams:
                        add("sham", moved, recipient, sham, split, seed)
                    if reverse:
                        add("reverse", moved, donor, recipient, split, seed)
                    for new in range(FRESH, FRESH + fresh):
                        add("fresh", moved, donor, new, split, seed)
    return list(found.values())


def levels(text: str) -> list[str]:
    """The levels of the split in a text such as `donor,recipient,0:4`.

    Raises:
        ValueError: not a seed, or a level twice.
    """
    found: list[str] = []
    for word in text.split(","):
        word = word.strip()
        found += [word] if word in ("donor", "recipient") else map(str, read_seeds(word))
    if len(set(found)) < len(found):
        raise ValueError(f"a split is given twice in {text}")
    return found


def _diary(config: Config) -> list[Parts]:
    """See `sets`; here with `config.layers` blocks, not the diary's two."""
    blocks = layer_names(config)
    inside = ("", ".attention", ".attention.out", ".ffn", ".ffn.up", ".ffn.down")
    modules = ["token_embedding", "position_embedding", "+".join([*blocks, "head"])]
    modules += [block + module for block in blocks for module in inside]
    suspects = [select(config, name) for name in ("token_embedding", blocks[-1], "head")]
    found = [select(config, name) for name in (*modules, "head")] + _unions(suspects)
    return list(dict.fromkeys(filter(None, found)))  # a tied readout draws nothing


def _unions(named: Sequence[Parts]) -> list[Parts]:
    """The union of every combination, single ones first."""
    sizes: Iterable[int] = range(1, len(named) + 1)
    return [frozenset().union(*some) for size in sizes for some in combinations(named, size)]
