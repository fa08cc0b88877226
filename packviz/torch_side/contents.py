"""What attributes and variables hold: lists, dicts, arrays, tensors, generators, iterators, objects, as they were."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from types import CellType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from packviz.torch_side.kept_tensors import kept_gradient, kept_tensor

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
        self._chance: list[tuple[Callable[[], None], Callable[[int], object]]] = []
        self._bytes = 0

    def keep(self, thing: Any, depth: int = 0) -> None:
        """Remember what a thing holds, and what that holds."""
        if isinstance(thing, _PLAIN) or id(thing) in self._seen or depth > DEEPEST or len(self._seen) > MOST:
            return
        self._seen[id(thing)] = thing
        kind = type(thing)
        if isinstance(thing, dict):
            self._keep_dict(thing, depth)
        elif isinstance(thing, list | deque):
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
            self._keep_chance(lambda: thing.setstate(drawn), thing.seed)
        elif isinstance(thing, np.random.Generator | np.random.RandomState):
            source: Any = thing.bit_generator if isinstance(thing, np.random.Generator) else thing._bit_generator
            state = source.state
            self._keep_chance(
                lambda: setattr(source, "state", state), lambda seed: setattr(source, "state", type(source)(seed).state)
            )
        elif has_place(thing):
            self._keep_place(thing)
        elif _of_torch(thing) and not _is_optimizer(thing):
            self._keep_of_torch(thing)
        else:
            self._keep_object(thing, depth)

    @property
    def back(self) -> tuple[Callable[[], None], ...]:
        """What puts each of them back."""
        return tuple(self._back)

    @property
    def chance(self) -> tuple[tuple[Callable[[], None], Callable[[int], object]], ...]:
        """Of each generator of random numbers: what puts it back, and what seeds it."""
        return tuple(self._chance)

    def keep_variable(self, cell: CellType) -> None:
        """Remember what a variable of a closure is bound to, and what that holds."""
        try:
            before = cell.cell_contents
        except ValueError:  # not bound yet
            return
        self._back.append(lambda: setattr(cell, "cell_contents", before))
        self.keep(before)

    def keep_name(self, held: dict[str, Any], name: str) -> None:
        """Remember what a global name is bound to, and what that holds."""
        before = held[name]

        def put_back() -> None:
            if held.get(name, held) is not before:
                held[name] = before

        self._back.append(put_back)
        self.keep(before)

    def _keep_chance(self, put_back: Callable[[], None], seed: Callable[[int], object]) -> None:
        self._back.append(put_back)
        self._chance.append((put_back, seed))

    def _keep_place(self, iterator: Any) -> None:
        state = iterator.__reduce__()

        def put_back() -> None:
            if iterator.__reduce__() == state:
                return
            iterator.__setstate__(state[2])
            if iterator.__reduce__() != state:
                raise ValueError(f"the {type(iterator).__name__} was read to its end")

        self._back.append(put_back)

    def _keep_object(self, thing: Any, depth: int) -> None:
        """The attributes of an object, a class or a function, those in slots too."""
        if isinstance(thing, type | FunctionType | MethodType):
            self._keep_named(thing, depth)
        elif (own := _own(thing)) is not None:
            self._keep_dict(own, depth)
        if type(thing).__module__ not in ("builtins", "torch"):
            for kind in type(thing).__mro__:
                for member in vars(kind).values():
                    if isinstance(member, MemberDescriptorType):
                        self._keep_slot(member, thing, depth)

    def _keep_named(self, thing: Any, depth: int) -> None:
        """What is bound to the names of a class or a function of the user's; methods and the like are not gone into."""
        if isinstance(thing, MethodType) or (thing.__module__ or "torch").partition(".")[0] in _LIBRARIES:
            return
        before = {name: value for name, value in vars(thing).items() if not name.startswith("__")}

        def put_back() -> None:
            now = {name: value for name, value in vars(thing).items() if not name.startswith("__")}
            for name in now.keys() - before.keys():
                delattr(thing, name)
            for name, value in before.items():
                if now.get(name, now) is not value:
                    setattr(thing, name, value)

        self._back.append(put_back)
        for value in before.values():
            self.keep(value, depth + 1)

    def _keep_slot(self, slot: MemberDescriptorType, thing: Any, depth: int) -> None:
        before = _in_slot(slot, thing)
        try:
            if before is not _END:
                slot.__set__(thing, before)
        except (AttributeError, TypeError):  # it can't be written to, and needs no putting back
            return

        def put_back() -> None:
            now = _in_slot(slot, thing)
            if now is not before:
                slot.__delete__(thing) if before is _END else slot.__set__(thing, before)

        self._back.append(put_back)
        if before is not _END:
            self.keep(before, depth + 1)

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
            self._keep_chance(lambda: _ignore(thing.set_state(state)), thing.manual_seed)
            return
        if not isinstance(thing, torch.Tensor) or thing.is_meta or thing.layout is not torch.strided:
            return
        if type(thing) not in (torch.Tensor, torch.nn.Parameter) or not self._affords(thing.nbytes):
            return
        self._back.append(kept_tensor(thing))
        if thing.is_leaf:
            self._back.append(kept_gradient(thing))

    def _affords(self, size: int) -> bool:
        self._bytes += size
        return self._bytes <= MOST_BYTES


def has_place(thing: Any) -> bool:
    """Whether it is an iterator whose place can be told and put back, such as that of a list or a range."""
    return type(thing) in _PLACED


_PLAIN = (str, bytes, int, float, complex, type(None), ModuleType)
_READ: tuple[Iterable[object], ...] = ([], (), range(0), b"", bytearray(), "", "é")
_PLACED = tuple(type(iter(empty)) for empty in _READ)
_LIBRARIES = frozenset({*sys.stdlib_module_names, "torch", "numpy"} - {"__main__"})


def _ignore(result: object) -> None:
    """Of a call that is made for what it does."""


def _same_items(a: Iterable[object], b: Iterable[object]) -> bool:
    """Whether these are the same objects, in the same order."""
    return all(x is y for x, y in zip_longest(a, b, fillvalue=_END))


_END = object()


def _in_slot(slot: MemberDescriptorType, thing: object) -> Any:
    try:
        return slot.__get__(thing)
    except AttributeError:  # not set
        return _END


def _own(thing: object) -> dict[str, Any] | None:
    """The attributes of an object, asked without running code of its own."""
    try:
        own = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return None
    return own if type(own) is dict else None


def _is_optimizer(thing: object) -> bool:
    import torch

    return isinstance(thing, torch.optim.Optimizer)


def _of_torch(thing: object) -> bool:
    return type(thing).__module__.split(".")[0] == "torch"
