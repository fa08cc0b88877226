"""The parts of the scene: frozen, and equal only to themselves where they hold arrays."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest

from packviz.session.scene import parts

CLASSES = [c for _, c in inspect.getmembers(parts, dataclasses.is_dataclass) if c.__module__ == parts.__name__]


@pytest.mark.parametrize("part", CLASSES)
def test_a_part_is_frozen(part: type) -> None:
    assert part.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_small_parts_are_equal_by_value_and_parts_with_arrays_only_to_themselves() -> None:
    assert parts.Status("a", "b") == parts.Status("a", "b")
    assert parts.Banner() == parts.Banner()
    assert parts.Pane("padded", "Padded x") != parts.Pane("padded", "Padded x")


def test_a_pane_without_marks_has_none() -> None:
    marks = parts.Pane("padded", "Padded x").marks
    assert marks.shape == (0, 4)
    assert marks.dtype == np.int64
