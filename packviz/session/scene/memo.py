"""The memory from one scene to the next: a part whose inputs are the same is the same object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from packviz.session.scene.parts import Scene

T = TypeVar("T")


class Memo:
    """Makes each part once: the old one where its inputs are the same objects or equal small values."""

    def __init__(self, last: Scene | None) -> None:
        self.old: Mapping[str, tuple[tuple[Any, ...], Any]] = {} if last is None else last.made_from
        self.new: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def __call__(self, name: str, make: Callable[..., T], *inputs: Any) -> T:
        before = self.old.get(name)
        if before is None or not _same(before[0], inputs):
            made = make(*inputs)
            before = (inputs, before[1] if before is not None and _alike(before[1], made) else made)
        self.new[name] = before
        part: T = before[1]
        return part


def _same(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return len(old) == len(new) and all(map(_alike, old, new))


def _alike(a: Any, b: Any) -> bool:
    # Arrays are alike only if they are the same one: comparing the cells of x costs more than what it would save.
    return a is b or (type(a) is type(b) and not isinstance(a, np.ndarray) and bool(a == b))
