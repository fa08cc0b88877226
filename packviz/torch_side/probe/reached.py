"""What a call reaches, from wherever the callable holds it: modules, and all else that may keep a state between calls.

Followed are a function's closure, defaults, attributes and the globals that it names; the owner of a bound method; the
arguments of a functools.partial; objects, with their classes, of what is no library's; the attributes of modules; and
what lists, tuples, sets and dicts of these hold. Nothing of it is run.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, GeneratorType, MethodType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from packviz.core.batch import BatchError
from packviz.torch_side.contents import Contents, has_place

if TYPE_CHECKING:
    import torch

DEEPEST = 8
MOST = 10_000

LIBRARIES = frozenset({*sys.stdlib_module_names, "torch", "numpy", "packviz"} - {"__main__"})
"""Packages whose functions and objects are not gone into: they keep nothing of the user's."""

_HELD = ("_parameters", "_buffers", "_modules")
UNSAVED = (
    "{} is {} that the callable reads on from, and its place can't be put back afterwards: hand over a list of its "
    "items, or make it anew inside the callable."
)


@dataclass(frozen=True)
class Reached:
    """`modules`: the outermost modules, each once. `things`: what else was reached. `cells`: the variables of closures.
    `names`: (the globals of a function, a name that it looks up there)."""

    modules: tuple[torch.nn.Module, ...]
    things: tuple[object, ...]
    cells: tuple[CellType, ...]
    names: tuple[tuple[dict[str, Any], str], ...]

    def keep(self, contents: Contents) -> None:
        """Keep all of it but the modules, which are kept as such."""
        for thing in self.things:
            contents.keep(thing)
        for cell in self.cells:
            contents.keep_variable(cell)
        for held, name in self.names:
            contents.keep_name(held, name)


def modules_reached(fn: object) -> tuple[torch.nn.Module, ...]:
    """The outermost modules that a callable reaches, each once."""
    return reached_by(fn).modules


def reached_by(fn: object) -> Reached:
    """All that a callable reaches. Raises BatchError where it reads on from what can't be put back, such as a
    generator."""
    walk = _Walk()
    walk.go(fn, "what is probed", 0)
    inner = {id(part) for module in walk.modules.values() for part in module.modules() if part is not module}
    outer = tuple(module for key, module in walk.modules.items() if key not in inner)
    return Reached(outer, tuple(walk.things.values()), tuple(walk.cells.values()), tuple(walk.names.values()))


class _Walk:
    """Goes from one thing to all that it holds."""

    def __init__(self) -> None:
        self.modules: dict[int, torch.nn.Module] = {}
        self.things: dict[int, object] = {}
        self.cells: dict[int, CellType] = {}
        self.names: dict[tuple[int, str], tuple[dict[str, Any], str]] = {}

    def go(self, thing: Any, name: str, depth: int) -> None:
        import torch

        if isinstance(thing, _PLAIN) or id(thing) in self.things or id(thing) in self.modules:
            return
        if depth > DEEPEST or len(self.things) > MOST:
            return
        if isinstance(thing, torch.nn.Module):
            self._go_into_module(thing, name, depth)
            return
        self.things[id(thing)] = thing
        _check_place(thing, name)
        for part, called in self._parts(thing, name):
            self.go(part, called, depth + 1)

    def _go_into_module(self, module: torch.nn.Module, name: str, depth: int) -> None:
        self.modules[id(module)] = module
        for path, part in module.named_modules():
            where = f"{name}.{path}" if path else name
            for attribute, value in list(vars(part).items()):
                if attribute not in _HELD:
                    self.go(value, f"{where}.{attribute}", depth + 1)

    def _parts(self, thing: Any, name: str) -> Iterator[tuple[Any, str]]:
        if isinstance(thing, MethodType):
            yield from ((thing.__self__, name), (thing.__func__, name))
        elif isinstance(thing, functools.partial):
            yield thing.func, name
            yield from ((value, name) for value in (*thing.args, *thing.keywords.values()))
        elif isinstance(thing, FunctionType):
            if not _of_library(thing.__module__):
                yield from self._held_by(thing)
        elif isinstance(thing, dict):
            yield from ((value, f"{name}[{key!r}]"[:80]) for key, value in list(dict.items(thing)))
        elif isinstance(thing, list | tuple | deque | set | frozenset):
            kind: Any = next(kind for kind in (list, tuple, deque, set, frozenset) if isinstance(thing, kind))
            yield from ((value, f"an item of {name}"[:80]) for value in list(kind.__iter__(thing)))
        elif isinstance(thing, staticmethod | classmethod):
            yield thing.__func__, name
        elif isinstance(thing, property):
            yield from ((call, name) for call in (thing.fget, thing.fset))
        elif isinstance(thing, type):
            if not _of_library(thing.__module__):
                yield from _attributes_of(vars(thing), name)
        elif isinstance(thing, functools._lru_cache_wrapper):
            yield thing.__wrapped__, name
        elif isinstance(thing, SimpleNamespace) or not _of_library(type(thing).__module__):
            yield from _attributes_of(own_attributes(thing), name)
            yield from ((kind, name) for kind in type(thing).__mro__)

    def _held_by(self, function: FunctionType) -> Iterator[tuple[Any, str]]:
        """The closure of a function, its defaults and attributes, and the globals that it names."""
        for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self.cells[id(cell)] = cell
            try:
                yield cell.cell_contents, variable
            except ValueError:  # not bound yet
                continue
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            yield value, f"a default of {function.__name__}"
        yield from _attributes_of(vars(function), function.__name__)
        names = set(_names(function.__code__))
        for name in names:
            if name in function.__globals__:
                self.names[id(function.__globals__), name] = (function.__globals__, name)
                value = function.__globals__[name]
                if not isinstance(value, ModuleType):
                    yield value, name
                elif not _of_library(value.__name__):
                    for inner in names & vars(value).keys():
                        self.names[id(vars(value)), inner] = (vars(value), inner)
                        yield vars(value)[inner], f"{name}.{inner}"


_PLAIN = (str, bytes, int, float, complex, type(None), ModuleType)


def own_attributes(thing: object) -> dict[str, Any]:
    """The attributes of an object, those in slots too, asked without running code of its own."""
    try:
        own = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        own = {}
    found = dict(own) if type(own) is dict else {}
    for kind in type(thing).__mro__:
        for name, member in vars(kind).items():
            if type(member).__name__ == "member_descriptor":
                try:
                    found[name] = member.__get__(thing)
                except AttributeError:  # not set
                    continue
    return found


def _attributes_of(held: Any, name: str) -> Iterator[tuple[Any, str]]:
    for attribute, value in list(held.items()):
        if not attribute.startswith("__") or attribute == "__call__":
            yield value, f"{name}.{attribute}"


def _check_place(thing: Any, name: str) -> None:
    """Raise BatchError where it goes on from a place that can't be put back."""
    kind = type(thing)
    if isinstance(thing, GeneratorType):
        raise BatchError(UNSAVED.format(name, "a generator"))
    if hasattr(kind, "__next__") and not has_place(thing) and kind.__module__ in ("builtins", "itertools"):
        raise BatchError(UNSAVED.format(name, f"an iterator ({kind.__name__})"))


def _of_library(name: str | None) -> bool:
    return name is None or name.partition(".")[0] in LIBRARIES


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function looks up, and those of the functions within it.

    Names that nobody can type are those of a tool that has rewritten the code: pytest puts "@pytest_ar" into each
    assert, and all of pytest hangs on it.
    """
    yield from filter(str.isidentifier, code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
