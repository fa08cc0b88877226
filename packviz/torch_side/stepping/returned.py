"""A trace of a module that a program holds: beside every state, what torch returns for the same call."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.errors import only_batch_errors
from packviz.core.expressions.evaluate import Place, first
from packviz.core.expressions.parse import parse
from packviz.core.trace import Trace
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence


@dataclass(frozen=True, eq=False, repr=False)
class ModuleTrace(Trace):
    """A Trace with `output`, `h_n` and `c_n` of the stepped run in torch's own forms, on the CPU, in the dtype of the
    run.

    `indices`: whether the packed batch has sorted_indices; with enforce_sorted it has none.
    """

    indices: bool = True

    @classmethod
    def of(cls, trace: Trace, *, indices: bool) -> ModuleTrace:
        """The same run, with what torch returns for it."""
        return cls(**{field.name: getattr(trace, field.name) for field in fields(Trace)}, indices=indices)

    @cached_property
    def output(self) -> PackedSequence:
        """A PackedSequence: data (N, D · H), h of the last layer in each direction side by side."""
        import torch
        from torch.nn.utils.rnn import PackedSequence

        last = [self.states[self.layers - 1, direction]["h"] for direction in range(self.directions)]
        data = torch.cat([self._tensor(half) for half in last], dim=1)
        order = to_tensor(self.packing.sorted_indices) if self.indices else None
        return PackedSequence(data, to_tensor(self.packing.batch_sizes), order)

    @cached_property
    def h_n(self) -> Tensor:
        """The final hidden states, (L · D, n, H), in the order of the batch."""
        return self._tensor(self.final["h_n"])

    @cached_property
    def c_n(self) -> Tensor | None:
        """The final cell states of an LSTM, (L · D, n, H), in the order of the batch; None of other modules."""
        return self._tensor(self.final["c_n"]) if "c_n" in self.final else None

    def first(self, expression: str) -> Place | None:
        """Where an expression over the states first holds, in the order of the walk: (step, row, layer, direction), the
        row -1 where it holds of none in particular; None where it never does.

        `isnan(h)`, `absmax(h) > 5`, `h[2, 7] < 0`: as `packviz.core.expressions.parse` has it. Raises BatchError, one
        sentence that points at the character, where it is none.
        """
        with only_batch_errors():
            return first(parse(expression), self)

    def _tensor(self, values: Any) -> Tensor:
        import torch

        return to_tensor(np.asarray(values)).to(getattr(torch, self.dtype), copy=True)
