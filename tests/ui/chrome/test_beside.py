from __future__ import annotations

from packviz.session import actions as act
from packviz.ui.window import Window


def test_each_is_made_when_it_is_asked_for_follows_and_is_closed_with_the_window(window: Window) -> None:
    beside = window.beside
    assert (beside.findings, beside.lengths, beside.array) == (None, None, None)
    for command in ("findings", "lengths", "array"):
        window.menus.do(command)
    views = (beside.findings, beside.lengths, beside.array)
    assert all(view is not None and view.isVisible() for view in views)
    window.menus.do("lengths")
    assert beside.lengths is views[1]
    window.session.apply(act.SelectBlock((0, 1), 1, 2))
    assert beside.array is not None
    assert beside.array.model.rowCount() == 4
    window.close()
    assert not any(view is not None and view.isVisible() for view in views)
