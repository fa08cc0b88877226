"""Where in a model the law breaks first: hooks on one run in the batch and one of a row alone, module by module.

Right is what the row has alone, wherever in the batch it stands: a model may well sort the rows for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packviz.core.cancel import Cancelled
from packviz.torch_side.probe.caller import Caller, Unfit
from packviz.torch_side.probe.results import is_tensor, leaves, tensors_of
from packviz.torch_side.probe.rows import Judge

if TYPE_CHECKING:
    from torch import Tensor, nn

IN_MODULE = "broken first by {}, input right, output wrong"
BETWEEN = "broken first before {}: what it is given is wrong, though what {} returned was right"
BEFORE = "broken first before {}: what it is given is wrong, and nothing ran before it"
AFTER = "broken first after {}, the last to run: what it returned is right, and the result is wrong"


@dataclass(frozen=True)
class _Event:
    """One call of a part: its name and class in words, nothing for what is probed itself; what it was given, what it
    returned."""

    told: str
    given: list[Any]
    out: list[Any]


def first_break(
    caller: Caller, module: nn.Module, row: int, judge: Judge, itself: bool = True, x: Tensor | None = None
) -> str:
    """The first submodule in the order of the run at which row `row` is no longer what it is alone, in words; nothing
    where that can't be seen. `itself`: the module is what is called, and not a part of that. `x`: with other padding,
    where that is what is read."""
    try:
        alone: list[_Event] = []
        length = int(caller.padding.lengths[row])
        one = caller.of_rows([row], length, _listening(module, alone, itself))
        together: list[_Event] = []
        all_rows = caller(x, hooked=_listening(module, together, itself))
    except (Cancelled, Unfit):
        raise
    except Exception:  # the row can't be run alone, which has been said
        return ""
    finally:
        caller.guard.back()
    if [event.told for event in alone] != [event.told for event in together]:
        return ""
    mine_out, whole_out = ([_dense(value) for _, value in tensors_of(result)] for result in (one, all_rows))
    if _right(mine_out, whole_out, caller, row, judge):
        return ""
    before = ""
    for mine, whole in zip(alone, together, strict=True):
        given = _right(mine.given, whole.given, caller, row, judge)
        out = _right(mine.out, whole.out, caller, row, judge)
        if not given and whole.told:
            return BETWEEN.format(whole.told, before) if before else BEFORE.format(whole.told)
        if not out and whole.told:
            return IN_MODULE.format(whole.told)
        before = whole.told or before
    return AFTER.format(before) if before else ""


def _listening(module: nn.Module, into: list[_Event], itself: bool) -> Callable[[], None]:
    """What sets hooks on all parts, that note each call as it ends."""

    def hear(name: str) -> Callable[..., None]:
        def heard(part: nn.Module, given: Any, named: Any, out: Any) -> None:
            kind = type(part).__name__
            told = f"`{name}` ({kind})" if name else "" if itself else f"the {kind}"
            into.append(_Event(told, _tensors((given, named)), _tensors(out)))

        return heard

    def hooked() -> None:
        for name, part in module.named_modules():
            part.register_forward_hook(hear(name), with_kwargs=True)

    return hooked


def _tensors(value: Any) -> list[Any]:
    return [_dense(each) for _, each in leaves(value, "") if is_tensor(each)]


def _dense(value: Any) -> Any:
    """A tensor that has a place for each cell: encoders leave padding out of nested ones meanwhile."""
    if hasattr(value, "batch_sizes"):
        return value
    value = value.detach()
    return value.to_padded_tensor(0.0) if value.is_nested else value.to_dense()


def _right(mine: list[Any], whole: list[Any], caller: Caller, row: int, judge: Judge) -> bool:
    """Whether all that a row has alone is found in what the batch has."""
    if len(mine) != len(whole):
        return False
    return all(_found(one, other, caller, row, judge) for one, other in zip(mine, whole, strict=True))


def _found(mine: Any, whole: Any, caller: Caller, row: int, judge: Judge) -> bool:
    from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

    if isinstance(mine, PackedSequence) and isinstance(whole, PackedSequence):
        mine, whole = (pad_packed_sequence(each, batch_first=True)[0] for each in (mine, whole))
    if isinstance(mine, PackedSequence) or isinstance(whole, PackedSequence) or mine.ndim != whole.ndim:
        return False
    if not mine.is_floating_point():
        return True  # lengths, masks and indices are another row's as well
    if mine.shape == whole.shape and not judge.apart(mine, whole).any():
        return True
    rows, steps = caller.batch.rows, caller.batch.steps
    length = int(caller.padding.lengths[row])
    known = False
    for at in range(whole.ndim):
        few, many = mine.shape[at], whole.shape[at]
        if few and many == few * rows:  # one row of it is one of these
            known = True
            if _same(mine.unflatten(at, (1, few)), whole.unflatten(at, (rows, few)), at, judge):
                return True
        if few == length and many % rows == 0 and many >= rows * length > 0:  # rows and steps in one dimension
            known = True
            wide = many // rows
            ways = (whole.unflatten(at, (rows, wide)), whole.unflatten(at, (wide, rows)).transpose(at, at + 1))
            if any(_same(mine.unsqueeze(at), each, at, judge) for each in ways):
                return True
    return not known and steps > 0


def _same(mine: Tensor, whole: Tensor, at: int, judge: Judge) -> bool:
    """Whether any of the rows, which lie along a dimension of `whole`, has the numbers of the one row of `mine`."""
    one, all_rows = mine.movedim(at, 0), whole.movedim(at, 0)
    rest = tuple(min(a, b) for a, b in zip(one.shape[1:], all_rows.shape[1:], strict=True))
    if rest != tuple(one.shape[1:]):
        return False
    cut = all_rows[(slice(None), *(slice(0, size) for size in rest))]
    return bool((~judge.apart(one.expand(cut.shape), cut).reshape(len(cut), -1).any(dim=1)).any())
