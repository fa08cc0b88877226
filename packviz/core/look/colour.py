"""Values and rows → colours: arrays of uint8, RGBA where a cell is drawn, RGB where a colour is mixed further.

NaN, the infinities and values beyond the scale have colours of their own, and padding is drawn with the theme's
"padding", so that none of them is ever taken for a zero. The sequences' colours follow the palettes of Okabe and Ito
(2008) and of Paul Tol, which stay apart for colour-blind readers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from packviz.core.look.theme import DARK, LIGHT, RGB, THEMES, Theme, rgb_of

__all__ = [
    "DARK",
    "LIGHT",
    "THEMES",
    "Theme",
    "contrast",
    "diverging",
    "luminance",
    "mix",
    "sequence_colours",
    "sequential",
    "text_on",
]

Pixels = NDArray[np.uint8]

STEPS = 257  # colours on a scale; odd, so that 0 has the middle one for itself
SPECIAL = ("too_low", "too_high", "nan", "negative_infinity", "positive_infinity")
LOW, HIGH, NAN, MINUS, PLUS = range(STEPS, STEPS + len(SPECIAL))
GRACE = 1e-6  # a float32 that was the limit itself must not count as beyond it
ENDED = 0.62  # the share of the panel in what has ended
BLACK, WHITE = np.uint8(0), np.uint8(255)  # on any colour at all, one of the two has a contrast of 4.58 or more

SEQUENCES = {
    "dark": "#4a9eff #f0a040 #4dd0a0 #b98ee0 #f2e05c #f0727f #6fd6f5 #8b9a30 #f5b3d1 #a37c62",
    "light": "#2f7fe0 #e8790c #24b381 #7b41b8 #cdb526 #c8374a #45c2dc #757a12 #dd7fb5 #66738a",
}
SCALES = {
    # Cividis (Nuñez, Anderton and Renslow 2018), without its ends, which are lost in a dark or a light pane.
    "dark": "#16325f #38486b #575d6d #7c7b78 #a69d75 #d3c164 #fee838",
    "light": "#fdea9b #e1cc6a #bbaf71 #918d78 #6c6e72 #434e6c #00224e",
}
DIVERGING = {
    "dark": ("#d9694c", "#58a6ff"),
    "light": ("#c2452a", "#1f6fd6"),
}


def sequence_colours(n: int, theme: Theme = DARK) -> Pixels:
    """(n, 3) RGB of rows 0 to n - 1: ten colours, then the same ones lighter and darker by turns."""
    base = np.array([rgb_of(c) for c in SEQUENCES[theme.name].split()], dtype=float)
    row = np.arange(n)
    towards = np.array([[0, 0, 0], [255, 255, 255], [0, 0, 0]], dtype=float)
    share = np.array([0.0, 0.32, 0.28])
    turn = row // len(base) % len(share)
    return _whole(base[row % len(base)] * (1 - share[turn, None]) + towards[turn] * share[turn, None])


def sequential(values: ArrayLike, low: float, high: float, theme: Theme = DARK) -> Pixels:
    """(…, 4) RGBA of real values from `low` to `high`, which is where the scale ends."""
    stops = tuple(rgb_of(c) for c in SCALES[theme.name].split())
    return _pixels(_table(stops, theme).take(_places(np.asarray(values), low, high)))


def diverging(values: ArrayLike, limit: float, theme: Theme = DARK, ended: NDArray[np.bool_] | None = None) -> Pixels:
    """(…, 4) RGBA of real values from -limit (red) through 0 (the theme's neutral) to limit (blue).

    `ended`: broadcasts to the values; where it is True, the colour is drawn back into the panel.
    """
    negative, positive = DIVERGING[theme.name]
    stops = (rgb_of(negative), theme.rgb("neutral"), rgb_of(positive))
    places = _places(np.asarray(values), -limit, limit)
    packed = _table(stops, theme).take(places)
    if ended is not None and ended.any():
        packed = np.where(ended, _table(stops, theme, ENDED).take(places), packed)
    return _pixels(packed)


@lru_cache(maxsize=32)
def _table(stops: tuple[RGB, ...], theme: Theme, faded: float = 0.0) -> NDArray[np.uint32]:
    """(STEPS + special,) colours as RGBA in memory order: a ramp between the stops at even distances, then the special
    ones; all of them with this share of the panel."""
    at, colours = np.linspace(0, len(stops) - 1, STEPS), np.array(stops, dtype=float)
    ramp = np.stack([np.interp(at, np.arange(len(stops)), colours[:, i]) for i in range(3)], axis=1)
    table = np.full((STEPS + len(SPECIAL), 4), 255, dtype=np.uint8)
    table[:STEPS, :3], table[STEPS:, :3] = _whole(ramp), [theme.rgb(name) for name in SPECIAL]
    return np.ascontiguousarray(mix(table, theme.rgb("panel"), faded)).view(np.uint32)[:, 0]


def _places(values: NDArray[Any], low: float, high: float) -> NDArray[np.int16]:
    """(…) int16, where in a table each value stands, in as few passes as possible: whole panes are made of it."""
    real = values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)
    span = high - low
    if not real.size:
        return np.zeros(real.shape, dtype=np.int16)
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(span) and span > 0:
            place = (real - low) * ((STEPS - 1) / span)
            index = np.rint(np.clip(place, 0, STEPS - 1, out=place), out=place).astype(np.int16)
        else:
            index = np.full(real.shape, STEPS // 2, dtype=np.int16)
        slack = GRACE * max(abs(low), abs(high))
        # A NaN anywhere makes both comparisons false.
        if not (real.min() >= low - slack and real.max() <= high + slack):
            index[real < low - slack] = LOW
            index[real > high + slack] = HIGH
            index[np.isnan(real)] = NAN
            index[np.isneginf(real)] = MINUS
            index[np.isposinf(real)] = PLUS
    return index


def _pixels(packed: NDArray[np.uint32]) -> Pixels:
    """(…, 4) uint8 of colours packed into one number each."""
    return np.ascontiguousarray(packed).view(np.uint8).reshape(*packed.shape, 4)


def mix(colours: NDArray[np.uint8], other: ArrayLike, share: ArrayLike) -> Pixels:
    """The colours, (…, 3) RGB or (…, 4) RGBA, with this share of another RGB in them, broadcast; alpha stays."""
    mixed = np.array(colours, dtype=np.uint8)
    part = np.asarray(share, dtype=float)
    mixed[..., :3] = _whole(mixed[..., :3] * (1 - part) + np.asarray(other, dtype=float) * part)
    return mixed


def text_on(colours: NDArray[np.uint8]) -> Pixels:
    """(…, 3) RGB, the text that reads best on (…, 3) RGB or (…, 4) opaque RGBA: black or white."""
    light = luminance(colours)
    dark_text = (light + 0.05) / 0.05 >= 1.05 / (light + 0.05)
    return np.where(dark_text[..., None], BLACK, WHITE).repeat(3, axis=-1)


def luminance(colours: ArrayLike) -> NDArray[np.float64]:
    """(…) relative luminance of (…, 3 or 4) sRGB, from 0 to 1. Source: WCAG 2.2."""
    part = np.asarray(colours)[..., :3] / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """(…) contrast ratio of two colours, (…, 3 or 4), from 1 to 21. Source: WCAG 2.2."""
    a, b = luminance(one), luminance(other)
    return np.asarray((np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05))


def _whole(colours: NDArray[np.float64]) -> Pixels:
    return np.rint(colours).astype(np.uint8)
