"""Which feature of x is shown: in the heading of the padded batch, beside what it is about."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QSpinBox, QWidget

from packviz.session.actions import SetLook
from packviz.session.scene.parts import Controls
from packviz.session.state import NORM, Look

ROOM = 340  # pixels of a pane that has room for the slider, too


class FeatureChooser(QWidget):
    """A field and a slider over all features, the norm before the first one; not there where x has one only."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = Look()
        self.field = QSpinBox()
        self.field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)  # keys, wheel and slider do as well
        self.field.setSpecialValueText("norm")
        self.field.setFrame(False)
        self.field.setFixedHeight(19)
        self.field.setKeyboardTracking(False)
        self.field.setWrapping(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFixedWidth(64)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.slider, self.field):
            part.setObjectName("feature")
            part.setMinimum(NORM)
            part.setAccessibleName("Feature of x")
            part.valueChanged.connect(self._chosen)
            row.addWidget(part)
        self.hide()

    def show_controls(self, controls: Controls, room: int) -> None:
        """The features that there are, and the one that is shown; `room`: pixels of the pane."""
        batch, self._look = controls.batch, controls.look
        size = 1 if batch is None else batch.feature_count
        self.setVisible(size > 1)
        if batch is None or size < 2:
            return
        feature = controls.look.feature
        with QSignalBlocker(self.field), QSignalBlocker(self.slider):
            for part in (self.field, self.slider):
                part.setMaximum(size - 1)
                part.setValue(feature)
            self.field.setSuffix(f" / {size}")
        at = "" if feature < 0 else f" ({', '.join(str(int(n)) for n in np.unravel_index(feature, batch.features))})"
        at = at if len(batch.features) > 1 else ""
        what = "The norm over all features" if feature < 0 else f"Feature {feature}{at}"
        tip = f"{what} of {size} is shown; [ and ] go to the one before and the next, below 0 is the norm over all"
        self.field.setToolTip(tip)
        self.slider.setToolTip(tip)
        self.slider.setVisible(room >= ROOM)
        self.field.setPrefix("feature " if room >= ROOM and feature >= 0 else "")

    def _chosen(self, feature: int) -> None:
        self.intent.emit(SetLook(self._look.at_feature(feature)))
