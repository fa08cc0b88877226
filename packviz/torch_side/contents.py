"""What the attributes of a module hold: lists, dicts, arrays, tensors, generators, objects, as they were."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

MOST_BYTES = 2**28
"""Of arrays and tensors that are copied; larger ones are trusted not to change."""

DEEPEST = 5
MOST = 100_000
"""Things that are looked at."""


class Contents:
    """Keeps what things hold; `skip`: things that are kept elsewhere."""

    def __init__(self, skip: Iterable[object] = ()) -> None:
        self._seen = {id(thing): thing for thing in skip}
        self._back: list[Callable[[], None]] = []
        self._bytes = 0

    def keep(self, thing: Any, depth: int = 0) -> None:
        """Remember what a thing holds, and what that holds."""
        if isinstance(thing, _PLAIN) or id(thing) in self._seen or depth > DEEPEST or len(self._seen) > MOST:
            return
        self._seen[id(thing)] = thing
        kind = type(thing)
        if isinstance(thing, dict):
            self._keep_dict(thing, depth)
        elif kind in (list, deque):
            self._keep_items(thing, depth)
        elif kind in (set, bytearray):
            self._keep_copy(thing)
        elif kind in (tuple, frozenset):
            for item in thing:
                self.keep(item, depth + 1)
        elif isinstance(thing, np.ndarray):
            self._keep_array(thing)
        elif isinstance(thing, random.Random):
            drawn = thing.getstate()
            self._back.append(lambda: thing.setstate(drawn))
        elif isinstance(thing, np.random.Generator | np.random.RandomState):
            source: Any = thing.bit_generator if isinstance(thing, np.random.Generator) else thing._bit_generator
            state = source.state
            self._back.append(lambda: setattr(source, "state", state))
        elif _of_torch(thing):
            self._keep_of_torch(thing)
        elif (own := _own(thing)) is not None:
            self._keep_dict(own, depth)

    @property
    def back(self) -> tuple[Callable[[], None], ...]:
        """What puts each of them back."""
        return tuple(self._back)

    def _keep_dict(self, held: dict[Any, Any], depth: int) -> None:
        before = list(held.items())

        def put_back() -> None:
            if not _same_items(chain(*held.items()), chain(*before)):
                held.clear()
                held.update(before)

        self._back.append(put_back)
        for _, value in before:
            self.keep(value, depth + 1)

    def _keep_items(self, held: Any, depth: int) -> None:
        before = list(held)

        def put_back() -> None:
            if not _same_items(held, before):
                held.clear()
                held.extend(before)

        self._back.append(put_back)
        for value in before:
            self.keep(value, depth + 1)

    def _keep_copy(self, held: Any) -> None:
        before = held.copy()

        def put_back() -> None:
            if held != before:
                held.clear()
                held.update(before) if isinstance(held, set) else held.extend(before)

        self._back.append(put_back)

    def _keep_array(self, array: Any) -> None:
        if not self._affords(array.nbytes) or not array.flags.writeable or array.dtype.hasobject:
            return
        before = array.copy()

        def put_back() -> None:
            if array.tobytes() != before.tobytes():
                array[...] = before

        self._back.append(put_back)

    def _keep_of_torch(self, thing: Any) -> None:
        import torch

        if isinstance(thing, torch.Generator):
            state = thing.get_state()
            self._back.append(lambda: _ignore(thing.set_state(state)))
            return
        if not isinstance(thing, torch.Tensor) or thing.is_meta or thing.layout is not torch.strided:
            return
        if type(thing) not in (torch.Tensor, torch.nn.Parameter) or not self._affords(thing.nbytes):
            return
        before = thing.detach().clone()

        def put_back() -> None:
            if not same(thing, before):
                thing.copy_(before)

        self._back.append(put_back)

    def _affords(self, size: int) -> bool:
        self._bytes += size
        return self._bytes <= MOST_BYTES


def same(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same bits; NaN is NaN."""
    import torch

    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.equal(b):
        return True
    plain = a.is_floating_point() and a.layout is torch.strided
    return plain and bool(((a == b) | (a.isnan() & b.isnan())).all())


_PLAIN = (str, bytes, int, float, complex, type(None), type, FunctionType, ModuleType)


def _ignore(result: object) -> None:
    """Of a call that is made for what it does."""


def _same_items(a: Iterable[object], b: Iterable[object]) -> bool:
    """Whether these are the same objects, in the same order."""
    return all(x is y for x, y in zip_longest(a, b, fillvalue=_END))


_END = object()


def _own(thing: object) -> dict[str, Any] | None:
    """The attributes of an object, asked without running code of its own."""
    try:
        own = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return None
    return own if type(own) is dict else None


def _of_torch(thing: object) -> bool:
    return type(thing).__module__.split(".")[0] == "torch"
