"""Features and ranges by command: round and round, set, locked, reset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from packviz.core.batch import Batch, Call, make_batch
from packviz.session import actions as act
from packviz.session.scene.grids import norm_of, shown_of
from packviz.session.scene.panes import value_limits
from packviz.session.scene.resolve import Scene, resolve
from packviz.session.state import NORM, Look, Range, State, showing
from packviz.session.updates.update import update
from packviz.ui.commands.command import Command
from packviz.ui.commands.table import COMMANDS
from packviz.ui.dialogs.entry import EntryError, parse_range, range_dialog

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}
X = np.arange(24.0).reshape(2, 4, 3)
WIDE = make_batch(X, [4, 3], Call(True, False))


def done(state: State, *names: str) -> State:
    """The state once these commands were given."""
    for name in names:
        make = BY_ID[name].action
        assert make is not None
        action = make(resolve(state, None))
        assert action is not None
        state = update(state, action)
    return state


def test_features_go_round_with_the_norm_before_the_first() -> None:
    state, seen = showing(WIDE), []
    for _ in range(5):
        state = done(state, "next_feature")
        seen.append(state.look.feature)
    assert seen == [1, 2, NORM, 0, 1]
    assert done(showing(WIDE), "previous_feature").look.feature == NORM
    assert done(showing(WIDE), "norm").look.feature == NORM
    assert done(showing(WIDE), "norm", "norm").look.feature == 0


def test_a_batch_without_features_has_none_to_go_to(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("first-batch")
    for name in ("next_feature", "previous_feature", "norm"):
        enabled = BY_ID[name].enabled
        assert enabled is not None
        assert not enabled(scene)


def test_a_range_is_that_of_its_feature_unless_it_is_locked() -> None:
    state = update(showing(WIDE), act.SetLook(Look(colour="value", range=Range(0, 5))))
    grid = resolve(state, None).padded.grid
    assert grid is not None
    assert grid.colours.limits == (0, 5)  # type: ignore[attr-defined]
    assert done(state, "next_feature").look.range is None
    locked = done(state, "lock_range")
    assert locked.look.range == Range(0, 5, locked=True)
    assert done(locked, "next_feature").look.range == Range(0, 5, locked=True)
    assert update(locked, act.Open(WIDE)).look.range == Range(0, 5, locked=True)
    assert update(state, act.Open(WIDE)).look.range is None
    assert done(locked, "lock_range").look.range == Range(0, 5)
    assert done(locked, "reset_range").look.range is None


def test_locking_keeps_what_is_there() -> None:
    look = done(showing(WIDE), "lock_range").look
    low, high = value_limits(X, 0, "value")
    assert look.range == Range(low, high, locked=True)
    assert look.colour == "value"


def test_one_scale_for_all_states_is_a_switch() -> None:
    assert done(showing(WIDE), "link_scales").look.linked
    assert not done(showing(WIDE), "link_scales", "link_scales").look.linked


@pytest.mark.parametrize(
    ("text", "found"), [("-1, 2.5", (-1, 2.5)), ("0 1", (0, 1)), ("[1e-3; 2]", (0.001, 2)), (" (0, 1) ", (0, 1))]
)
def test_a_range_is_read_as_people_write_it(text: str, found: tuple[float, float]) -> None:
    assert parse_range(text) == found


@pytest.mark.parametrize("text", ["", "1", "1, 2, 3", "a, b", "2, 1", "1, 1", "nan, 1", "0, inf"])
def test_what_is_no_range_gets_a_sentence(text: str) -> None:
    with pytest.raises(EntryError, match="number"):
        parse_range(text)


def test_the_dialog_sets_the_range_and_colours_by_value(qtbot: QtBot) -> None:
    dialog = range_dialog(resolve(showing(WIDE), None))
    qtbot.addWidget(dialog)
    assert dialog.field.text() == "0, 21"
    dialog.field.setText("-2, 2")
    with qtbot.waitSignal(dialog.intent) as asked:
        dialog.accept()
    assert asked.args == [act.SetLook(Look(colour="value", range=Range(-2, 2)))]


@pytest.mark.parametrize("dtype", ["float32", "int64", "complex64", "bool"])
def test_the_norm_is_numpys(dtype: str) -> None:
    x = (X % 5).astype(dtype)
    batch: Batch = make_batch(x, [4, 3], Call(True, False))
    rows, steps = np.array([[0], [1]]), np.array([[0, 2]])
    expected = np.linalg.norm(x[[0, 1]][:, [0, 2]].astype(complex), axis=-1)
    np.testing.assert_allclose(shown_of(batch, NORM, rows, steps), expected)
    np.testing.assert_allclose(norm_of(x, 1), np.linalg.norm(x.astype(complex), axis=-1))
    low, high = value_limits(x, NORM, "value")
    assert low == pytest.approx(norm_of(x, 1).min())
    assert high == pytest.approx(norm_of(x, 1).max())
