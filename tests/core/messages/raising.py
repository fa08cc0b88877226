"""torch, which is asked to raise, and what is made of it."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from packviz.core.messages.explain import explain

X = torch.ones(3, 5, 2)


def raised(call: Callable[[], object]) -> Exception:
    """What the call really raises, with its traceback."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("torch raises nothing here")


def causes(what: str | BaseException) -> list[str]:
    """The codes of the causes, the likeliest first."""
    return [cause.code for cause in explain(what).causes]


def first(what: str | BaseException) -> str:
    """The code of the likeliest cause, or nothing."""
    return next(iter(causes(what)), "")


def bare(error: Exception) -> str:
    """Its message alone, as somebody copies it who leaves the traceback out."""
    return str(error)


def pack(lengths: Any, x: Any = X, **options: Any) -> PackedSequence:
    return pack_padded_sequence(x, lengths, **({"batch_first": True, "enforce_sorted": False} | options))


def packed(rows: int, sizes: Sequence[float], order: Sequence[int] | None = None) -> PackedSequence:
    """A PackedSequence made by hand."""
    whole = all(isinstance(size, int) for size in sizes)
    made = torch.tensor(sizes, dtype=torch.int64 if whole else torch.float32)
    return PackedSequence(torch.ones(rows, 2), made, None if order is None else torch.tensor(order))
