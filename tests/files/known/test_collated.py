"""What collate functions give around x: against the batch that it is."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.errors import Undecided
from packviz.files.known.collated import beside_labels, is_x_and_lengths, named_parts, without_texts
from packviz.files.objects import to_batch

LENGTHS = torch.tensor([5, 2, 4])
X = torch.where(torch.arange(6)[None, :, None] < LENGTHS[:, None, None], torch.rand(3, 6, 2) + 1, torch.zeros(()))
PACKED = pack_padded_sequence(X, LENGTHS, batch_first=True, enforce_sorted=False)
CLASSES = torch.tensor([0, 1, 1])
TAGS = torch.where(torch.arange(6) < LENGTHS[:, None], 3, -100)
Named = namedtuple("Named", "src trg src_lengths trg_lengths")
Letters = namedtuple("Letters", "a b")


@dataclass
class Collated:
    inputs: Any
    lengths: Any
    names: Any = None


@dataclass(slots=True)
class Slotted:
    x: Any
    lengths: Any


class Own:
    """As a class of the user's own, with a property that must not be asked."""

    def __init__(self) -> None:
        self.x, self.lengths, self._cache = X, LENGTHS, X

    @property
    def costly(self) -> Any:
        raise AssertionError("it was computed")


FORMS = {
    "a dataclass": Collated(X, LENGTHS, ["a", "b", "c"]),
    "a dataclass with slots": Slotted(X, LENGTHS),
    "an object": Own(),
    "a named tuple": Named(X, X.clone(), LENGTHS, LENGTHS.clone()),
    "one whose names say nothing": Letters(X, LENGTHS),
    "a PackedSequence and labels": (PACKED, CLASSES),
    "labels and a PackedSequence": [CLASSES, PACKED],
    "a PackedSequence and nothing": (PACKED, None),
    "a pair and labels": ((X, LENGTHS), CLASSES),
    "a list of a pair and labels": [[X, LENGTHS], CLASSES],
    "a pair and tags": ((X, LENGTHS), TAGS),
    "names of the rows": (X, LENGTHS, ["a", "b", "c"]),
    "names first": (["a", "b", "c"], X, LENGTHS),
    "nothing": (X, LENGTHS, None),
    "notes": (X, LENGTHS, {"epoch": 3, "names": ["a"]}),
    "a dict and labels": ({"x": X, "lengths": LENGTHS}, CLASSES),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_it_is_the_batch_that_it_is(form: Any) -> None:
    [found] = [packviz.check_loader([form], batch_first=True, enforce_sorted=False, ask=False)]
    assert found.troubles == ()
    assert (found.measured, found.padding.data) == (1, 11)
    assert found.ok, found


def test_tags_beside_a_pair_are_held_against_it() -> None:
    short = TAGS.clone()
    short[0, 3:] = -100
    found = packviz.check_loader([((X, LENGTHS), short)], batch_first=True, enforce_sorted=False, ask=False)
    assert any("label" in one.code for one in found.findings)


def test_what_is_passed_over_is_said() -> None:
    batch = to_batch((X.numpy(), LENGTHS.numpy(), ["a", "b", "c"], None))
    assert "items 2 and 3 hold no numbers, and are passed over" in batch.read_as
    assert "item 2 holds no numbers, and is passed over" in to_batch((X, LENGTHS, "name")).read_as


def test_of_several_somebody_must_say_which() -> None:
    with pytest.raises(Undecided, match="it is 2 PackedSequences, and each of them may be x"):
        to_batch((PACKED, PACKED))
    [trouble] = packviz.check_loader([((X, LENGTHS), (X, LENGTHS))]).troubles
    assert trouble == 'batch 0: it is two pairs (x, lengths): say which is x, with fields=("x", "target").'
    found = packviz.check_loader(
        [((X, LENGTHS), (X, LENGTHS)), (PACKED, PACKED)], fields=("x", "target"), batch_first=True, enforce_sorted=False
    )
    assert (found.batches, found.padding.data) == (2, 22)


@pytest.mark.parametrize("other", [None, 3, "text", [1, 2], {"x": 1}, int, object(), np.ones(3), PACKED, Letters(1, 2)])
def test_anything_else_has_no_parts(other: Any) -> None:
    assert named_parts(other) is None


class Odd(tuple[Any, ...]):
    """One that says more names than it has items."""

    _fields = ("x", "lengths", "y")


def test_only_the_parts_that_are_named_and_there_are_parts() -> None:
    assert set(named_parts(Own()) or ()) == {"x", "lengths"}
    assert named_parts(Odd((X, LENGTHS))) is None
    assert set(named_parts(Odd((X, LENGTHS, CLASSES))) or ()) == {"x", "lengths", "y"}


def test_labels_may_have_the_steps_first_and_of_several_none_is_taken() -> None:
    turned = TAGS.T
    labels = [{"labels": TAGS}, {"labels": turned}, {}, {}, {}]
    for others, beside in zip(((TAGS,), (turned,), (TAGS, TAGS), (TAGS[:, :4],), (TAGS.float(),)), labels, strict=True):
        found = beside_labels(((X, LENGTHS), *others))
        assert found is not None
        assert (found.x is X, found.lengths is LENGTHS) == (True, True)
        assert dict(found.beside or {}).keys() == beside.keys()
        assert all(found.beside[name] is value for name, value in beside.items())
        assert ("its labels beside them" in found.said[0]) == bool(beside)


def test_a_pair_is_of_an_x_with_steps_and_as_many_whole_numbers() -> None:
    whole = np.array([3, 1, 2])
    assert is_x_and_lengths((X, LENGTHS))
    assert is_x_and_lengths([np.ones((9, 3)), whole])
    for pair in (
        (np.ones(3), whole),
        (X, LENGTHS.float()),
        (X, LENGTHS[:2]),
        (X, LENGTHS[:, None]),
        (X, [5, 2, 4], 3),
        (X,),
        {"x": X, "lengths": LENGTHS},
    ):
        assert not is_x_and_lengths(pair)


def test_an_empty_list_is_no_text() -> None:
    assert without_texts((X, LENGTHS, [])) is None
    assert without_texts((X, LENGTHS, [""])) is not None


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.builds(lambda n: np.ones(n), st.integers(0, 3)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.builds(Slotted, inner, inner)
    ),
    max_leaves=8,
)


@given(values)
def test_whatever_it_is_there_is_a_batch_or_one_sentence(value: Any) -> None:
    without_texts(value)
    [*told] = packviz.check_loader([value], ask=False).troubles
    assert all("\n" not in one and one.startswith("batch 0: ") for one in told)
