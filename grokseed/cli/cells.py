"""An ablation's options (whose initial weights go where), and the cells that they name."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from grokseed.cli.command import warn
from grokseed.cli.folder import named_folder
from grokseed.config import Config, difference
from grokseed.execution.design import Cell, Design, cells, levels, sets
from grokseed.records.database import StoreError
from grokseed.records.folder import CELLS
from grokseed.seeds import MOST_RUNS, read_seeds, spell_seeds
from grokseed.unlike import listed


@dataclass(frozen=True)
class AblateOptions:
    """Whose initial weights go where. Seeds are written like 0:20 (half-open) or 3,5,8:12.

    Args:
        donors: model seeds that won.
        recipients: model seeds that did not.
        loader_seeds: loader seeds to train the cells with; the donors won with the first of them.
        design: which sets of groups are exchanged: each (singles), all but each (leave-one-out),
            the first, the first two and so on (cumulative), every combination (subsets), or the
            modules and combinations that the diary tried (diary).
        groups: layer groups and sums of them, such as token_embedding+head,block2; by default all.
        reverse: put recipients' groups into donors as well.
        shams: how many seeds that did not win serve as donors too (controls); the first ones of
            --scan.
        fresh: how many times each group is redrawn in the donors.
        scan: a scan's folder that says which seeds won; donors and recipients must be in it.
        split_seeds: seeds of the split, and donor or recipient for their own in scheme diary; by
            default the recipient's own there, else 0.
        val_seed: seed of the validation stream; by default each loader seed + 1.
    """

    donors: str = ""
    recipients: str = ""
    loader_seeds: str = "0"
    design: Design = "singles"
    groups: str | None = None
    reverse: bool = False
    shams: int = 0
    fresh: int = 0
    scan: str | None = None
    split_seeds: str | None = None
    val_seed: int | None = None

    def cells(self, config: Config) -> list[Cell]:
        """All cells that the options name.

        Raises:
            ValueError: options that cannot be used together, or with this config.
            StoreError: the scan is of another config, or lacks seeds.
        """
        if config.scheme == "shared":
            raise ValueError("scheme shared has one stream: weights cannot be grafted")
        if not self.donors or not self.recipients:
            raise ValueError("name at least one --donor and one --recipient")
        if config.max_steps < config.screen_step:
            raise ValueError(
                f"effects are read at --screen-step {config.screen_step}: train at least that far"
            )
        donors, recipients = read_seeds(self.donors), read_seeds(self.recipients)
        if both := set(donors) & set(recipients):
            raise ValueError(f"donor and recipient are the same seed: {min(both)}")
        loaders = read_seeds(self.loader_seeds)
        splits = levels(self.split_seeds or ("recipient" if config.scheme == "diary" else "0"))
        if config.scheme != "diary" and {"donor", "recipient"} & set(splits):
            raise ValueError(
                "only in scheme diary does a model seed have a split: name the split's seed"
            )
        if min(self.shams, self.fresh) < 0:
            raise ValueError("shams and fresh must be at least 0")
        if self.shams and self.scan is None:
            raise ValueError(
                "--shams needs --scan, a scan's folder that says which seeds did not win"
            )
        shams: list[int] = []
        if self.scan is not None:
            split = None if config.scheme == "diary" else int(splits[0])
            verdicts = _verdicts(Path(self.scan), config, loaders[0], split)
            on = "its own split" if split is None else f"split seed {split}"
            of = f"on {on} with loader seed {loaders[0]}"
            shams = _shams(Path(self.scan), of, verdicts, donors, recipients, self.shams)
        names = [name.strip() for name in self.groups.split(",")] if self.groups else []
        exchanged = sets(config, self.design, names)
        kinds = 3 + len(shams) + self.reverse + self.fresh
        n = len(donors) * len(recipients) * len(splits) * len(loaders) * len(exchanged) * kinds
        if n > MOST_RUNS:
            raise ValueError(f"more than {MOST_RUNS:,} runs: {n:,} cells")
        return cells(
            *(config, donors, recipients, exchanged),
            splits=splits,
            loaders=loaders,
            reverse=self.reverse,
            shams=shams,
            fresh=self.fresh,
            val_seed=self.val_seed,
        )


def _verdicts(folder: Path, config: Config, loader: int, split: int | None) -> dict[int, str]:
    """The class of each model seed of a scan, by the screen rule, of its run without a graft.

    Args:
        loader: the loader seed of the runs to look at.
        split: seed of the split they ran on; None for each model seed's own.

    Raises:
        StoreError: the folder holds no scan's tables, damaged ones, or another config's, or has no
            run of the loader seed.
    """
    from grokseed.reports.result import load  # loads the figures: not for --help

    if (folder / CELLS).exists():
        raise StoreError(f"{folder} holds an ablation, not a scan")
    scan = load(folder)
    if differs := difference(config, asdict(scan.config)):
        raise StoreError(f"{folder} is another config's scan: {listed(differs)}")
    runs = scan.runs.loc[scan.runs["graft"].isna()] if "graft" in scan.runs else scan.runs
    if loader not in (there := set(runs["loader_seed"])):
        raise StoreError(
            f"{folder} has no run of loader seed {loader}, which --loader-seeds names first: it "
            f"has {spell_seeds(there)}"
        )
    return {
        run["model_seed"]: run["screen"]
        for run in runs.to_dict("records")
        if run["loader_seed"] == loader
        and run["split_seed"] == (run["model_seed"] if split is None else split)
    }


def _shams(
    folder: Path,
    of: str,
    verdicts: dict[int, str],
    donors: list[int],
    recipients: list[int],
    n: int,
) -> list[int]:
    """The first model seeds of a scan that did not win. Warns of donors that did not win either,
    of recipients that did, and of seeds whose class is not known.

    Args:
        of: the split and order of the runs with these verdicts.

    Raises:
        StoreError: the scan lacks a donor or recipient, or has too few others.
    """
    taken = {*donors, *recipients}
    if missing := taken - verdicts.keys():
        raise StoreError(f"{folder} has no run of model seed {min(missing)} {of}")
    normal = {seed for seed, verdict in verdicts.items() if verdict == "normal"}
    if (there := len(normal - taken)) < n:
        seeds = f"{there} other seed{'s' * (there != 1)}"
        raise StoreError(f"{folder} has {seeds} that did not win {of}, not {n}")
    won = {seed for seed, verdict in verdicts.items() if verdict in ("super", "fast")}
    named = {
        "donors did not win": normal & set(donors),
        "recipients did win": won & set(recipients),
        "no class is known of seeds": taken - normal - won,  # diverged, crashed, undecided
    }
    for what, seeds in named.items():
        if seeds:
            warn(f"grokseed.ablate: warning: {what} in {folder}: {spell_seeds(seeds)}")
    return sorted(normal - taken)[:n]


def default_ablation_folder(preset: str, config: Config, asked: AblateOptions) -> str:
    base = asdict(AblateOptions())
    changed = [
        f"{name.replace('_', '-')}-{v}" for name, v in asdict(asked).items() if v != base[name]
    ]
    return named_folder(preset, config, ["ablate", *changed])
