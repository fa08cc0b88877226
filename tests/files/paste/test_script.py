"""Lines of Python that hold a batch: what is taken of them, and what is named where it can't be."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.arrays import values_of
from packviz.files.paste.found import Found
from packviz.files.paste.script import LARGEST_CODE, Script


def read(text: str) -> Found:
    script = Script()
    script.take(text)
    return script.found()


@given(st.lists(st.lists(st.integers(-99, 99), min_size=2, max_size=2), min_size=1, max_size=4))
def test_a_printed_tensor_is_read_as_torch_printed_it(rows: list[list[int]]) -> None:
    tensor = torch.tensor(rows)
    assert values_of(read(f"x = {tensor}").x).array.tolist() == rows
    assert values_of(read(f">>> x\n{tensor}").x).array.tolist() == rows


def test_the_call_says_which_values_are_x_and_lengths_and_its_options() -> None:
    found = read(
        "a = torch.tensor([[1, 2], [3, 0]])\nn = torch.tensor([2, 1])\n"
        "packed = pack_padded_sequence(a, n, batch_first=True)"
    )
    assert values_of(found.x).array.tolist() == [[1, 2], [3, 0]]
    assert values_of(found.lengths).array.tolist() == [2, 1]
    assert dict(found.options) == {"batch_first": True, "enforce_sorted": True}


def test_a_name_that_is_bound_again_is_what_it_was_bound_to_last() -> None:
    assert values_of(read("x = [[1, 2]]\nx = [[3, 4]]").x).array.tolist() == [[3, 4]]
    with pytest.raises(BatchError, match=r"^line 2: x is 'load\(\)', which packviz does not run"):
        read("x = [[1, 2]]\nx = load()")


def test_nothing_of_it_is_run() -> None:
    with pytest.raises(BatchError, match=r"^line 1: x is"):
        read("x = __import__('os').getcwd()")


def test_code_without_end_is_refused() -> None:
    with pytest.raises(BatchError, match="too much that is not numbers"):
        read("import torch\n" * (LARGEST_CODE // 13 + 1))
