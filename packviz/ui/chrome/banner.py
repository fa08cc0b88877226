"""The line over the panes: what went wrong, what is being read and how far; and the status bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStatusBar,
    QVBoxLayout,
    QWidget,
)

from packviz.session.actions import CancelLoad, Say
from packviz.session.scene.resolve import Scene
from packviz.session.state import Offer
from packviz.ui.cards.prose import Flow, Prose
from packviz.ui.look.lettering import Elided
from packviz.ui.look.theme import rename

AIR = 16  # pixels around it
WIDEST = 1000
READ_MS = 12_000  # for what only tells something


class Banner(QFrame):
    """A message, which can be dismissed, or a load on its way, which can be cancelled; else it is not there.

    It lies over what it is a child of, at its lower edge, and moves nothing. One that only tells something goes by
    itself, but not from under the pointer.
    """

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.text = Prose("banner_text")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.progress.setMaximumWidth(280)
        self.button = QPushButton()
        self.button.setObjectName("link")
        self.button.clicked.connect(self._clicked)
        self.offers: list[QPushButton] = []
        self._loading = False
        self._row = row = QHBoxLayout()
        row.addWidget(self.text, 1)
        row.addWidget(self.progress)
        row.addWidget(self.button)
        self._flow = Flow()
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(12, 6, 8, 6)
        box.setSpacing(4)
        box.addLayout(row)
        box.addLayout(self._flow)
        self._goes = QTimer(self)
        self._goes.setSingleShot(True)
        self._goes.setInterval(READ_MS)
        self._goes.timeout.connect(self._go)
        if parent is not None:
            parent.installEventFilter(self)
        self.hide()

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the banner of the scene."""
        said = scene.banner
        if last is not None and said is last.banner:
            return
        self._loading = said.loading
        rename(self, "banner_bad" if said.bad else "banner")
        self.text.set_text(said.text)
        self.progress.setVisible(said.loading)
        self.progress.setValue(round(said.fraction * 1000))
        self.button.setText("Cancel" if said.loading else "Dismiss")
        self._offer(said.offers)
        self.setVisible(bool(said.text))
        self._lie()
        if said.text and not (said.bad or said.loading or said.offers):
            self._goes.start()
        else:
            self._goes.stop()

    def _go(self) -> None:
        if self.underMouse():
            self._goes.start()
        else:
            self.intent.emit(Say(None))

    def _offer(self, offers: tuple[Offer, ...]) -> None:
        for old in self.offers:
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.offers = []
        for offer in offers:
            button = QPushButton(offer.label)
            button.setObjectName("link")
            button.clicked.connect(lambda _=False, action=offer.action: self._take(action))
            self._flow.addWidget(button)
            button.show()  # what is hidden has no height in the layout
            self.offers.append(button)

    def _take(self, action: object) -> None:
        self.intent.emit(Say(None))
        self.intent.emit(action)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It stays where it is when what it lies on changes its size."""
        if event.type() is QEvent.Type.Resize:
            self._lie()
        return False

    def _lie(self) -> None:
        under = self.parentWidget()
        if under is None or self.isHidden():
            return
        self.ensurePolished()
        self._row.invalidate()  # a text and offers that came while it is shown are not known to the box yet
        self._flow.invalidate()
        self._box.invalidate()
        width = min(under.width() - 2 * AIR, WIDEST)
        height = self._box.heightForWidth(width)
        self.setGeometry((under.width() - width) // 2, under.height() - height - AIR, width, height)
        self.raise_()

    def _clicked(self) -> None:
        self.intent.emit(CancelLoad() if self._loading else Say(None))


class StatusView(QStatusBar):
    """What the pointer is on, at the left; what the batch is, at the right."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.left, self.right = Elided("status"), Elided("muted", left=True)  # the sizes of the batch stand at its end
        self.right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizeGripEnabled(False)
        self.addWidget(self.left, 3)
        self.addPermanentWidget(self.right, 2)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the status of the scene."""
        if last is not None and scene.status is last.status:
            return
        self.left.set_full(scene.status.left)
        self.right.set_full(scene.status.right)
