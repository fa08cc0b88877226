"""Where a number of a run comes from: its equation, filled in, and its parts, each a link to where it is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from packviz.core.origins import Followed, OfState, Origin, short
from packviz.session.actions import AskOrigin, SetLook, Show
from packviz.session.scene.parts import Scene
from packviz.ui.dialogs.links import LinksDialog, escape, link


class OriginDialog(LinksDialog):
    """A window beside the other one. A link goes to where a part is; Back goes to the number before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.back = QPushButton("Back")
        super().__init__("Where does this come from?", "Where the number comes from", parent, self.back)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._scene: Scene | None = None
        self._leads: list[Followed] = []
        self._before: list[OfState] = []
        self.back.clicked.connect(self._go_back)
        self.resize(520, 360)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """The number that is asked about now."""
        if last is not None and scene.origin is last.origin and scene.theme is last.theme:
            return
        self._scene = scene
        part = scene.origin
        self.back.setEnabled(bool(self._before))
        if part.origin is None:
            self._leads = []
            self.said.setText(escape(part.why or "Point at a number of the states, and ask with W."))
            return
        self._leads = [term.leads for term in part.origin.terms]
        self.said.setText(self._words(part.origin, scene))

    def _words(self, origin: Origin, scene: Scene) -> str:
        theme, pointer = scene.theme, scene.pointer
        several = pointer.layers * pointer.directions > 1
        lines = []
        for place, term in enumerate(origin.terms):
            told = escape(term.told)
            named = link(str(place), told, theme) if term.leads is not None else told
            lines.append(f"{named}{_where(term.leads, origin.of)}")
        if origin.others:
            lines.append(f"{origin.others} more: {short(origin.rest)}")
        return (
            f"<p><b>{escape(origin.title(pointer.directions, several))}</b></p>"
            f"<p>{escape(origin.equation)}</p><p>= {escape(origin.filled)}</p><p>{'<br>'.join(lines)}</p>"
        )

    def followed(self, where: str) -> None:
        leads, scene = self._leads[int(where)], self._scene
        if scene is None or leads is None:
            return
        if isinstance(leads, OfState):
            if scene.origin.of is not None:
                self._before.append(scene.origin.of)
            self.intent.emit(AskOrigin(leads))
            return
        look = scene.controls.look
        batch = scene.controls.batch
        if batch is not None and look.feature != leads.feature and leads.feature < batch.feature_count:
            self.intent.emit(SetLook(replace(look.at_feature(leads.feature))))
        self.intent.emit(Show(leads.row, leads.step))

    def _go_back(self) -> None:
        if self._before:
            self.intent.emit(AskOrigin(self._before.pop()))


def _where(leads: Followed, of: OfState) -> str:
    """Where a part is, in a few words, if not at the same moment."""
    if leads is None:
        return ""
    if not isinstance(leads, OfState):
        return f" · x of row {leads.row} at t{leads.step}"
    if leads.moment == of.moment:
        return ""
    return f" · after t{leads.moment.step}" + (
        f", layer {leads.moment.layer}" if leads.moment.layer != of.moment.layer else ""
    )
