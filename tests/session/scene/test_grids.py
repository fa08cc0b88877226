"""Grids of cells: what each place is, its colour, its text; sampled as seen whole."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.gradients import Norms
from packviz.core.look import colour
from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.core.packing import Packing, pack
from packviz.session import actions as act
from packviz.session.scene.grids import CellColours, Kind, PackedGrid, PaddedGrid, feature_of
from packviz.session.scene.resolve import resolve
from packviz.session.state import COLOURS, ColourBy, Look, State
from packviz.session.updates.update import update

D, P, M, N, R = Kind.DATA, Kind.PADDING, Kind.MISSING, Kind.NONE, Kind.DROPPED


def grids(batch: Batch, look: Look | None = None) -> tuple[PaddedGrid, PackedGrid]:
    """Both grids of a batch, as the scene makes them."""
    state = update(State(), act.SetLook(look or Look()))
    scene = resolve(update(state, act.Open(batch)), None)
    padded, packed = scene.padded.grid, scene.packed.grid
    assert isinstance(padded, PaddedGrid)
    assert isinstance(packed, PackedGrid)
    return padded, packed


def whole(grid: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return np.arange(grid.down), np.arange(grid.across)


def batch_of(lengths: list[int], x: Any = None) -> Batch:
    x = np.arange(1, 16).reshape(3, 5) if x is None else x
    return make_batch(x, lengths, Call(True, False))


def test_cells_beyond_the_length_are_padding() -> None:
    padded, packed = grids(batch_of([3, 1, 4]))
    assert padded.kinds(*whole(padded)).tolist() == [[D, D, D], [D, P, D], [D, P, D], [P, P, D], [P, P, P]]
    assert packed.kinds(*whole(packed)).tolist() == [[D, D, D], [D, D, N], [D, D, N], [D, N, N], [N, N, N]]


def test_steps_that_a_length_counts_but_x_has_not_are_missing() -> None:
    padded, packed = grids(batch_of([3, 5, 7]))
    assert padded.down == packed.down == 7
    assert padded.kinds(*whole(padded))[4:].tolist() == [[P, D, D], [N, N, M], [N, N, M]]
    assert packed.kinds(*whole(packed))[4:].tolist() == [[D, D, N], [M, N, N], [M, N, N]]
    assert padded.texts(np.array([4, 5, 6]), np.array([2])) == [["15"], [""], [""]]
    assert packed.texts(np.array([4, 6]), np.array([0])) == [["15"], [""]]


def test_rows_without_a_length_are_dropped_data_and_not_packed() -> None:
    padded, packed = grids(batch_of([3, 1]))
    assert padded.kinds(*whole(padded)).tolist() == [[D, D, R], [D, P, R], [D, P, R], [P, P, R], [P, P, R]]
    assert packed.across == 2
    assert padded.heads([2])[0].sub == "no len"


def test_without_any_lengths_every_row_is_dropped() -> None:
    state = update(State(), act.Open(batch_of([])))
    for by in COLOURS:
        scene = resolve(update(state, act.SetLook(Look(by))), None)
        assert scene.padded.grid is not None
        assert (scene.padded.grid.kinds(*whole(scene.padded.grid)) == R).all()
        assert scene.padded.grid.fills(*whole(scene.padded.grid)).shape == (5, 3, 4)


def test_a_length_of_0_or_below_leaves_a_row_of_padding() -> None:
    scene = resolve(update(State(), act.Open(batch_of([0, -2, 1]))), None)
    assert scene.padded.grid is not None
    assert scene.padded.grid.kinds(*whole(scene.padded.grid))[:2].tolist() == [[P, P, D], [P, P, P]]


def test_padding_is_never_drawn_as_zero() -> None:
    """Its kind tells it from data, whatever its value; a zero inside the length is data with a colour of its own."""
    padded, _ = grids(batch_of([2, 2, 2], np.zeros((3, 5))), Look("value"))
    kinds = padded.kinds(*whole(padded))
    assert (kinds[:2] == D).all()
    assert (kinds[2:] == P).all()
    zero = padded.fills(np.array([0]), np.array([0]))[0, 0, :3].tolist()
    for theme in (DARK, LIGHT):
        assert zero not in (list(theme.rgb("padding")), list(theme.rgb("hatch")))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("by", COLOURS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
def test_nan_and_the_infinities_differ_from_numbers_and_each_other_in_every_colouring(
    by: ColourBy, theme: Theme, dtype: str
) -> None:
    x = np.array([[0, 1, np.nan, np.inf, -np.inf, 2]], dtype=dtype)
    for grid in grids(make_batch(x, [6], Call(True, False)), Look(by, theme=theme.name)):
        colours = [tuple(rgba) for rgba in grid.fills(np.arange(6), np.arange(1))[:, 0, :3].tolist()]
        odd = colours[2:5]
        assert len(set(odd)) == 3
        assert not set(odd) & {colours[0], colours[1], colours[5]}
        assert odd == [theme.rgb(name) for name in ("nan", "positive_infinity", "negative_infinity")]


def test_a_sequence_has_one_colour_in_both_panes_and_differs_from_its_neighbours() -> None:
    padded, packed = grids(batch_of([3, 1, 4]))
    fills = padded.fills(*whole(padded))[..., :3]
    assert (fills == fills[:1]).all()
    assert len({tuple(rgb) for rgb in fills[0].tolist()}) == 3
    order = packed.packing.sorted_indices
    np.testing.assert_array_equal(packed.fills(*whole(packed))[0, :, :3], fills[0, order])
    assert [head.rgb for head in packed.heads(range(3))] == [padded.heads(range(3))[row].rgb for row in order]


def test_coloured_by_value_equal_values_are_equal_and_signs_differ() -> None:
    padded, _ = grids(batch_of([3], np.array([[-2.0, 0, 2]])), Look("value"))
    low, zero, high = padded.fills(*whole(padded))[:, 0, :3].tolist()
    assert zero == list(DARK.rgb("neutral"))
    assert low[0] > low[2]  # red
    assert high[2] > high[0]  # blue


def test_coloured_by_step_only_the_step_matters() -> None:
    padded, _ = grids(batch_of([5, 5, 5]), Look("step"))
    fills = padded.fills(*whole(padded))
    assert (fills == fills[:, :1]).all()
    assert len(np.unique(fills[:, 0], axis=0)) == 5


def test_coloured_by_state_active_and_ended_rows_differ() -> None:
    state = update(update(State(), act.Open(batch_of([3, 1, 4]))), act.SetLook(Look("state")))
    grid = resolve(update(state, act.StepTo(3)), None).padded.grid
    assert grid is not None
    rgb = grid.fills(*whole(grid))[0, :, :3].tolist()
    assert rgb == [list(DARK.rgb(name)) for name in ("ended", "ended", "accent")]


@given(st.data())
def test_fills_kinds_and_texts_of_some_cells_are_those_of_the_whole(data: st.DataObject) -> None:
    rows, steps = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    lengths = data.draw(st.lists(st.integers(1, steps + 2), min_size=rows, max_size=rows))
    features = data.draw(st.sampled_from([(), (3,), (2, 2)]))
    x = np.random.default_rng(rows).normal(size=(rows, steps, *features)).astype("float32")
    if data.draw(st.booleans()):
        x.flat[0] = np.nan
    look = Look(data.draw(st.sampled_from(COLOURS)), feature=data.draw(st.integers(0, 2)) if features else 0)
    for grid in grids(batch_of(lengths, x), look):
        d = np.array(data.draw(st.lists(st.integers(0, grid.down - 1), max_size=6)), dtype=np.int64)
        c = np.array(data.draw(st.lists(st.integers(0, grid.across - 1), max_size=6)), dtype=np.int64)
        kinds, fills = grid.kinds(*whole(grid)), grid.fills(*whole(grid))
        np.testing.assert_array_equal(grid.kinds(d, c), kinds[d][:, c])
        np.testing.assert_array_equal(grid.fills(d, c), fills[d][:, c])
        texts = grid.texts(*whole(grid))
        assert grid.texts(d, c) == [[texts[i][j] for j in c] for i in d]
        assert grid.kinds(d, c).dtype == grid.fills(d, c).dtype == np.uint8


def test_packed_cells_bear_their_packed_index() -> None:
    _, packed = grids(batch_of([3, 1, 4]))
    notes = packed.notes(*whole(packed))
    assert notes is not None
    assert notes[0] == ["[0]", "[1]", "[2]"]
    assert notes[1][:2] == ["[3]", "[4]"]


def test_heads_name_rows_and_lengths_and_packed_heads_stand_in_sorted_order() -> None:
    padded, packed = grids(batch_of([3, 1, 4]))
    assert [(head.text, head.sub) for head in padded.heads([0, 2])] == [("row 0", "len 3"), ("row 2", "len 4")]
    assert [head.text for head in packed.heads(range(3))] == ["row 2", "row 0", "row 1"]


@pytest.mark.parametrize("features", [(), (4,), (2, 3)])
def test_feature_of_counts_through_all_dimensions_and_copies_nothing(features: tuple[int, ...]) -> None:
    x = np.arange(6 * int(np.prod(features))).reshape(2, 3, *features)
    batch = make_batch(x.swapaxes(0, 1), [3, 3], Call(False))
    flat = x.reshape(2, 3, -1)
    for feature in range(flat.shape[2]):
        found = feature_of(batch, feature)
        np.testing.assert_array_equal(found, flat[:, :, feature])
        assert np.shares_memory(found, batch.x)


def test_grids_ask_for_no_more_than_they_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of a million cells costs what the few visible ones cost: no map of all cells is made."""
    batch = batch_of([1000] * 1000, np.zeros((1000, 1000), dtype=np.float32))
    padded, packed = grids(batch)
    monkeypatch.setattr(Packing, "grid", property(lambda _: pytest.fail("the map of all cells was made")))
    few = np.array([0, 999])
    for grid in (padded, packed):
        assert grid.kinds(few, few).shape == (2, 2)
        assert grid.fills(few, few).shape == (2, 2, 4)
        assert grid.texts(few, few) == [["0", "0"], ["0", "0"]]
    assert packed.notes(few, few) == [["[0]", "[999]"], ["[999000]", "[999999]"]]
    assert isinstance(pack(batch), Packing)


def test_palettes_repeat_no_colour_within_ten_rows() -> None:
    padded, _ = grids(batch_of([1] * 10, np.zeros((10, 1))))
    rgb = [head.rgb for head in padded.heads(range(10))]
    assert all(a != b for a, b in itertools.combinations(rgb, 2))


def test_cells_are_coloured_by_the_size_of_their_gradient_down_to_a_millionth_of_the_largest() -> None:
    batch = make_batch(np.zeros((2, 3)), [3, 2], Call(True))
    norms = np.array([[2.0, 2e-3, 2e-9], [2e-6, 2e-7, 0]])
    colours = CellColours(batch, "gradient", DARK, 0, (0, 1), np.zeros((2, 4), np.uint8), True, 0, Norms(norms, "it"))
    rows, steps = np.arange(2)[:, None], np.arange(3)[None, :]
    expected = colour.sequential(np.array([[0, -3, -6], [-6, -6, -6]]), -6, 0, DARK)
    np.testing.assert_array_equal(colours.of(rows, steps), expected)
    nothing = CellColours(batch, "gradient", DARK, 0, (0, 1), np.zeros((2, 4), np.uint8), True, 0)
    assert not nothing.of(rows, steps).any()  # by sequence, until they are there
    none = CellColours(batch, "gradient", DARK, 0, (0, 1), np.zeros((2, 4), np.uint8), True, 0)
    none = replace(none, gradient=Norms(np.zeros((2, 3)), "it"))
    assert len(np.unique(none.of(rows, steps).reshape(-1, 4), axis=0)) == 1
