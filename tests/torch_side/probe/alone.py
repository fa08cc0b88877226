"""Whether a function keeps the law, by brute force and without packviz: every row alone, cut to its length, against the
same row in many batches, in float64.

In the batch as it is, with other padding, with other data in all other rows, with more padding, beside each other row
by itself; and, where no row has padding, cut to half beside the others.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

SAME, CLEAR = 1e-9, 1e-3
"""Below the first, a difference is rounding; above the second, it is far above that of float32."""

Rows = list[list[Any]]
"""Of each thing that is returned: what each row gets, a list of tensors as it may be read."""


@dataclass(frozen=True)
class Truth:
    """`apart`: the largest difference of a row alone and in any of the batches, as a share of the numbers there; `inf`
    where shapes differ. None: it raises over the batch, or over a row alone. `half`: a half of the features of a state
    has read the first or the last step only. `statistics`: a norm is given other cells than those of the rows alone."""

    apart: float | None
    half: bool = False
    statistics: bool = False

    @property
    def broken(self) -> bool:
        return self.apart is not None and self.apart > CLEAR

    @property
    def kept(self) -> bool:
        return self.apart is not None and self.apart < SAME


def truth_of(fn: Callable[..., Any], x: Tensor, lengths: list[int], batch_first: bool) -> Truth:
    """x: (B, T, F), whatever the function is given."""
    modules = list(_modules(fn, set()))
    for module in modules:
        module.double().eval()
    run = _Run(fn, batch_first)
    x = x.double()
    try:
        whole = run(x, lengths)
        alone = [run(x[row : row + 1, :n], [n]) for row, n in enumerate(lengths)]
    except Exception:  # whatever a mutant raises
        return Truth(None)
    everyone = list(range(len(lengths)))
    apart = _apart(whole, alone, everyone)
    for company, others, rows in _companies(x, lengths):
        try:
            result = run(company, others)
        except Exception:  # a table of positions ends, say
            continue
        chosen = [alone[row] for row in rows]
        apart = max(apart, _apart(result, chosen, everyone[: len(rows)], _kept(company, x, lengths, rows)))
    if len(set(lengths)) == 1 and x.shape[1] == lengths[0] > 1:
        apart = max(apart, _beside_longer(run, x, lengths))
    return Truth(apart, _half(run, modules, x, lengths), _statistics(run, modules, x, lengths))


class _Run:
    def __init__(self, fn: Callable[..., Any], batch_first: bool) -> None:
        self.fn, self.batch_first = fn, batch_first

    def __call__(self, x: Tensor, lengths: list[int]) -> Any:
        torch.manual_seed(0)
        with torch.no_grad(), patch.object(F, "dropout", lambda value, *how, **more: value):
            given = x.clone() if self.batch_first else x.transpose(0, 1).contiguous()
            return copy.deepcopy(self.fn(given, torch.tensor(lengths)))


def _modules(value: Any, seen: set[int]) -> Iterator[nn.Module]:
    """Those that a function holds."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, nn.Module):
        yield value
        return
    for cell in getattr(value, "__closure__", None) or ():
        yield from _modules(cell.cell_contents, seen)
    if hasattr(value, "__self__"):
        yield from _modules(value.__self__, seen)


def _companies(x: Tensor, lengths: list[int]) -> Iterator[tuple[Tensor, list[int], list[int]]]:
    """x, its lengths, and which rows of the batch they are."""
    torch.manual_seed(1)
    rows, steps = x.shape[:2]
    padding = torch.arange(steps) >= torch.tensor(lengths)[:, None]
    every = list(range(rows))
    for size in (3.0, -40.0):
        yield torch.where(padding[..., None], size * torch.rand_like(x), x), lengths, every
    for row in every:
        other = torch.arange(rows) != row
        drawn = torch.randn_like(x) * 2 + 0.3
        yield torch.where(other[:, None, None] & ~padding[..., None], drawn, x), lengths, every
    for more in (1, 3):
        yield torch.cat([x, torch.rand_like(x[:, :more])], 1), lengths, every
    for row in every:
        for beside in range(row):
            pair = [beside, row]
            longest = max(lengths[each] for each in pair)
            yield x[pair][:, :longest], [lengths[each] for each in pair], pair


def _beside_longer(run: _Run, x: Tensor, lengths: list[int]) -> float:
    """Of a batch without padding: rows that are cut to half, beside the others."""
    apart = 0.0
    rows = range(len(lengths))
    for cut in ({0}, {rows[-1]}, set(rows[::2])):
        ends = [(n + 1) // 2 if row in cut else n for row, n in enumerate(lengths)]
        beyond = torch.arange(x.shape[1]) >= torch.tensor(ends)[:, None]
        try:
            alone = [run(x[row : row + 1, :n], [n]) for row, n in enumerate(ends)]
            for size in (0.0, 3.0, -40.0):
                whole = run(torch.where(beyond[..., None], size * torch.rand_like(x), x), ends)
                apart = max(apart, _apart(whole, alone, list(range(len(ends)))))
        except Exception:  # it takes no shorter row
            continue
    return apart


def _kept(company: Tensor, x: Tensor, lengths: list[int], rows: list[int]) -> list[bool]:
    """Which rows hold the data that they hold in the batch."""
    return [company[at, : lengths[row]].equal(x[row, : lengths[row]]) for at, row in enumerate(rows)]


# ---- what a row gets -------------------------------------------------------------------------------------------------


def _apart(whole: Any, alone: list[Any], rows: list[int], which: list[bool] | None = None) -> float:
    """The largest difference, of these rows."""
    found = 0.0
    many = [_things(each) for each in alone]
    for name, value in _things(whole).items():
        if any(name not in each for each in many):
            return float("inf")
        found = max(found, _of_thing(value, [each[name] for each in many], rows, which or [True] * len(rows)))
    return found


def _things(value: Any, name: str = "") -> dict[str, Any]:
    """All that is returned, by its place; a list of one thing a row stays one."""
    if isinstance(value, PackedSequence):
        return {name: pad_packed_sequence(value, batch_first=True)[0]}
    if isinstance(value, Tensor):
        return {name: value}
    if isinstance(value, Mapping):
        items = list(value.items())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        items = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    elif isinstance(value, tuple) or (isinstance(value, list) and not _by_row(value)):
        items = list(enumerate(value))
    else:
        return {name: value} if isinstance(value, list) else {}
    return {each: thing for key, item in items for each, thing in _things(item, f"{name}[{key}]").items()}


def _by_row(value: list[Any]) -> bool:
    """A list of sequences of numbers, or of steps: as decoders and unpadding return them."""
    return all(isinstance(item, list) or (isinstance(item, Tensor) and item.ndim == 2) for item in value)


def _of_thing(whole: Any, alone: list[Any], rows: list[int], which: list[bool]) -> float:
    if isinstance(whole, list):
        if len(whole) != len(rows) or any(len(each) != 1 for each in alone):
            return float("inf")
        pairs = [(torch.as_tensor(whole[row]), torch.as_tensor(alone[row][0])) for row in rows if which[row]]
        return max((_difference(*pair, whole=True) for pair in pairs), default=0.0)
    if any(each.ndim != whole.ndim for each in alone):
        return float("inf")
    ways = []
    for axis in range(whole.ndim):
        times = {each.shape[axis] for each in alone}
        if len(times) == 1 and whole.shape[axis] == len(rows) * (size := times.pop()) > 0:
            parts = [(whole.narrow(axis, row * size, size), alone[row]) for row in rows if which[row]]
            ways.append(max((_difference(*part) for part in parts), default=0.0))
    return min(ways, default=float("inf"))


def _difference(got: Tensor, want: Tensor, whole: bool = False) -> float:
    """Of a row in a batch and alone, in all that it has alone. `whole`: it has nothing else, either."""
    fits = got.ndim == want.ndim and all(a >= b for a, b in zip(got.shape, want.shape, strict=True))
    if not fits or (whole and got.shape != want.shape):
        return float("inf")
    got = got[tuple(slice(0, size) for size in want.shape)].double()
    want = want.double()
    if not bool((got.isnan() == want.isnan()).all()):
        return float("inf")
    got, want = got.nan_to_num(0, 1e30, -1e30), want.nan_to_num(0, 1e30, -1e30)
    size = max(float(want.abs().max()), float(got.abs().max()), 1e-6) if want.numel() else 1.0
    return float((got - want).abs().max()) / size if want.numel() else 0.0


# ---- what is no breach of the law, and said all the same ------------------------------------------------------------


def _half(run: _Run, modules: list[nn.Module], x: Tensor, lengths: list[int]) -> bool:
    """Whether half of the features of anything that has no steps has read one step of its row, the other half more."""
    for row, length in enumerate(lengths):
        if length <= 2:
            continue
        one = x[row : row + 1, :length]
        base = _states(run, modules, one)
        read: dict[str, list[set[int]]] = {name: [set(), set()] for name in base}
        for step in range(length):
            other = one.clone()
            other[0, step] += torch.tensor([0.7, -1.1, 0.4, 0.9])[: one.shape[2]]
            for name, value in _states(run, modules, other).items():
                was = base.get(name)
                if was is None or was.shape != value.shape:
                    continue
                moved = (value != was).reshape(-1, value.shape[-1]).any(0).reshape(2, -1).any(1)
                for half in range(2):
                    if moved[half]:
                        read[name][half].add(step)
        for halves in read.values():
            for mine, others in (halves, halves[::-1]):
                if mine in ({0}, {length - 1}) and len(others) > 1:
                    return True
    return False


def _states(run: _Run, modules: list[nn.Module], x: Tensor) -> dict[str, Tensor]:
    """All floating tensors with an even number of features that come out, or go into a part of a module."""
    found: dict[str, Tensor] = {}

    def heard(part: nn.Module, given: Any) -> None:
        if given and isinstance(given[0], Tensor) and not given[0].is_nested:
            found[f"into {len(found)}"] = given[0].clone()

    hooks = [part.register_forward_pre_hook(heard) for module in modules for part in module.modules()]
    try:
        result = run(x, [x.shape[1]])
    finally:
        for hook in hooks:
            hook.remove()
    found |= {name: value for name, value in _things(result).items() if isinstance(value, Tensor)}
    return {name: t for name, t in found.items() if t.is_floating_point() and t.ndim > 1 and t.shape[-1] % 2 == 0}


def _statistics(run: _Run, modules: list[nn.Module], x: Tensor, lengths: list[int]) -> bool:
    """Whether the mean of what a batch norm is given differs from that over the rows alone."""
    norms = [part for module in modules for part in module.modules() if isinstance(part, nn.BatchNorm1d)]
    for norm in norms:
        given: list[Tensor] = []
        hook = norm.register_forward_pre_hook(lambda part, got, given=given: given.append(got[0].clone()))
        try:
            run(x, lengths)
            for row, n in enumerate(lengths):
                run(x[row : row + 1, :n], [n])
        finally:
            hook.remove()
        cells = [each.transpose(0, 1).reshape(each.shape[1], -1) for each in given]
        if _difference(torch.cat(cells[1:], 1).mean(1), cells[0].mean(1)) > SAME:
            return True
    return False
