"""Calls that torch.compile puts into a graph, whose runs are seen by nobody: read from the graph once it is made.

torch.compile leaves packing to Python, and recurrent modules too, unless `torch._dynamo.config.allow_rnn` is set. Where
it is, `forward` is run by the compiler alone. It tells of each graph by a hook that it has for that; nothing that it
makes, guards or compares is touched. A graph that was made before is not known.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType
from typing import Any

from packviz.core.arrival import Arrival
from packviz.core.calls.unseen import compiled
from packviz.core.noted import Site
from packviz.torch_side.recording.sites import is_programs

COMPILER = "torch._dynamo.convert_frame"
OPERATIONS = {"lstm": "nn.LSTM", "gru": "nn.GRU", "rnn_tanh": "nn.RNN", "rnn_relu": "nn.RNN"}
"""torch's names of what a recurrent forward has the library do, and the modules that do it."""
EXPORTING = "while exporting"
"""Why a call is not seen that torch.export has made."""

_FRAME = re.compile(r'File "(?P<path>[^"\n]*)", line (?P<line>\d+), in (?P<function>[^\n]*)')


class Compiled:
    """From `begin` to `end`, `tell` is told of each graph: why what is in it is not seen, and how many calls."""

    def __init__(self, tell: Callable[[str, int], None], failed: Callable[[Exception], None]) -> None:
        self._tell, self._failed = tell, failed
        self._handle: Any = None
        self._arrival = Arrival(COMPILER, self._register)

    def begin(self) -> None:
        """From now on; torch's compiler is not imported for it."""
        self._arrival.wait()

    def end(self) -> None:
        """No more."""
        self._arrival.forget()
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.remove()

    def _register(self) -> None:
        try:
            self._handle = sys.modules[COMPILER].register_bytecode_hook(self._made)
        except Exception as own:
            self._failed(own)

    def _made(self, code: CodeType, made: CodeType) -> None:
        """A graph is made, and will be used: what it has is known to who calls us."""
        try:
            output = sys._getframe(1).f_locals.get("output")
            if output is not None:
                self._read(output)
        except Exception as own:
            self._failed(own)

    def _read(self, output: Any) -> None:
        calls = calls_in(output)
        for (call, site), many in calls.items():
            self._tell(EXPORTING if getattr(output, "export", False) else compiled(call, site), many)


def calls_in(output: Any) -> Counter[tuple[str, Site | None]]:
    """The recurrent forwards in the graph that the compiler has made, by where the program calls them; None of one in a
    graph inside it, as under activation checkpointing: it is gone by then, but known to have been traced."""
    import torch
    from torch import nn

    found: Counter[tuple[str, Site | None]] = Counter()
    for node in output.graph.nodes:
        name = getattr(node.target, "__name__", "") if node.op == "call_function" else ""
        if name in OPERATIONS and node.target == getattr(torch, name, None):
            found[OPERATIONS[name], site_in(str(node.meta.get("stack_trace") or ""))] += 1
    traced = Counter(getattr(output, "traced_code", ()))
    for kind in (nn.LSTM, nn.GRU, nn.RNN):
        call = f"nn.{kind.__name__}"
        many = traced[kind.forward.__code__] - sum(n for (named, _), n in found.items() if named == call)
        if many > 0:
            found[call, None] += many
    return found


def site_in(trace: str) -> Site | None:
    """The innermost frame of the program's own in a traceback; None where there is none."""
    frames = [Site(found["path"], int(found["line"]), found["function"].strip()) for found in _FRAME.finditer(trace)]
    return next((site for site in reversed(frames) if is_programs(site.path)), None)
