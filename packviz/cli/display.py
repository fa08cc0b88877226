"""Whether a window can be shown here: asked before Qt is, since Qt ends the process where it can't."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def no_display() -> str | None:
    """Why no window can be shown, as the end of a sentence; None where one can."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    if os.environ.get("WAYLAND_DISPLAY") and _wayland_socket().exists():
        return None
    name = os.environ.get("DISPLAY")
    if not name:
        return "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    return _no_plugin() or _no_x_server(name)


def _wayland_socket() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR", ""), os.environ["WAYLAND_DISPLAY"])


def _no_plugin() -> str | None:
    """Loads Qt's X11 plugin, which Qt does next anyway; what the loader says where it can't be loaded."""
    import PySide6.QtGui

    plugin = Path(PySide6.QtGui.__file__).parent / "Qt/plugins/platforms/libqxcb.so"
    if not plugin.exists():
        return None  # a distribution's PySide6, which brings its own libraries along
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        library = str(error).split(":")[0]
        return f"Qt can't show windows without {library}, a library of the system"
    return None


def _no_x_server(name: str) -> str | None:
    """Connects as Qt does, with the same library, so that a refusal is seen here and not in an abort."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(name), None)
    refused = xcb.xcb_connection_has_error(connection) != 0
    xcb.xcb_disconnect(connection)
    return f"the display {name} can't be reached" if refused else None
