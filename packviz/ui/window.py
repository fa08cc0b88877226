"""The main window: it arranges the views, hands them each scene, and passes on what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QPoint, QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QMoveEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from packviz.session.actions import Probe, Say
from packviz.session.cursor import Place
from packviz.session.scene.resolve import Scene
from packviz.session.state import Message
from packviz.session.store import Session
from packviz.ui.cards.findings import FindingsView
from packviz.ui.cards.verdict import VerdictView
from packviz.ui.chrome.arrivals import Arrivals
from packviz.ui.chrome.banner import Banner, StatusView
from packviz.ui.chrome.beside import Beside
from packviz.ui.chrome.copies import Copies
from packviz.ui.chrome.dock import Dock
from packviz.ui.chrome.drops import DropHint
from packviz.ui.chrome.last_time import as_last_time, remember, remember_stops
from packviz.ui.chrome.layout import VERSION, Layout
from packviz.ui.chrome.opening import Opening
from packviz.ui.chrome.remembered import Remembered
from packviz.ui.chrome.toolbar import Toolbar
from packviz.ui.chrome.work import Work
from packviz.ui.commands.menus import Menus, TypingKeys
from packviz.ui.commands.palette import CommandPalette
from packviz.ui.look import theme as looks
from packviz.ui.look.icons import icon
from packviz.ui.look.style import style_sheet
from packviz.ui.look.theme_choice import ThemeChoice
from packviz.ui.panes.board import Board
from packviz.ui.panes.states import StatesView
from packviz.ui.parts import DOCK_PARTS

SAID_MS = 2500
ZOOM = 1.25  # what one key zooms
SMALLEST = (960, 600)
ALONE, BESIDE = (10, 10, 4, 0), (2, 10, 4, 0)  # pixels around the board, without and with the list at its left


class View(Protocol):
    """What every view is: it draws scenes, and its `intent` brings actions."""

    intent: Any

    def draw(self, scene: Scene, last: Scene | None) -> None: ...


class Window(QMainWindow):
    """The window on a session. `painted` comes once, after the first frame; `settings` None remembers nothing, `kept`
    None keeps no unsaved work: else that is the folder for it."""

    painted = Signal()

    def __init__(self, session: Session, settings: QSettings | None = None, kept: Path | None = None) -> None:
        super().__init__()
        looks.load_fonts()
        self.session = session
        self.remembered = Remembered(settings, VERSION)
        self.remembered.begin()
        self.painted.connect(self.remembered.shown)
        self.scene: Scene | None = None
        self._seen = False
        self.beside = Beside(self, session)
        self.board = Board()
        self.parts: dict[str, Any] = {part.name: part.make() for part in DOCK_PARTS}
        self.states: StatesView = self.parts["states"]
        self.findings: FindingsView = self.parts["findings"]
        self.verdict: VerdictView = self.parts["torch"]
        self.centre = QWidget()
        self.banner, self.status = Banner(self.centre), StatusView()
        self.menus = Menus(self)
        self.toolbar = Toolbar(self.menus, self)
        self.opening = Opening(self, self.remembered)
        self.work = Work(self, session, self.opening, kept)
        self.copies = Copies(self, session, self.opening)
        self.painted.connect(self.work.autosave.look)
        self.arrivals = Arrivals(self, session)
        self.arrivals.intent.connect(session.apply)
        self.palette_popup = CommandPalette(self.menus, self)
        self.views: list[View] = [self.board, *self.parts.values()]
        self.views += [self.banner, self.status, self.toolbar, self.menus]
        for view in self.views:
            view.intent.connect(session.apply)
        self.opening.intent.connect(session.apply)
        self.opening.recent_changed.connect(self._show_recent)
        self.menus.called.connect(self._call)
        for cards in (self.findings, self.parts["probe"]):
            cards.help_asked.connect(self.beside.show_findings)
        self.palette_popup.chosen.connect(self.menus.do)
        self.verdict.probe.clicked.connect(self.probe)
        for view in (self.board, self.states):
            view.menu_asked.connect(self._show_menu)
        for pane in (*self.board.panes.values(), self.states):
            pane.bar.asked.connect(self._show_scale)
        self._arrange()
        self.layout_keeper = Layout(self, self.docks, self.board, self.remembered)
        self.layout_keeper.shown_changed.connect(lambda name, on: self.menus.tick(f"part.{name}", on))
        for name, pane in (*self.board.panes.items(), ("states", self.states)):
            pane.heading.doubled.connect(lambda name=name: self.layout_keeper.maximise(name))
        self.layout_keeper.restore()
        self.drop_hint = DropHint(self)
        self.setAcceptDrops(True)
        self._typing = TypingKeys(self)
        QApplication.instance().installEventFilter(self._typing)  # type: ignore[union-attr]
        self.theme_choice = ThemeChoice(session, self.menus, None if settings is None else self.remembered)
        as_last_time(session, self.remembered)
        self.menus.set_keys("pycharm" if self.remembered.text("keys") == "pycharm" else "standard")
        self._show_recent(self.opening.recent())
        session.changed.connect(self.draw)
        self.draw(session.scene)
        if self.remembered.trouble:
            session.apply(Say(Message(self.remembered.trouble, bad=True)))

    def _arrange(self) -> None:
        self.setMinimumSize(*SMALLEST)
        # No pill of the toolbar has the focus at first: the keys belong to the window.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()
        self.setWindowIcon(icon("app", looks.system_theme()))
        self.setDockNestingEnabled(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.addToolBar(self.toolbar)
        self.setStatusBar(self.status)
        self._box = box = QVBoxLayout(self.centre)
        box.setContentsMargins(*ALONE)
        box.addWidget(self.board, 1)
        self.setCentralWidget(self.centre)
        self.docks = {part.name: Dock(part.name, part.title, self.parts[part.name], self) for part in DOCK_PARTS}

    # ---- drawing ---------------------------------------------------------------------------------------------------

    @Slot(object)
    def draw(self, scene: Scene) -> None:
        """Hand the scene to every view; each redraws what has changed."""
        last, self.scene = self.scene, scene
        if last is None or scene.theme is not last.theme:
            self._set_theme(scene)
        for view in self.views:
            view.draw(scene, last)
        self.beside.draw(scene, last)
        if last is not None:
            remember(scene.controls, last.controls, self.remembered)
            remember_stops(scene.stops, last.stops, self.remembered)
        several = bool(scene.shelf.told)
        if several != (last is not None and bool(last.shelf.told)):
            self.layout_keeper.set_filled("shelf", several)
            self._box.setContentsMargins(*(BESIDE if several else ALONE))
        if scene.calls.shown != (last is not None and last.calls.shown):
            self.layout_keeper.set_filled("calls", scene.calls.shown)
        if scene.notes.left and (last is None or scene.notes.number != last.notes.number):
            self.layout_keeper.set_shown("notes", True)
        if scene.explanation is not None and (last is None or last.explanation is None):
            self.layout_keeper.set_shown("findings", True)  # that is where it is explained
        self.work.draw(scene, last)

    def _set_theme(self, scene: Scene) -> None:
        QApplication.setPalette(looks.palette(scene.theme))  # pop-ups and dialogs are windows of their own
        self.setStyleSheet(style_sheet(scene.theme))
        for dock in self.docks.values():
            dock.grip.set_theme(scene.theme)
        self.drop_hint.theme = scene.theme

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Window))
        if not self._seen:
            self._seen = True
            # The views are painted after their window, in the same frame.
            QTimer.singleShot(0, self, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_keeper.follow()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.layout_keeper.changed()

    # ---- what the window itself does: the methods that commands name ---------------------------------------------

    @Slot(str, object)
    def _call(self, method: str, argument: object) -> None:
        do: Callable[..., Any] = next(
            found
            for room in (self, self.opening, self.work, self.copies, self.beside)
            if (found := getattr(room, method, None))
        )
        if argument is None:
            do()
        else:
            do(argument)

    def edit_module(self) -> None:
        """Show the module pop-up."""
        cell = self.toolbar.cell
        self.toolbar.popup.open_under(cell if cell.isVisible() else self.toolbar)

    def probe(self) -> None:
        """Probe the module for leaks, and show what comes of it."""
        self.layout_keeper.set_shown("probe", True)
        self.session.apply(Probe())

    def type_into(self, name: str) -> None:
        """Show a dock, ready for something to be typed into its field."""
        self.layout_keeper.set_shown(name, True)
        self.docks[name].raise_()
        self.parts[name].field.setFocus()

    def zoom(self, way: str) -> None:
        """In or out, the pane that has the focus, or all that are on the time axis."""
        by = ZOOM if way == "out" else 1 / ZOOM
        if self.states.canvas.hasFocus():
            self.states.canvas.zoom(by)
        else:
            self.board.zoom(by)

    def _show_scale(self, at: QPoint) -> None:
        """What can be done about a scale."""
        self.menus.menus["View/Scale"].popup(at)

    def choose_keys(self, chosen: str) -> None:
        """Visual Studio's keys, or PyCharm's."""
        self.menus.set_keys(chosen)
        self.remembered.put("keys", chosen)

    def _show_menu(self, place: Place, at: QPoint) -> None:
        """What can be done with a cell, a row or a step."""
        from packviz.ui.chrome.context_menu import ContextMenu  # not before it is wanted
        from packviz.ui.commands.context import entries_of

        self.context = ContextMenu(entries_of(self.session.scene, place), self)
        self.context.intent.connect(self.session.apply)
        self.context.copied.connect(self.copies.put)
        self.context.called.connect(lambda method: self._call(method, None))
        self.context.popup(at)

    def zoom_to_fit(self) -> None:
        """Show the whole batch in every pane."""
        self.board.fit()
        self.states.fit()

    def choose_theme(self, choice: str) -> None:
        """Light, dark, or as the system."""
        self.theme_choice.choose(choice)

    def toggle_part(self, name: str) -> None:
        """Show or hide a pane or a dock."""
        self.layout_keeper.set_shown(name, not self.layout_keeper.is_shown(name))

    def maximise(self) -> None:
        """All the room for the pane that has the focus, or for the padded batch; and everything back."""
        focus = QApplication.focusWidget()
        parts = (*self.board.panes.items(), *self.parts.items())
        name = next((name for name, part in parts if focus is not None and part.isAncestorOf(focus)), "padded")
        self.layout_keeper.maximise(name)

    def reset_layout(self) -> None:
        """Every part where it was at first."""
        self.layout_keeper.reset()
        self.zoom_to_fit()

    def show_help(self) -> None:
        """The help page."""
        self.beside.show_help(self.menus.keys)

    def show_palette(self) -> None:
        """Every command by name."""
        self.palette_popup.open_over(self)

    def say(self, text: str) -> None:
        """A few words in the status bar, for a moment."""
        self.status.showMessage(text, SAID_MS)

    def _show_recent(self, paths: list[str]) -> None:
        self.menus.set_recent(paths, self.opening.open_paths)

    # ---- the end ---------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self.work.may_close() and self.arrivals.may_close()):
            event.ignore()
            return
        self.arrivals.close()
        self.layout_keeper.save()
        self.remembered.shown()
        self.beside.close()
        QApplication.instance().removeEventFilter(self._typing)  # type: ignore[union-attr]
        self.session.close()
        self.work.close(self.remembered)
        super().closeEvent(event)
