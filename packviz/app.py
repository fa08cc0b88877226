"""The program: builds the session and the window, wires them, runs them; and draws pictures of the window."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.module import Module
from packviz.core.moments import Moment, pass_name
from packviz.core.samples import FIRST_SAMPLE, SAMPLE, sample
from packviz.core.writing import write_whole
from packviz.files.opened import is_file
from packviz.session.actions import GoToPass, Load, StepTo
from packviz.session.listing import OpenRecording
from packviz.session.loads import LoadRequest
from packviz.session.state import Look, Message, State, showing
from packviz.session.store import Session
from packviz.session.work import wanted
from packviz.showing.place import own_place
from packviz.showing.shown import entry_of
from packviz.showing.wire import NoWindow
from packviz.ui.chrome.autosave import kept_folder
from packviz.ui.commands.command import next_serial
from packviz.ui.look import theme as looks
from packviz.ui.picture import png_of
from packviz.ui.window import SMALLEST, Window

if TYPE_CHECKING:
    from packviz.files.kept.recordings import Recorded
    from packviz.showing.listening import Listener  # which not every system can import

SWITCH_S = 0.0005  # seconds until a worker hands the interpreter over: a frame must not wait for a trace
LAYOUTS = 4  # one inside another: the dock, its scroll area, the card, the text
PATIENCE_MS = 300_000  # a picture of a batch that takes longer is given up


class Typed(Protocol):
    """What was typed on the command line."""

    @property
    def call(self) -> Call: ...

    @property
    def names(self) -> frozenset[str]: ...

    @property
    def lengths(self) -> tuple[float, ...] | None: ...

    @property
    def entry(self) -> str | None: ...

    @property
    def x(self) -> str | None: ...

    @property
    def axes(self) -> str | None: ...

    def on(self, batch: Batch) -> Batch: ...

    def spec(self, spec: Module | None = None) -> Module: ...


def run(names: tuple[str, ...], typed: Typed) -> int:
    """The window on `names`, one or more: files, pipes, `sample:NAME`, or `-` for standard input; the exit code.

    Several batches open as a list, the first one shown. torch is imported after the first frame.
    """
    application()
    session = Session(first_state(names, typed))
    window = Window(session, QSettings("packviz", "packviz"), kept_folder())
    window.painted.connect(session.work)
    window.painted.connect(lambda: take_calls(window))
    if session.state.document is None:
        window.opening.expect(*(name for name in names if is_file(name)))
        session.apply(Load(load_request(names, typed)))
    window.show()
    try:
        return loop(window)
    finally:
        window.arrivals.close()
        session.close()
        window.deleteLater()


def run_shown(ear: Listener, ready: Callable[[], None]) -> int:
    """The window on what programs show, each batch as it comes; the exit code. `ready` is called once there is a
    display for it: what is sent from then on is shown."""
    application()
    ready()
    session = Session(State(look=Look(theme=looks.system_theme().name)))
    window = Window(session, QSettings("packviz", "packviz"), kept_folder())
    window.painted.connect(session.work)
    window.show()
    window.arrivals.listen(ear, entry_of)
    try:
        return loop(window)
    finally:
        window.arrivals.close()
        session.close()
        window.deleteLater()


def take_calls(window: Window) -> None:
    """Let a window that was opened by hand take what programs show, beside other windows that do. What `packviz.show`
    can't reach it for is said, and by `packviz.show` itself, once it is called."""
    try:
        place = own_place()
        from packviz.showing.listening import Listener

        ear = Listener.at(place)
    except (NoWindow, OSError) as error:
        window.say(f"packviz.show can't reach this window: {error}.")
        return
    assert ear is not None  # it need not be alone
    window.arrivals.listen(ear, entry_of)


def first_state(names: tuple[str, ...], typed: Typed) -> State:
    """A sample alone is there from the first frame on; files come when they have been read."""
    look = Look(theme=looks.system_theme().name)
    if len(names) > 1 or not names[0].startswith(SAMPLE):
        return State(spare=typed.spec(), look=look)
    found = sample(names[0].removeprefix(SAMPLE))
    batch, module = typed.on(found.load()), typed.spec(found.module)
    return showing(batch, module, found.look, spare=typed.spec(), look=look, message=Message(found.look))


def load_request(names: tuple[str, ...], typed: Typed) -> LoadRequest:
    """The request for these names, with what was typed."""
    return LoadRequest(
        next_serial(),
        paths=names,
        call=typed.call,
        typed=typed.names,
        lengths=typed.lengths,
        entry=typed.entry,
        x=typed.x,
        axes=typed.axes,
    )


def loop(window: Window) -> int:
    """Runs until the window is closed."""
    return QApplication.exec()


def render(
    batch: Batch,
    spec: Module,
    out: str | Path,
    *,
    step: int | Moment | None = None,
    size: tuple[int, int] = (1600, 1000),
    theme: Literal["light", "dark"] = "dark",
    message: str | None = None,
    probe: bool = False,
    recording: Recorded | None = None,
) -> None:
    """Writes the window on a batch as a picture of exactly that size, once all that it shows has been computed.

    `step`: the step to show, or the moment of the walk. `message`: an error message that is explained beside the batch,
    as if it had been pasted. `probe`: with the leak probe. `recording`: with the list of its calls, of which the batch
    is one. Raises OSError where `out` can't be written, BatchError
    where there is no such moment, nothing is known of the message, or the work does not end.
    """
    if QApplication.instance() is None and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    state = showing(batch, spec, look=Look(theme=theme), **({} if recording is None else with_calls(recording, batch)))
    moment = step if isinstance(step, Moment) else Moment(step or 0)
    if moment.step > state.last_step:
        raise BatchError(f"there is no step {moment.step}: the last one of {batch.source} is {state.last_step}.")
    if moment not in state.moments:
        there = f"{state.moments.layers} layers in {state.moments.directions} directions"
        raise BatchError(f"there is no {pass_name(moment.layer, moment.direction, 2)}: the module has {there}.")
    session = Session(state)
    window = Window(session)
    try:
        # A picture smaller than the smallest window is a larger window, made smaller.
        scale = max(1.0, SMALLEST[0] / size[0], SMALLEST[1] / size[1])
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.resize(round(size[0] * scale), round(size[1] * scale))
        window.show()
        window.layout_keeper.proportion()
        session.work()
        settle(session)
        if step is not None:
            session.apply(StepTo(moment.step))
            session.apply(GoToPass(moment.layer, moment.direction))
        if message is not None:
            session.apply(Load(LoadRequest(next_serial(), text=message)))
        if probe:
            window.probe()
        settle(session)
        if message is not None and session.state.told is None:
            raise BatchError("there is no message in this text that packviz knows.")
        lay_out()
        window.layout_keeper.proportion()  # what came in may have pushed the docks, in the order in which it came
        lay_out()
        window.zoom_to_fit()
        lay_out()
        image = window.grab().toImage()
        image.setDevicePixelRatio(1.0)
        if (image.width(), image.height()) != size:
            smooth = Qt.TransformationMode.SmoothTransformation
            image = image.scaled(size[0], size[1], Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        write_whole(Path(out), png_of(image))
    finally:
        window.close()
        window.deleteLater()


def with_calls(recording: Recorded, batch: Batch) -> dict[str, Any]:
    """What `showing` takes, for the batch of a call of a recording."""
    call = next((call for call in recording.recording.calls if call.name == batch.source.entry), None)
    return {"of": call, "recording": OpenRecording(recording)}


def lay_out() -> None:
    """Until every text has the height that it needs: it can ask for that only once it has been given its width."""
    for _ in range(LAYOUTS):
        QApplication.processEvents()


def settle(session: Session, patience_ms: int = PATIENCE_MS) -> None:
    """Wait, without polling, until all that is shown has been computed. Raises BatchError after `patience_ms`."""
    waiting = QEventLoop()
    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: waiting.exit(1))

    def look() -> None:
        if not session.jobs.busy and not wanted(session.state):
            waiting.exit(0)

    # Looked at once the queue of events is empty: what has just come in may want more.
    later: Callable[[], None] = lambda: QTimer.singleShot(0, waiting, look)  # noqa: E731
    session.jobs.idle.connect(later)
    later()
    timer.start(patience_ms)
    try:
        if waiting.exec() != 0:
            left = ", ".join(wanted(session.state)) or "the work"
            raise BatchError(f"the picture was given up after {patience_ms / 1000:g} s: {left} did not end.")
    finally:
        session.jobs.idle.disconnect(later)
        timer.stop()


def first_paint() -> None:
    """Opens the window on the first sample, and returns after its first painted frame."""
    application()
    found = sample(FIRST_SAMPLE)
    session = Session(showing(found.load(), found.module))
    window = Window(session)
    waiting = QEventLoop()
    window.painted.connect(waiting.quit)
    window.show()
    waiting.exec()
    window.close()


def application() -> QApplication:
    """The one QApplication, with the style and the fonts that the window counts on."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        sys.setswitchinterval(SWITCH_S)
        gc.freeze()  # what was imported stays: no collection has to look through it while the window is made
        QApplication.setApplicationName("packviz")
        QApplication.setOrganizationName("packviz")
        QApplication.setDesktopFileName("packviz")
        app = QApplication(sys.argv[:1])
        app.setStyle("Fusion")
        app.setFont(looks.sans())
    return app
