from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.carrier import Packed, PackedFields
from packviz.core.packed import reading
from packviz.session.scene.contradicted import given_sizes, places

SIZES = st.lists(st.integers(-1, 5), min_size=1, max_size=5)


@given(SIZES, st.integers(1, 12), st.sampled_from([(), (1,), (40_000,)]))
def test_each_place_is_where_the_reading_has_that_cell_of_data(
    sizes: list[int], count: int, features: tuple[int, ...]
) -> None:
    data = np.broadcast_to(
        np.arange(1, count + 1, dtype=np.float32).reshape(-1, *[1] * len(features)), (count, *features)
    )
    fields = PackedFields(data, np.array(sizes))
    x, lengths = reading(fields, 0)
    batch = make_batch(x, lengths, Call(True), carrier=Packed(fields=fields))
    found = places(batch)
    if found is None:
        return
    first = x.reshape(*x.shape[:2], -1)[..., 0]
    assert np.array_equal(found + 1, first)


def test_another_batch_has_no_such_places() -> None:
    assert places(make_batch(np.ones((2, 3)), [3, 2])) is None


def test_sizes_are_given_as_they_are_with_the_steps_that_data_is_long_enough_for() -> None:
    fields = PackedFields(np.ones((5, 1)), np.array([3, 2, 1]))
    sizes, there = given_sizes(fields)
    assert (sizes.tolist(), there) == ([3, 2, 1], 2)
    assert "float64" in given_sizes(PackedFields(np.ones((5, 1)), np.array([3.0, 2.0])))
