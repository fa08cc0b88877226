"""Rulers: labels that never overlap and never stick out, in readable colours; ribbons of the sort order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK, LIGHT, Theme, contrast, sequence_colours
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.scene.grids import Head
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.ruler import Ruler, apart, nice_stride, readable
from packviz.ui.canvas.surface import TimeAxis
from packviz.ui.look.lettering import label_font

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))


@given(st.floats(0, 1e7))
def test_a_nice_stride_is_the_smallest_1_2_or_5_times_a_power_of_ten_that_is_enough(least: float) -> None:
    stride = nice_stride(least)
    nice = [m * 10**e for e in range(8) for m in (1, 2, 5)]
    assert stride == next(s for s in nice if s >= least)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_sequences_colour_becomes_readable_on_the_panel(theme: Theme) -> None:
    for rgb in sequence_colours(40, theme).tolist():
        assert contrast(np.array(readable(tuple(rgb), theme)), np.array(theme.rgb("panel"))) >= 4.5


def test_a_colour_that_is_readable_stays_as_it_is() -> None:
    assert readable((255, 255, 255), DARK) == (255, 255, 255)


@dataclass
class Label:
    """A label that was drawn: where its text begins and ends along the ruler."""

    index: int
    first: float
    last: float


@pytest.fixture(scope="module")
def canvases(qapp: Any) -> Iterator[dict[tuple[str, bool], tuple[Canvas, Ruler]]]:
    """A canvas for each direction of time, with its two rulers."""
    made = {}
    for turned in (False, True):
        canvas = Canvas(time=TimeAxis(), margins=(22, 104) if turned else (38, 46))
        down, across = Ruler(canvas, "down"), Ruler(canvas, "across")
        canvas.set_rulers(*((down, across) if turned else (across, down)))
        canvas.show()
        made["down", turned], made["across", turned] = (canvas, down), (canvas, across)
    yield made
    for canvas, _ in made.values():
        canvas.close()
        canvas.deleteLater()


def drawn(ruler: Ruler, along: str) -> tuple[list[Label], float]:
    """The labels that the ruler draws, and its extent along the axis."""
    labels: list[Label] = []

    def note(p: QPainter, index: int, head: Head, centre: float, room: float) -> None:
        metrics = QFontMetricsF(label_font(11, bold=index == ruler.current))
        if ruler.horizontal:
            half = max(metrics.horizontalAdvance(head.text), metrics.horizontalAdvance(head.sub)) / 2
        else:
            half = metrics.capHeight() / 2
        labels.append(Label(index, centre - half, centre + half))

    image = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ruler._draw_label = note  # type: ignore[method-assign]
    ruler.draw(painter)
    painter.end()
    return labels, ruler.rect().width() if ruler.horizontal else ruler.rect().height()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("turned", [False, True], ids=["time down", "time right"])
@pytest.mark.parametrize("along", ["down", "across"])
def test_labels_never_overlap_and_never_stick_out(
    canvases: dict[tuple[str, bool], tuple[Canvas, Ruler]], along: str, turned: bool, data: st.DataObject
) -> None:
    canvas, ruler = canvases[along, turned]
    canvas.resize(data.draw(st.integers(180, 1200), "width"), data.draw(st.integers(120, 900), "height"))
    size = data.draw(st.integers(1, 9999), "size")
    canvas.set_size(*((size, 9) if along == "down" else (9, size)), turned)
    canvas.fit()
    first = data.draw(st.floats(-0.5, max(0.0, size - 2)), "first")
    extent = data.draw(st.floats(min(2, size), size), "extent")
    canvas._set(*(((first, first + extent), None) if along == "down" else (None, (first, first + extent))))
    assert min(canvas.cells().width(), canvas.cells().height()) > 50
    ruler.theme = DARK
    ruler.heads = (
        (lambda c: [Head(f"t{i}") for i in c]) if along == "down" else (lambda c: [Head(f"row {i}") for i in c])
    )
    ruler.current = data.draw(st.integers(-1, size - 1), "current")
    labels, length = drawn(ruler, along)
    labels.sort(key=lambda label: label.index)
    for one, other in itertools.pairwise(labels):
        assert one.last <= other.first, (one, other)
    for label in labels:
        assert label.first >= 0
        assert label.last <= length
    mapper = canvas.mapper
    span = mapper.down if along == "down" else mapper.across
    if span[0] < ruler.current + 0.5 < span[1]:
        assert ruler.current in [label.index for label in labels]


def test_heads_with_lengths_are_written_whole_and_in_red_where_the_row_is_wrong(
    stage: Callable[..., Any], qtbot: QtBot
) -> None:
    shown = stage(BATCH.with_lengths([3, 2, 5]))
    ruler = shown.pane("padded").across_ruler
    heads = ruler.heads([0, 1, 2])
    assert [(head.text, head.sub, head.bad) for head in heads] == [
        ("row 0", "len 3", False),
        ("row 1", "len 2", False),
        ("row 2", "len 5", True),
    ]
    image = shown.pane("padded").canvas.grab().toImage()
    at = shown.at("padded", 0, 2)
    reds = [
        image.pixelColor(at.x() + x, y).red() - image.pixelColor(at.x() + x, y).blue()
        for x in range(-20, 21)
        for y in range(at.y() - 27)
    ]
    assert max(reds) > 80


def corner_of(canvas: Canvas, ruler: Ruler) -> QPoint:
    """Where a ruler begins on its canvas."""
    cells = canvas.cells()
    return QPoint(round(cells.x()), 0) if ruler is canvas.top else QPoint(0, round(cells.y()))


def test_a_breakpoint_is_a_dot_beside_its_step(stage: Callable[..., Any]) -> None:
    for orientation in ("down", "right"):
        state = update(State(), act.SetLook(Look(orientation=orientation)))
        shown = stage(update(state, act.Open(BATCH)), size=(1200, 900))
        for name in ("padded", "packed", "sizes"):
            canvas = shown.pane(name).canvas
            at = shown.at(name, 2, 0)
            edge = corner_of(canvas, shown.pane(name).time_ruler)
            dot = (at.x(), edge.y() + 6) if orientation == "right" else (edge.x() + 7, at.y())
            before = canvas.grab().toImage().pixelColor(*dot)
            shown.do(act.ToggleBreakpoint(2))
            after = canvas.grab().toImage().pixelColor(*dot)
            shown.do(act.ToggleBreakpoint(2))
            assert (before.red(), before.green(), before.blue()) == DARK.rgb("panel"), name
            assert (after.red(), after.green(), after.blue()) == DARK.rgb("error"), name


def test_a_breakpoint_has_its_dot_as_long_as_its_step_is_in_view(stage: Callable[..., Any]) -> None:
    shown = stage(BATCH, size=(1200, 900))
    canvas = shown.pane("padded").canvas
    edge = corner_of(canvas, shown.pane("padded").time_ruler)

    def dotted() -> int:
        image = canvas.grab().toImage()
        return sum(
            image.pixelColor(edge.x() + 7, y).getRgb()[:3] == DARK.rgb("error") for y in range(edge.y(), image.height())
        )

    shown.do(act.ToggleBreakpoint(1))
    assert dotted() >= 6
    canvas.zoomed()
    for span, seen in (((1.7, 3.7), True), ((0.0, 1.2), True), ((2.0, 4.0), False), ((2.5, 4.5), False)):
        canvas.ranges.set(y=span)
        assert (dotted() >= 6) is seen, span


def test_ribbons_go_from_each_rows_place_in_the_batch_to_its_sorted_place(stage: Callable[..., Any]) -> None:
    shown = stage(update(State(), act.Open(BATCH)))
    canvas = shown.pane("packed").canvas
    image = canvas.grab().toImage()
    ruler = corner_of(canvas, shown.pane("packed").across_ruler)
    order = shown.scene.ribbons.order.tolist()
    assert order == [2, 0, 1]
    for sorted_row, row in enumerate(order):
        x = shown.at("packed", 0, row).x()  # the ribbon begins above the place that the row has in the batch
        found = image.pixelColor(x, ruler.y() + 2)
        expected = shown.scene.ribbons.rgb[sorted_row][:3]
        rgb = np.array([found.red(), found.green(), found.blue()])
        assert np.abs(rgb - expected).max() < 70, (sorted_row, row, rgb, expected)


def test_without_heads_or_theme_a_ruler_draws_nothing(stage: Callable[..., Any]) -> None:
    shown = stage(State())
    shown.pane("padded").canvas.grab()
    assert shown.pane("padded").across_ruler.heads is None


def test_a_ruler_of_no_extent_draws_nothing(qtbot: QtBot) -> None:
    canvas = Canvas(margins=(30, 40))
    qtbot.addWidget(canvas)
    ruler = Ruler(canvas, "down")
    ruler.theme, ruler.heads = DARK, lambda c: [Head(str(i)) for i in c]
    canvas.size_down = 5
    canvas.setMinimumSize(0, 0)
    canvas.resize(0, 0)
    assert drawn(ruler, "down")[0] == []


@pytest.mark.parametrize(("rows", "drawn"), [(20, 20), (32, 32), (60, 60), (200, 50), (300, 0)])
def test_of_many_ribbons_some_are_drawn_and_of_very_many_only_those_of_the_lit_rows(
    stage: Callable[..., Any], rows: int, drawn: int
) -> None:
    lengths = np.random.default_rng(0).permutation(np.linspace(1, 30, rows).astype(int))
    batch = make_batch(np.ones((rows, 30), np.float32), lengths, Call(True, False))
    shown = stage(batch, act.Select(rows // 2, 0))
    ruler = shown.pane("packed").across_ruler
    assert len(ruler._ribboned()) == drawn
    place = shown.scene.pointer.packed
    assert ruler.lit == (place[1],)
    before = shown.pane("packed").canvas.grab().toImage()
    shown.do(act.Hover(Place(1, 0)))
    assert ruler.lit == (place[1], shown.scene.pointer.hover_packed[1])
    top = QRect(0, 0, before.width(), 18)  # above the names: nothing but ribbons
    after = shown.pane("packed").canvas.grab().toImage()
    assert (before.copy(top) != after.copy(top)) == (rows > 32)


@given(width=st.floats(8, 90), scale=st.floats(0.05, 60))
def test_the_second_label_has_room_beside_a_first_one_that_was_moved_inside(width: float, scale: float) -> None:
    stride = nice_stride(apart(width, scale))
    first = max(0.5 * scale, width / 2)
    assert (stride + 0.5) * scale - first >= width - 1e-6
