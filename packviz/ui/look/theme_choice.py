"""The choice of a theme: light, dark, or as the system; remembered, and followed when the system changes its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from packviz.session.actions import SetLook
from packviz.session.store import Session
from packviz.ui.commands.menus import Menus
from packviz.ui.look import theme as looks


class Memory(Protocol):
    """Keeps texts from one start to the next."""

    def text(self, key: str, default: str = "") -> str: ...

    def put(self, key: str, value: str) -> None: ...


class ThemeChoice(QObject):
    """What is chosen in View > Theme. Without a memory the session keeps the theme that it has."""

    def __init__(self, session: Session, menus: Menus, remembered: Memory | None) -> None:
        super().__init__(menus)
        self._session, self._menus, self._remembered = session, menus, remembered
        kept = remembered.text("theme", "system") if remembered is not None else ""
        self.chosen = kept if not kept or kept in set[str](looks.CHOICES) else "system"
        self._follow()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: str) -> None:
        """Light, dark, or as the system."""
        self.chosen = choice
        if self._remembered is not None:
            self._remembered.put("theme", choice)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        for choice in looks.CHOICES:
            self._menus.tick(f"theme.{choice}", self.chosen == choice)
        if not self.chosen:
            return
        name = looks.system_theme().name if self.chosen == "system" else self.chosen
        look = self._session.state.look
        self._session.apply(SetLook(replace(look, theme="light" if name == "light" else "dark")))
