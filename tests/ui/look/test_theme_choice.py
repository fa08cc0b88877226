from __future__ import annotations

from PySide6.QtCore import QSettings

from packviz.ui.chrome.remembered import Remembered
from packviz.ui.look.theme import CHOICES, system_theme
from packviz.ui.look.theme_choice import ThemeChoice
from packviz.ui.window import Window


def test_a_choice_is_applied_ticked_and_kept(window: Window, tmp_path) -> None:
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    choice = ThemeChoice(window.session, window.menus, Remembered(settings, 1))
    assert choice.chosen == "system"
    for theme in ("light", "dark"):
        choice.choose(theme)
        assert window.session.state.look.theme == theme
        assert [name for name in CHOICES if window.menus.actions[f"theme.{name}"].isChecked()] == [theme]
    assert ThemeChoice(window.session, window.menus, Remembered(settings, 1)).chosen == "dark"
    choice.choose("system")
    assert window.session.state.look.theme == system_theme().name


def test_what_is_kept_may_be_anything(window: Window, tmp_path) -> None:
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    settings.setValue("theme", "mauve")
    assert ThemeChoice(window.session, window.menus, Remembered(settings, 1)).chosen == "system"


def test_without_settings_the_theme_of_the_session_stays(window: Window) -> None:
    before = window.session.state.look
    assert ThemeChoice(window.session, window.menus, None).chosen == ""
    assert window.session.state.look == before
