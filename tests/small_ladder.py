"""The config of a ladder that is climbed in a second, also as options, and its seeds."""

from grokseed.config import preset
from grokseed.seeds import Seeds

SMALL = {"p": 11, "batch_size": 40, "sample_size": 20, "lr": 5e-3}
FLAGS = ["--preset=mini", *(f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items())]
SEEDS = Seeds(0, 0, 0, 1)


def config(**changes: object):
    return preset("mini", **{**SMALL, **changes})
