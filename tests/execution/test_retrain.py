"""A run's numerics say how it is trained again."""

import torch
from made_up import CONFIG

from grokseed.execution import retrain
from grokseed.execution.retrain import how_made
from grokseed.training.numerics import numerics

HERE = numerics(CONFIG, "cpu")


def test_a_runs_numerics_say_how_it_is_trained_again(monkeypatch):
    compiled = (
        "cpu AuthenticAMD onednn AVX512 fp32 torch 2.13.0 engine 5 compiled by g++ 12 lanes 16"
    )
    card = "cuda NVIDIA X fp32 torch 2.13.0 engine 5 cuda 13.0 lanes 256 compiled"

    def how(text: str) -> tuple[str, int | None, str]:
        found = how_made(text)
        return found.device, found.lanes, found.compile

    monkeypatch.setattr(retrain, "compiler", lambda: "/usr/bin/g++")
    assert how(HERE) == how("") == ("cpu", None, "no")
    assert how(compiled) == ("cpu", None, "yes")
    assert how(card) == ("cpu", None, "yes")
    monkeypatch.setattr(retrain, "compiler", lambda: None)
    assert how(compiled) == how(card) == ("cpu", None, "no")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert how(card) == ("cuda", 256, "yes")
    assert how(compiled) == ("cpu", None, "no")
