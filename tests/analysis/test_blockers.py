"""Each row of the table of blockers from losses and gradients written by hand."""

import math

import pytest

from grokseed.analysis.blockers import causes
from grokseed.analysis.gradients import flag, flow, silent
from grokseed.analysis.ladder import Level, Trial, criteria
from grokseed.config import preset

CONFIG = preset("mini", lr=1e-3)
FALLING = [4.0 * 0.99**epoch for epoch in range(100)]
FLAT = [4.0, *[3.0] * 99]
STUCK = [4.8, *[4.58] * 99]  # a blind guess has ln 97 = 4.57
SOUND = {"token_embedding.weight": [0.1], "block1.attention.k.bias": [0.0]}


def ladder(loss, sweep=(3.9,), rate=1e-2, right=10, norms=None, **ended) -> list[Trial]:
    level = Level("train set", 1000, 0.95, None, 64, whole=True)
    whole = Trial("train set", 1000, CONFIG.lr, 64, level, list(loss), [right] * len(loss))
    whole.end_loss, whole.end_right, whole.val_loss = loss[-1], right, 9.0
    whole.norms, whole.steps = norms or SOUND, [1]
    for name, value in ended.items():
        setattr(whole, name, value)
    met = whole.meets(whole.end_right, whole.end_loss, whole.sure)
    whole.reached = len(loss) if met else None
    return [whole, Trial(f"{rate:g}", 1000, rate, 64, loss=list(sweep))]


def named(found: list[Trial], config=CONFIG) -> list[str]:
    return [cause.name for cause in causes(config, found, criteria(found, 500))]


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        (ladder(FLAT), "insufficient capacity"),
        (ladder(FLAT, sweep=[2.0]), "learning rate too low"),
        (ladder(FLAT, sweep=[2.0], rate=1e-5), "learning rate too high"),
        (ladder(STUCK, sweep=[4.5], rate=3e-3), "learning rate too low"),
        (ladder(STUCK, sweep=[4.5], rate=3e-4), "learning rate too high"),
        (ladder(STUCK, sweep=[4.5], rate=2e-3), "insufficient capacity"),
        (ladder([4.0, *[2.0, 3.0] * 50]), "learning rate too high"),
        (ladder([3.0, *[40.0] * 99]), "learning rate too high"),
        (ladder(FALLING), "too few epochs"),
        (ladder(FALLING, sweep=[3.0]), "learning rate too low"),
        (ladder(FALLING, sweep=[3.0], rate=2e-3), "too few epochs"),
        (ladder([*FLAT, 0.3]), "loss does not match the task"),
        (ladder([math.nan], end_loss=math.nan, status="diverged"), "numerical instability"),
        (ladder([math.nan], sweep=[math.nan], status="diverged"), "numerical instability"),
        (ladder([4.0], status="out of memory"), "out of memory"),
    ],
)
def test_a_row_of_the_table(found, cause):
    assert named(found) == [cause]


def test_a_memorised_train_set_has_no_cause():
    found = ladder([4.0, 0.01], right=1000, sure=1000, end_loss=0.01)
    assert named(found) == []
    found[0].val_loss = 0.001
    assert named(found) == ["validation no worse than training"]


def test_a_width_of_two_is_named_whatever_the_gradients():
    tiny = {"token_embedding.weight": [1e-12]}
    assert named(ladder(FLAT, norms=tiny), preset("mini", d_model=2, heads=1)) == [
        "insufficient capacity"
    ]


def test_a_dead_activation_is_told_from_a_path_that_is_cut_behind_it():
    ffn = {"block1.ffn.up.weight": [0.0], "block1.ffn.up.bias": [0.0]}
    after = {"block1.ffn.down.bias": [0.1]}
    dead = {**SOUND, **ffn, **after, "block1.ffn.down.weight": [0.0]}
    cut = {**SOUND, **ffn, **after, "block1.ffn.down.weight": [0.1]}
    assert named(ladder(FLAT, norms=dead)) == ["dead activation"]
    assert named(ladder(FLAT, norms=cut)) == ["no gradient"]


def test_a_dead_activation_is_named_where_layers_have_no_bias():
    after = {"block1.ffn.norm.bias": [0.1]}
    dead = {**SOUND, "block1.ffn.up.weight": [0.0], "block1.ffn.down.weight": [0.0], **after}
    assert named(ladder(FLAT, norms=dead)) == ["dead activation"]
    assert named(ladder(FLAT, norms={**dead, "block1.ffn.down.weight": [0.1]})) == ["no gradient"]
    assert named(ladder(FLAT, norms={**dead, "block1.ffn.norm.bias": [0.0]})) == ["no gradient"]


def test_a_gradient_is_silent_only_if_it_is_at_every_step_of_every_level():
    once = ladder(FLAT, norms={"head.weight": [0.0, 1e-5], "head.bias": [0.0, 1e-7]})[0]
    assert silent([once]) == {"head.bias": False}
    later = ladder(FLAT, norms={"head.weight": [0.0, 0.0], "head.bias": [0.0, 0.5]})[0]
    assert silent([once, later]) == {}
    assert silent([later]) == {"head.weight": True}


def test_the_softmax_does_not_see_a_keys_bias():
    trial = ladder(FLAT)[0]
    assert silent([trial]) == {}
    assert flow(trial)["flags"].tolist() == ["", "unseen by the softmax"]


def test_flags_are_at_the_documents_limits():
    limits = [math.nan, math.inf, 0.0, 9e-7, 1e-6, 1.0, 100.0, 101.0]
    assert [flag(norm) for norm in limits] == ["NaN", "NaN", "zero", "small", "", "", "", "large"]


def test_the_flow_counts_flagged_steps_and_leaves_nan_out_of_the_norms():
    trial = ladder(FLAT, norms={"head.weight": [1.0, 0.0, math.nan, 0.0]})[0]
    (row,) = flow(trial).to_dict("records")
    assert (row["first"], row["lowest"], row["median"], row["highest"]) == (1.0, 0.0, 0.0, 1.0)
    assert row["flags"] == "zero at 2, NaN at 1 of 4 steps"
