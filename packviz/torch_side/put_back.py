"""THE guard: what somebody's module may change, in itself and in the whole process, is put back after its run."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.quiet import quiet
from packviz.torch_side.contents import Contents, same
from packviz.torch_side.seed import generator_at

if TYPE_CHECKING:
    import torch
    from torch import Tensor

MOST_BYTES = 2**30
"""Of parameters that are copied, so that they can be put back; those of a larger module are trusted not to change."""

PutBack = Callable[[], None]

_HELD = ("_parameters", "_buffers", "_modules")
_MACHINES = (["torch", "jit"], ["torch", "_dynamo"])
"""A compiled module and a scripted one keep their own accounts in their attributes."""


@contextmanager
def as_it_was(*modules: torch.nn.Module, trusted: bool = False) -> Iterator[None]:
    """Runs inside without gradients and without warnings, and leaves no trace of them: neither in the modules nor
    in the process, whatever is raised, KeyboardInterrupt and SystemExit too.

    Put back are, of the modules and all in them, the attributes (mode, hooks, a state that they keep) and what lists,
    dicts, arrays, tensors and generators in these hold, buffers, parameters, their .grad and whether they want one; of
    the process, Python's, NumPy's and torch's random numbers, torch's defaults, its number of threads, and the filters
    of warnings. `trusted`: the modules are known not to change their parameters, which are then not copied.
    One thread at a time, since much of that is one for the whole process. Where something can't be put back all else
    is, and RuntimeError says what was not.
    """
    import torch

    gpus = sorted({p.device.index for module in modules for p in module.parameters() if p.device.type == "cuda"})
    with quiet(), generator_at(None), torch.random.fork_rng(devices=gpus), torch.no_grad():
        kept = list(_process())
        for module in modules:
            kept += [*_attributes(module), _values(module, trusted)]
        try:
            yield
        finally:
            with torch.no_grad():  # which may have been changed inside
                _put_back(reversed(kept))


def untouched(module: torch.nn.Module) -> torch.nn.Module:
    """The module, or a copy of it where its first run would settle its sizes, as a lazy one's does.

    Raises BatchError where it would have to be copied and can't be.
    """
    if not is_unsettled(module):
        return module
    try:
        return copy.deepcopy(module)
    except Exception as error:
        raise BatchError(
            f"the sizes of the {type(module).__name__} are settled by its first run, and it can't be copied "
            f"({type(error).__name__}): run it once first."
        ) from error


def is_unsettled(module: torch.nn.Module) -> bool:
    """Whether it has lazy parameters or buffers, whose sizes the first run settles."""
    from torch.nn.parameter import is_lazy

    return any(is_lazy(tensor) for tensor in chain(module.parameters(), module.buffers()))


def _put_back(kept: Iterator[PutBack]) -> None:
    """All of it, whichever of them fails."""
    failed: list[Exception] = []
    for put_back in kept:
        try:
            put_back()
        except Exception as error:
            failed.append(error)
    if failed:
        said = f"not all could be put back as it was: {'; '.join(f'{type(e).__name__}: {e}' for e in failed)}"
        raised = sys.exc_info()[1]
        if raised is None:
            raise RuntimeError(said) from failed[0]
        raised.add_note(said)


def _attributes(module: torch.nn.Module) -> Iterator[PutBack]:
    """What the attributes of all parts are, and what they hold."""
    from torch import nn

    plain = [part for part in module.modules() if type(part).__module__.split(".")[:2] not in _MACHINES]
    kept: list[tuple[nn.Module, dict[str, Any], dict[str, dict[str, Any]]]] = [
        (part, dict(vars(part)), {name: dict(vars(part)[name]) for name in _HELD}) for part in plain
    ]
    contents = Contents(skip=chain(module.modules(), module.parameters(), module.buffers()))
    for _, attributes, _ in kept:
        for name, value in attributes.items():
            if name not in _HELD:
                contents.keep(value)

    def put_back() -> None:
        for part, attributes, held in kept:
            _restore(vars(part), attributes)
            for name, entries in held.items():
                _restore(vars(part)[name], entries)

    yield put_back
    yield from contents.back


def _restore(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Touches only what has become another object: somebody else may be using the module."""
    for name in now.keys() - before.keys():
        del now[name]
    if now.keys() != before.keys():  # their order counts, too
        now.clear()
    for name, value in before.items():
        if now.get(name, now) is not value:
            now[name] = value


def _values(module: torch.nn.Module, trusted: bool) -> PutBack:
    """What buffers, parameters and gradients hold."""
    from torch.nn.parameter import is_lazy

    parameters = [p for p in module.parameters() if not (p.is_meta or is_lazy(p))]
    tensors: list[Tensor] = [buffer for buffer in module.buffers() if not (buffer.is_meta or is_lazy(buffer))]
    if not trusted and sum(parameter.nbytes for parameter in parameters) <= MOST_BYTES:
        tensors += parameters
        tensors += [p.grad for p in parameters if p.grad is not None]
    kept = [(tensor, tensor.detach().clone()) for tensor in tensors]
    wanted = [(p, p.grad, p.requires_grad) for p in parameters]

    def put_back() -> None:
        for tensor, before in kept:
            if not same(tensor, before):  # what has not changed is not written to: a graph may still need it
                tensor.copy_(before)
        for parameter, grad, requires_grad in wanted:
            if parameter.grad is not grad:
                parameter.grad = grad
            if parameter.requires_grad != requires_grad:
                parameter.requires_grad_(requires_grad)

    return put_back


def _process() -> Iterator[PutBack]:
    """Random numbers of Python and NumPy, and torch's defaults."""
    import torch

    drawn, arrays = random.getstate(), np.random.get_state()
    yield lambda: random.setstate(drawn)
    yield lambda: np.random.set_state(arrays)
    yield _setting(torch.get_default_dtype, torch.set_default_dtype)
    yield _setting(torch.get_num_threads, torch.set_num_threads)
    yield _setting(
        lambda: (torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()),
        lambda before: torch.use_deterministic_algorithms(before[0], warn_only=before[1]),
    )
    yield _setting(
        torch.get_default_device,
        lambda before: torch.set_default_device(None if before == torch.device("cpu") else before),
    )
    for device in ("cpu", "cuda"):
        yield _setting(
            lambda device=device: torch.is_autocast_enabled(device),  # type: ignore[misc]
            lambda on, device=device: torch.set_autocast_enabled(device, on),  # type: ignore[misc]
        )


def _setting(get: Callable[[], Any], put: Callable[[Any], object]) -> PutBack:
    """Sets what has become another value to what it is now."""
    before = get()

    def put_back() -> None:
        if get() != before:
            put(before)

    return put_back
