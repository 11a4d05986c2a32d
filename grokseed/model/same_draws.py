"""What equal seeds draw alike under unlike configs: a seed means nothing outside its own. No
torch."""

from __future__ import annotations

from itertools import takewhile

from grokseed.config import Config
from grokseed.model.layout import Shapes, group_of, groups, parameter_shapes
from grokseed.unlike import joined


def shared_by_equal_seeds(first: Config, *others: Config) -> str:
    """Which of the split, the initial weights and the batch order equal seeds share, in a sentence.

    Empty if they share all three, as where the configs differ in the learning rate alone. Of more
    than two configs, what each shares with the first.
    """
    drawn = {
        "the split": all(same_split(first, other) for other in others),
        "the batch order": all(same_order(first, other) for other in others),
    }
    alike = min((same_groups(first, other) for other in others), key=len)
    whole = all(alike == groups(config) for config in (first, *others))
    if whole and all(drawn.values()):
        return ""
    shared = [what for what, same in drawn.items() if same]
    other = [what for what, same in drawn.items() if not same]
    if alike:
        part = "" if whole else f" of {', '.join(alike)}"
        shared.append(f"the initial weights{part}")
    if not whole:
        other.append("the other initial weights" if alike else "the initial weights")
    if not shared:
        return "Equal seeds share no draw of these configs: only their numbers match."
    return f"Equal seeds share {joined(shared)} here, and not {joined(other, 'or')}."


def same_split(a: Config, b: Config) -> bool:
    """Whether equal split seeds choose the same rows of the list of examples."""
    return _cut(a) == _cut(b)


def same_order(a: Config, b: Config) -> bool:
    """Whether equal loader seeds visit the train set in the same order.

    Batches of another size cut the same order in other places. In scheme `shared` the loader goes
    on where split, weights and validation left the one stream.
    """
    if a.scheme == "shared" and (
        _cut(a) != _cut(b) or same_groups(a, b) != groups(b) or _passes(a) != _passes(b)
    ):
        return False
    return (a.scheme, a.n_train) == (b.scheme, b.n_train)


def same_groups(a: Config, b: Config) -> list[str]:
    """The layer groups whose initial weights equal model seeds draw alike, in module order.

    Weights are drawn in that order, from one generator: after a group of another shape all differ.
    """
    if (a.scheme, a.init_scale) != (b.scheme, b.init_scale):
        return []
    if a.scheme != "independent" and a.n_examples != b.n_examples:
        return []  # a split of other length was drawn before
    ours, theirs = parameter_shapes(a), parameter_shapes(b)
    both = zip(groups(a), groups(b), strict=False)
    alike = takewhile(lambda pair: _of(ours, pair[0]) == _of(theirs, pair[1]), both)
    return [group for group, _ in alike]


def _of(shapes: Shapes, group: str) -> Shapes:
    return {name: shape for name, shape in shapes.items() if group_of(name) == group}


def _cut(config: Config) -> tuple[object, ...]:
    """What decides a split, seeds apart."""
    text = (config.text, config.length) if config.task == "rote" else ()
    return (config.scheme, config.n_examples, config.n_train, config.n_test, *text)


def _passes(config: Config) -> tuple[object, ...]:
    """What decides when a pass over the validation set draws from the stream of scheme `shared`."""
    steps = config.sample_every, config.val_every, config.screen_step, config.max_steps
    return (*steps, config.batch_size, config.val_shuffle)
