"""What comes out of a file of several batches, good and bad."""

from typing import get_type_hints

import pytest

from packviz.core.batch import BatchError, Call, make_batch
from packviz.files.loaded import Loaded, Overrides, Wanted, readable
from packviz.files.paste.found import Found

BATCH = make_batch([[1, 2], [3, 0]], [2, 1])


def told(marks: str) -> list[Loaded]:
    """A batch for each "+", and one that can't be read for each "-"."""
    return [
        Loaded(str(i), f"f[{i}]", BATCH if mark == "+" else None, "" if mark == "+" else f"f[{i}]: no.")
        for i, mark in enumerate(marks)
    ]


@pytest.mark.parametrize("marks", ["", "+", "+-", "--+", "-+-+-"])
def test_all_are_given_in_order_where_one_can_be_read(marks: str) -> None:
    batches = told(marks)
    assert list(readable("f", batches)) == batches


def test_none_that_can_be_read_is_one_sentence() -> None:
    with pytest.raises(BatchError, match=r"^f\[0\]: no\.$"):
        list(readable("f", told("-")))
    with pytest.raises(BatchError, match=r"^f: none of its 3 batches can be read\. f\[0\]: no\.$"):
        list(readable("f", told("---")))


def test_a_good_one_is_given_before_the_next_is_read() -> None:
    def batches():
        yield told("+")[0]
        raise AssertionError

    assert next(readable("f", batches())).batch is BATCH


def test_what_is_wanted_wins() -> None:
    wanted = Wanted(Call(padding_value=5), frozenset({"padding_value"}), lengths=[1, 1])
    batch = wanted.settled(Found([[1, 2], [3, 4]], [2, 2], {"padding_value": 3, "total_length": 8}), "f[0]")
    assert (batch.call, batch.lengths.tolist(), batch.source.shown) == (Call(False, True, 5, 8), [1, 1], "f[0]")


def test_what_wins_over_a_file_are_the_fields_of_what_is_wanted() -> None:
    wanted = get_type_hints(Wanted)
    assert get_type_hints(Overrides) == {name: wanted[name] for name in ("lengths", "mask", "x", "axes")}
