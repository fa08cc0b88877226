"""One line to type: lengths, an option of the call, a place to go to. A bad entry gets a sentence, and changes
nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from packviz.core.batch import Batch
from packviz.core.cells.typed import typed_value
from packviz.core.errors import BatchError
from packviz.core.packing import Packing
from packviz.core.texts.values import typed_number
from packviz.core.texts.wording import cells_named
from packviz.core.wanted import WAYS, parse_wanted, place_of
from packviz.session.actions import Action, SetLengths, SetLook, SetOption, SetValue, Show
from packviz.session.requests import ordered_by, packing_of
from packviz.session.scene.panes import limits_shown
from packviz.session.scene.resolve import Scene
from packviz.session.state import Range, State
from packviz.ui.dialogs.buttons import buttons_of

SMALLEST, LARGEST = -(2**31), 2**31 - 1


class EntryError(ValueError):
    """What was typed can't be used; the text is the sentence to show."""


def parse_lengths(text: str) -> tuple[int, ...]:
    """The lengths of `3, 2, 4`, `[3, 2, 4]`, `3 2 4` or `lengths = [3, 2, 4]`. Raises EntryError."""
    bare = re.sub(r"^\s*\w+\s*=", "", text)
    bare = re.sub(r"^\s*(?:torch\.)?(?:tensor|array)\b", "", bare).strip().strip("()[]{} ,;")
    words = re.split(r"[\s,;]+", bare) if bare else []
    if not words:
        raise EntryError("No length is typed: write one a row, such as 3, 2, 4.")
    found = []
    for i, word in enumerate(words):
        if not re.fullmatch(r"[+-]?\d+", word) or not SMALLEST <= int(word) <= LARGEST:
            raise EntryError(f"lengths[{i}] is {word[:20]!r}, but a whole number is expected, such as 3.")
        found.append(int(word))
    return tuple(found)


def parse_padding_value(text: str) -> float:
    """A number, whole where it is typed so. Raises EntryError."""
    try:
        return typed_number(text)
    except ValueError:
        raise EntryError(f"{text.strip()[:20]!r} is no number: write what fills the padding, such as 0.") from None


def parse_total_length(text: str) -> int | None:
    """Steps, or None for nothing, "None" and "longest". Raises EntryError."""
    bare = text.strip()
    if bare.lower() in ("", "none", "longest"):
        return None
    if not re.fullmatch(r"\+?\d+", bare) or not 1 <= int(bare) <= LARGEST:
        raise EntryError(f"{bare[:20]!r} is no number of steps: write 1 or more, or nothing for the longest row.")
    return int(bare)


def shown(value: float | None) -> str:
    """An option of the call as it is typed; nothing for None."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


class EntryDialog(QDialog):
    """A field, a sentence under it, OK and Cancel; `intent` brings the action once the entry is good."""

    intent = Signal(object)
    typed = Signal(str)  # what was typed, once it is good

    def __init__(
        self, title: str, hint: str, text: str, action: Callable[[str], Action], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._action = action
        self._hint = hint
        self.field = QLineEdit(text)
        self.field.setMaxLength(10_000_000)
        self.field.selectAll()
        self.field.textEdited.connect(self._edited)
        self.sentence = QLabel(hint)
        self.sentence.setWordWrap(True)
        self.sentence.setObjectName("muted")
        buttons = buttons_of(self, QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 14, 16, 12)
        box.setSpacing(8)
        for widget in (self.field, self.sentence, buttons):
            box.addWidget(widget)
        self.setMinimumWidth(460)

    def _edited(self) -> None:
        self._say(self._hint, "muted")

    def _say(self, text: str, name: str) -> None:
        self.sentence.setText(text)
        self.sentence.setObjectName(name)
        self.field.setObjectName("bad" if name == "bad" else "")
        for widget in (self.sentence, self.field):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.adjustSize()

    def accept(self) -> None:
        """Emit the action and close, or say what is wrong and stay."""
        try:
            action = self._action(self.field.text())
        except EntryError as error:
            self._say(str(error), "bad")
            return
        self.typed.emit(self.field.text())
        self.intent.emit(action)
        super().accept()


def lengths_dialog(batch: Batch, text: str, parent: QWidget | None = None) -> EntryDialog:
    """The dialog for the lengths of a batch."""
    hint = f"One length a row, in the order of the batch: {batch.rows} rows of at most {batch.steps} steps."
    return EntryDialog("Lengths", hint, text, lambda typed: SetLengths(parse_lengths(typed)), parent)


def go_to_dialog(state: State, text: str, parent: QWidget | None = None) -> EntryDialog:
    """The dialog that leads to a row, a step, a packed index or a value of the open batch."""
    batch, cursor = state.batch, state.cursor
    assert batch is not None
    packing = packing_of(batch, ordered_by(state.torch, batch))

    def show(typed: str) -> Action:
        try:
            wanted = parse_wanted(typed)
            known = packing if isinstance(packing, Packing) else None
            return Show(*place_of(wanted, batch, known, cursor.row, cursor.step))
        except BatchError as error:
            raise EntryError(str(error)) from None

    return EntryDialog("Go to", WAYS, text, show, parent)


def parse_range(text: str) -> tuple[float, float]:
    """The two numbers of `-1, 2.5`, the smaller one first. Raises EntryError."""
    words = re.split(r"[\s,;]+", text.strip().strip("()[]"))
    try:
        low, high = (float(word) for word in words)
    except ValueError:
        raise EntryError(f"{text.strip()[:20]!r} is no range: write two numbers, such as -1, 1.") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise EntryError("The first number must be less than the second one, and both finite.")
    return low, high


def range_dialog(scene: Scene, parent: QWidget | None = None) -> EntryDialog:
    """The dialog for the range of the values of x."""
    look = scene.controls.look
    low, high = limits_shown(scene.controls.batch, look)
    hint = "The least and the greatest value that has a colour of its own; what lies beyond is shown as clipped."

    def chosen(typed: str) -> Action:
        locked = look.range is not None and look.range.locked
        return SetLook(replace(look, colour="value", range=Range(*parse_range(typed), locked)))

    return EntryDialog("Range of values", hint, f"{low:g}, {high:g}" if low < high else "", chosen, parent)


def value_dialog(batch: Batch, row: int, step: int, feature: int, parent: QWidget | None = None) -> EntryDialog:
    """The dialog for the number in one cell of x."""
    name = cells_named(batch, row, step, step + 1)
    name = f"{name[:-1]}, feature {feature}]" if batch.feature_count > 1 else name
    old = batch.grid[row, step].reshape(-1)[feature]

    def chosen(typed: str) -> Action:
        try:
            return SetValue(row, step, feature, typed_value(typed, batch.dtype, batch.x.dtype))
        except BatchError as error:
            raise EntryError(str(error)) from None

    hint = f"A number of {batch.dtype}; nan and inf, too, where x holds floats. An undo brings the old one back."
    return EntryDialog(f"Value of {name}", hint, str(old), chosen, parent)


def option_dialog(batch: Batch, name: str, parent: QWidget | None = None) -> EntryDialog:
    """The dialog for padding_value or total_length."""
    old = shown(getattr(batch.call, name))
    if name == "padding_value":
        hint = "What fills the cells of x beyond the lengths."
        return EntryDialog(
            name, hint, old, lambda typed: SetOption("padding_value", parse_padding_value(typed)), parent
        )
    hint = "Steps that pad_packed_sequence returns; nothing for those of the longest row."
    return EntryDialog(name, hint, old, lambda typed: SetOption("total_length", parse_total_length(typed)), parent)
