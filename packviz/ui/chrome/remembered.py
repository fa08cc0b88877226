"""What is remembered from one start to the next: settings are input, too, and whatever stands in them is checked.

The layout is what Qt wrote, in a form that Qt alone can read and that ends the process where a byte of it is wrong; so
it is sealed with a checksum, and with the version of Qt and of the arrangement that it was made with. A start that did
not come to its first frame is taken to have failed by it: the next one leaves it out, and says so.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QSettings, qVersion

LONGEST = 1 << 16
"""Characters of a value; a longer one is none of ours."""

MOST = 32
"""Entries of a list."""

LAYOUT, STARTING = "layout/sealed", "starting"

DAMAGED = "The layout that was kept is damaged, so that the parts of the window stand where they were at first."
FAILED = "The last start did not come to its first frame: the parts of the window stand where they were at first."


class Remembered:
    """Values by name, of a QSettings that may hold anything; without one, nothing is remembered.

    `trouble`: what could not be used, in a sentence to show, or nothing.
    """

    def __init__(self, settings: QSettings | None, version: int) -> None:
        self._settings, self._version = settings, version
        self._failed = bool(self._starting(alive=False))
        self.trouble = ""
        if settings is not None and settings.status() is not QSettings.Status.NoError:
            self.trouble = f"The settings in {settings.fileName()} can't be read, so that nothing is remembered."

    def text(self, key: str, default: str = "") -> str:
        """A text, or the default where there is none."""
        found = self._value(key)
        return found if isinstance(found, str) and len(found) <= LONGEST else default

    def texts(self, key: str) -> list[str]:
        """A list of texts, the first few of them."""
        found = self._value(key)
        listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return [item for item in listed[:MOST] if isinstance(item, str) and 0 < len(item) <= LONGEST]

    def put(self, key: str, value: str | list[str]) -> None:
        """Remember a value from now on, whatever becomes of this process."""
        if self._settings is not None and self._value(key) != value:
            self._settings.setValue(key, value)
            self._settings.sync()

    # ---- the layout ------------------------------------------------------------------------------------------------

    def layout(self) -> Mapping[str, bytes]:
        """The parts of the layout by name, as they were kept; nothing where they can't be relied on."""
        if self._settings is None:
            return {}
        if self._failed:
            self._settings.remove(LAYOUT)
            self.trouble = self.trouble or FAILED
            return {}
        sealed = self.text(LAYOUT)
        parts = opened(sealed, self._stamp)
        if parts is None and sealed and sealed.startswith(self._stamp):
            self.trouble = self.trouble or DAMAGED
        return parts or {}

    def keep_layout(self, parts: Mapping[str, bytes]) -> None:
        """Remember the parts of the layout."""
        self.put(LAYOUT, sealed(parts, self._stamp))

    @property
    def _stamp(self) -> str:
        """With what a layout was made: another one can't be told where that is another."""
        return f"{self._version} {qVersion()}"

    # ---- starts ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A start begins; until `shown`, it has failed."""
        if self._settings is not None:
            self.put(STARTING, [*self._starting(alive=True), str(os.getpid())])

    def shown(self) -> None:
        """The first frame was painted, or whoever started it has ended it."""
        if self._settings is not None:
            self.put(STARTING, [pid for pid in self._starting(alive=True) if pid != str(os.getpid())])

    def _starting(self, *, alive: bool) -> list[str]:
        return [pid for pid in self.texts(STARTING) if _is_alive(pid) == alive]

    def _value(self, key: str) -> object:
        if self._settings is None:
            return None
        with suppress(Exception):  # a value of a type that Qt can't make here
            return self._settings.value(key)
        return None


def sealed(parts: Mapping[str, bytes], stamp: str) -> str:
    """The parts in one text that begins with the stamp, and with a checksum over all of it."""
    held = " ".join(f"{name.encode().hex()}:{part.hex()}" for name, part in sorted(parts.items()))
    return f"{stamp} {_checksum(stamp, held)} {held}"


def opened(text: str, stamp: str) -> dict[str, bytes] | None:
    """The parts that were sealed with this stamp; None where the text is no such one, to the last bit."""
    checksum, _, held = text.removeprefix(f"{stamp} ").partition(" ")
    if not text.startswith(f"{stamp} ") or checksum != _checksum(stamp, held):
        return None
    try:
        pairs = [part.split(":") for part in held.split(" ") if part]
        return {bytes.fromhex(name).decode(): bytes.fromhex(part) for name, part in pairs}
    except ValueError:
        return None


def _checksum(stamp: str, held: str) -> str:
    return f"{zlib.crc32(f'{stamp} {held}'.encode()):08x}"


def _is_alive(pid: str) -> bool:
    """Whether a process of that number runs; one that has ended, or no number, does not."""
    if not pid.isdecimal() or len(pid) > 10:
        return False
    if Path("/proc/self").exists():
        return Path(f"/proc/{int(pid)}").exists()
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
