"""Something to be done as soon as a module has been imported, by whoever imports it: it is not imported for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any


def is_torch() -> bool:
    """Whether the module torch that is there is PyTorch, and not one of the program's own of that name."""
    return hasattr(sys.modules.get("torch"), "_C")


class Arrival:  # no MetaPathFinder: importlib.abc takes as long to import as all the rest that a program needs of us
    """Waits for one module, and then calls `then` once, in the thread that imports it, before its importer goes on.

    `then` must raise nothing: it would be raised in the import. Where the module is there already, it is called at
    once. `forget` ends the waiting.
    """

    def __init__(self, name: str, then: Callable[[], object]) -> None:
        self._name, self._then = name, then

    def wait(self) -> None:
        """Begins to wait."""
        if self._name in sys.modules:
            self._then()
        else:
            sys.meta_path.insert(0, self)

    def forget(self) -> None:
        """Ends the waiting, where it has not ended."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """What the finders behind us find, with a loader that tells us; None of every other module."""
        if fullname != self._name:
            return None
        finders = list(sys.meta_path)
        # Those before us have been asked; another that waits for the same module would ask us in turn.
        for finder in finders[finders.index(self) + 1 :] if self in finders else finders:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Telling(spec, spec.loader, self)  # type: ignore[assignment]
                return spec
        return None

    def came(self) -> None:
        """The module is there."""
        if self in sys.meta_path:
            self.forget()
            self._then()


class _Telling:
    """The loader of a module, which is in its place until it loads it, and tells when that is done."""

    def __init__(self, spec: ModuleSpec, loader: Any, arrival: Arrival) -> None:
        self._spec, self._loader, self._arrival = spec, loader, arrival

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._spec.loader = module.__loader__ = self._loader  # nobody sees that we have been here
        self._loader.exec_module(module)
        self._arrival.came()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


# A module that fails to be imported has the traceback that it has without us: the import system leaves out its own
# frames, and this one stands among them.
_Telling.exec_module.__code__ = _Telling.exec_module.__code__.replace(
    co_filename=SourceFileLoader.exec_module.__code__.co_filename
)
