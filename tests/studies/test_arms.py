"""Which arms of a study are trained."""

import pytest

import coins
import grokseed
import readouts
import weight_decay


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (coins, ["--cells", "p_71,p_5"]),
        (readouts, ["--arms", "last,rnn"]),
        (weight_decay, ["--values", "0.1,0.3"]),
    ],
)
def test_an_arm_that_a_study_has_not_is_refused_before_any_is_trained(
    study, words, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(grokseed, "scan", pytest.fail)
    with pytest.raises(SystemExit, match="2"):
        study.main(words)
    assert f"{words[0]} must be of" in capsys.readouterr().err


def test_an_export_trains_no_arm(monkeypatch) -> None:
    trained = []
    monkeypatch.setattr(grokseed, "scan", lambda *given, **options: trained.append(options["out"]))
    monkeypatch.setattr(coins, "analyse", lambda: None)
    coins.main(["--export", "--cells", "p_71"])
    assert not trained
    coins.main(["--cells", "p_71,mini"])
    assert [out.name for out in trained] == ["p_71", "mini"]
