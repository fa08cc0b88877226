"""The windows beside the main one, each made when it is first asked for: help on findings, lengths, the array view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from packviz.session.scene.resolve import Scene
from packviz.session.store import Session

if TYPE_CHECKING:
    from packviz.ui.dialogs.array import ArrayDialog
    from packviz.ui.dialogs.findings_help import FindingsHelp
    from packviz.ui.dialogs.lengths import LengthsDialog


class Beside(QObject):
    """They follow the scene while they are open. `text_asked`: somebody wants to type the lengths as text."""

    text_asked = Signal()

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.findings: FindingsHelp | None = None
        self.lengths: LengthsDialog | None = None
        self.array: ArrayDialog | None = None

    def show_findings(self, code: str = "") -> None:
        """What each finding means; the page of one of them, where its code is given."""
        if self.findings is None:
            from packviz.ui.dialogs.findings_help import FindingsHelp  # the rules, too: not before they are wanted

            self.findings = FindingsHelp(lambda: self._session.scene.theme, self._window)
            self.findings.intent.connect(self._session.apply)
        if code:
            self.findings.choose(code)
        _raise(self.findings)

    def show_lengths(self) -> None:
        """The lengths as a table, which stays open."""
        if self.lengths is None:
            from packviz.ui.dialogs.lengths import LengthsDialog

            self.lengths = LengthsDialog(self._window)
            self.lengths.intent.connect(self._session.apply)
            self.lengths.text_asked.connect(self.text_asked)
        self.lengths.draw(self._session.scene, None)
        _raise(self.lengths)

    def show_array(self) -> None:
        """All features of the selected cells, in a window that stays open."""
        if self.array is None:
            from packviz.ui.dialogs.array import ArrayDialog

            self.array = ArrayDialog(self._window)
        self.array.draw(self._session.scene, None)
        _raise(self.array)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the scene in those that are open."""
        for view in (self.lengths, self.array):
            if view is not None and view.isVisible():
                view.draw(scene, last)

    def close(self) -> None:
        """Close those that are open."""
        for view in (self.findings, self.lengths, self.array):
            if view is not None:
                view.close()


def _raise(view: QDialog) -> None:
    view.show()
    view.raise_()
    view.activateWindow()
