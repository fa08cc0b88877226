"""The functions of torch that are watched, and their code objects: exchanged while somebody records, then put back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from packviz.torch_side.recording.instrument import instrumented

WORKERS = "workers"
"""The kind of the call that starts the workers of a DataLoader."""


def watched() -> tuple[Mapping[str, Any], ...]:
    """The functions by the kind of their calls, those of one file together. `forward` of a module is called by its
    kind, "LSTM", so that classes that inherit it, and code that calls it directly, are seen, too."""
    from torch import nn
    from torch.nn.utils import rnn
    from torch.utils.data import dataloader

    packing = {name: getattr(rnn, name) for name in ("pack_padded_sequence", "pack_sequence", "pad_packed_sequence")}
    modules = {kind.__name__: kind.forward for kind in (nn.LSTM, nn.GRU, nn.RNN)}
    loading = {WORKERS: dataloader._MultiProcessingDataLoaderIter.__init__}
    return packing, modules, loading


class Swaps:
    """Exchanges the code objects, and puts them back."""

    def __init__(self, notes: Any) -> None:
        self._notes = notes
        self._before: list[tuple[FunctionType, CodeType, CodeType]] = []

    def put_in(self) -> tuple[str, ...]:
        """From now on calls are told. Gives the functions that can't be watched: they are not torch's own."""
        left_out: list[str] = []
        for functions, made in zip(watched(), _made(self._notes), strict=True):
            for kind, function in functions.items():
                old, new = made.get(kind, (None, None))
                if old is None or new is None or not isinstance(function, FunctionType) or function.__code__ != old:
                    left_out.append(kind)
                    continue
                self._before.append((function, function.__code__, new))
                function.__code__ = new
        return tuple(left_out)

    def take_out(self) -> None:
        """The code of before is back, but where somebody has exchanged it since."""
        for function, old, new in reversed(self._before):
            if function.__code__ is new:
                function.__code__ = old
        self._before.clear()


@cache
def _made(notes: Any) -> tuple[dict[str, tuple[CodeType, CodeType]], ...]:
    """By kind, the code of a function and the one that takes its place; made once a process."""
    found = []
    for functions in watched():
        plain = {kind: function for kind, function in functions.items() if isinstance(function, FunctionType)}
        new = instrumented(plain, notes) if plain else {}
        found.append({kind: (plain[kind].__code__, code) for kind, code in new.items()})
    return tuple(found)
