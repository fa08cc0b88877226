"""What may be taken is asked before it is taken, and more is allowed by whoever wants it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core import budget
from packviz.core.batch import make_batch
from packviz.core.budget import MEMORY, afford, bytes_of, size_text
from packviz.core.errors import BatchError


def test_what_is_too_much_is_refused_in_a_sentence_that_says_how_to_allow_it() -> None:
    afford("x", budget.BYTES)
    with pytest.raises(BatchError) as refused:
        afford("x", 2 * budget.BYTES)
    said = str(refused.value)
    assert said.startswith("x would take 8 GiB of memory, more than the 4 GiB allowed")
    assert "--memory" in said
    assert MEMORY.variable in said


@given(st.integers(1, 2**50))
def test_a_size_is_read_as_it_is_shown(size: int) -> None:
    assert bytes_of(size) == size == bytes_of(str(size) if size < 10**12 else size)
    assert bytes_of(size_text(size).replace(",", "")) == pytest.approx(size, rel=0.01)


@pytest.mark.parametrize(
    ("text", "size"), [("8G", 8 << 30), ("512 MiB", 512 << 20), ("1.5g", 3 << 29), ("1024", 1024), (" 2 kb ", 2048)]
)
def test_sizes_are_written_as_people_do(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("odd", ["", "much", "-1", "0", "8X", "1e9", True, 0, -5, None, 2**70, "9" * 400])
def test_what_is_no_size_is_refused(odd: object) -> None:
    with pytest.raises(BatchError, match="no size of memory: write 8G"):
        bytes_of(odd)


@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(1).expand(10**6, 10**6),
        np.broadcast_to(np.float32(0), (10**5, 10**5)),
        np.lib.stride_tricks.sliding_window_view(np.zeros(10**6, np.float32), 10**5),
        torch.zeros(10**5, 1).expand(10**5, 10**5),
    ],
    ids=["expanded", "broadcast", "windows", "one column"],
)
def test_a_view_that_repeats_its_numbers_without_end_is_refused(x: object) -> None:
    with pytest.raises(BatchError, match="a view that repeats its numbers, would take"):
        packviz.check(x)


def test_a_view_that_can_be_afforded_stays_a_view_and_more_is_allowed() -> None:
    x = np.broadcast_to(np.float32(1), (300, 400))
    assert make_batch(x, [400] * 300).x.strides == (0, 0)
    with MEMORY.within(1 << 10), pytest.raises(BatchError):
        make_batch(x, [400] * 300)
    with MEMORY.within(1 << 10):
        make_batch(np.ones((300, 400)), [400] * 300)  # lies in memory already


def test_sequences_and_packed_batches_that_unfold_are_refused() -> None:
    sizes = np.ones(10**5, dtype=int)
    sizes[0] = 10**5
    with pytest.raises(BatchError, match="the padded batch of 100,000 rows and 100,000 steps would take"):
        packviz.check({"data": torch.ones(int(sizes.sum())), "batch_sizes": torch.tensor(sizes)})
    with pytest.raises(BatchError, match="x, padded to 10,001 rows of 1,000,000 steps, would take"):
        packviz.check([np.ones(10**6, np.float32), *[np.ones(1, np.float32)] * 10**4])
