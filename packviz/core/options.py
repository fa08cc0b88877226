"""The options of the call as a caller in Python gives them, to a Call, and what goes with which."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from packviz.core.batch import Call
from packviz.core.errors import BatchError


def call_of(batch_first: Any, enforce_sorted: Any, padding_value: Any, total_length: Any) -> Call:
    """The options as torch takes them, 0-D arrays and tensors as their numbers. Raises BatchError for what torch too
    refuses."""
    if not isinstance(batch_first, bool):
        raise BatchError(f"batch_first is {_said(batch_first)}, but True or False is expected.")
    value, total = _scalar(padding_value, "padding_value"), _scalar(total_length, "total_length")
    if not isinstance(value, int | float) or (isinstance(value, int) and not -(2**63) <= value < 2**64):
        raise BatchError(f"padding_value is {_said(value)}, but a number of at most 64 bits is expected.")
    if total is not None and (isinstance(total, bool) or not isinstance(total, Integral)):
        raise BatchError(f"total_length is {_said(total)}, but a whole number of steps, or None, is expected.")
    if total is not None and not -(2**63) <= int(total) < 2**63:
        raise BatchError(f"total_length is {_said(total)}, but a whole number of at most 64 bits is expected.")
    return Call(batch_first, _truth(enforce_sorted, "enforce_sorted"), value, None if total is None else int(total))


def refuse_hx_alone(module: Any, hx: Any) -> None:
    """Raises BatchError where an initial state was given without the module that it is for."""
    if hx is not None and module is None:
        raise BatchError("hx was given without the module that it is for: give module=, too.")


def _truth(flag: Any, name: str) -> bool:
    """torch asks only whether enforce_sorted is true: 1 or numpy.True_ will do. A text would, too, even "no"."""
    try:
        if not isinstance(flag, str | bytes):
            return bool(flag)
    except Exception:  # of a tensor of several elements, say
        pass
    raise BatchError(f"{name} is {_said(flag)}, but True or False is expected.")


def _scalar(value: Any, name: str) -> Any:
    if getattr(value, "ndim", None) != 0:
        return value
    try:
        return value.item()
    except Exception:  # of a tensor that lies on no device
        raise BatchError(f"{name} is {_said(value)}, whose value can't be read: give a number.") from None


def _said(value: Any) -> str:
    """The value in a few characters, whatever it is, with its type where that is none of Python's own."""
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = ""
    text = text if len(text) <= 40 else f"{text[:39]}…"
    own = type(value).__module__ == "builtins" and text
    return text if own else f"{text} (of type {type(value).__module__}.{type(value).__qualname__})".lstrip()
