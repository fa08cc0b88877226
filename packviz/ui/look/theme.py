"""Fonts and palette of the window, made from the colours of core/look/theme.py."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.core.resources import resource

ThemeChoice = Literal["system", "light", "dark"]
CHOICES: tuple[ThemeChoice, ...] = ("system", "light", "dark")

SANS, MONO = "Inter", "JetBrains Mono"
FONT_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-SemiBold.ttf")
TEXT_PIXELS, MONO_PIXELS, SMALL_PIXELS = 13, 12, 12

R = QPalette.ColorRole


@cache
def load_fonts() -> None:
    """Make the bundled fonts known to Qt, once; text looks the same where the system has no font at all."""
    for name in FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))


def sans(pixels: int = TEXT_PIXELS, bold: bool = False) -> QFont:
    """The font of all text that is not code."""
    return _font(SANS, pixels, bold)


def mono(pixels: int = MONO_PIXELS, bold: bool = False) -> QFont:
    """The font of code, shapes and numbers."""
    font = _font(MONO, pixels, bold)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(family: str, pixels: int, bold: bool) -> QFont:
    load_fonts()
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def qcolour(theme: Theme, name: str, alpha: int = 255) -> QColor:
    """A named colour of the theme, for painting. `alpha`: 0 to 255."""
    return QColor(*theme.rgb(name), alpha)


def system_theme() -> Theme:
    """The theme that the system's colour scheme asks for; dark where it does not say."""
    light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
    return LIGHT if light else DARK


def palette(theme: Theme) -> QPalette:
    """The colours that Qt's own widgets take."""
    roles = {
        R.Window: "background",
        R.WindowText: "text",
        R.Base: "card",
        R.AlternateBase: "panel",
        R.Text: "text",
        R.Button: "button",
        R.ButtonText: "text",
        R.BrightText: "error",
        R.ToolTipBase: "card",
        R.ToolTipText: "text",
        R.PlaceholderText: "muted",
        R.Highlight: "selection",
        R.HighlightedText: "text",
        R.Link: "accent",
        R.Accent: "accent",
        R.Light: "card",
        R.Midlight: "button",
        R.Mid: "panel_border",
        R.Dark: "panel_border",
        R.Shadow: "background",
    }
    made = QPalette()
    for role, name in roles.items():
        made.setColor(role, qcolour(theme, name))
    faint = qcolour(theme, "muted", 150)
    for role in (R.WindowText, R.Text, R.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return made


def rename(widget: QWidget, name: str) -> None:
    """Another object name, and the style that goes with it."""
    if widget.objectName() != name:
        widget.setObjectName(name)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
