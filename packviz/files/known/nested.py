"""torch's nested tensors, jagged or strided: sequences without padding, in one tensor."""

from __future__ import annotations

from typing import Any

from packviz.core.batch import BatchError
from packviz.core.texts.wording import count
from packviz.files.arrays import has_members, is_tensor
from packviz.files.paste.found import Found


def is_nested(obj: object) -> bool:
    """Whether it is a nested tensor."""
    return is_tensor(obj) and has_members(obj, ("is_nested",)) and bool(getattr(obj, "is_nested", False))


def unbound(obj: object) -> Found | None:
    """The sequences of a nested tensor; None of anything else."""
    if not is_nested(obj):
        return None
    tensor: Any = obj
    try:
        rows = list(tensor.unbind())
    except (RuntimeError, TypeError, NotImplementedError, ValueError):
        raise BatchError("x is a nested tensor that torch can't take apart: give list(x.unbind()).") from None
    kind = "jagged" if "jagged" in str(getattr(tensor, "layout", "")) else "strided"
    return Found(rows, said=(f"{count(len(rows), 'sequence')} of a nested tensor ({kind}), which holds no padding",))
