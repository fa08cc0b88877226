from __future__ import annotations

import ast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from packviz.core.batch import Call, make_batch
from packviz.session.actions import Select
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.ui.commands.copying import cell_as_typed, row_as_typed


@given(arrays(np.int64, (3, 4), elements=st.integers(-99, 99)), st.integers(0, 2), st.integers(1, 4))
def test_what_is_copied_can_be_typed_back(x, row: int, length: int) -> None:
    batch = make_batch(x, [length] * 3, Call(True, False))
    scene = resolve(update(showing(batch), Select(row, 0)), None)
    assert ast.literal_eval(cell_as_typed(scene)) == x[row, 0]
    assert ast.literal_eval(row_as_typed(scene)) == x[row, :length].tolist()


def test_an_empty_window_copies_nothing() -> None:
    scene = resolve(State(), None)
    assert cell_as_typed(scene) == row_as_typed(scene) == ""
