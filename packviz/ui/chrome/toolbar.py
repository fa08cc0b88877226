"""The toolbar: batches in, stepping, the options of the call, the module. Everything in it is also in a menu."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from packviz.core.look.colour import Theme
from packviz.session.actions import Say, SetModel, SetOption, SetSpeed
from packviz.session.scene.resolve import Controls, Scene
from packviz.session.state import COLOURS, SPEEDS, Message
from packviz.ui.chrome.module_popup import ModulePopup, cell_text, shown_input_size
from packviz.ui.chrome.time_slider import TimeSlider
from packviz.ui.commands.menus import Menus
from packviz.ui.dialogs.entry import EntryError, parse_padding_value, parse_total_length, shown
from packviz.ui.look.icons import icon

STEP_BUTTONS = (("first", "first"), ("back", "back"), ("forward", "forward"), ("last", "last"), ("play", "play"))
MOST_LENGTHS_SHOWN = 16
STEPPED = "The module that is stepped"
OWN_MODULE = "The batch brings its own module, which is not stepped: choose another one here"
LIKE_OWN = "One like the batch's own module is stepped, its weights drawn after a seed: choose another one here"


class Toolbar(QToolBar):
    """One line of pills. `intent` brings actions; commands are done by `menus`."""

    intent = Signal(object)

    def __init__(self, menus: Menus, parent: QWidget | None = None) -> None:
        super().__init__("Toolbar", parent)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(16, 16))
        self._menus = menus
        self._controls: Controls | None = None
        self._pill("Open", "open")
        self._pill("Paste", "paste")
        self.samples = self._menu("Samples")
        for name in [name for name in menus.actions if name.startswith("sample.")]:
            self.samples.menu().addAction(menus.actions[name])
        self.addSeparator()
        self.step_buttons = {name: self._pill("", command) for name, command in STEP_BUTTONS}
        self.speed = self._menu("2/s", "Steps a second")
        for speed in SPEEDS:
            self._choice(self.speed, f"{speed:g} step{'s' * (speed != 1)} a second", SetSpeed(speed))
        self.step = QLabel("t = 0")
        self._source = ""
        self._last = 0
        self.step.setObjectName("mono")
        self.addWidget(self.step)
        self.slider = TimeSlider()
        self.slider.intent.connect(self.intent)
        self.addWidget(self.slider)
        self.addSeparator()
        self.batch_first = self._switch("batch_first", "x is (B, T, *), not (T, B, *)")
        self.enforce_sorted = self._switch("enforce_sorted", "torch wants the longest row first")
        self.lengths = self._pill("lengths", "lengths")
        self.cell = self._button("LSTM", STEPPED)
        self.cell.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.popup = ModulePopup(self)
        self.popup.intent.connect(self.intent)
        self.popup.load.connect(lambda: menus.do("load_weights"))
        self.cell.clicked.connect(lambda: self.popup.open_under(self.cell))
        self.padding_value = self._field("pad", "padding_value", 38, "what fills the cells of x beyond the lengths")
        self.total_length = self._field("total", "total_length", 64, "total_length: steps that unpacking returns")
        self.total_length.setPlaceholderText("longest")
        self.colour = self._menu("colour")
        for by in COLOURS:
            self.colour.menu().addAction(menus.actions[f"colour.{by}"])
        self.device = self._menu("cpu", "The device that it is stepped on")
        self._theme: Theme | None = None

    # ---- made of ---------------------------------------------------------------------------------------------------

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addWidget(button)
        return button

    def _pill(self, text: str, command: str) -> QToolButton:
        keys = self._menus.commands[command].keys
        tip = self._menus.commands[command].text + (f"  ({keys[0]})" if keys else "")
        button = self._button(text, tip)
        if not text:
            button.setObjectName("icon")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAccessibleName(self._menus.commands[command].text)
        button.clicked.connect(lambda: self._menus.do(command))
        return button

    def _menu(self, text: str, tip: str = "") -> QToolButton:
        button = self._button(text, tip)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        return button

    def _choice(self, button: QToolButton, text: str, action: object) -> None:
        button.menu().addAction(text).triggered.connect(lambda: self.intent.emit(action))

    def _switch(self, name: Literal["batch_first", "enforce_sorted"], tip: str) -> QCheckBox:
        box = QCheckBox(name)
        box.setObjectName("pill")
        box.setToolTip(tip)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        box.toggled.connect(lambda on: self.intent.emit(SetOption(name, on)))
        self.addWidget(box)
        return box

    def _field(self, text: str, name: str, width: int, tip: str) -> QLineEdit:
        label = QLabel(text)
        label.setObjectName("muted")
        label.setToolTip(tip)
        field = QLineEdit()
        field.setToolTip(tip)
        field.setAccessibleName(name)
        field.setFixedWidth(width)
        field.editingFinished.connect(lambda: self._typed(name))
        both = QWidget()
        both.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(both)
        row.setContentsMargins(3, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(label)
        row.addWidget(field)
        self.addWidget(both)
        return field

    def _typed(self, name: str) -> None:
        controls = self._controls
        field: QLineEdit = getattr(self, name)
        if controls is None or controls.batch is None:
            return
        old, text = getattr(controls.batch.call, name), field.text().strip()
        try:
            value = parse_padding_value(text) if name == "padding_value" else parse_total_length(text)
        except EntryError as error:
            field.setText(shown(old))
            self.intent.emit(Say(Message(str(error), bad=True)))
            return
        if value != old:
            self.intent.emit(SetOption(name, value))  # type: ignore[arg-type]

    # ---- drawn -----------------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the controls, the pointer and the theme of the scene."""
        self.slider.draw(scene, last)
        self.popup.draw(scene, last)
        new_theme = last is None or scene.theme is not last.theme
        if last is None or scene.pointer is not last.pointer:
            self._draw_step(scene.pointer.step, scene.pointer.last_step)
        if new_theme:
            for name, button in self.step_buttons.items():
                button.setIcon(icon(name, scene.theme))
            for button in (self.samples, self.speed, self.cell, self.colour, self.device):
                button.setIcon(icon("down", scene.theme))
            more = self.findChild(QToolButton, "qt_toolbar_ext_button")
            if more is not None:
                more.setIcon(icon("more", scene.theme))
                more.setIconSize(QSize(11, 11))
                more.setToolTip("More")
        if last is None or scene.controls is not last.controls:
            self._draw_controls(scene)
        if new_theme or scene.controls.play.on != last.controls.play.on:  # type: ignore[union-attr]
            self.step_buttons["play"].setIcon(icon("pause" if scene.controls.play.on else "play", scene.theme))

    def _draw_step(self, step: int, last: int) -> None:
        """The step and the last one; the label is as wide as its widest text, so that nothing moves with the step."""
        if last != self._last:
            self._last = last
            self.step.ensurePolished()
            self.step.setText(f"t = {last} / {last}")
            self.step.setMinimumWidth(self.step.sizeHint().width())
        self.step.setText(f"t = {step} / {last}")

    def _draw_controls(self, scene: Scene) -> None:
        controls = self._controls = scene.controls
        batch, spec, look = controls.batch, controls.module, controls.look
        is_open = batch is not None
        for widget in (self.batch_first, self.enforce_sorted, self.padding_value, self.total_length, self.lengths):
            widget.setEnabled(is_open)
        for button in self.step_buttons.values():
            button.setEnabled(is_open)
        if batch is not None:
            for box, on in (
                (self.batch_first, batch.call.batch_first),
                (self.enforce_sorted, batch.call.enforce_sorted),
            ):
                with QSignalBlocker(box):
                    box.setChecked(on)
            for field, value in (
                (self.padding_value, batch.call.padding_value),
                (self.total_length, batch.call.total_length),
            ):
                if field.text() != shown(value):
                    field.setText(shown(value))
        lengths = controls.lengths if len(controls.lengths) <= MOST_LENGTHS_SHOWN else "…"
        source = "" if batch is None else batch.source.name
        if source != self._source:
            self._source = source
            self.lengths.setMinimumWidth(0)
        _say(self.lengths, f"lengths {lengths}")
        _say(self.speed, f"{controls.play.speed:g}/s")
        own = scene.controls.own_module
        _say(self.cell, f"own {own.removeprefix('nn.')}" if own else cell_text(spec, shown_input_size(scene)))
        self.cell.setToolTip((LIKE_OWN if spec.cell is not None else OWN_MODULE) if own else STEPPED)
        _say(self.colour, f"colour: {look.colour}")
        _say(self.device, spec.device)
        self._fill(self.device, controls.devices, spec.device)

    def _fill(self, button: QToolButton, devices: tuple[str, ...], current: str) -> None:
        menu = button.menu()
        if [a.text() for a in menu.actions()] != list(devices):
            menu.clear()
            for device in devices:
                action = menu.addAction(device)
                action.setCheckable(True)
                action.triggered.connect(lambda _=False, device=device: self._set_device(device))
        for action in menu.actions():
            action.setChecked(action.text() == current)

    def _set_device(self, device: str) -> None:
        if self._controls is not None:
            self.intent.emit(SetModel(self._controls.module.chosen(device=device)))


def _say(button: QToolButton, text: str) -> None:
    """Another text: the button grows with it, and does not shrink again, so that what stands beside it stays there."""
    if button.text() == text:
        return
    button.setText(text)
    button.ensurePolished()
    button.setMinimumWidth(max(button.minimumWidth(), button.sizeHint().width()))
