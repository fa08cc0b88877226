"""What a module's run may change, in itself and in the whole process, put back after it."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.torch_side.seed import generator_at

if TYPE_CHECKING:
    import torch
    from torch import Tensor

MOST_BYTES = 2**30
"""Of parameters that are copied, so that they can be put back; those of a larger module are trusted not to change."""

_HELD = ("_parameters", "_buffers", "_modules")


@contextmanager
def as_it_was(module: torch.nn.Module, *, trusted: bool = False) -> Iterator[None]:
    """Runs inside without gradients and without warnings, and leaves no trace of them: neither in the module nor
    in the process.

    Put back are the attributes of the module and of all in it (its mode and a state that it keeps among them), its
    buffers and parameters, Python's, NumPy's and torch's random numbers, torch's defaults and the filters of warnings.
    `trusted`: it is known not to change its parameters, which are then not copied. One thread at a time, since much of
    that is one for the whole process.
    """
    import torch

    gpus = sorted({p.device.index for p in module.parameters() if p.device.type == "cuda"})
    with generator_at(None), torch.random.fork_rng(devices=gpus), warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        kept = _attributes(module), _values(module, trusted), _process()
        try:
            yield
        finally:
            for put_back in kept:
                put_back()


def untouched(module: torch.nn.Module) -> torch.nn.Module:
    """The module, or a copy of it where its first run would settle its sizes, as a lazy one's does."""
    from torch.nn.parameter import is_lazy

    lazy = any(is_lazy(tensor) for tensor in chain(module.parameters(), module.buffers()))
    return copy.deepcopy(module) if lazy else module


def _attributes(module: torch.nn.Module) -> Callable[[], None]:
    """Which values the attributes have: those that are changed within, lists say, are not looked at."""
    from torch import nn

    # A compiled module and a scripted one keep their own accounts in their attributes.
    plain = [part for part in module.modules() if type(part).__module__.split(".")[:2] not in _MACHINES]
    kept: list[tuple[nn.Module, dict[str, Any], dict[str, dict[str, Any]]]] = [
        (part, dict(vars(part)), {name: dict(vars(part)[name]) for name in _HELD}) for part in plain
    ]

    def put_back() -> None:
        for part, attributes, held in kept:
            _restore(vars(part), attributes)
            for name, entries in held.items():
                _restore(vars(part)[name], entries)

    return put_back


_MACHINES = (["torch", "jit"], ["torch", "_dynamo"])


def _restore(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Touches only what has become another object: somebody else may be using the module."""
    for name in now.keys() - before.keys():
        del now[name]
    if now.keys() != before.keys():  # their order counts, too
        now.clear()
    for name, value in before.items():
        if now.get(name, now) is not value:
            now[name] = value


def _values(module: torch.nn.Module, trusted: bool) -> Callable[[], None]:
    from torch.nn.parameter import is_lazy

    tensors: list[Tensor] = [buffer for buffer in module.buffers() if not (buffer.is_meta or is_lazy(buffer))]
    parameters = [tensor for tensor in module.parameters() if not (tensor.is_meta or is_lazy(tensor))]
    if not trusted and sum(parameter.nbytes for parameter in parameters) <= MOST_BYTES:
        tensors += parameters
    kept = [(tensor, tensor.detach().clone()) for tensor in tensors]

    def put_back() -> None:
        for tensor, before in kept:
            if not tensor.equal(before):  # what has not changed is not written to: a graph may still need it
                tensor.copy_(before)

    return put_back


def _process() -> Callable[[], None]:
    """Random numbers of Python and NumPy, and torch's defaults."""
    import torch

    drawn, arrays = random.getstate(), np.random.get_state()
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    strict, warns = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()

    def put_back() -> None:
        random.setstate(drawn)
        np.random.set_state(arrays)
        if torch.get_default_dtype() != dtype:
            torch.set_default_dtype(dtype)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if (torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()) != (
            strict,
            warns,
        ):
            torch.use_deterministic_algorithms(strict, warn_only=warns)

    return put_back
