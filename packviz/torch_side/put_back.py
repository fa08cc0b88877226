"""THE guard: what somebody's module may change, in itself and in the whole process, is put back after its run."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.budget import MEMORY, size_text
from packviz.core.quiet import quiet
from packviz.torch_side.contents import Contents
from packviz.torch_side.kept_tensors import kept_gradient, kept_tensor
from packviz.torch_side.recording.aside import aside
from packviz.torch_side.seed import generator_at

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PutBack = Callable[[], None]


@dataclass(frozen=True)
class Guard:
    """What is put back. `back`: puts all of it back, now. `chance`: of each generator of random numbers that somebody
    holds, what puts it back, and what seeds it."""

    back: PutBack
    chance: tuple[tuple[PutBack, Callable[[int], object]], ...]

    def seed(self, seed: int) -> None:
        """Seed all random numbers: Python's, NumPy's, torch's on all devices, and those of each generator."""
        import torch

        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        for _, reseed in self.chance:
            reseed(seed)

    def draw_again(self) -> None:
        """Put the random numbers back, but for torch's own, and nothing else."""
        random.setstate(self.drawn[0])
        np.random.set_state(self.drawn[1])
        for put_back, _ in self.chance:
            put_back()

    drawn: tuple[Any, Any] = field(default_factory=lambda: (random.getstate(), np.random.get_state()))


_HELD = ("_parameters", "_buffers", "_modules")
_MACHINES = (["torch", "jit"], ["torch", "_dynamo"])
"""A compiled module and a scripted one keep their own accounts in their attributes."""


@contextmanager
def as_it_was(
    *modules: torch.nn.Module, trusted: bool = False, also: Callable[[Contents], None] | None = None
) -> Iterator[Guard]:
    """Runs inside without gradients and without warnings, and leaves no trace of them: neither in the modules nor
    in the process, whatever is raised, KeyboardInterrupt and SystemExit too.

    Put back are, of the modules and all in them, the attributes (mode, hooks, a state that they keep) and what lists,
    dicts, arrays, tensors and generators in these hold, buffers, parameters, their .grad and whether they want one; of
    the process, Python's, NumPy's and torch's random numbers, torch's defaults, its number of threads, and the filters
    of warnings. `trusted`: the modules are known not to change their parameters, which are then not copied. `also`:
    keeps what else may be changed. Parameters and gradients for which there is no memory to copy them must not change:
    where they did, RuntimeError says so.
    One thread at a time, since much of that is one for the whole process. Where something can't be put back all else
    is, and RuntimeError says what was not.
    """
    import torch

    gpus = {p.device.index for module in modules for p in module.parameters() if p.device.type == "cuda"}
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        gpus |= set(range(torch.cuda.device_count()))
    with aside(), quiet(), generator_at(None), torch.random.fork_rng(devices=sorted(gpus)), torch.no_grad():
        kept = list(_process())
        chance: list[tuple[PutBack, Callable[[int], object]]] = []
        known = [
            thing for module in modules for thing in chain(module.modules(), module.parameters(), module.buffers())
        ]
        for contents in (_attributes(modules, known, kept), _else(known, also)):
            kept += contents.back
            chance += contents.chance
        kept += _values(modules, trusted)

        def back() -> None:
            with torch.no_grad():  # which may have been changed inside
                _put_back(reversed(kept))

        try:
            yield Guard(back, tuple(chance))
        finally:
            back()


def _else(known: list[Any], also: Callable[[Contents], None] | None) -> Contents:
    contents = Contents(skip=known)
    if also is not None:
        also(contents)
    return contents


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


def _attributes(modules: tuple[torch.nn.Module, ...], known: list[Any], kept: list[PutBack]) -> Contents:
    """What the attributes of all parts of the modules hold; what they are goes to `kept`."""
    plain = [
        part for module in modules for part in module.modules() if type(part).__module__.split(".")[:2] not in _MACHINES
    ]
    held = [(part, dict(vars(part)), {name: dict(vars(part)[name]) for name in _HELD}) for part in plain]
    contents = Contents(skip=known)
    for _, attributes, _ in held:
        for name, value in attributes.items():
            if name not in _HELD:
                contents.keep(value)

    def put_back() -> None:
        for part, attributes, each in held:
            _restore(vars(part), attributes)
            for name, entries in each.items():
                _restore(vars(part)[name], entries)

    kept.append(put_back)
    return contents


def _restore(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Touches only what has become another object: somebody else may be using the module."""
    for name in now.keys() - before.keys():
        del now[name]
    if now.keys() != before.keys():  # their order counts, too
        now.clear()
    for name, value in before.items():
        if now.get(name, now) is not value:
            now[name] = value


def _values(modules: tuple[torch.nn.Module, ...], trusted: bool) -> Iterator[PutBack]:
    """What buffers, parameters and gradients hold."""
    from torch.nn.parameter import is_lazy

    def settled(tensors: Iterator[Tensor]) -> list[Tensor]:
        return [tensor for tensor in tensors if not (tensor.is_meta or is_lazy(tensor))]

    parameters = settled(chain.from_iterable(module.parameters() for module in modules))
    yield from map(kept_tensor, settled(chain.from_iterable(module.buffers() for module in modules)))
    size = sum(p.nbytes + (0 if p.grad is None else p.grad.nbytes) for p in parameters)
    copied = not trusted and size <= MEMORY.most()
    for parameter in parameters:
        if copied:
            yield kept_tensor(parameter)
        elif not trusted:
            yield _promised(parameter)
        yield kept_gradient(parameter, inside=copied)


def _promised(parameter: Tensor) -> PutBack:
    """Raises where a parameter has changed that could not be copied."""
    before = _told(parameter)

    def check() -> None:
        if _told(parameter) != before:
            raise ValueError(
                f"a parameter of shape {tuple(parameter.shape)} was changed, and all of them are too large to be "
                f"copied in the {size_text(MEMORY.most())} allowed: probe a copy, or allow more with "
                f"{MEMORY.variable}=64G"
            )

    return check


def _told(tensor: Tensor) -> tuple[Any, ...]:
    """What can be told of a tensor without a copy of it: another one is another value nearly always."""
    flat = tensor.detach().reshape(-1)
    parts = (flat[at : at + _PIECE] for at in range(0, len(flat), _PIECE))
    return tensor.data_ptr(), tensor._version, *(float(part.double().nan_to_num().abs().sum()) for part in parts)


_PIECE = 1 << 22
"""Numbers that are looked at at once."""


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
    yield _setting(torch.is_anomaly_enabled, lambda on: _ignore(torch.autograd.set_detect_anomaly(on)))
    yield _setting(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision)
    for name in ("enabled", "benchmark", "deterministic"):
        yield _setting(
            lambda name=name: getattr(torch.backends.cudnn, name),  # type: ignore[misc]
            lambda on, name=name: setattr(torch.backends.cudnn, name, on),  # type: ignore[misc]
        )
    yield from _hooks_of_all_modules()
    for device in ("cpu", "cuda"):
        yield _setting(
            lambda device=device: torch.is_autocast_enabled(device),  # type: ignore[misc]
            lambda on, device=device: torch.set_autocast_enabled(device, on),  # type: ignore[misc]
        )


def _hooks_of_all_modules() -> Iterator[PutBack]:
    """The hooks that run with every module."""
    from torch.nn.modules import module as of_all

    for name, held in vars(of_all).items():
        if name.startswith("_global_") and isinstance(held, dict):
            yield lambda held=held, before=dict(held): _restore(held, before)  # type: ignore[misc]


def _ignore(result: object) -> None:
    """Of a call that is made for what it does."""


def _setting(get: Callable[[], Any], put: Callable[[Any], object]) -> PutBack:
    """Sets what has become another value to what it is now."""
    before = get()

    def put_back() -> None:
        if get() != before:
            put(before)

    return put_back
