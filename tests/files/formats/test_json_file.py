"""JSON."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import Cancelled, Watch
from packviz.core.carrier import Sequences
from packviz.files.formats import json_file
from packviz.files.registry import loads, loads_all
from tests.files.hand_made import NAMES, SOME, Drawn, lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["x", "lengths", "sequences", "data", "batch_sizes", "batch_first"]), inner)
    ),
    max_leaves=15,
)


def opened(value: object, **options: object):
    return loads(json.dumps(value).encode(), "x.json", **options)


def test_a_nested_list_is_x_as_torch_would_be_given_it():
    batch = opened([[1, 2, 3], [4, 5, 0]])
    assert (batch.x.tolist(), batch.dtype) == ([[1, 2, 3], [4, 5, 0]], "int64")
    assert (batch.lengths.tolist(), batch.given.origin, batch.call) == ([2, 2, 1], "guessed", Call())


def test_a_ragged_list_and_named_sequences_are_sequences():
    assert isinstance(opened([[1, 2, 3], [4]]).carrier, Sequences)
    assert opened({"sequences": [[1.5, 2], [4, 0]]}).lengths.tolist() == [2, 2]


def test_an_object_says_lengths_and_options():
    named = {"x": [[1, 0], [2, 3]], "lengths": [1, 2], "batch_first": False, "enforce_sorted": True}
    batch = opened(named | {"padding_value": float("nan"), "total_length": 4})
    assert batch.lengths.tolist() == [1, 2]
    assert (batch.call.batch_first, batch.call.enforce_sorted, batch.call.total_length) == (False, True, 4)
    assert batch.call.padding_value != batch.call.padding_value
    typed = opened(named, call=Call(batch_first=True), options_given=frozenset({"batch_first"}))
    assert typed.call == Call(True, True)


def test_a_pair_is_x_and_lengths():
    assert opened([[[1.5, 0], [2, 3]], [1, 2]]).lengths.tolist() == [1, 2]


def test_nan_and_infinity_count_as_numbers():
    batch = opened([[1.0, float("nan")], [float("-inf"), 2]])
    np.testing.assert_array_equal(batch.x, np.array([[1, np.nan], [-np.inf, 2]], np.float32))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[1, 2],\n [3, oops]]", "line 2, column 6: "),
        ("[[1, 2], [3", "line 1, column 12: "),
        ('{"x": [[1, 2]]', "line 1, column 15: "),
        ("[" * 200_000, "nested far deeper"),
        ("[" * 40 + "1" + "]" * 40, "32 deep"),
        ("[[" + "9" * 5000 + "]]", "JSON"),
        ('"text"', 'holds "text"'),
        ("null", "holds null"),
        ('{"a": [[1]], "b": [[2]]}', "a, b"),
        ('{"x": [[1, "2"]]}', "text"),
        ("{}", "nothing that looks like x"),
    ],
)
def test_errors_name_the_file_and_the_place(text, said):
    with pytest.raises(BatchError, match=r"^x\.json: ") as raised:
        loads(text.encode(), "x.json")
    assert said in str(raised.value)


@given(JSON)
def test_any_json_raises_nothing_but_batch_error(value):
    with suppress(BatchError):
        opened(value)


@given(st.text(min_size=1))
def test_any_text_raises_nothing_but_batch_error(text):
    with suppress(BatchError):
        loads(text.encode("utf-8", "surrogatepass"), "x.json")


@given(JSON)
def test_the_fast_way_for_large_files_reads_the_same(value):
    text = json.dumps(value)
    with pytest.MonkeyPatch.context() as patch:
        try:
            slow = json_file.parse_json(text)
        except BatchError:
            slow = None
        patch.setattr(json_file, "SMALL", 0)
        patch.setattr("packviz.files.paste.nested.PIECE", 2)
        patch.setattr("packviz.files.paste.nested.SHORT", 0)
        with suppress(BatchError):
            fast = loads(text.encode(), "x.json")
            assert slow is not None
            patch.setattr(json_file, "SMALL", 1 << 30)
            expected = loads(text.encode(), "x.json")
            np.testing.assert_array_equal(fast.x, expected.x)
            np.testing.assert_array_equal(fast.lengths, expected.lengths)
            assert (fast.dtype, type(fast.carrier), fast.given.origin) == (
                expected.dtype,
                type(expected.carrier),
                expected.given.origin,
            )


def test_an_object_of_too_many_names_is_refused_before_x_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({f"k{index}": [[1, 2]] for index in range(1001)})
    monkeypatch.setattr(json_file, "SMALL", 0)
    with pytest.raises(BatchError, match="can't tell which of them is the batch"):
        loads(text.encode(), "x.json")
    monkeypatch.setattr(json_file, "MOST_NAMES", 1000)
    with pytest.raises(BatchError, match=r"x\.json: it holds 1,001 names, more than the 1,000 among which x is looked"):
        loads(text.encode(), "x.json")


@pytest.mark.slow
def test_a_large_file_comes_back_exactly_and_can_be_cancelled():
    x = torch.rand(300, 700)
    data = json.dumps({"x": x.tolist(), "lengths": [700] * 300}).encode()
    assert len(data) > json_file.SMALL
    batch = loads(data, "x.json")
    assert torch.equal(torch.from_numpy(batch.x.copy()), x)
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 5

    with pytest.raises(Cancelled):
        loads(data, "x.json", watch=Watch(cancelled=cancelled))


# ---- several batches -------------------------------------------------------------------------------------------


@given(SOME, NAMES, st.booleans())
def test_objects_in_an_array_by_name_and_one_a_line_come_back(some: list[Drawn], names: list[str], large: bool):
    objects = [one.as_lists() for one in some]
    by_name = dict(zip(names, objects, strict=False))
    numbers = [str(index) for index in range(len(some))]
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(json_file, "SMALL", 0)
        for data, name, expected in [
            (json.dumps(objects).encode(), "ten.json", numbers),
            (json.dumps(objects, indent=1).encode(), "ten.json", numbers),
            (json.dumps(by_name).encode(), "ten.json", list(by_name)),
            (json.dumps({"batches": by_name}).encode(), "ten.json", list(by_name)),
            (lines(objects), "ten.json", numbers),
            (lines(objects), "ten.jsonl", numbers),
            (lines(objects) + b"\n\n", "ten.jsonl", numbers),
            (lines(objects), "standard input", numbers),
            (json.dumps(objects).encode(), "standard input", numbers),
        ]:
            batches = loads_all(data, name)
            assert [loaded.name for loaded in batches] == expected
            assert [loaded.source for loaded in batches] == [f"{name}[{loaded}]" for loaded in expected]
            assert all(one.is_in(loaded.batch) for one, loaded in zip(some, batches, strict=True))


@given(SOME, st.booleans())
def test_pairs_in_an_array_and_one_a_line_come_back(some: list[Drawn], large: bool):
    pairs = [[one.x.tolist(), one.lengths] for one in some]
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(json_file, "SMALL", 0)
        listed = loads_all(json.dumps(pairs).encode(), "ten.json")
        by_line = [loads_all(lines(pairs), name) for name in ("ten.json", "ten.jsonl", "standard input")]
    for batches in (listed, *by_line):
        for one, loaded in zip(some, batches, strict=True):
            assert loaded.batch is not None
            assert (loaded.batch.x.tolist(), loaded.batch.lengths.tolist()) == (one.x.tolist(), one.lengths)


GOOD = '{"x": [[1, 2], [3, 0]], "lengths": [2, 1]}'


def test_a_bad_line_among_good_ones_says_its_line_and_the_others_are_read():
    text = "\n".join([GOOD, "", '{"x": [[1, oops]]}', '{"y": 3}', "[1, 2, 3]", GOOD, '{"x": [[1, 2'])
    batches = loads_all(text.encode(), "log.jsonl")
    assert [loaded.batch is not None for loaded in batches] == [True, False, False, False, True, False]
    said = [loaded.trouble for loaded in batches if loaded.trouble]
    assert said[0].startswith("log.jsonl[1]: line 3, column 12: ")
    assert said[1].startswith("log.jsonl[2]: it holds y, but ")
    assert said[2].startswith("log.jsonl[3]: line 5: it holds [1, 2, 3], but an object with x and lengths ")
    assert said[3].startswith("log.jsonl[5]: line 7, column 13: ")


def test_lines_that_are_no_batches_are_read_as_ever():
    assert loads(b"[1, 2, 3]\n[4, 5]", "rows.jsonl").carrier == Sequences()
    assert loads(b"[[1, 2], [3, 0]]\n[2, 1]", "two.jsonl").lengths.tolist() == [2, 1]
    assert loads(GOOD.encode(), "one.jsonl").source.shown == "one.jsonl"
    with pytest.raises(BatchError, match=r"line 2, column 1: Extra data"):
        loads(f"{GOOD}\nfinished".encode(), "log.json")
    with pytest.raises(BatchError, match=r"line 3, column 2: "):
        loads(f'{{"a":\n{GOOD}\n {GOOD}\n}}'.encode(), "x.json")
