"""The run held against others: a line each, the rows that differ as links."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from packviz.core.comparing import Comparison
from packviz.session.actions import Compare, GoToPass, Show
from packviz.session.scene.parts import Scene
from packviz.ui.dialogs.links import LinksDialog, escape, link
from packviz.ui.look.theme import qcolour

MOST_LINKS = 12


class ComparedDialog(LinksDialog):
    """A window beside the other one, which follows the batch while it is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Compared with the packed run", "Comparisons", parent)
        self._found: tuple[Comparison, ...] = ()
        self.resize(640, 420)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.intent.emit(Compare(False))

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show what was found."""
        if last is not None and scene.compared is last.compared and scene.theme is last.theme:
            return
        part = scene.compared
        self._found = part.found
        error, good, muted = (qcolour(scene.theme, name).name() for name in ("error", "good", "muted"))
        lines = [escape(part.why)] if part.why else []
        for place, one in enumerate(part.found):
            colour, mark = (good, "✓") if one.equal else (error, "≠")
            links = " ".join(link(f"{place}:{row}", f"row {row}", scene.theme) for row in one.rows[:MOST_LINKS])
            first = f" {link(f'{place}:first', 'first difference', scene.theme)}" if one.first else ""
            lines.append(
                f"<span style='color: {colour}'>{mark}</span> {escape(one.told)}"
                f"<br>{links}{first}"
                f"{'<br>' if links or first else ''}<span style='color: {muted}'>{escape(one.why)}</span>"
            )
        self.said.setText("".join(f"<p>{line}</p>" for line in lines))

    def followed(self, where: str) -> None:
        place, _, row = where.partition(":")
        one = self._found[int(place)]
        if row != "first":
            self.intent.emit(Show(int(row)))
            return
        if one.first is not None:
            self.intent.emit(GoToPass(one.first.layer, one.first.direction))
            self.intent.emit(Show(one.first.row, one.first.step))
