"""pyqtgraph, set up once: this is the one place that imports it. It takes a fifth of a second, so it is imported when a
plot is first opened, and never at the start."""

from __future__ import annotations

import os
from typing import Any, Literal

from packviz.core.look.colour import Theme
from packviz.ui.look.lettering import label_font
from packviz.ui.look.theme import qcolour

Side = Literal["bottom", "left"]


def pyqtgraph() -> Any:
    """The library, bound to the Qt that is here."""
    os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
    import pyqtgraph

    pyqtgraph.setConfigOptions(imageAxisOrder="row-major", antialias=True)
    return pyqtgraph


def plot_widget(across: str, down: str, whole: Side) -> Any:
    """An empty plot with these names on its axes, whose mouse menu is off: what can be done stands around it. `whole`:
    the axis of whole numbers, which has no ticks between them."""
    widget = pyqtgraph().PlotWidget(axisItems={whole: _whole_axis(whole)})
    widget.setMenuEnabled(False)
    widget.hideButtons()
    widget.setLabel("bottom", across)
    widget.setLabel("left", down)
    widget.showGrid(x=True, y=True, alpha=0.15)
    for side in ("bottom", "left"):
        # Once, while the range is still 0 to 1: each call takes the scale of its prefix from the range as it is then.
        widget.getAxis(side).enableAutoSIPrefix(False)
    return widget


def _whole_axis(side: Side) -> Any:
    class WholeAxis(pyqtgraph().AxisItem):  # type: ignore[misc]  # its class is there once it is imported
        def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
            return [(max(1.0, spacing), offset) for spacing, offset in super().tickSpacing(low, high, size)]

    return WholeAxis(side)


def paint_in(widget: Any, theme: Theme) -> None:
    """The colours and the letters of a theme."""
    widget.setBackground(qcolour(theme, "panel"))
    for side in ("bottom", "left"):
        axis = widget.getAxis(side)
        axis.setPen(qcolour(theme, "muted"))
        axis.setTextPen(qcolour(theme, "text"))
        axis.setStyle(tickFont=label_font(11))
