"""The two themes: every named colour of the window. Text has a contrast of at least 4.5:1 to what is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

ThemeName = Literal["light", "dark"]
RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """The colours of the window, as "#rrggbb". `name` is "light" or "dark"."""

    name: ThemeName
    background: str  # the window, the status bar
    panel: str  # panes, docks
    panel_border: str
    card: str  # findings, the verdict's list, text fields
    button: str
    selection: str  # behind selected text, under the mouse
    text: str
    muted: str  # subtitles, axis labels, ended rows
    accent: str  # the scanline, links, buttons' text
    error: str
    silent: str
    warning: str
    note: str
    good: str
    good_card: str  # behind the verdict of a call that returns
    neutral: str  # 0 on a diverging scale, an empty bar
    ended: str  # cells of ended rows, when coloured by state
    bar: str  # batch_sizes
    grid: str  # lines between cells, ticks
    padding: str  # behind the hatch
    hatch: str
    padding_text: str
    nan: str
    positive_infinity: str
    negative_infinity: str
    too_high: str  # finite, but beyond the scale
    too_low: str

    def rgb(self, name: str) -> RGB:
        """One colour by its name, as three ints from 0 to 255."""
        return rgb_of(getattr(self, name))

    def colours(self) -> dict[str, RGB]:
        """All colours by name."""
        return {f.name: self.rgb(f.name) for f in fields(self) if f.name != "name"}


def rgb_of(hex_colour: str) -> RGB:
    """Three ints from 0 to 255 of "#rrggbb"."""
    value = int(hex_colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


DARK = Theme(
    name="dark",
    background="#16181c",
    panel="#1f2229",
    panel_border="#2c3039",
    card="#262a33",
    button="#2a303b",
    selection="#2b3f5c",
    text="#e6e8ec",
    muted="#9aa3b2",
    accent="#58a6ff",
    error="#ff7b72",
    silent="#ff7b72",
    warning="#ffb454",
    note="#e3b341",
    good="#56d39f",
    good_card="#1a2b22",
    neutral="#30353f",
    ended="#4a5160",
    bar="#4a5265",
    grid="#343944",
    padding="#22252c",
    hatch="#343944",
    padding_text="#939bab",
    nan="#d63bd1",
    positive_infinity="#fff3b0",
    negative_infinity="#00695c",
    too_high="#c6f6ff",
    too_low="#ffa8cf",
)
LIGHT = Theme(
    name="light",
    background="#eef0f4",
    panel="#ffffff",
    panel_border="#d3d8e0",
    card="#f5f7fa",
    button="#e9eef6",
    selection="#cfe3ff",
    text="#1b1f24",
    muted="#565f6e",
    accent="#0a58c2",
    error="#b3261e",
    silent="#b3261e",
    warning="#8a4b00",
    note="#7a5600",
    good="#0b6e4a",
    good_card="#e6f5ec",
    neutral="#e0e4ea",
    ended="#b9c0cc",
    bar="#aeb7c6",
    grid="#d3d8e0",
    padding="#f3f4f7",
    hatch="#d3d8e0",
    padding_text="#5f6876",
    nan="#a3009e",
    positive_infinity="#4a4300",
    negative_infinity="#7fe0d6",
    too_high="#3b00c4",
    too_low="#7a0036",
)
THEMES: Mapping[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}

TEXT_ON: tuple[tuple[str, str], ...] = (
    *((text, back) for text in ("text", "muted") for back in ("background", "panel", "card", "button")),
    *((text, back) for text in ("accent", "error", "warning", "good") for back in ("background", "panel", "card")),
    *((text, "card") for text in ("silent", "note")),
    ("accent", "button"),
    ("text", "selection"),
    ("text", "good_card"),
    ("good", "good_card"),
    ("padding_text", "padding"),
)
"""The pairs (text, background) of the window."""
