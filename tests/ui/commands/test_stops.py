"""The commands that stop a run where something happens."""

from __future__ import annotations

from packviz.core.stops import NotFinite, RowEnds
from packviz.ui.window import Window


def test_they_set_and_take_away_and_bear_a_tick(window: Window) -> None:
    for name, stop in (("break_not_finite", NotFinite()), ("break_row_ends", RowEnds())):
        window.menus.do(name)
        assert window.session.state.document is not None
        assert stop in window.session.state.document.stops.stops
        assert window.menus.actions[name].isChecked()
        window.menus.do(name)
        assert not window.menus.actions[name].isChecked()
    window.menus.do("break_not_finite")
    window.menus.do("clear_breakpoints")
    assert window.session.state.document is not None
    assert window.session.state.document.stops.stops == ()


def test_the_panel_is_shown_ready_to_type(window: Window) -> None:
    assert window.docks["stops"].isHidden()
    window.menus.do("break_where")
    assert not window.docks["stops"].isHidden()
