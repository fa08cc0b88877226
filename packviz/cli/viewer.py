"""The process of the window that `packviz.show` opens: `python -m packviz.cli.viewer FOLDER NAME`.

It says on standard output, in one line of JSON, whether it listens or why it can't be shown.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packviz.showing.listening import Listener
from packviz.showing.place import Place
from packviz.showing.wire import NoWindow


def main(argv: Sequence[str]) -> int:
    """The window at this place, until it is closed; where another one listens there, it ends at once."""
    folder, name = argv
    if os.fork():  # whoever has started it is told all that it waits for, and need not wait for its end
        os._exit(0)
    try:
        listener = Listener.at(Place(Path(folder), name), alone=True)
    except (NoWindow, OSError) as error:
        say(cannot=str(error))
        return 1
    if listener is None:
        say(listens=False)
        return 0
    try:
        return shown(listener)
    finally:
        listener.close()


def shown(listener: Listener) -> int:
    """The window with this ear; 1 where it can't be shown."""
    from packviz.cli.display import no_display

    why = no_display()
    if why is not None:
        listener.close()  # first: whoever calls now is not left waiting
        say(cannot=why)
        return 1
    from packviz import app

    return app.run_shown(listener, lambda: say(listens=True))


def say(**told: Any) -> None:
    """Say it to whoever has started this process, and nothing more: they read to the end of the line."""
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
