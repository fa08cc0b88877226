"""The modules that a call reaches: the callable itself, whose method it is, what it closes over, is bound to, names."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

DEEPEST = 6
MOST = 10_000


def modules_reached(fn: object) -> tuple[torch.nn.Module, ...]:
    """The outermost modules, each once: fn; the owner of a bound method; the arguments of a functools.partial; what a
    function closes over, its defaults, and the globals that it names; the attributes of an object that is called; and
    what lists, tuples and dicts of these hold."""
    found: dict[int, torch.nn.Module] = {}
    _reach(fn, found, {}, 0)
    inner = {id(part) for module in found.values() for part in module.modules() if part is not module}
    return tuple(module for key, module in found.items() if key not in inner)


def _reach(thing: Any, found: dict[int, torch.nn.Module], seen: dict[int, object], depth: int) -> None:
    import torch

    if id(thing) in seen or depth > DEEPEST or len(seen) > MOST:
        return
    seen[id(thing)] = thing
    if isinstance(thing, torch.nn.Module):
        found[id(thing)] = thing
        return
    for part in _parts(thing):
        _reach(part, found, seen, depth + 1)


def _parts(thing: Any) -> Iterator[Any]:
    if isinstance(thing, MethodType):
        yield from (thing.__self__, thing.__func__)
    elif isinstance(thing, functools.partial):
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif isinstance(thing, FunctionType):
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # not bound yet
                continue
        yield from (*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values())
        for name in _names(thing.__code__):
            if name in thing.__globals__:
                yield thing.__globals__[name]
    elif type(thing) in (list, tuple, set, frozenset):
        yield from thing
    elif type(thing) is dict:
        yield from thing.values()
    elif not isinstance(thing, type) and "__call__" in _members(type(thing)):
        own = object.__getattribute__(thing, "__dict__") if hasattr(type(thing), "__dict__") else {}
        yield from own.values() if type(own) is dict else ()
        call = next(vars(kind)["__call__"] for kind in type(thing).__mro__ if "__call__" in vars(kind))
        if isinstance(call, FunctionType):
            yield call


def _members(kind: type) -> set[str]:
    return {name for each in kind.__mro__ if each.__module__ != "builtins" for name in vars(each)}


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function looks up, and those of the functions within it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
