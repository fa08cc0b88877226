"""How a program hands a batch over to the window: over one connection; where no window runs, one is started first."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from packviz.showing.place import Place
from packviz.showing.wire import CutShort, NoWindow, Refused, answer_of, check_peer, send, wait_at_most

START_S = 60
"""How long a window may take to start, from a cold disk."""
ANSWER_S = 60
"""How long one may take to read what it is sent."""
TRIES = 5
"""A window may be closed at the moment at which it is called."""
BEGIN = """\
import json, sys
root, *more = json.loads(sys.argv.pop(1))
sys.path[:0] = [] if root in sys.path else [root]
sys.path += [place for place in more if place not in sys.path]
from packviz.cli.viewer import main
sys.exit(main(sys.argv[1:]))
"""
"""What its process runs. packviz is this one; whatever else the program finds comes behind Python's own modules, so
that a random.py of somebody's is none of ours."""


def hand_over(data: bytes, place: Place, *, block: bool = False) -> dict[str, Any]:
    """The answer of the window at this place, once it has the batch; `block`: once it has been closed. Raises NoWindow
    where there is none and none can be started, and where it does not take the batch."""
    for _ in range(TRIES):
        window = _connected(place)
        if window is None:
            start(place)
            window = _connected(place)
        if window is None:
            continue
        with window:
            told = _handed(window, data)
            if told is None:
                continue
            if "refused" in told:
                raise NoWindow(f"the window refuses it: {told['refused']}")
            if block:
                _wait(window)
            return told
    raise NoWindow("the window ends as soon as it is called")


def _connected(place: Place) -> socket.socket | None:
    """A connection to the window that was used last; None where none listens. Raises NoWindow where it is another
    user's."""
    for path in place.sockets:
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wait_at_most(peer, ANSWER_S)
        try:
            peer.connect(str(path))
            check_peer(peer)
        except (FileNotFoundError, ConnectionRefusedError):
            peer.close()
        except (OSError, Refused) as error:
            peer.close()
            raise NoWindow(f"what listens at {path} can't be used: {error}") from None
        else:
            return peer
    return None


def _handed(window: socket.socket, data: bytes) -> dict[str, Any] | None:
    """The answer; None where the window has gone meanwhile, and has not taken the batch."""
    try:
        with suppress(ConnectionError):  # it may have said why before it closed
            send(window, data)
        return answer_of(window)
    except (ConnectionError, CutShort):
        return None
    except Refused as error:
        raise NoWindow(f"the window does not answer as one ({error})") from None
    except OSError as error:
        raise NoWindow(f"the window does not answer ({error})") from None


def _wait(window: socket.socket) -> None:
    """Until the window is closed."""
    wait_at_most(window, 0)
    with suppress(ConnectionError):
        while window.recv(1):
            pass


def start(place: Place) -> None:
    """Start a window that listens at this place, in a process that stays when this one ends; return once it listens.
    Raises NoWindow where it can't be shown."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise NoWindow("there is no Python here to start its process with")
    places = [str(Path(__file__).parents[2]), *(str(Path(place).absolute()) for place in sys.path if place)]
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", BEGIN, json.dumps(places), str(place.folder), place.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C in a terminal is not meant for it
        )
    except (OSError, ValueError) as error:
        raise NoWindow(f"its process did not start ({error})") from None
    with process:  # what is waited for here ends once it has left the window to a process of its own
        assert process.stdout is not None
        said = _line(process.stdout.fileno(), time.monotonic() + START_S)
        if said is None:
            process.kill()
    told = _told(said)
    if "cannot" in told:
        raise NoWindow(str(told["cannot"]))
    if not told:
        raise NoWindow("its process did not start" if said is not None else f"it did not start within {START_S} s")


def _line(stream: int, until: float) -> bytes | None:
    """What is written until the end of the line, or of the stream; None where it is late."""
    held = b""
    while not held.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(stream, 4096)
        if not part:
            break
        held += part
    return held


def _told(said: bytes | None) -> dict[str, Any]:
    try:
        told = json.loads(said or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
