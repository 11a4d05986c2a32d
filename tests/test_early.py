"""The early verdict's rule: how it is spelled, whom it spares, what the trainer does with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest
from tiny_runs import GROKS, SEVEN_RUNS, ends, tiny

from grokseed.early import is_spared, read_rule, read_verdict, spelled_rule
from grokseed.model.layout import groups
from grokseed.records.trajectory import Trajectory
from grokseed.seeds import Seeds
from grokseed.training.run import State
from grokseed.training.trainer import train

CONFIG = tiny(max_steps=20)
RUNS = [Seeds(i % 3, i, 1, 2) for i in range(24)]


def test_a_rule_is_spelled_as_it_is_read():
    rule = read_rule("800, 1200", " sample_loss < 9.50, norm.block1.attention>1e1")
    assert rule is not None
    assert str(rule) == "sample_loss<9.5@800,norm.block1.attention>10@1200"
    assert spelled_rule(str(rule)) == rule
    assert read_rule("", "") is None
    assert read_verdict(f"kept {rule}") == ("kept", str(rule))


def test_a_cut_is_the_number_that_its_spelling_says():
    """Six digits: a run is trained again by the rule as its row spells it."""
    rule = read_rule("800", "norm<44.123456789")
    assert rule is not None
    assert rule.checks[0].cut == 44.1235


def test_a_run_at_the_cut_fails():
    """Accuracies are shares of a few hundred, so that many runs are just there."""
    below, above = spelled_rule("norm<44@800,sample_accuracy>0.5@900").checks
    assert [below.passes(value) for value in (43.9, 44.0, 44.1, float("nan"))] == [1, 0, 0, 0]
    assert [above.passes(value) for value in (0.4, 0.5, 0.6, float("nan"))] == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("screen_at", "keep", "said"),
    [
        ("800", "", "go together"),
        ("", "norm<44", "go together"),
        ("800,1200", "norm<44", "2 steps and --keep 1"),
        ("800", "norm=44", "checks like"),
        ("800", "norm<", "checks like"),
        ("800", "norm<e", "a number, not 'e'"),
        ("800", "norm<1e999", "a number"),
        ("8.5", "norm<44", "whole numbers"),
        ("1200,800", "norm<44,norm<45", "rising order"),
        ("800,800", "norm<44,norm<45", "rising order"),
        ("", "missing.json", "missing.json cannot be read"),
    ],
)
def test_what_is_no_rule_is_refused(screen_at, keep, said):
    with pytest.raises(ValueError, match=said):
        read_rule(screen_at, keep)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("norm<44@800", "between 0 and --max-steps 20"),
        ("norm<44@20", "between 0 and"),
        ("norm<44@0", "between 0 and"),
        ("norm<44@7", "multiple of --sample-every 5"),
        ("val_loss<4@10", "which these runs do not record"),
        ("norm.block9.ffn<4@10", "which these runs do not record"),
    ],
)
def test_a_rule_that_a_config_cannot_follow_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        spelled_rule(text).check(CONFIG, groups(CONFIG))


def test_any_machine_spares_the_same_tenth():
    seeds = [Seeds(0, model, 8, 9) for model in range(3000)]
    spared = [one.model for one in seeds if is_spared(one)]
    assert spared[:6] == [6, 10, 22, 26, 27, 31]
    assert 250 < len(spared) < 350
    assert is_spared(Seeds(0, 6, 8, 9)) != is_spared(Seeds(0, 6, 8, 9, "ulp=1"))


def test_a_rule_file_judges_no_seed_that_it_was_fitted_on(tmp_path):
    path = tmp_path / "rule.json"
    path.write_text(
        '{"rule": "sample_loss<9@10", "fitted_on": {"folder": "results/x", "model": "1,3"}}'
    )
    rule = read_rule("", str(path))
    assert rule == read_rule("10", str(path))
    assert rule is not None
    assert [rule.judges(Seeds(0, model, 0, 0)) for model in range(4)] == [True, False, True, False]
    with pytest.raises(ValueError, match="is for --screen-at 10, not 15"):
        read_rule("15", str(path))
    path.write_text('{"rule": "sample_loss<9@10"}')
    with pytest.raises(ValueError, match=r"no rule that studies/early.py wrote"):
        read_rule("", str(path))


def test_a_rule_stops_what_fails_spares_a_tenth_and_leaves_the_others_alone():
    whole = train(CONFIG, RUNS)
    loss = [float(t.columns["sample_loss"][t.columns["step"] == 10][0]) for t in whole]
    rule = spelled_rule(f"sample_loss<{sorted(loss)[12]:g}@10")
    under = train(CONFIG, RUNS, rule=rule, lanes=12)
    verdicts = Counter()
    for seeds, before, after, value in zip(RUNS, whole, under, loss, strict=True):
        passes = value < rule.checks[0].cut
        expected = "kept" if passes else "spared" if is_spared(seeds) else "stopped"
        assert after.early == f"{expected} {rule}"
        same = before.stopped_at(10) if expected == "stopped" else before
        assert after.digest() == same.digest()
        assert after.status == ("stopped" if expected == "stopped" else "done")
        verdicts[expected] += 1
    assert min(verdicts[name] for name in ("kept", "spared", "stopped")) > 0, verdicts


@cache
def seven_whole() -> list[Trajectory]:
    return train(CONFIG, SEVEN_RUNS)


@pytest.mark.parametrize("signal", ["train_loss", "train_accuracy", "norm", "norm.head"])
def test_a_rule_reads_what_trajectories_hold(signal):
    columns = [dict(t.columns) for t in seven_whole()]
    for c in columns:
        c["train_accuracy"] = c["train_correct"] / c["train_seen"].clip(1)
    values = [float(c[signal][c["step"] == 15][0]) for c in columns]
    cut = sorted(values)[3]
    rule = spelled_rule(f"{signal}>{cut:.4g}@15")
    stopped = [t.early.startswith("stopped") for t in train(CONFIG, SEVEN_RUNS, rule=rule)]
    fails = [not value > rule.checks[0].cut for value in values]
    assert stopped == [f and not is_spared(s) for f, s in zip(fails, SEVEN_RUNS, strict=True)]
    assert 0 < sum(stopped) < 7


def test_the_first_check_that_fails_stops_a_run():
    runs = [seeds for seeds in SEVEN_RUNS if not is_spared(seeds)]
    assert set(ends(train(CONFIG, runs, rule=spelled_rule("norm>0@5,norm<0@10,norm<0@15")))) == {10}


def test_a_run_that_ends_at_a_checks_step_is_not_stopped() -> None:
    config, seeds = tiny(**GROKS, stop_when="t98"), SEVEN_RUNS[5]
    (whole,) = train(config, [seeds])
    (end,) = ends([whole])
    assert end < config.max_steps
    assert not is_spared(seeds)
    (found,) = train(config, [seeds], rule=spelled_rule(f"norm<0@{end}"))
    assert (found.status, found.digest()) == ("done", whole.digest())


def test_a_rule_stops_no_run_that_it_was_fitted_on() -> None:
    fitted = replace(spelled_rule("norm<0@5"), model_seeds="0:100")
    found = train(CONFIG, SEVEN_RUNS[:2], rule=fitted)
    assert {(t.status, t.early) for t in found} == {("done", "")}


def test_a_saved_run_that_is_past_a_check_is_judged_by_its_points() -> None:
    """Its state may be of a training without the rule, which would have stopped it before."""
    runs, states = RUNS[4:10], {}
    whole = train(CONFIG, runs, on_pause=lambda take: states.update(at_15(take())))
    loss = sorted(float(t.columns["sample_loss"][2]) for t in whole)
    rule = spelled_rule(f"sample_loss<{loss[2]:g}@10")
    expected = train(CONFIG, runs, rule=rule)
    assert {t.early.split()[0] for t in expected} == {"kept", "spared", "stopped"}
    assert len(states) == len(runs)
    found = train(CONFIG, runs, rule=rule, saved=states.get)
    assert [(t.status, t.early) for t in found] == [(t.status, t.early) for t in expected]
    assert [t.digest() for t in found] == [t.digest() for t in expected]


def at_15(states: Iterable[tuple[int, State]]) -> dict[int, State]:
    return {number: state for number, state in states if state["run"]["step"] == 15}
