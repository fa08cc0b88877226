"""What is offered after a crash, as a picture for the README: `python -m tests.pictures.after_crash OUT.png`.

A window is killed in a process of its own, with changes that are in no file; the next one offers them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from packviz.app import application, lay_out, settle
from packviz.core.samples import sample
from packviz.core.writing import write_whole
from packviz.session import actions as act
from packviz.session.loads import Entry
from packviz.session.state import Look, showing
from packviz.session.store import Session
from packviz.ui.picture import png_of
from packviz.ui.window import Window

SIZE = (1000, 640)
SHOWN_AT = (9, 41)  # the hour and the minute of the change, so that the picture is the same every day
WORK = "--work"


def die_at_work(folder: Path) -> None:
    """Changes two batches, and is killed as soon as that is kept."""
    application()
    session = Session(showing(sample("first-batch").load()))
    window = Window(session, None, folder)
    session.apply(act.SetLength(0, 5))
    session.apply(act.OpenAll((Entry(sample("beyond-the-end").load()),)))
    session.apply(act.SetLength(1, 9))
    session.work()
    window.work.autosave.keep()
    settle(session)
    os.kill(os.getpid(), signal.SIGKILL)


def draw(out: Path) -> None:
    """The window of the next start, with what it offers."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.pictures.after_crash", WORK, folder]
        subprocess.run(command, check=False, timeout=120)
        [kept] = Path(folder).glob("*.packviz")
        hour, minute = SHOWN_AT
        changed = datetime.now().replace(hour=hour, minute=minute).timestamp()
        os.utime(kept, (changed, changed))
        application()
        session = Session(showing(sample("first-batch").load(), look=Look(theme="light")))
        window = Window(session, None, Path(folder))
        window.resize(*SIZE)
        window.show()
        lay_out()
        window.layout_keeper.proportion()
        session.work()
        settle(session)
        lay_out()
        window.zoom_to_fit()
        lay_out()
        offered = [button.text() for button in window.banner.offers]
        image = window.grab().toImage()
        window.close()
        window.deleteLater()
    if offered != ["Open it", "Throw it away"]:
        raise SystemExit(f"the next start offers {offered}")
    write_whole(out, png_of(image))


if __name__ == "__main__":
    if sys.argv[1] == WORK:
        die_at_work(Path(sys.argv[2]))
    else:
        draw(Path(sys.argv[1]))
