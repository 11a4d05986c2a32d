"""An ablation of `made_up.CONFIG` as a command."""

from commands import SMALL

from grokseed import ablate

HERE = "--donor 42 --recipient 56 --loader-seed 8 --scheme diary"


def small_ablation(words: str, out: str = "out") -> int:
    return ablate.main([*SMALL, f"--out={out}", "--jobs=1", *words.split()])
