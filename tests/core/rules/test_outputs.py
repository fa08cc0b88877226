"""What comes out: the steps that unpacking returns, and where the last output is."""

import pytest
from torch.nn.utils.rnn import pad_packed_sequence

from packviz.core.findings import Severity
from packviz.core.rules import check
from tests.core.oracle import batch_of, find, one, packed


def test_time_shrinks_unless_total_length_is_given() -> None:
    batch = batch_of([[1, 2, 0], [1, 0, 0]], [2, 1])
    finding = one(batch, "time-shrinks")
    assert finding.severity is Severity.NOTE
    assert "(2, 2, …)" in finding.detail
    assert pad_packed_sequence(packed(batch), batch_first=True)[0].shape == (2, 2)
    assert find(check(batch.with_call(total_length=3)), "time-shrinks") is None


def test_with_total_length_even_the_longest_row_has_no_last_output_at_the_end() -> None:
    batch = batch_of([[1, 2, 0], [1, 0, 0]], [2, 1])
    assert one(batch, "last-output").rows == (1,)
    assert one(batch.with_call(total_length=3), "last-output").rows == (0, 1)
    assert one(batch_of([[1, 2, 0], [1, 0, 0]], [2, 1], batch_first=False), "last-output").title.startswith("out[-1]")


def test_nothing_is_said_of_an_output_that_unpacking_does_not_return() -> None:
    batch = batch_of([[1, 2, 3], [1, 0, 0]], [3, 1], total_length=2)
    with pytest.raises(ValueError, match="total_length"):
        pad_packed_sequence(packed(batch), batch_first=True, total_length=2)
    assert find(check(batch), "last-output") is None
