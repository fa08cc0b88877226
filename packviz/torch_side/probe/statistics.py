"""Running statistics in training mode: over all cells that a normalising module is given, and over the valid ones.

What the module is given is taken from runs at rest: that over some rows together, and those over each of them alone,
cut to its length, in which every cell is valid. Then it is itself run in training mode over both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from packviz.core.texts.quoting import LONGEST
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.probe.caller import Caller
from packviz.torch_side.probe.rows import Judge

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

UNFIT = "Not tested: the running statistics of {}, which was given other things in the batch than alone."


class Gathered(NamedTuple):
    """A module that keeps statistics: its name and class, in words, and how one of its buffers comes out over all cells
    and over the valid ones."""

    called: str
    buffer: str
    over_all: float
    over_valid: float


Given = dict[int, list[list[Any]]]
"""Number of a module → the arguments of each of its calls."""


class Listener:
    """Hears what the modules that keep statistics are given."""

    def __init__(self, modules: tuple[nn.Module, ...]) -> None:
        self.parts = [
            (name, part)
            for module in modules
            for name, part in module.named_modules()
            if any(buffer.is_floating_point() for buffer in part.buffers(recurse=False))
        ]
        self.alone: dict[int, Given] = {}

    def hooks(self, into: Given) -> Callable[[], None]:
        """What sets hooks that put all arguments into `into`."""

        def hear(number: int) -> Callable[[Any, Any], None]:
            return lambda part, given: into.setdefault(number, []).append(
                [value.detach().clone() if hasattr(value, "detach") else value for value in given]
            )

        def hooked() -> None:
            for number, (_, part) in enumerate(self.parts):
                part.register_forward_pre_hook(hear(number))

        return hooked

    def of_row(self, row: int) -> Callable[[], None]:
        """The hooks for the run over a row alone."""
        return self.hooks(self.alone.setdefault(row, {}))


def statistics(caller: Caller, listener: Listener, judge: Judge) -> tuple[list[Gathered], list[str]]:
    """The modules whose statistics take in padding, and what could not be tested."""
    rows = sorted(listener.alone)
    lengths = caller.padding.lengths[rows]
    if not listener.parts or len(rows) < 2 or (lengths == lengths.max()).all():
        return [], []
    together: Given = {}
    caller.of_rows(rows, int(lengths.max()), listener.hooks(together))
    caller.guard.back()  # the hooks go with it
    found, failed = [], []
    for number, (name, part) in enumerate(listener.parts):
        calls = together.get(number, [])
        alone = [listener.alone[row].get(number, []) for row in rows]
        called = f"`{name}` ({type(part).__name__})" if name else f"the {type(part).__name__}"
        if not calls:
            continue
        if any(len(each) != len(calls) for each in alone):
            failed.append(UNFIT.format(called))
            continue
        try:
            over_all = _trained(caller, part, calls)
            joined = [_joined(calls[at], [each[at] for each in alone]) for at in range(len(calls))]
            over_valid = None if None in joined else _trained(caller, part, [each for each in joined if each])
        except Exception as error:  # whatever a module of the user's raises in training mode
            failed.append(f"{UNFIT.format(called)[:-1]}: {raised(error, LONGEST)}")
            continue
        if over_valid is None:
            failed.append(UNFIT.format(called))
            continue
        for buffer, (value, before) in over_all.items():
            valid = over_valid[buffer][0]
            if value.shape == valid.shape and _differ(value, valid, before):
                at = int((value - valid).abs().argmax())
                told = (float(each.reshape(-1)[at]) for each in (value, valid))
                found.append(Gathered(called, buffer, *told))
                break
    return found, failed


def _trained(caller: Caller, part: nn.Module, calls: list[list[Any]]) -> dict[str, tuple[Tensor, Tensor]]:
    """Its floating buffers after these calls in training mode, and before; it is as it was afterwards."""
    import torch

    before = {name: buffer.detach().clone() for name, buffer in part.named_buffers(recurse=False)}
    try:
        part.train()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            for given in calls:
                part(*given)
        return {
            name: (buffer.detach().clone(), before[name])
            for name, buffer in part.named_buffers(recurse=False)
            if buffer.is_floating_point() and name in before
        }
    finally:
        caller.guard.back()


def _joined(together: list[Any], alone: list[list[Any]]) -> list[Any] | None:
    """The arguments of the calls over rows alone as those of one call: each tensor side by side, along the dimension
    that differs; None where there is no one such."""
    import torch

    joined: list[Any] = []
    for at, whole in enumerate(together):
        parts = [given[at] for given in alone if at < len(given)]
        if len(parts) != len(alone):
            return None
        if not isinstance(whole, torch.Tensor):
            joined.append(whole)
            continue
        if any(not isinstance(part, torch.Tensor) or part.ndim != whole.ndim for part in parts):
            return None
        along = _dimension(whole, parts)
        if along is None:
            return None
        joined.append(torch.cat(parts, dim=along) if along >= 0 else whole)
    return joined


def _dimension(whole: torch.Tensor, parts: list[torch.Tensor]) -> int | None:
    """Along which the parts are put side by side; -1 where they are all the whole itself."""
    varies = [at for at in range(whole.ndim) if len({part.shape[at] for part in parts}) > 1]
    if len(varies) == 1:
        return varies[0]
    if varies:
        return None
    grown = [at for at in range(whole.ndim) if whole.shape[at] != parts[0].shape[at]]
    return grown[0] if len(grown) == 1 else None if grown else -1


def _differ(value: Tensor, valid: Tensor, before: Tensor) -> bool:
    """Whether they are apart by more than rounding; moved at all, they have both."""
    moved = float((valid - before).abs().max()) if valid.numel() else 0.0
    return bool(((value - valid).abs() > 1e-3 * moved + 1e-6).any())
