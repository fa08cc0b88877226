"""A scale is that of the colours of the cells, to the pixel, and says where it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK, LIGHT
from packviz.session import actions as act
from packviz.session.scene.resolve import resolve
from packviz.session.scene.scale import ODD, Scale
from packviz.session.state import State
from packviz.session.updates.update import update
from tests.session.scene.test_resolve import opened

SIGNED = make_batch(np.array([[-2, 1, 0.5], [3, 0, 0]], np.float32), [3, 2], Call(True, False))
POSITIVE = make_batch(np.array([[2, 4, 3], [5, 6, 0]], np.float32), [3, 3], Call(True, False))


def scene_of(batch: Any, by: str = "value", theme: str = "dark") -> Any:
    state = update(State(), act.Open(batch))
    return resolve(update(state, act.SetLook(replace(state.look, colour=by, theme=theme))), None)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("batch", "ends"), [(SIGNED, ("-3", "3")), (POSITIVE, ("0", "6"))], ids=["signed", "positive"])
def test_the_ends_and_the_colours_are_those_of_the_cells(batch: Any, ends: tuple[str, str], theme: str) -> None:
    scene = scene_of(batch, theme=theme)
    scale, colours = scene.padded.scale, scene.padded.grid.colours
    assert (scale.low, scale.high) == ends
    assert scene.packed.scale == scale
    bar = scale.colours(1001, scene.theme)
    low, high = float(scale.low), float(scale.high)
    for row, step in np.ndindex(batch.x.shape):
        place = round((float(batch.x[row, step]) - low) / (high - low) * 1000)
        there = colours.of(np.array([row]), np.array([step]))[0].astype(int)
        assert np.abs(bar[place].astype(int) - there).max() <= 2


@pytest.mark.parametrize("by", ["sequence", "step", "state"])
def test_what_is_not_coloured_by_value_has_no_scale(by: str) -> None:
    scene = scene_of(SIGNED, by)
    assert scene.padded.scale is None
    assert scene.packed.scale is None


def test_a_state_has_the_scale_of_its_colours_and_several_tell_each_of_theirs() -> None:
    scene = resolve(opened(SIGNED), None)
    trace = scene.states.grid.trace
    end = float(scene.row.scale.high)
    assert end == pytest.approx(trace.limit("h"), abs=0.005)
    assert scene.row.scale.low == f"-{scene.row.scale.high}"
    assert (scene.states.scale.low, scene.states.scale.high) == ("-", "+")
    for name in trace.names:
        assert f"{name} to ±" in scene.states.scale.tip
    assert "f to ±1" in scene.states.scale.tip


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("through_zero", [True, False])
def test_what_is_on_no_scale_has_a_colour_that_is_on_none(theme: Any, through_zero: bool) -> None:
    scale = Scale("-1" if through_zero else "0", "1", through_zero, "")
    odd = scale.odd(theme)
    assert list(odd)[: len(ODD)] == list(ODD)
    on_it = {tuple(rgba[:3]) for rgba in scale.colours(256, theme).tolist()}
    assert len(set(odd.values())) == len(odd)
    assert not on_it & set(odd.values())
