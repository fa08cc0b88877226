"""The error that packviz raises is a ValueError, as a caller would catch it."""

from __future__ import annotations

import pytest

import packviz
from packviz.core.batch import make_batch
from packviz.core.errors import BatchError


def test_what_is_no_batch_is_a_value_error_under_the_name_that_packviz_gives_it() -> None:
    assert packviz.BatchError is BatchError
    with pytest.raises(ValueError, match="x holds <U1"):
        make_batch(["a"], [1])
