"""What a batch came as."""

from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.carrier import Carrier, Packed, PackedFields, Padded, Sequences

FIELDS = PackedFields(np.ones(3), np.array([2, 1]))


@pytest.mark.parametrize(
    ("carrier", "order", "fields"),
    [
        (Padded(), None, None),
        (Sequences(), None, None),
        (Packed(), None, None),
        (Packed(np.array([1, 0])), [1, 0], None),
        (Packed(fields=FIELDS), None, FIELDS),
    ],
)
def test_only_a_packed_sequence_has_an_order_and_contradictory_fields(
    carrier: Carrier, order: list[int] | None, fields: PackedFields | None
) -> None:
    batch = make_batch(np.ones((2, 3)), [3, 2], Call(True, False), carrier=carrier)
    assert (None if batch.order is None else batch.order.tolist()) == order
    assert batch.contradictory is fields
    assert batch.with_lengths([2, 2]).carrier == Padded()


def test_a_packed_sequence_is_equal_only_to_itself() -> None:
    assert Packed() != Packed()
    assert (Padded(), Sequences()) == (Padded(), Sequences())
    assert Padded() != Sequences()
