"""Docks have a share of the window, within bounds."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize

from packviz.ui.chrome.sizes import WIDTHS, usual_share


@pytest.mark.parametrize(
    ("name", "size", "width"),
    [
        ("calls", (1600, 1000), 720),
        ("calls", (960, 600), 450),
        ("calls", (3840, 2160), 1100),
        ("shelf", (1600, 1000), 208),
    ],
)
def test_a_dock_has_its_share_of_the_width_within_bounds(name: str, size: tuple[int, int], width: int) -> None:
    assert usual_share(name, QSize(*size))[0] * size[0] == pytest.approx(width)


def test_in_a_low_window_the_calls_have_more_of_the_height() -> None:
    assert usual_share("calls", QSize(1280, 720))[1] > usual_share("calls", QSize(1600, 1000))[1] > 0.38


@pytest.mark.parametrize("name", WIDTHS)
def test_no_dock_has_more_than_half(name: str) -> None:
    assert all(0 < share <= 0.62 for share in usual_share(name, QSize(1280, 720)))
