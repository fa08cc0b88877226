"""What is seen of a call equals what was called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_sequence

from packviz.core.batch import BatchError, Call
from packviz.core.noted import NotedCall
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.facts import known_of
from packviz.torch_side.recording.grabbed import grabbed
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK, made_by
from packviz.torch_side.recording.notes import NOTES
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.seen import Seen, Sizes, seen


def of(kind: str, *given: Any) -> Seen:
    """Of the program's memory; a copy looks the same."""
    made = made_by(kind, given)
    looks = looks_at(made)
    found = seen(made.call, made.options, made.packed, looks)
    try:
        copy = grabbed(made, looks, Buffers())
    except BatchError:
        return found
    assert seen(made.call, made.options, made.packed, copy) == found
    return found


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from([(), (2,), (2, 3)]),
    st.sampled_from(["float32", "float64", "int64", "bfloat16"]),
    st.sampled_from(["tensor", "list", "tuple", "array", "int32", "uint8", "array's", "mixed"]),
    st.integers(0, 2),
)
def test_sizes_are_those_of_what_is_packed(
    lengths: list[int], batch_first: bool, features: tuple[int, ...], dtype: str, form: str, more: int
) -> None:
    rows = [torch.ones(n, *features).to(getattr(torch, dtype)) for n in lengths]
    x = pad_sequence(rows, batch_first=batch_first)
    wide = torch.zeros((len(rows), more, *features) if batch_first else (more, len(rows), *features), dtype=x.dtype)
    x = torch.cat([x, wide], dim=int(batch_first))
    forms: dict[str, Any] = {
        "tensor": torch.tensor(lengths),
        "list": lengths,
        "tuple": tuple(lengths),
        "array": torch.tensor(lengths).numpy(),
        "int32": torch.tensor(lengths, dtype=torch.int32),
        "uint8": torch.tensor(lengths, dtype=torch.uint8),
        "array's": list(np.array(lengths)),
        "mixed": (*lengths[:-1], np.int16(lengths[-1])),
    }
    packed = pack_padded_sequence(x, forms[form], batch_first, enforce_sorted=False)
    sizes = of(PACK, x, forms[form], batch_first, False).sizes
    told = (sizes.rows, sizes.steps, sizes.features, sizes.total, sizes.shortest, sizes.longest, sizes.dtype)
    longest = max(lengths)
    assert told == (len(rows), longest + more, features, len(packed.data), min(lengths), longest, dtype)
    again = of(UNPACK, packed, batch_first, 0.0, None)
    assert again.flags == frozenset()
    told = (again.sizes.rows, again.sizes.steps, again.sizes.features, again.sizes.total)
    assert told == (len(rows), longest, features, len(packed.data))
    assert (again.sizes.shortest, again.sizes.longest) == (min(lengths), longest)
    listed = of(SEQUENCES, rows, False).sizes
    told = (listed.rows, listed.steps, listed.features, listed.total, listed.shortest, listed.dtype)
    assert told == (len(rows), longest, features, sum(lengths), min(lengths), dtype)


@given(st.lists(st.tuples(st.sampled_from("psun"), st.integers(1, 4)), min_size=1, max_size=8))
def test_what_is_told_is_what_was_called(program: list[tuple[str, int]]) -> None:
    """Every call, in its order, with its sizes and its line."""

    class Listener:
        def __init__(self) -> None:
            self.seen: list[tuple[str, int, int, str]] = []
            self.missing: list[str] = []

        def begins(self, observed: Observed) -> None: ...

        def told(self, observed: Observed) -> None:
            sizes = observed.sizes
            self.seen.append((observed.call, sizes.rows, sizes.steps, observed.site.function))

        def missed(self, why: str) -> None:
            self.missing.append(why)

        def forked(self) -> None: ...

        def elsewhere(self) -> Any: ...

    module, expected, listener = nn.GRU(2, 3), [], Listener()

    def called() -> None:
        for what, n in program:
            x = torch.ones(n, n + 1, 2)
            packed = None
            if what == "p":
                pack_padded_sequence(x, [n] * (n + 1))
                expected.append((PACK, n + 1, n))
            elif what == "s":
                torch.nn.utils.rnn.pack_sequence([x[:, 0]] * 2)
                expected.append((SEQUENCES, 2, n))
            else:
                packed = PackedSequence(torch.ones(2 * n, 2), torch.tensor([2] * n))
            if what == "u":
                torch.nn.utils.rnn.pad_packed_sequence(packed)
                expected.append((UNPACK, 2, n))
            elif what == "n":
                module(packed)
                expected.append(("nn.GRU", 2, n))

    NOTES.add(listener)
    try:
        called()
    finally:
        NOTES.remove(listener)
    assert listener.seen == [(*one, "called") for one in expected]
    assert listener.missing == []


@pytest.mark.parametrize(
    ("lengths", "flags"),
    [
        ([3.0, 2.0], {"lengths"}),
        (torch.tensor([3.0, 2.0]), {"lengths"}),
        (torch.tensor([True, False]), {"lengths"}),
        (torch.tensor([[3, 2]]), {"lengths"}),
        (torch.ones(2, dtype=torch.int64, device="meta"), {"lengths"}),
        (3, {"lengths"}),
        (None, {"lengths"}),
        ([torch.tensor(3), 2], {"lengths"}),
        ([2**70, 1], {"lengths"}),
        ([np.int64(3), 2.0], {"lengths"}),
        ([np.uint64(2**64 - 1), 1], {"lengths"}),
        ([2, 3], {"order"}),
        ([np.int64(2), 3], {"order"}),
        ([4, 3], {"high"}),
        ([3], {"count"}),
    ],
    ids=str,
)
def test_odd_lengths_are_flagged(lengths: Any, flags: set[str]) -> None:
    assert of(PACK, torch.ones(3, 2, 1), lengths, False, True).flags >= flags


def test_a_vector_is_flagged() -> None:
    found = of(PACK, torch.ones(3), [3], False, True)
    assert "rank" in found.flags
    assert (found.sizes.rows, found.sizes.steps) == (1, 3)
    assert of(PACK, torch.tensor(3.0), [1], False, True).sizes.steps == 0


def test_of_rows_that_may_come_in_any_order_none_is_flagged() -> None:
    rows = [torch.ones(2, 1), torch.ones(3, 1)]
    for enforced, flags in ((True, {"order"}), (False, set())):
        assert of(SEQUENCES, rows, enforced).flags == flags
        assert of(PACK, pad_sequence(rows), [2, 3], False, enforced).flags == flags


def test_numbers_that_are_none_are_flagged_whatever_they_came_in() -> None:
    x, nan = torch.ones(3, 2, 1), torch.full((2, 1), torch.nan)
    x[0, 0] = torch.inf
    assert of(PACK, x, [3, 3], False, True).flags == {"finite"}
    assert of(PACK, x, [3.0, 3.0], False, True).flags == {"lengths", "finite"}
    assert of(SEQUENCES, [torch.ones(3, 1), nan], True).flags == {"finite"}
    assert of(UNPACK, PackedSequence(nan, torch.tensor([2])), True, 0.0, None).flags == {"finite"}


def test_no_sequences_have_no_sizes() -> None:
    assert of(SEQUENCES, [], True).sizes == Sizes()


@pytest.mark.parametrize(
    "fields",
    [
        (torch.tensor(1.0), torch.tensor([1]), None, None),
        (torch.ones(6, 3), torch.tensor([[3, 2, 1]]), None, None),
        (torch.ones(0, 3), torch.tensor([], dtype=torch.int64), None, None),
    ],
    ids=["one number", "sizes of two dimensions", "no sizes"],
)
def test_a_packed_sequence_that_is_none_is_flagged(fields: Any) -> None:
    packed = PackedSequence(*fields)
    assert of(UNPACK, packed, True, 0.0, None).flags == {"packed"}
    assert "packed" in of("GRU", nn.GRU(3, 4), packed, None).flags


def test_indices_that_lie_elsewhere_are_not_held_against_it() -> None:
    elsewhere = torch.tensor([1, 0]).to("meta")
    for order, back in ((elsewhere, elsewhere), (torch.tensor([1, 0]), elsewhere)):
        fields = torch.ones(3, 1), torch.tensor([2, 1]), order, back
        made = made_by(UNPACK, (tuple.__new__(PackedSequence, fields), True, 0.0, None))
        assert seen(made.call, made.options, made.packed, looks_at(made)).flags == frozenset()


def test_elsewhere_lengths_are_looked_at_and_x_is_not() -> None:
    made = made_by(PACK, (torch.ones(3, 2, 1, device="meta"), [2, 3], False, True))
    found = seen(made.call, made.options, made.packed, looks_at(made))
    assert found.flags == {"order"}
    made = made_by(PACK, (torch.ones(3, 2, 1, device="meta"), [3, 2], False, True))
    found = seen(made.call, made.options, made.packed, looks_at(made))
    assert (found.flags, found.sizes.total, found.sizes.device) == (frozenset(), 5, "meta")


def test_a_packed_sequence_has_rows_in_its_initial_state() -> None:
    lstm, gru = nn.LSTM(3, 4, proj_size=2), nn.GRU(3, 4, num_layers=2, bidirectional=True)
    packed = PackedSequence(torch.ones(3, 3), torch.tensor([2, 1]))
    assert of("LSTM", lstm, packed, (torch.ones(1, 2, 2), torch.ones(1, 2, 4))).flags == frozenset()
    assert of("GRU", gru, packed, torch.ones(4, 2, 4)).flags == frozenset()
    assert of("GRU", gru, packed, (torch.ones(4, 2, 4),)).flags == {"hx"}
    assert of("GRU", gru, packed, torch.ones(4, 4)).flags == {"hx"}
    assert lstm(packed, (torch.ones(1, 2, 2), torch.ones(1, 2, 4)))[1][0].shape == (1, 2, 2)


def test_a_module_without_weights_may_take_anything() -> None:
    module = nn.GRU(3, 4)
    shown = looks_at(made_by("GRU", (module, torch.ones(5, 2, 7), None)))
    assert seen("nn.GRU", Call(), False, shown).flags == {"input"}
    shown = shown._replace(known=known_of(module)._replace(fit=None))
    assert seen("nn.GRU", Call(), False, shown).flags == frozenset()


@pytest.mark.parametrize(
    ("x", "hx", "flags"),
    [
        (torch.ones(5, 2, 3), None, set()),
        (torch.ones(5, 3), None, set()),
        (torch.ones(5, 2, 4), None, {"input"}),
        (torch.ones(5, 2, 3, dtype=torch.float64), None, {"input"}),
        (torch.ones(5, 2, 3), (torch.ones(1, 2, 4), torch.ones(1, 2, 4)), set()),
        (torch.ones(5, 3), (torch.ones(1, 4), torch.ones(1, 4)), set()),
        (torch.ones(5, 2, 3), (torch.ones(1, 3, 4), torch.ones(1, 2, 4)), {"hx"}),
        (torch.ones(5, 2, 3), torch.ones(1, 2, 4), {"hx"}),
        (torch.full((5, 2, 3), torch.nan), None, {"finite"}),
    ],
    ids=range(9),
)
def test_what_does_not_fit_the_module_is_flagged(x: Any, hx: Any, flags: set[str]) -> None:
    assert of("LSTM", nn.LSTM(3, 4), x, hx).flags == flags


def test_total_length_below_the_longest_is_flagged() -> None:
    packed = PackedSequence(torch.ones(4, 2), torch.tensor([2, 2]))
    assert of(UNPACK, packed, True, 0.0, 1).flags == {"total"}
    assert of(UNPACK, packed, True, 0.0, 2).flags == frozenset()


def test_sequences_of_other_features_are_flagged() -> None:
    assert "shapes" in of(SEQUENCES, [torch.ones(2, 1), torch.ones(1, 2)], True).flags
    assert "shapes" in of(SEQUENCES, [torch.ones(2, 1), torch.ones(1, 1).double()], True).flags
    assert of(SEQUENCES, [torch.ones(2, 1), torch.ones(1, 1)], True).flags == frozenset()


def test_sizes_fit_into_a_line() -> None:
    """They are given to NotedCall one after the other."""
    fields, sizes = list(NotedCall._fields), of(PACK, torch.ones(1, 1), [1], False, True).sizes._fields
    first = fields.index(sizes[0])
    assert first == fields.index("error") + 1
    assert fields[first : first + len(sizes)] == list(sizes)
