"""Which objects are several batches, and that nothing which is one batch is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import BatchError
from packviz.files import several
from packviz.files.objects import to_batch
from packviz.files.paste.found import Found
from packviz.files.several import SeveralBatches, batches_among, batches_in, chosen, names_of
from tests.files.hand_made import SOME, Drawn

X, LENGTHS = torch.tensor([[1.0, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
ROWS = [torch.ones(2, 3), torch.ones(4, 3)]
PACKED = pack_sequence([torch.ones(3), torch.ones(2)])
BATCH = {"x": X, "lengths": LENGTHS}

ONE = {
    "a tensor": X,
    "a pair": (X, LENGTHS),
    "a pair in a list": [X, LENGTHS],
    "a pair with a column": (X, torch.tensor([[3], [2]])),
    "sequences and their lengths": (ROWS, [2, 4]),
    "two ragged sequences": ROWS,
    "two sequences of one length": [torch.ones(2, 3), torch.ones(2, 3)],
    "three of them": [*ROWS, torch.ones(1, 3)],
    "sequences of one dimension": [torch.ones(2), torch.ones(4)],
    "two matrices of the same width": (torch.ones(3, 1), torch.ones(2, 1)),
    "a list of batches of three dimensions": [torch.ones(2, 3, 4), torch.ones(5, 3, 4)],
    "a dict": BATCH,
    "a dict in a dict": {"batch": BATCH, "labels": torch.ones(2)},
    "a dict whose x is beside others": {"inputs": X, "first": BATCH, "second": BATCH},
    "the only matrix among other things": {"emb": X, "first": BATCH, "second": BATCH},
    "two sequences by name, one of them empty": {"a": (X, [])},
    "two tensors by name, one of them empty": {"a": (X, torch.ones(0))},
    "a PackedSequence": PACKED,
    "a named PackedSequence": {"anything": PACKED},
    "nested lists": [[1, 2, 3], [4]],
    "a nested pair": [[[1, 2], [3, 0]], [2, 1]],
    "the only matrix": {"x_0": X, "lengths_0": LENGTHS},
    "a matrix with lengths": {"first_x": X, "first_lengths": LENGTHS},
}


@pytest.mark.parametrize("obj", ONE.values(), ids=ONE)
def test_what_is_one_batch_stays_one(obj: object) -> None:
    assert batches_in(obj) is None
    to_batch(obj)


MANY = {
    "dicts": ([BATCH, BATCH], "0 1"),
    "a list of one dict": ([BATCH], "0"),
    "pairs": ([(X, LENGTHS), (X, LENGTHS)], "0 1"),
    "pairs in a tuple": (((X, LENGTHS), [X, LENGTHS], (X, LENGTHS)), "0 1 2"),
    "pairs of sequences": ([(ROWS, [2, 4]), (ROWS, [1, 1])], "0 1"),
    "PackedSequences": ([PACKED, PACKED], "0 1"),
    "a mixture": ([PACKED, BATCH, (X, LENGTHS)], "0 1 2"),
    "nested pairs": ([[[[1, 2], [3, 0]], [2, 1]], [[[5, 6]], [2]]], "0 1"),
    "dicts by name": ({"train": BATCH, "val": BATCH}, "train val"),
    "one dict by name": ({"train": BATCH}, "train"),
    "pairs by name": ({"a": (X, LENGTHS), "b": (X, LENGTHS)}, "a b"),
    "one pair by name": ({"a": (X, LENGTHS)}, "a"),
    "PackedSequences by name": ({"a": PACKED, "b": PACKED}, "a b"),
    "by number": ({0: BATCH, 5: BATCH}, "0 5"),
    "beside notes": ({"epoch": 3, "how": {"lr": 0.1}, "a": BATCH, "b": BATCH, "losses": [1.0, 2]}, "a b"),
    "a list beside notes": ({"epoch": 3, "seen": [BATCH, BATCH]}, "0 1"),
    "a dict beside notes": ({"epoch": 3, "seen": {"a": BATCH, "b": BATCH}}, "a b"),
    "parts with numbers": ({"x_0": X, "lengths_0": LENGTHS, "x_1": X, "lengths_1": LENGTHS}, "0 1"),
    "parts with names before": ({"a.x": X, "a.lengths": LENGTHS, "b.x": X, "b.lengths": LENGTHS}, "a b"),
    "some that can't be read": ([BATCH, None, BATCH], "0 1 2"),
}


@pytest.mark.parametrize(("obj", "names"), MANY.values(), ids=MANY)
def test_several_batches_are_known_and_named_and_were_none_before(obj: object, names: str) -> None:
    found = batches_in(obj)
    assert found is not None
    assert found.names == tuple(names.split())
    assert isinstance(found.find(0), Found)
    with pytest.raises(BatchError):
        to_batch(obj)


@pytest.mark.parametrize(
    "obj",
    [
        [],
        {},
        None,
        3,
        "text",
        [None, None],
        (BATCH, torch.ones(2)),
        {"model": {"fc.weight": X, "fc.bias": torch.ones(2)}, "optimizer": {"state": {}, "groups": [1]}},
        {"weight_ih_l0": X, "weight_hh_l0": X},
        {"a": X, "b": X},
        {"a": X, "x_0": X},
        {"config": {"batch": 3, "sizes": [1, 2]}},
        {"a": {"b": {"c": [BATCH]}}},
    ],
)
def test_what_is_no_batch_at_all_is_not_several(obj: object) -> None:
    assert batches_in(obj) is None


NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=3)
NAMES = st.sampled_from(["x", "lengths", "a", "b", "x_0", "x_1", "b.x", "batch_first"])
ANY = st.recursive(
    st.integers(0, 3)
    | NUMBERS
    | st.lists(NUMBERS, min_size=1, max_size=3)
    | st.sampled_from([X, LENGTHS, PACKED, torch.ones(2, 1), np.ones((2, 1, 2))]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.tuples(inner, inner) | st.dictionaries(NAMES, inner, min_size=1)
    ),
    max_leaves=9,
)
"""No part of which holds nothing: such a one may be passed over, or be a batch of its own that is wrong."""


@given(ANY)
def test_whatever_can_be_read_as_one_batch_is_not_several(obj: object) -> None:
    try:
        one = to_batch(obj)
    except BatchError:
        return
    several = batches_in(obj)
    told = isinstance(obj, list | tuple) and one.read_as
    assert several is None or len(several.names) == 1 or told, "an item of a list that is passed over is told"


@given(SOME)
def test_every_batch_is_found_in_its_place_with_its_own_options(some: list[Drawn]) -> None:
    found = batches_in({"total_length": 9, "batch_first": False, "all": [one.as_tensors() for one in some]})
    assert found is not None
    assert len(found.names) == len(some)
    for index, one in enumerate(some):
        told = found.find(index)
        assert told.x.tolist() == one.x.tolist()  # type: ignore[attr-defined]
        assert told.options == {"total_length": 9, "batch_first": False, **one.options}


def test_nothing_is_read_before_it_is_asked_for() -> None:
    class Untouched(dict[str, int]):
        def __getitem__(self, name: str) -> int:
            raise AssertionError(name)

    shapes = dict.fromkeys(("x_0", "lengths_0", "x_1", "mask_1", "x0", "data_2", "batch_sizes_2", "notes"), 2)
    found = batches_among(Untouched(shapes), shapes.__getitem__)
    assert found is not None
    assert found.names == ("0", "1", "2")
    with pytest.raises(AssertionError, match="x"):
        found.find(1)


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ("x_0 lengths_0 x_1 lengths_1", "0 1"),
        ("x0 x1 lens0", "0 1"),
        ("input_ids_07 attention_mask_07 input_ids_8", "07 8"),
        ("train.x train.lengths val.x", "train val"),
        ("train_x train_x_lengths val_x labels", "train val"),
        ("a/input_ids a/seq_lens b/input_ids", "a b"),
        ("batch_0_x batch_0_lengths batch_1_x", "batch_0 batch_1"),
        ("a_x b_x b_lengths c_lengths", "a b"),
    ],
)
def test_parts_are_put_together_by_their_names(names: str, groups: str) -> None:
    found = batches_among(dict.fromkeys(names.split(), X), lambda name: 1 if "len" in name else 2)
    assert found is not None
    assert found.names == tuple(groups.split())


def test_a_long_or_odd_name_becomes_a_number_and_no_two_are_the_same() -> None:
    assert names_of(["a", "b" * 41, "c\n", "x[1]", " d", "", (1, 2), 7]) == ("a", "1", "2", "3", "4", "5", "6", "7")
    assert names_of([0, "0", "a"]) == ("0", "1", "2")
    assert names_of(["1", "b\t"]) == ("0", "1")


@given(st.lists(st.one_of(st.text(max_size=3), st.integers(-3, 3), st.none()), max_size=6))
def test_names_are_as_many_as_there_are_keys_and_all_different(keys: list[object]) -> None:
    names = names_of(keys)
    assert len(names) == len(keys) == len(set(names))


def test_one_is_named_by_its_name_first_and_by_its_number_else() -> None:
    found = batches_in({0: BATCH, 5: BATCH, 1: BATCH, "the last": BATCH})
    assert found is not None
    for entry, index in [(0, 0), (5, 1), ("5", 1), (1, 2), (3, 3), ("the last", 3), (-1, 3), ("-4", 0)]:
        assert found.index(entry) == index  # type: ignore[arg-type]
    with pytest.raises(BatchError, match="no batch the least in it: did you mean the last"):
        found.index("the least")
    with pytest.raises(BatchError, match="no batch 17 in it: it holds 0, 5, 1, the last"):
        found.index(17)


@pytest.mark.parametrize(
    ("names", "typed", "said"),
    [
        (tuple("0123"), "entry=", "x.pt: it holds 4 batches: say which one, with entry=0 to entry=3."),
        (tuple("01"), "entry=", "x.pt: it holds 2 batches: say which one, with entry=0 or entry=1."),
        (("train", "val"), "entry=", 'x.pt: it holds 2 batches: say which one, with entry="train" or entry="val".'),
        (
            ("train", "the val"),
            "--entry ",
            'x.pt: it holds 2 batches: say which one, with --entry train or --entry "the val".',
        ),
        (
            tuple("abcdefg"),
            "entry=",
            'x.pt: it holds 7 batches: say which one, with entry="a", or another of its names: a, b, c, d, … g.',
        ),
    ],
)
def test_who_asks_for_one_of_several_is_told_what_to_type(names: tuple[str, ...], typed: str, said: str) -> None:
    assert str(SeveralBatches("x.pt", names, typed)) == said


def test_one_is_chosen() -> None:
    many = batches_in([BATCH, {"x": X}])
    only = batches_in({"a": BATCH})
    assert many is not None
    assert only is not None
    assert chosen(many, 1, "x.pt")[1].shown == "x.pt[1]"
    assert chosen(only, None, "x.pt")[1].shown == "x.pt[a]"
    assert chosen(Found(X), None, "x.pt")[1].shown == "x.pt"
    with pytest.raises(BatchError, match="it holds one batch, so that there is no batch 2 in it"):
        chosen(Found(X), 2, "x.pt")
    with pytest.raises(SeveralBatches):
        chosen(many, None, "x.pt")
    whole = several.Several(many.names, many.find, whole=lambda: Found(LENGTHS))
    find, place = chosen(whole, None, "x.log")
    assert (find().x, place.shown) == (LENGTHS, "x.log")
