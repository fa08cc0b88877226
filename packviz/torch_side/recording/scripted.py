"""Calls that TorchScript runs, seen by nobody: read, at the end, from what was compiled or traced since the beginning.

What had been made before is not among it, nor is a module that `torch.jit.load` has read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from packviz.core.noted import Site
from packviz.torch_side.recording.compiled import OPERATIONS
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK
from packviz.torch_side.recording.sites import is_programs

NAMES = {f"aten::_{PACK}": PACK, f"aten::_{UNPACK}": UNPACK} | {f"aten::{of}": call for of, call in OPERATIONS.items()}
"""What packing and recurrent modules have the library do, by its names, and who does."""

Call = tuple[str, Site | None]

_PACKING = re.compile(rf"__torch__\.torch\.nn\.utils\.rnn\.(?:\w+\.)?({PACK}|{SEQUENCES}|{UNPACK})")
_MODULE = re.compile(r"(__torch__\.torch\.nn\.modules\.rnn\.(?:\w+\.)?(LSTM|GRU|RNN))")
_SOURCE = re.compile(r'File "(?P<path>[^"\n]*)", line (?P<line>\d+)')
_FRAME = re.compile(r"^(?P<path>.+)\((?P<line>\d+)\): (?P<function>.*)$", re.MULTILINE)


def scripts() -> dict[str, Any]:
    """All TorchScript functions and methods of this process, by their names: torch forgets none."""
    from torch.jit._state import _python_cu

    unit: Any = _python_cu
    return {function.qualified_name: function for function in unit.get_functions()}


def scripted_calls(before: Collection[str]) -> set[Call]:
    """Each call that stands in one that is not among these, and where in the program; None where the program does not
    say where, as of a module that was compiled alone."""
    found: set[Call] = set()
    alone: dict[str, str] = {}
    called: set[str] = set()
    for name, function in scripts().items():
        if name in before:
            continue
        module = _MODULE.match(name)
        for call, trace in _traced(function.graph):
            if trace:
                found.add((call, _site(_FRAME, trace)))
            elif module is not None:
                alone[module[1]] = call
        for call, kind, source in _written(function.graph):
            site = _site(_SOURCE, source)
            if site is not None:
                called.add(kind)
                found.add((call, site))
    return found | {(call, None) for kind, call in alone.items() if kind not in called}


def _traced(graph: Any) -> Iterator[tuple[str, str]]:
    """What the library is asked for, and the frames that asked, the innermost first; "" of what was not traced, but
    compiled from its source, which is torch's."""
    for name, call in NAMES.items():
        for node in graph.findAllNodes(name):
            where = node.sourceRange()
            yield call, "" if _SOURCE.search(where) else where


def _written(graph: Any) -> Iterator[tuple[str, str, str]]:
    """Calls of packing functions and recurrent modules by a source: of what, its type, and the line."""
    for node in graph.findAllNodes("prim::CallFunction"):
        packing = _PACKING.fullmatch(str(node.inputsAt(0).type()))
        if packing is not None:
            yield packing[1], packing[0], node.sourceRange()
    for node in graph.findAllNodes("prim::CallMethod"):
        module = _MODULE.fullmatch(str(node.inputsAt(0).type()))
        if module is not None and node.s("name").startswith("forward"):
            yield f"nn.{module[2]}", module[0], node.sourceRange()


def _site(pattern: re.Pattern[str], text: str) -> Site | None:
    """The first place that is the program's own."""
    for found in pattern.finditer(text):
        if is_programs(found["path"]):
            return Site(found["path"], int(found["line"]), found.groupdict().get("function") or "")
    return None
