"""The commands that go from layer to layer, and from one direction to the other."""

from __future__ import annotations

from packviz.core.module import Module
from packviz.session.actions import SetModel
from packviz.ui.window import Window


def test_they_go_from_one_to_the_other_and_are_there_only_where_there_is_one(window: Window) -> None:
    def enabled() -> set[str]:
        names = ("layer_above", "layer_below", "other_direction")
        return {name for name in names if window.menus.actions[name].isEnabled()}

    def place() -> tuple[int, int]:
        return window.session.state.cursor.shown_pass

    window.session.apply(SetModel(Module(layers=2, directions=2)))
    assert (place(), enabled()) == ((0, 0), {"layer_above", "other_direction"})
    window.menus.do("layer_above")
    assert (place(), enabled()) == ((1, 0), {"layer_below", "other_direction"})
    window.menus.do("other_direction")
    assert place() == (1, 1)
    window.menus.do("layer_below")
    assert place() == (0, 1)
    window.session.apply(SetModel(Module()))
    assert (place(), enabled()) == ((0, 0), set())
