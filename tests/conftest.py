"""What every test gets: no screen, no file of the user's, one thread for torch, and nothing that leaks."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("here", deadline=None, max_examples=60)
settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it for what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what tests start hears Ctrl+C all the same


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What the tests are made of stays to the end: cycles of garbage are not looked for in it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


HOMES = {
    "HOME": "",
    "USERPROFILE": "",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_CACHE_HOME": ".cache",
    "XDG_STATE_HOME": ".local/state",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
}


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of the tests' own: no settings of the user are read, none are written."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in HOMES.items():
            (home / folder).mkdir(parents=True, exist_ok=True)
            patch.setenv(name, str(home / folder))
        patch.delenv("NO_COLOR", raising=False)
        with tempfile.TemporaryDirectory(prefix="pv") as session:  # short, as the path of a socket has to be
            patch.setenv("XDG_RUNTIME_DIR", session)
            yield home


TURNS = count()


@pytest.fixture(autouse=True)
def _settings(_home: Path) -> None:
    """Each test starts with empty settings, kept in a folder of its own, which Qt makes where something is kept."""
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QSettings

        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        folder = str(_home / "settings" / str(next(TURNS)))
        for scope in QSettings.Scope:
            for form in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
                QSettings.setPath(form, scope, folder)


@pytest.fixture(autouse=True)
def _one_torch_thread() -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture(autouse=True)
def _nothing_leaks() -> Iterator[None]:
    """Names the threads and windows that a test leaves behind, and fails it. qtbot closes its widgets before."""
    threads_before = set(threading.enumerate())
    windows_before = set(_windows())
    yield
    left = [thread.name for thread in _threads_left(threads_before)]
    assert not left, f"threads that go on after the test: {left}"
    windows = [window for window in _windows() if window not in windows_before and window.isVisible()]
    names = [f"{type(window).__name__} {window.windowTitle()!r}" for window in windows]
    for window in windows:
        window.close()
        window.deleteLater()
    assert not names, f"windows that are still open after the test: {names}"


def _threads_left(before: set[threading.Thread], patience: float = 2.0) -> list[threading.Thread]:
    """Threads that were not there before; those that are about to end get a moment to do so."""
    until = time.monotonic() + patience
    left = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in left:
        thread.join(max(0.0, until - time.monotonic()))
    return [thread for thread in left if thread.is_alive()]


def _windows() -> list:
    if "PySide6.QtWidgets" not in sys.modules:
        return []
    from PySide6.QtWidgets import QApplication

    return QApplication.topLevelWidgets() if QApplication.instance() is not None else []
