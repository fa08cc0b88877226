"""The module pop-up: which cell is stepped, how large, from which seed or weights, and how x becomes its input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from packviz.core.input_plan import input_size
from packviz.core.module import (
    INPUT_TEXTS,
    LARGEST_EMBEDDING,
    LARGEST_HIDDEN,
    LARGEST_SEED,
    MOST_LAYERS,
    CellKind,
    Module,
)
from packviz.session.actions import SetModel
from packviz.session.scene.resolve import Scene


def cell_text(spec: Module, inputs: int | None) -> str:
    """`LSTM 1→6`: the cell, its input size and its hidden size; `LSTM 1→6 · 2 × 2` of two layers in two directions."""
    passes = f" · {spec.layers} × {spec.directions}" if spec.layers * spec.directions > 1 else ""
    return f"{spec.cell} {'' if inputs is None else inputs}→{spec.hidden}{passes}"


def shown_input_size(scene: Scene) -> int | None:
    """F of the module: its own where it has weights, whether x fits them or not; None without a batch."""
    batch, module = scene.controls.batch, scene.controls.module
    if batch is None:
        return None
    return input_size(batch, module) if module.input_size is None else module.input_size


class ModulePopup(QFrame):
    """A pop-up under its button; each field takes effect at once. `load` asks for a file with weights."""

    intent = Signal(object)
    load = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self._spec = Module()
        self._own = ""
        self.own = QLabel()
        self.own.setObjectName("small")
        self.own.setWordWrap(True)
        self.kinds = QButtonGroup(self)
        row = QHBoxLayout()
        for i, kind in enumerate(get_args(CellKind)):
            button = QPushButton(kind)
            button.setObjectName("choice")
            button.setCheckable(True)
            self.kinds.addButton(button, i)
            row.addWidget(button)
        self.kinds.idClicked.connect(lambda i: self._put(self._spec.with_cell(get_args(CellKind)[i])))
        self.hidden, self.seed = _spin(1, LARGEST_HIDDEN), _spin(0, LARGEST_SEED)
        self.embedding = _spin(1, LARGEST_EMBEDDING)
        self.layers, self.projection = _spin(1, MOST_LAYERS), _spin(0, LARGEST_HIDDEN)
        self.projection.setSpecialValueText("none")
        self.both = QCheckBox("both directions")
        self.bias = QCheckBox("biases")
        self.relu = QCheckBox("relu in the place of tanh")
        self.drawn = QCheckBox("initial state drawn after the seed")
        switches = QHBoxLayout()
        for switch in (self.both, self.bias, self.relu):
            switches.addWidget(switch)
        switches.addStretch(1)
        self.inputs = QComboBox()
        for inputs, text in INPUT_TEXTS.items():
            self.inputs.addItem(text, inputs)
        self.hidden.valueChanged.connect(lambda v: self._set(hidden=v))
        self.seed.valueChanged.connect(lambda v: self._set(seed=v))
        self.embedding.valueChanged.connect(lambda v: self._set(embedding_size=v))
        self.layers.valueChanged.connect(lambda v: self._set(layers=v))
        self.projection.valueChanged.connect(lambda v: self._set(projection=v))
        self.both.toggled.connect(lambda on: self._set(directions=2 if on else 1))
        self.bias.toggled.connect(lambda on: self._set(bias=on))
        self.drawn.toggled.connect(lambda on: self._set(initial="drawn" if on else "zeros", hx=None, numbers=None))
        self.relu.toggled.connect(lambda on: self._set(nonlinearity="relu" if on else "tanh"))
        self.inputs.activated.connect(lambda i: self._set(inputs=self.inputs.itemData(i)))
        self.weights = QLabel()
        self.weights.setTextFormat(Qt.TextFormat.PlainText)  # it names a file
        self.weights.setObjectName("small")
        self.weights.setWordWrap(True)
        load, self.clear = QPushButton("Load weights…"), QPushButton("Clear weights")
        load.clicked.connect(self._ask)
        self.clear.clicked.connect(lambda: self._put(self._spec.drawn()))
        form = QFormLayout()
        form.addRow("Cell", row)
        form.addRow("Hidden size", self.hidden)
        form.addRow("Layers", self.layers)
        form.addRow("Projection", self.projection)
        form.addRow("", switches)
        form.addRow("", self.drawn)
        form.addRow("Seed", self.seed)
        form.addRow("Inputs", self.inputs)
        form.addRow("Embedding size", self.embedding)
        buttons = QHBoxLayout()
        buttons.addWidget(load)
        buttons.addWidget(self.clear)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addWidget(self.own)
        box.addLayout(form)
        box.addWidget(self.weights)
        box.addLayout(buttons)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the module of the scene."""
        own = scene.controls.own_module
        if last is not None and scene.controls.module is last.controls.module and own == self._own:
            return
        self._own = own
        self.own.setVisible(bool(own))
        like = "" if scene.controls.module.cell is None else " One like it is stepped, with weights after its seed."
        self.own.setText(f"The batch brings its own {own}.{like} What is chosen here is stepped in its place.")
        spec = self._spec = scene.controls.module.chosen()
        self.kinds.setExclusive(not own)  # else one of them would have to be chosen
        for button in self.kinds.buttons():
            button.setChecked(button.text() == spec.cell and not own)
        self.kinds.setExclusive(True)
        self.projection.setMaximum(spec.hidden - 1)  # as torch has it
        fields = (
            (self.hidden, spec.hidden),
            (self.seed, spec.seed),
            (self.embedding, spec.embedding_size),
            (self.layers, spec.layers),
            (self.projection, spec.projection),
        )
        for field, value in fields:
            with QSignalBlocker(field):
                field.setValue(value)
        switches = (
            (self.both, spec.directions == 2),
            (self.bias, spec.bias),
            (self.relu, spec.nonlinearity == "relu"),
            (self.drawn, spec.initial == "drawn"),
        )
        for switch, on in switches:
            with QSignalBlocker(switch):
                switch.setChecked(on)
        with QSignalBlocker(self.inputs):
            self.inputs.setCurrentIndex(self.inputs.findData(spec.inputs))
        loaded = spec.stored is not None
        self.embedding.setEnabled(spec.inputs == "embedding")
        for part in (self.hidden, self.layers, self.both, self.bias):
            part.setEnabled(not loaded)
        self.projection.setEnabled(not loaded and spec.cell == "LSTM" and spec.hidden > 1)
        self.relu.setVisible(spec.cell == "RNN")
        self.seed.setEnabled(not loaded or spec.inputs == "embedding" or spec.initial == "drawn")
        self.clear.setEnabled(loaded)
        source = spec.stored.source if spec.stored is not None else ""
        self.weights.setText(f"Weights of {source}" if loaded else f"Weights as after torch.manual_seed({spec.seed})")

    def open_under(self, widget: QWidget) -> None:
        """Show it below a widget."""
        self.adjustSize()
        at = widget.mapToGlobal(QPoint(0, widget.height() + 4))
        screen = widget.screen().availableGeometry()
        self.move(max(screen.left(), min(at.x(), screen.right() - self.width())), at.y())
        self.show()
        self.hidden.setFocus()

    def _set(self, **changes: Any) -> None:
        changed = replace(self._spec, **changes)
        if changed.projection >= changed.hidden:  # torch makes no such module
            changed = replace(changed, projection=0)
        self._put(changed)

    def _put(self, spec: Module) -> None:
        if spec != self._spec or self._own:
            self.intent.emit(SetModel(spec))

    def _ask(self) -> None:
        self.hide()
        self.load.emit()


def _spin(least: int, most: int) -> QSpinBox:
    spin = QSpinBox()
    spin.lineEdit().setTextMargins(5, 0, 0, 0)  # as far from the edge as the text of a choice
    spin.setRange(least, most)
    spin.setKeyboardTracking(False)
    return spin
