"""How much of the window a dock has at first."""

from __future__ import annotations

from PySide6.QtCore import QSize

from packviz.ui.parts import DOCK_PARTS

WIDTHS = {"findings": (0.21, 270, 430), "shelf": (0.13, 170, 260), "calls": (0.45, 450, 1100)}
"""Of the window's width: the share, the least and the most pixels."""
LOW = 850  # pixels; below, the verdict and the Python share one place as tabs


def usual_share(name: str, window: QSize) -> tuple[float, float]:
    """The share of the width and of the height of a window of this size that a dock of WIDTHS has."""
    share, least, most = WIDTHS[name]
    part = next(part for part in DOCK_PARTS if part.name == name)
    high = part.share if part.low is None or window.height() >= LOW else part.low
    return min(most, max(least, window.width() * share)) / window.width(), high
