"""The windows beside the main one, each made when it is asked for: help, lengths, the array view, what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from packviz.core.origins import OfState, OfX
from packviz.session.actions import AskOrigin, AskReach, Compare, HoldAgainst, StepInto
from packviz.session.cursor import Place
from packviz.session.other_runs import other_run
from packviz.session.others import Kept, Unpacked
from packviz.session.scene.resolve import Scene
from packviz.session.store import Session

if TYPE_CHECKING:
    from packviz.ui.dialogs.array import ArrayDialog
    from packviz.ui.dialogs.compared import ComparedDialog
    from packviz.ui.dialogs.entry import EntryDialog
    from packviz.ui.dialogs.final_states import FinalDialog
    from packviz.ui.dialogs.findings_help import FindingsHelp
    from packviz.ui.dialogs.lengths import LengthsDialog
    from packviz.ui.dialogs.origin import OriginDialog
    from packviz.ui.plots.histogram import HistogramDialog
    from packviz.ui.plots.over_time import OverTimeDialog
    from packviz.ui.plots.reach import ReachDialog
    from packviz.ui.plots.two_runs import TwoRunsDialog


class Beside(QObject):
    """Those that stay open follow the scene. None is imported before it is wanted: the first frame comes before."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.findings: FindingsHelp | None = None
        self.lengths: LengthsDialog | None = None
        self.array: ArrayDialog | None = None
        self.origin: OriginDialog | None = None
        self.reach: ReachDialog | None = None
        self.final: FinalDialog | None = None
        self.compared: ComparedDialog | None = None
        self.two: TwoRunsDialog | None = None
        self.histogram: HistogramDialog | None = None
        self.over_time: OverTimeDialog | None = None
        self._sought = ""  # what somebody went to last

    def show_findings(self, code: str = "") -> None:
        """What each finding means; the page of one of them, where its code is given."""
        if self.findings is None:
            from packviz.ui.dialogs.findings_help import FindingsHelp

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
            self.lengths.text_asked.connect(self.edit_lengths)
        self.lengths.draw(self._session.scene, None)
        _raise(self.lengths)

    def show_array(self) -> None:
        """All features of the selected cells, in a window that stays open."""
        if self.array is None:
            from packviz.ui.dialogs.array import ArrayDialog

            self.array = ArrayDialog(self._window)
        self.array.draw(self._session.scene, None)
        _raise(self.array)

    def show_histogram(self) -> None:
        """The spread of x or of a state, in a window that stays open."""
        if self.histogram is None:
            from packviz.ui.plots.histogram import HistogramDialog

            self.histogram = HistogramDialog(self._window)
            self.histogram.intent.connect(self._session.apply)
        self.histogram.draw(self._session.scene, None)
        _raise(self.histogram)

    def show_origin(self) -> None:
        """Where the number under the pointer comes from, or the first unit of the selected row's state; in a window
        that stays open."""
        scene, state = self._session.scene, self._session.state
        if scene.origin.of is None or scene.pointer.unit >= 0:
            hover = scene.pointer.hover
            on_unit = scene.pointer.unit >= 0 and hover is not None
            row = hover[1] if on_unit and hover is not None else state.cursor.row
            name, unit = (scene.pointer.state, scene.pointer.unit) if on_unit else (state.look.shown, 0)
            self._session.apply(AskOrigin(OfState(name, state.cursor.moment, row, unit)))
        self.raise_origin()

    def raise_origin(self) -> None:
        """The window of the number that is asked about, whoever has asked."""
        window = self._origin_window()
        window.draw(self._session.scene, None)
        _raise(window)

    def _origin_window(self) -> OriginDialog:
        if self.origin is None:
            from packviz.ui.dialogs.origin import OriginDialog

            self.origin = OriginDialog(self._window)
            self.origin.intent.connect(self._session.apply)
        return self.origin

    def show_reach(self) -> None:
        """Where the cell of x under the pointer goes, or the current one; in a window that stays open."""
        self._ask_reach(self._session.state.cursor.cell)

    def _ask_reach(self, cell: Place) -> None:
        state = self._session.state
        step = cell.step if cell.step >= 0 else state.cursor.step
        self._session.apply(AskReach(OfX(cell.row, step, state.look.feature)))
        self.raise_reach()

    def raise_reach(self) -> None:
        """The window of the cell that is asked about, whoever has asked."""
        if self.reach is None:
            from packviz.ui.plots.reach import ReachDialog

            self.reach = ReachDialog(self._window)
            self.reach.intent.connect(self._session.apply)
        self.reach.draw(self._session.scene, None)
        _raise(self.reach)

    def show_final_states(self) -> None:
        """h_n and c_n as torch returns them, in a window that stays open."""
        if self.final is None:
            from packviz.ui.dialogs.final_states import FinalDialog

            self.final = FinalDialog(self._window)
            self.final.intent.connect(self._session.apply)
            self.final.asked.connect(self._ask_origin)
            self.final.going.connect(self._ask_reach)
        self.final.draw(self._session.scene, None)
        _raise(self.final)

    def _ask_origin(self, of: OfState) -> None:
        self._session.apply(AskOrigin(of))
        self.raise_origin()

    def show_compared(self) -> None:
        """The run held against others, in a window that stays open."""
        if self.compared is None:
            from packviz.ui.dialogs.compared import ComparedDialog

            self.compared = ComparedDialog(self._window)
            self.compared.intent.connect(self._session.apply)
        self._session.apply(Compare())
        self.compared.draw(self._session.scene, None)
        _raise(self.compared)

    def show_two_runs(self) -> None:
        """The run and another one side by side, in a window that stays open."""
        if self.two is None:
            from packviz.ui.plots.two_runs import TwoRunsDialog

            self.two = TwoRunsDialog(self._window)
            self.two.intent.connect(self._session.apply)
        state = self._session.state
        if state.other is None:
            self._session.apply(HoldAgainst(Unpacked() if other_run(state, Kept()) is None else Kept()))
        self.two.draw(self._session.scene, None)
        _raise(self.two)

    def step_into(self) -> None:
        """The next state of the selected row in the order in which they are computed, with its equation."""
        self._session.apply(StepInto())
        if self._session.state.origin is not None:
            self._origin_window().draw(self._session.scene, None)
            self._origin_window().show()  # the keys stay where they are: F11 goes on

    def show_over_time(self) -> None:
        """A unit over all steps, in a window that stays open; the one under the pointer, where it is on one."""
        if self.over_time is None:
            from packviz.ui.plots.over_time import OverTimeDialog

            self.over_time = OverTimeDialog(self._window)
            self.over_time.intent.connect(self._session.apply)
        self.over_time.draw(self._session.scene, None)
        pointer = self._session.scene.pointer
        if pointer.unit >= 0:
            self.over_time.show_unit(pointer.state, pointer.unit)
            self.over_time.draw(self._session.scene, None)
        _raise(self.over_time)

    def edit_lengths(self) -> None:
        """Type all lengths."""
        from packviz.ui.dialogs.entry import lengths_dialog

        batch = self._session.state.batch
        if batch is not None:
            self._open(lengths_dialog(batch, self._session.scene.controls.lengths, self._window))

    def edit_value(self) -> None:
        """Type the number in the cell under the cursor."""
        from packviz.ui.dialogs.entry import value_dialog

        state = self._session.state
        batch, cursor = state.batch, state.cursor
        if batch is not None and batch.x.ndim >= 2 and batch.x.size and cursor.step < batch.steps:
            feature = max(0, state.look.feature)
            self._open(value_dialog(batch, cursor.row, cursor.step, feature, self._window))

    def edit_option(self, name: str) -> None:
        """Type padding_value or total_length."""
        from packviz.ui.dialogs.entry import option_dialog

        batch = self._session.state.batch
        if batch is not None:
            self._open(option_dialog(batch, name, self._window))

    def edit_range(self) -> None:
        """Type where the colours of x begin and end."""
        from packviz.ui.dialogs.entry import range_dialog

        self._open(range_dialog(self._session.scene, self._window))

    def go_to(self) -> None:
        """Type where to go."""
        from packviz.ui.dialogs.entry import go_to_dialog

        if self._session.state.batch is not None:
            dialog = go_to_dialog(self._session.state, self._sought, self._window)
            dialog.typed.connect(self._note_sought)
            self._open(dialog)

    def _note_sought(self, text: str) -> None:
        self._sought = text

    def _open(self, dialog: EntryDialog) -> None:
        dialog.intent.connect(self._session.apply)
        dialog.open()

    def show_help(self, keys: str) -> None:
        """The help page, with this set of keys."""
        from packviz.ui.dialogs.help import HelpDialog

        HelpDialog(self._session.scene.theme, self._window, keys).open()

    def _open_ones(self) -> list[Any]:
        """Those that follow the scene, as far as they have been made."""
        made = (self.lengths, self.array, self.origin, self.reach, self.final, self.compared, self.two)
        plots = (self.histogram, self.over_time)
        return [view for view in (*made, *plots) if view is not None]

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the scene in those that are open."""
        for view in self._open_ones():
            if view.isVisible():
                view.draw(scene, last)

    def close(self) -> None:
        """Close those that are open."""
        for view in (*self._open_ones(), *([] if self.findings is None else [self.findings])):
            view.close()


def _raise(view: QDialog) -> None:
    view.show()
    view.raise_()
    view.activateWindow()
