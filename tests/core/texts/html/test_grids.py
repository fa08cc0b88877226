from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.packing import pack, pack_in_order, stable_order
from packviz.core.rules import check
from packviz.core.texts.html.grids import (
    HIGH,
    MOST_ROWS,
    MOST_SPANS,
    TOP,
    WIDE,
    Drawing,
    chosen_rows,
    grids,
    of_batch,
    of_packing,
)

SVG = "{http://www.w3.org/2000/svg}"
CALL = Call(True, False)


def drawing(drawn: Drawing) -> ET.Element:
    return ET.fromstring(f"<div>{grids(drawn)}</div>")


def bars(drawn: Drawing) -> list[tuple[str, str, float, float]]:
    """Of each bar its class, its title, and where it begins and how high it is."""
    found = drawing(drawn).iter(f"{SVG}rect")
    return [(bar.get("class"), bar[0].text, float(bar.get("y")), float(bar.get("height"))) for bar in found if len(bar)]


def test_each_row_is_a_column_of_its_colour_as_long_as_its_length_in_both_grids() -> None:
    batch = make_batch(np.ones((3, 5), np.float32), [3, 2, 5], CALL)
    found = bars(of_batch(batch, pack(batch)))
    assert [(kind, title) for kind, title, _, _ in found] == [
        ("s0", "row 0, length 3"), ("pad", "padding of row 0"),
        ("s1", "row 1, length 2"), ("pad", "padding of row 1"),
        ("s2", "row 2, length 5"),
        ("s2", "row 2, length 5"), ("s0", "row 0, length 3"), ("s1", "row 1, length 2"),
    ]  # fmt: skip
    heights = {title: height for _, title, _, height in found}
    assert heights["row 0, length 3"] == pytest.approx(3 / 5 * heights["row 2, length 5"], abs=0.1)
    assert {top for _, title, top, _ in found if "padding" not in title} == {TOP}


def test_cells_bear_their_numbers_and_their_packed_index_where_there_is_room() -> None:
    x = np.array([[1, 2, 0], [3, 4, 5]], np.float32)
    batch = make_batch(x, [2, 3], CALL)
    root = drawing(of_batch(batch, pack(batch)))
    said = [text.text for text in root.iter(f"{SVG}text") if text.get("class") is not None]
    assert said == ["1", "2", "0", "3", "4", "5", "0", "2", "4", "1", "3"]
    large = make_batch(np.ones((30, 40), np.float32), np.full(30, 40), CALL)
    assert not [text for text in drawing(of_batch(large, None)).iter(f"{SVG}text") if text.get("class") is not None]


def test_cells_of_findings_are_marked_in_both_grids_where_they_are_packed() -> None:
    x = np.array([[1, 2, 0, 0], [3, 4, 5, 6]], np.float32)
    batch = make_batch(x, [3, 2], CALL)  # counts one padding cell, cuts off two of data
    report = check(batch, pack(batch))
    root = drawing(of_batch(batch, report.packing, report.findings))
    marks = [bar for bar in root.iter(f"{SVG}rect") if bar.get("class") == "on"]
    assert len(marks) == 3  # x[0, 2] and its packed cell; x[1, 2:4], which is not packed


def test_nothing_packed_is_half_a_drawing_and_no_cells_are_none() -> None:
    batch = make_batch(np.ones((2, 3), np.float32), [0, 3], CALL)
    assert "data, packed" not in grids(of_batch(batch, None))
    assert "x, padded" in grids(of_batch(batch, None))
    assert grids(of_batch(make_batch(np.ones((0, 3)), [], CALL), None)) == ""
    assert grids(of_batch(make_batch(np.ones((2, 0)), [1, 1], CALL), None)) == ""


def test_lengths_that_can_not_be_told_leave_the_rows_without_a_colour() -> None:
    batch = make_batch(np.ones((2, 3), np.float32), [1, 2, 3], CALL)
    assert {kind for kind, *_ in bars(of_batch(batch, None))} == {"ended"}


def test_of_many_rows_those_with_findings_are_drawn_and_it_is_said() -> None:
    lengths = np.full(1000, 20)
    order = pack_in_order(lengths, stable_order(lengths), 20)
    spans = np.array([[777, 3, 5], [5, 0, 1]])
    drawn = Drawing(1000, 20, lengths, order, spans)
    rows = chosen_rows(drawn)
    assert {5, 777} <= set(rows.tolist())
    assert len(rows) <= MOST_ROWS
    assert (np.diff(rows) > 0).all()
    assert f"{len(rows)} of 1,000 rows are drawn, those that are marked first." in grids(drawn)
    many = Drawing(9, 20, lengths[:9], None, np.tile([[1, 2, 3]], (MOST_SPANS + 1, 1)))
    assert f"The first {MOST_SPANS} runs of cells are marked." in grids(many)


@given(st.integers(0, 200), st.integers(0, 3000), st.randoms(use_true_random=False), st.booleans(), st.integers(0, 300))
def test_a_drawing_of_any_size_stays_within_its_bounds(rows: int, steps: int, random, packed: bool, marks: int) -> None:
    lengths = np.array([random.randint(1, max(1, steps)) for _ in range(rows)], dtype=np.int64)
    packing = pack_in_order(lengths, stable_order(lengths), steps) if packed and rows else None
    spans = np.array([[random.randrange(max(1, rows)), 0, steps] for _ in range(marks)], dtype=np.int64).reshape(-1, 3)
    made = grids(Drawing(rows, steps, lengths, packing, spans))
    assert len(made) < 80_000
    if not made:
        return
    root = ET.fromstring(f"<div>{made}</div>")
    svg = root.find(f"{SVG}svg")
    assert float(svg.get("width")) <= 2 * WIDE + 100
    assert float(svg.get("height")) <= HIGH + 50
    for bar in root.iter(f"{SVG}rect"):
        assert float(bar.get("width")) > 0
        assert 0 <= float(bar.get("x")) <= float(svg.get("width"))
        assert float(bar.get("y")) + float(bar.get("height")) <= float(svg.get("height")) + 3


def test_what_a_trace_has_is_drawn_without_x() -> None:
    lengths = np.array([2, 4])
    made = grids(of_packing(pack_in_order(lengths, stable_order(lengths), 5)))
    assert re.findall(r"<title>(row [^<]*)</title>", made) == [
        "row 0, length 2", "row 1, length 4", "row 1, length 4", "row 0, length 2",
    ]  # fmt: skip
