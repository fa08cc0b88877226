"""Who is told of the calls that the program makes: one object for the whole process, which tells all that record.

Whatever goes wrong in here is counted, and never reaches the program.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from packviz.core.noted import Site
from packviz.core.texts.quoting import cut
from packviz.torch_side.recording.aside import ASIDE
from packviz.torch_side.recording.compiled import EXPORTING, Compiled
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import made_by
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.signals import of_signal
from packviz.torch_side.recording.sites import site_of
from packviz.torch_side.recording.swaps import WORKERS, Swaps
from packviz.torch_side.recording.views import Unreadable
from packviz.torch_side.recording.workers import Begin, begun, put_back

INSIDE = "inside packviz: "
"""How the reason begins why a call was not seen that is packviz's own defect."""


class Listener(Protocol):
    """What records: told of each call when it begins, and when it has come to its end unless it waits until then; of
    what could not be seen, and of what stands where it never will be."""

    def begins(self, observed: Observed) -> None: ...

    def told(self, observed: Observed) -> None: ...

    def missed(self, why: str) -> None: ...

    def stands(self, why: str, many: int) -> None: ...

    def forked(self) -> None: ...

    def elsewhere(self) -> Begin: ...


class _Begun:
    """A call that has begun. `observed`: None where nothing can be told of it."""

    __slots__ = ("listeners", "observed")

    def __init__(self, observed: Observed | None, listeners: tuple[Listener, ...]) -> None:
        self.observed, self.listeners = observed, listeners


class Notes:
    """Told of each call by the code that stands in the place of torch's own."""

    dynamo: Callable[[Any], Any]
    tracing: Callable[[], Any]
    """What torch.jit.trace is at; not None while it runs the program, whose tensors stand for others then."""
    untouched: Callable[[], AbstractContextManager[Any]]
    """Inside one of these, no class and no mode is told of what is asked of a tensor."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._listeners: tuple[Listener, ...] = ()
        self._swaps = Swaps(self)
        self._compiled = Compiled(self._stand, lambda own: _missed(self._listeners, inside(own)))

    def add(self, listener: Listener) -> None:
        """From now on it is told of each call, of all threads. The first one makes that calls are told at all."""
        import torch

        type(self).dynamo = staticmethod(torch._C._dynamo.eval_frame.set_eval_frame)
        type(self).tracing = staticmethod(torch._C._get_tracing_state)
        type(self).untouched = staticmethod(getattr(torch._C, "DisableTorchFunction", nullcontext))
        with self._lock:
            if not self._listeners:
                left_out = self._swaps.put_in()
                for kind in left_out:
                    listener.missed(f"{kind} is not torch's own function")
                self._compiled.begin()
            self._listeners = (*self._listeners, listener)

    def remove(self, listener: Listener) -> None:
        """It is told no more. After the last one, torch is as it was."""
        with self._lock:
            self._listeners = tuple(one for one in self._listeners if one is not listener)
            if not self._listeners:
                self._swaps.take_out()
                self._compiled.end()

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return self._listeners

    def begin(self, kind: str, *given: Any) -> object:
        """A call begins; what is given is handed back at its end. None where it is not noted: it is part of another
        call, or packviz's own, or it can't be seen."""
        listeners = self._listeners
        if not listeners or ASIDE.inside:
            return None
        try:
            if kind == WORKERS:
                return begun(given[1], [one.elsewhere() for one in listeners])
            site = site_of(sys._getframe(2))
            if site is None:
                return None
            if self.tracing() is not None:
                _missed(listeners, "while tracing")
                return None
        except Exception as error:
            _missed(listeners, inside(error))
            return None
        observed = None
        try:
            ASIDE.inside = True
            with self.untouched():
                observed = _observed(kind, given, site, listeners)
                return _Begun(observed, listeners)
        except BaseException:  # as Ctrl+C: the program goes on without this call, and with those that come
            ASIDE.inside = False
            if observed is not None:
                observed.over = None
            raise

    def returned(self, begun: object, result: object) -> None:
        """The call returned."""
        self._ended(begun, None)

    def raised(self, begun: object, error: BaseException) -> None:
        """The call raised."""
        self._ended(begun, error)

    def _ended(self, call: object, error: BaseException | None) -> None:
        if not isinstance(call, _Begun):
            if call is not None:
                put_back(call)
            return
        try:
            observed = call.observed
            if observed is None:
                return
            if error is not None and not isinstance(error, Exception):
                observed.over = None
            elif observed.ends(None if error is None or _is_torchs_own(error) else error):
                with self.untouched():
                    for listener in call.listeners:
                        _tell(listener, listener.told, observed)
        except Exception as own:
            _missed(call.listeners, inside(own))
        finally:
            ASIDE.inside = False

    def _stand(self, why: str, many: int) -> None:
        """So many calls stand where torch runs them by itself."""
        for listener in self._listeners:
            listener.stands(why, many)

    def forked(self) -> None:
        """In the child of a fork: nobody is left who would release a lock."""
        self._lock = threading.RLock()
        for listener in self._listeners:
            try:
                listener.forked()
            except Exception as own:
                _missed((listener,), inside(own))


def _observed(kind: str, given: tuple[Any, ...], site: Site, listeners: tuple[Listener, ...]) -> Observed | None:
    """What there is to tell of a call that begins. It is looked at now: the program has just been at its tensors, and
    the processor has them and this code at hand, which a long call drives out."""
    made, looks = None, None
    try:
        try:
            made = made_by(kind, given)
            looks = looks_at(made)
        except Unreadable as why:
            if _exporting():
                _missed(listeners, EXPORTING)
                return None
            _missed(listeners, str(why))
        if made is None:
            return None
        observed = Observed(made, looks, site, len(listeners) == 1)
    except Exception as own:
        _missed(listeners, inside(own))
        return None
    try:
        for listener in listeners:
            _tell(listener, listener.begins, observed)
    except BaseException:  # as Ctrl+C: it may wait already
        observed.over = None
        raise
    return observed


def _tell(listener: Listener, what: Callable[[Observed], None], observed: Observed) -> None:
    try:
        what(observed)
    except Exception as own:
        _missed((listener,), inside(own))


def _is_torchs_own(error: Exception) -> bool:
    """Whether it is how torch ends a call that has done what it was made for, as when it computes activations again."""
    kind = type(error)
    return kind.__name__.startswith("_") and kind.__module__.startswith("torch.")


def _exporting() -> bool:
    """Whether torch.export runs a program; it may do so in another thread."""
    import torch

    asked = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)
    return bool(asked())


def _missed(listeners: tuple[Listener, ...], why: str) -> None:
    for listener in listeners:
        listener.missed(why)


def inside(error: Exception) -> str:
    """What is counted of an error that nothing in here is meant to raise.

    Where a handler of signals has raised it, as one does that ends what takes too long, it is the program's: it is
    raised again.
    """
    if of_signal(error):
        raise error
    said = cut(" ".join(str(error).split()), 120)
    return f"{INSIDE}{type(error).__name__}: {said}".rstrip(": ")


NOTES = Notes()
"""The one of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=NOTES.forked)
