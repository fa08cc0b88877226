"""The values of options: what is typed, or one line that says what is expected."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest

from packviz.cli import values


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.layers_typed, "3", 3),
        (values.projection_size, "0", 0),
        (values.expression, "absmax(h) > 5", "absmax(h) > 5"),
        (values.seconds_typed, "90 s", 90.0),
        (values.memory_typed, "2K", 2048),
        (values.size_typed, "640x480", (640, 480)),
        (values.lengths_typed, "3, 2", (3, 2)),
    ],
)
def test_what_is_typed_is_taken(read: Callable[[str], Any], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.layers_typed, "0"),
        (values.layers_typed, "65"),
        (values.projection_size, "-1"),
        (values.expression, "absmax(h)"),
        (values.expression, "h >> 2"),
        (values.seconds_typed, "soon"),
        (values.whole, "2.5"),
        (values.number, "9" * 5000),
        (values.number, "y" * 5000),
    ],
)
def test_what_is_none_is_refused_in_one_line(read: Callable[..., Any], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as raised:
        read(text, 0) if read is values.whole else read(text)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 600
