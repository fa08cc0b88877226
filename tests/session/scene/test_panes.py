"""The makers of panes: scales of values, marks, and what is said where there is nothing to show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packviz.core.batch import Call, make_batch
from packviz.core.carrier import Packed, PackedFields
from packviz.core.look.theme import DARK, THEMES
from packviz.core.moments import Moment
from packviz.core.packed import reading
from packviz.core.packing import Packing, Refusal, pack
from packviz.core.rules import check
from packviz.session import actions as act
from packviz.session.requests import CheckRequest
from packviz.session.scene.grids import Kind
from packviz.session.scene.panes import (
    all_finite,
    bad_after,
    cell_colours,
    packed_pane,
    padded_pane,
    row_pane,
    size_bars,
    value_limits,
)
from packviz.session.scene.parts import Scene, Trouble
from packviz.session.scene.resolve import resolve
from packviz.session.scene.words import DRAG
from packviz.session.state import Look, showing
from packviz.session.updates.update import update
from tests.views import VIEWS, taken, view_of

FLOATS = hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(width=32))


@given(FLOATS)
def test_x_is_finite_only_where_every_value_is(x: np.ndarray) -> None:
    # A sum that overflows may call finite values not finite, never the other way round.
    assert not all_finite(x) or bool(np.isfinite(x).all())


@given(FLOATS)
def test_the_scale_ends_at_values_of_x_and_holds_the_common_ones(x: np.ndarray) -> None:
    low, high = value_limits(x, 0, "value")
    finite = x[np.isfinite(x)]
    if not finite.size:
        assert (low, high) == (0.0, 0.0)
        return
    assert low in finite
    assert high in finite
    assert low <= np.median(finite.astype(np.float64)) <= high or finite.size < 3


def test_a_few_outliers_do_not_make_all_other_values_one_colour() -> None:
    x = np.linspace(0, 1, 1000, dtype=np.float32).reshape(20, 50)
    x[3, 4] = 1e6
    state = showing(make_batch(x, [50] * 20, Call(True, False)), look=Look(colour="value"))
    grid = resolve(state, None).padded.grid
    assert grid is not None
    fills = grid.fills(np.array([0, 20, 49, 4]), np.array([0, 10, 19, 3]))
    colours = [tuple(fills[i, i].tolist()) for i in range(4)]
    assert len(set(colours)) == 4
    assert colours[3] == (*THEMES[state.look.theme].rgb("too_high"), 255)


@pytest.mark.parametrize(("far", "high"), [(4.8, 4.8), (5.1, 1.0)])
def test_an_outlier_is_four_times_further_out_than_the_common_values_are_apart(far: float, high: float) -> None:
    x = np.linspace(0, 1, 1001).reshape(7, 143)  # all but half a percent at either end lie 0.99 apart
    x[3, 4] = far
    assert value_limits(x, 0, "value") == (0.0, high)
    assert value_limits(-x, 0, "value") == (-high, 0.0)


@pytest.mark.parametrize(("many", "high"), [(4, 1.0), (6, 1e6)])
def test_what_more_than_half_a_percent_of_the_values_have_is_no_outlier(many: int, high: float) -> None:
    x = np.concatenate([np.linspace(0, 1, 1000 - many), np.full(many, 1e6)]).reshape(20, 50)
    assert value_limits(x, 0, "value") == (0.0, high)
    assert value_limits(-x, 0, "value") == (-high, 0.0)


@pytest.mark.parametrize("name", VIEWS)
def test_the_scale_of_a_view_is_told_without_a_copy_of_it(name: str) -> None:
    x = view_of(name, 1000, 990).numpy()
    assert taken(lambda: value_limits(x, 0, "value")) < x.nbytes
    assert taken(lambda: all_finite(x)) < x.nbytes // 8


@pytest.mark.parametrize("feature", [0, 1, 5])
def test_the_scale_is_that_of_the_feature_shown(feature: int) -> None:
    x = np.random.default_rng(0).normal(size=(4, 5, 2, 3)) * np.arange(1, 7).reshape(2, 3)
    one = x.reshape(4, 5, 6)[..., feature]
    assert value_limits(x, feature, "value") == (one.min(), one.max())


def test_marks_go_where_the_cells_are_packed_and_end_with_the_length() -> None:
    batch = make_batch(np.ones((3, 5)), [2, 5, 3], Call(True, False))
    packing = pack(batch)
    assert isinstance(packing, Packing)
    colours = cell_colours(batch, "sequence", DARK, 0, (0, 1), True, 0)
    trouble = Trouble(frozenset({0, 1}), np.array([[0, 1, 4, 1], [1, 3, 5, 1], [2, 3, 5, 1]]))
    assert padded_pane(batch, colours, trouble, 5, "down").marks is trouble.marks
    assert packed_pane(batch, colours, packing, trouble, 5, False).marks.tolist() == [[2, 1, 2, 1], [0, 3, 5, 1]]


def test_where_nothing_is_packed_each_pane_says_so() -> None:
    batch = make_batch(np.ones((3, 5)), [2, 0, 3], Call(True, False))
    refusal = pack(batch)
    assert isinstance(refusal, Refusal)
    colours = cell_colours(batch, "sequence", DARK, 0, (0, 1), True, 0)
    assert refusal.reason in packed_pane(batch, colours, refusal, Trouble(), 5, False).empty
    assert size_bars(batch, refusal, 5).empty
    assert row_pane(None, 1, False, "torch is being imported…", False).empty == "torch is being imported…"


@pytest.mark.parametrize(
    ("x", "lengths", "how", "subs"),
    [
        (np.ones(3), [2], {}, ["len 2"]),
        (np.float32(1), [1], {}, ["len 1"]),
        (np.ones((2, 3)), [[3], [2]], {}, ["len 3", "len 2"]),
        (np.ones((2, 3)), 3, {}, ["no len", "no len"]),
        (np.ones((2, 3)), np.ones((2, 3, 1)), {}, ["no len", "no len"]),
        (np.ones((2, 3)), [3, np.nan], {}, ["len 3", "len nan"]),
        (np.ones((2, 3)), [0, 0], {"lengths_device": "meta"}, ["no len", "no len"]),
        (np.ones((2, 3)), [3, 2], {"lengths_device": "cuda:0"}, ["len 3", "len 2"]),
    ],
)
def test_a_wrong_call_is_drawn_as_far_as_its_lengths_say_one_number_a_row(
    x: Any, lengths: Any, how: Any, subs: list[str]
) -> None:
    scene = resolve(showing(make_batch(x, lengths, Call(True), **how), look=Look(colour="value")), None)
    pane = scene.padded
    assert pane.grid is not None
    rows = np.arange(pane.grid.across)
    assert [head.sub for head in pane.grid.heads(rows.tolist())] == subs
    assert pane.grid.texts(np.arange(1), rows) == [["1"] * len(subs)]
    assert pane.ends is not None
    assert (pane.ends >= -1).all()
    assert len(pane.ends) == sum(sub != "no len" for sub in subs)  # no handle where no length is to be dragged
    assert scene.packed.empty.startswith("Not packed: ")


def contradictory(sizes: list[Any], count: int, order: Any = None) -> PackedFields:
    return PackedFields(np.arange(1, count + 1, dtype=np.float32)[:, None], np.array(sizes), order, order)


def scene_of(fields: PackedFields) -> Scene:
    x, lengths = reading(fields, 0)
    return resolve(showing(make_batch(x, lengths, Call(True), carrier=Packed(fields=fields), origin="packed")), None)


def test_a_packed_sequence_that_contradicts_itself_shows_its_own_batch_sizes_and_what_it_only_filled() -> None:
    scene = scene_of(contradictory([3, 2, 4], 9))
    assert scene.sizes.sizes.tolist() == [3, 2, 4]
    assert (scene.sizes.empty, scene.sizes.steps, scene.sizes.footer) == ("", 3, "sum 9")
    grid = scene.padded.grid
    assert grid is not None
    kinds = grid.kinds(np.arange(3), np.arange(4))
    filled = [(row, step) for row in range(4) for step in range(3) if kinds[step, row] == Kind.PADDING]
    assert filled == [(2, 1), (3, 0), (3, 1)]
    assert scene.packed.empty.startswith("The PackedSequence contradicts itself: batch_sizes[2] is 4")
    assert scene.states.empty == "Nothing to step: the PackedSequence contradicts itself."
    assert scene.status.left == "x[0, 0, 0] = 1 · read from data[0]"
    assert "padding" not in scene.status.right


def test_steps_that_data_is_too_short_for_are_shown_as_missing() -> None:
    scene = scene_of(contradictory([3, 2, 1], 4))
    assert (scene.sizes.steps, scene.sizes.footer) == (1, "sum 6, but data has 4")


@pytest.mark.parametrize("sizes", [[], [[2], [1]], [2.0, 1.0], [2**62, 2**62, 2**62], [-3, 1]])
def test_batch_sizes_that_are_none_are_drawn_or_said(sizes: list[Any]) -> None:
    scene = scene_of(contradictory(sizes, 3))
    assert scene.sizes.empty or len(scene.sizes.sizes) == len(sizes)
    assert bool(scene.sizes.empty) == (not sizes or isinstance(sizes[0], list | float))


def test_a_reading_in_the_order_of_the_batch_knows_its_cells() -> None:
    scene = scene_of(contradictory([2, 1, 2], 5, np.array([1, 0])))
    grid = scene.padded.grid
    assert grid is not None
    assert (grid.kinds(np.arange(3), np.arange(2)) == Kind.PADDING).tolist() == [
        [False] * 2,
        [True, False],
        [False] * 2,
    ]


def test_the_layout_stays_while_another_length_is_checked() -> None:
    batch = make_batch(np.array([[1.0, 2, 0], [3, 4, 5]]), [2, 3], Call(True, False))
    request = CheckRequest(batch)
    state = update(showing(batch), act.Computed(request, check(batch)))
    told = resolve(state, None).padded.footer
    assert told.startswith("batch_first, padded right: ")
    moved = update(state, act.SetLengths((1, 3)))
    assert resolve(moved, None).padded.footer == told
    other = update(state, act.Open(make_batch(np.ones((2, 3)), [2, 3])))
    assert resolve(other, None).padded.footer == DRAG


def test_a_row_is_wrong_in_the_states_from_the_step_of_its_trouble_on() -> None:
    marks = np.array([[1, 2, 4, 0], [1, 5, 6, 0]], dtype=np.int64)
    batch = make_batch(np.zeros((3, 7)), [7, 7, 7], Call(True))
    colours = cell_colours(batch, "sequence", DARK, 0, (0, 1), True, 0)
    pane = padded_pane(batch, colours, Trouble(frozenset({0, 1}), marks), 7, "down")

    def bad(step: int, direction: int = 0) -> set[int]:
        return set(bad_after(pane, Moment(step, 0, direction)))

    assert [bad(step) for step in range(7)] == [{0}, {0}, *[{0, 1}] * 5]  # row 0 is wrong in no cell
    assert [bad(step, 1) for step in range(7)] == [*[{0, 1}] * 6, {0}]
    assert bad_after(padded_pane(None, None, Trouble(), 1, "down"), Moment(0)) == frozenset()
