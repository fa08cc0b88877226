"""Session: holds the state, applies actions one after another, and says which scene there is to show."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from packviz.session.actions import Action, Tick
from packviz.session.jobs import Jobs
from packviz.session.scene.resolve import Scene, resolve
from packviz.session.state import State
from packviz.session.updates.update import update
from packviz.session.work import wanted


class Session(QObject):
    """The one loop: action → update → resolve → changed(scene).

    Actions that arrive while one is being applied wait in a queue, so that every listener sees the scenes in order.
    """

    changed = Signal(object)

    def __init__(self, state: State | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state or State()
        self.scene: Scene = resolve(self.state, None)
        self.jobs = Jobs(self)
        self.jobs.done.connect(self.apply)
        self._queue: deque[Action] = deque()
        self._applying = False
        self._working = False
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one drops frames at 60 steps a second
        self._clock.timeout.connect(self._tick)

    @Slot(object)
    def apply(self, action: Action) -> None:
        """Apply an action, after those that are already waiting."""
        self._queue.append(action)
        if self._applying:
            return
        self._applying = True
        try:
            while self._queue:
                self._apply(self._queue.popleft())
        finally:
            self._applying = False

    def _apply(self, action: Action) -> None:
        state = update(self.state, action)
        if state is self.state:
            return
        self.state = state
        self.scene = resolve(state, self.scene)
        if self._working:
            self.jobs.want(wanted(state))
        self._set_clock(state)
        self.changed.emit(self.scene)

    def work(self) -> None:
        """Begin with the work that the state wants; called once the window is painted."""
        self._working = True
        self.jobs.want(wanted(self.state))

    @Slot()
    def _tick(self) -> None:
        self.apply(Tick())

    def _set_clock(self, state: State) -> None:
        if not state.play.on:
            self._clock.stop()
            return
        interval = round(1000 / state.play.speed)
        if not self._clock.isActive() or self._clock.interval() != interval:
            self._clock.start(interval)

    def close(self) -> None:
        """Stop playing and all work; after this no thread of ours runs."""
        self._clock.stop()
        self._working = False
        self.jobs.close()
