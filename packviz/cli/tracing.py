"""`packviz trace`: a module is stepped over a batch, and what came of it is printed."""

from __future__ import annotations

from typing import Any, NamedTuple

from packviz.cli.reading import Typed, read
from packviz.core.batch import Batch, BatchError
from packviz.core.errors import only_batch_errors
from packviz.core.expressions.evaluate import Place, first
from packviz.core.expressions.parse import Expression, parse_truth
from packviz.core.module import Module
from packviz.core.packing import Refusal
from packviz.core.texts.trace import trace_dict, trace_text
from packviz.core.trace import Trace


class Traced(NamedTuple):
    """What came of a run. `well`: the stepped run agrees with torch's, and what was looked for never holds."""

    trace: Trace
    batch: Batch
    until: Expression | None
    found: Place | None

    @property
    def well(self) -> bool:
        return self.trace.agrees and self.found is None

    def text(self) -> str:
        """For the terminal."""
        return trace_text(*self)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return trace_dict(*self)


def traced(name: str, typed: Typed, until: str | None) -> Traced:
    """The run over the batch of that name, and where `until` first holds. Raises BatchError where it can't be read or
    stepped, or has no such state."""
    batch, spec = read(name, typed)
    trace = run_of(batch, spec)
    expression = None if until is None else parse_truth(until)
    with only_batch_errors():
        return Traced(trace, batch, expression, None if expression is None else first(expression, trace))


def run_of(batch: Batch, spec: Module) -> Trace:
    """The run of a module over a batch. Raises BatchError."""
    from packviz.torch_side.order import pack_in_torch_order
    from packviz.torch_side.stepping.trace import run

    packing = pack_in_torch_order(batch)
    if isinstance(packing, Refusal):
        raise BatchError(f"{batch.source.shown} can't be packed: {packing.reason}")
    with only_batch_errors():
        return run(batch, packing, spec)
