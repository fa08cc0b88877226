"""How one cell looks: its hatch where it holds no data, and the fonts that fit it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from packviz.core.look.colour import Theme
from packviz.session.scene.grids import Kind
from packviz.ui.look.lettering import number_font
from packviz.ui.look.theme import qcolour

ADVANCE = 0.6  # the width of a digit of the monospaced font, in font sizes
SMALLEST_TEXT = 6.5


class Hatch:
    """How cells without data look: hatched padding, red missing steps, the dotted frame of no state."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def draw(self, p: QPainter, rect: QRectF, radius: float, kind: Kind) -> QColor:
        """Draw one such cell; the colour for its text."""
        theme = self.theme
        if kind == Kind.VOID:
            p.setPen(QPen(qcolour(theme, "panel_border"), 1, Qt.PenStyle.DotLine))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(rect, radius, radius)
            return qcolour(theme, "muted")
        bad = kind == Kind.MISSING
        p.setPen(QPen(qcolour(theme, "error"), 1.5, Qt.PenStyle.DashLine) if bad else Qt.PenStyle.NoPen)
        p.setBrush(qcolour(theme, "padding"))
        p.drawRoundedRect(rect, radius, radius)
        p.setPen(Qt.PenStyle.NoPen)
        stripes = qcolour(theme, "error" if bad else "hatch", 90 if bad else 255)
        brush_style = Qt.BrushStyle.DiagCrossPattern if kind == Kind.DROPPED else Qt.BrushStyle.BDiagPattern
        p.setBrush(stripes)
        brush = p.brush()
        brush.setStyle(brush_style)
        p.setBrush(brush)
        p.drawRoundedRect(rect, radius, radius)
        return qcolour(theme, "muted")


class CellFonts:
    """The fonts for cells of this many pixels whose longest number has `longest` characters; None where a text would
    not fit. All numbers of a pane are of one size."""

    def __init__(self, width: float, height: float, longest: int) -> None:
        size = min(15.0, height * 0.6, (width - 2) / (ADVANCE * max(longest, 2)))
        self.main = number_font(round(size), size >= 11) if size >= SMALLEST_TEXT else None
        small = min(10.0, size * 0.72)
        self.note = number_font(round(small)) if self.main and height >= 36 and width >= 34 and small >= 6 else None

    def draw(self, p: QPainter, rect: QRectF, text: str, note: str, ink: QColor) -> None:
        """The number in the middle of a cell, the note below it."""
        if self.main is None:
            return
        p.setPen(ink)
        p.setFont(self.main)
        if note and self.note is not None:
            p.drawText(rect.adjusted(0, 0, 0, -rect.height() * 0.24), Qt.AlignmentFlag.AlignCenter, text)
            p.setFont(self.note)
            p.drawText(rect.adjusted(0, rect.height() * 0.52, 0, 0), Qt.AlignmentFlag.AlignCenter, note)
        else:
            p.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
