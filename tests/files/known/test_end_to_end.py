"""Sequences one after the other are told by their lengths, which add up to N."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.arrays import values_of
from packviz.files.known.end_to_end import end_to_end
from packviz.files.paste.found import Found
from packviz.files.ragged import Ragged


def found_in(x: np.ndarray, lengths: list[int], name: str = "values") -> Found | None:  # type: ignore[type-arg]
    return end_to_end(Found(x, lengths, name=name), values_of(x), np.asarray(lengths))


@given(st.lists(st.integers(1, 9), min_size=3, max_size=6).filter(lambda some: sum(some) > 7))
def test_lengths_that_add_up_to_x_cut_it(lengths: list[int]) -> None:
    x = np.arange(2.0 * sum(lengths)).reshape(-1, 2)
    found = found_in(x, lengths)
    assert found is not None
    assert isinstance(found.x, Ragged)
    assert found.x.lengths.tolist() == lengths
    row = found_in(x[None], lengths)
    assert row is not None
    assert isinstance(row.x, Ragged)
    assert row.x.lengths.tolist() == lengths
    assert row.said == (f"{len(lengths)} documents packed in one row of {len(x)} steps, to which their lengths add up",)


@pytest.mark.parametrize(
    ("shape", "lengths"),
    [((41, 1), [3, 20, 17]), ((3, 20), [3, 20, 18]), ((41,), [41]), ((41, 1), [41.0, 0.0]), ((2, 41, 1), [3, 20, 18])],
)
def test_any_other_x_is_none(shape: tuple[int, ...], lengths: list[int]) -> None:
    assert found_in(np.zeros(shape), lengths) is None


def test_what_may_as_well_be_data_and_batch_sizes_is_asked_about() -> None:
    with pytest.raises(BatchError, match="it may be sequences one after the other, or data and batch_sizes"):
        found_in(np.zeros((41, 1)), [20, 18, 3], name="")
