"""What counts most has room first, nothing is wider than the list, and no room is left over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from packviz.core.calls.choosing import COLUMNS, Column
from packviz.ui.calls.columns import ALWAYS, FIRST, Width, fitted

WIDTHS: dict[Column, Width] = {
    "number": Width(72, 72),
    "site": Width(102, 250),
    "found": Width(174, 340),
    "shape": Width(80, 120),
    "lengths": Width(76, 76),
    "padding": Width(68, 68),
    "call": Width(76, 160),
    "outcome": Width(74, 800),
}
widths = st.fixed_dictionaries(
    {
        column: st.tuples(st.integers(20, 300), st.integers(0, 900)).map(lambda two: Width(two[0], two[0] + two[1]))
        for column in COLUMNS
    }
)


def test_every_column_is_named_once() -> None:
    assert sorted(FIRST) == sorted(COLUMNS)


def test_what_counts_most_has_room_first() -> None:
    assert list(fitted(520, WIDTHS)) == ["number", "found", "site", "lengths", "shape"]
    assert list(fitted(620, WIDTHS)) == ["number", "found", "site", "lengths", "shape", "outcome"]
    assert set(fitted(1500, WIDTHS)) == set(COLUMNS)


def test_the_sizes_are_whole_before_a_second_finding_is() -> None:
    shown = fitted(560, WIDTHS)
    assert shown["shape"] == 120
    assert shown["site"] > 102
    assert shown["found"] == 174


def test_what_is_sorted_by_is_shown_where_it_else_had_no_room() -> None:
    assert "padding" not in fitted(520, WIDTHS)
    assert "padding" in fitted(520, WIDTHS, ("padding",))
    assert set(fitted(10, WIDTHS, ("call",))) == {*FIRST[:ALWAYS], "call"}


@given(st.integers(0, 3000), widths, st.sampled_from(COLUMNS))
def test_the_list_is_as_wide_as_its_columns(room: int, some: dict[Column, Width], by: Column) -> None:
    shown = fitted(room, some, (by,))
    assert all(shown[column] >= some[column].least for column in shown)
    must = sum(some[column].least for column in {*FIRST[:ALWAYS], by})
    assert sum(shown.values()) == max(room, must)
    missing = [column for column in FIRST if column not in shown]
    if missing:  # the first that is missing had no room
        taken = sum(some[column].least for column in {*FIRST[: FIRST.index(missing[0])], by})
        assert taken + some[missing[0]].least > room


@given(st.integers(0, 3000), st.integers(0, 500), widths)
def test_more_room_hides_nothing(room: int, more: int, some: dict[Column, Width]) -> None:
    assert fitted(room, some).keys() <= fitted(room + more, some).keys()


def test_what_somebody_has_chosen_stays_and_another_has_what_is_left() -> None:
    some = {**WIDTHS, "found": Width(260, 260, chosen=True)}
    assert fitted(560, some)["found"] == 260
    assert sum(fitted(560, some).values()) == 560
    some["site"] = Width(102, 102, chosen=True)
    assert (fitted(560, some)["found"], fitted(560, some)["site"]) == (260, 102)
