"""Cells too small to be drawn one by one, as an image: which cell each pixel shows, and in which colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from packviz.core.look.colour import Theme
from packviz.session.scene.grids import Grid, Kind


def visible(span: tuple[float, float], size: int) -> NDArray[np.int64]:
    """(n,) the indices of an axis that are in view."""
    return np.arange(max(0, int(np.floor(span[0]))), min(size, int(np.ceil(span[1]))), dtype=np.int64)


def pixels(
    span: tuple[float, float], size: int, length: float, scale: float, ratio: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_], float]:
    """For each device pixel of an axis that shows a cell: its index, whether it is a gap between two cells; and the
    logical pixel at which the first of them lies."""
    at = np.arange(round(length * ratio))
    index = np.floor(span[0] + (at + 0.5) / ratio / scale).astype(np.int64)
    inside = (index >= 0) & (index < size)
    if not inside.any():
        return index[:0], inside[:0], 0.0
    first = int(np.argmax(inside))
    index = index[inside]
    edge = np.zeros(len(index), dtype=bool)
    if scale >= 5:
        edge[:-1] = index[:-1] != index[1:]
    return index, edge, first / ratio


def image_of(grid: Grid, d: NDArray[np.int64], c: NDArray[np.int64], theme: Theme, stripe: int) -> NDArray[np.uint32]:
    """(n, m) pixels, RGBA in memory order, of the cells d × c, one a device pixel; equal neighbours are made once.

    `stripe`: the distance of the hatch's lines.
    """
    ud, d_back = np.unique(d, return_inverse=True)
    uc, c_back = np.unique(c, return_inverse=True)
    kinds = grid.kinds(ud, uc)
    looks = grid.fills(ud, uc).view(np.uint32)[..., 0]
    table = [0, 0, rgba(theme, "padding"), rgba(theme, "padding"), 0, rgba(theme, "padding")]
    looks = np.where(kinds == Kind.DATA, looks, np.array(table, dtype=np.uint32)[kinds])
    if len(ud) < len(d):
        looks, kinds = looks.take(d_back, axis=0), kinds.take(d_back, axis=0)
    if len(uc) < len(c):
        looks, kinds = looks.take(c_back, axis=1), kinds.take(c_back, axis=1)
    if kinds.max(initial=0) <= Kind.DATA:
        return looks  # nothing to hatch
    places = [(np.arange(n) % stripe).astype(np.uint8) for n in looks.shape]
    stripes = (places[0][:, None] + places[1][None, :]) % np.uint8(stripe) < max(1, stripe // 6)
    for kind, name in ((Kind.PADDING, "hatch"), (Kind.MISSING, "error"), (Kind.DROPPED, "muted")):
        np.copyto(looks, np.uint32(rgba(theme, name)), where=(kinds == kind) & stripes)
    return looks


def rgba(theme: Theme, name: str) -> int:
    """A named colour as one uint32 whose bytes in memory are R, G, B, A."""
    return int(np.array([*theme.rgb(name), 255], dtype=np.uint8).view(np.uint32)[0])


def draw_pixels(p: QPainter, at: QPointF, image: NDArray[np.uint32], ratio: float) -> None:
    """Draw (height, width) pixels, RGBA in memory order, at a logical pixel, one a device pixel."""
    data = np.ascontiguousarray(image)
    height, width = data.shape
    picture = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    picture.setDevicePixelRatio(ratio)
    p.drawImage(at, picture)
