"""A run in words, and for JSON: how it agrees with torch's own, how h_n is laid out, where an expression first
holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch
from packviz.core.budget import size_text
from packviz.core.moments import DIRECTIONS, pass_name
from packviz.core.texts.wording import abridged, count

if TYPE_CHECKING:
    from packviz.core.expressions.evaluate import Place
    from packviz.core.expressions.parse import Expression
    from packviz.core.trace import Trace, Where

VERSION = 1


def place_in_results(where: Where) -> str:
    """A number of what torch returns, as it is indexed: `h_n[0, 2, 3]`, `out.data[12, 3]`."""
    name, index = where
    return f"{'out.data' if name == 'out' else name}[{', '.join(map(str, index))}]"


def trace_text(trace: Trace, batch: Batch, until: Expression | None = None, found: Place | None = None) -> str:
    """Lines for the terminal. `until`: what was looked for, and where it was `found`."""
    where = f" at {place_in_results(trace.furthest)}" if trace.furthest is not None else ""
    verdict = "agrees with" if trace.agrees else "differs from"
    passes = trace.layers * trace.directions
    of = f" in {passes} layers and directions" if passes > 1 else ""
    lines = [
        f"{batch.source.shown}: {batch.rows} rows × {batch.steps} steps",
        f"{trace.module} on {trace.device}, {trace.dtype}; input: {trace.inputs}",
        f"{', '.join(trace.names)} of {trace.packing.size:,} cells{of}: {memory_of(trace)}",
        f"The stepped run {verdict} torch's: max |Δ| {trace.difference:.1e}{where}",
        "",
        *layout_lines(trace),
    ]
    if until is not None:
        lines += ["", until_line(until, found, trace)]
    return "\n".join(lines)


def memory_of(trace: Trace) -> str:
    """`379 MiB of states`, `130 MiB of checkpoints, one every 4 steps`."""
    if trace.replays is None:
        return f"{size_text(trace.nbytes)} of states"
    first, stop = trace.spans[0]
    return f"{size_text(trace.replays.nbytes)} of checkpoints, one every {count(stop - first, 'step')}"


def layout_lines(trace: Trace) -> list[str]:
    """What each slot of h_n is."""
    shape = tuple(trace.final["h_n"].shape)
    lines = [f"h_n{' and c_n' if 'c_n' in trace.final else ''}, h_n of shape {shape}:"]
    ends = abridged(trace.packing.lengths - 1, 8)
    width = len(pass_name(trace.layers - 1, 0, trace.directions))
    for slot, (layer, direction) in enumerate(trace.states):
        name = pass_name(layer, direction, trace.directions).ljust(width)
        last = "after step 0 of each row" if direction else f"after the last step of each row: {ends}"
        lines.append(f"  h_n[{slot}]  {name}  {last}")
    return lines


def until_line(until: Expression, found: Place | None, trace: Trace) -> str:
    """`isnan(h) first holds after t2, layer 1 ←, in row 0.`"""
    if found is None:
        return f"{until} never holds."
    here = f", {pass_name(found.layer, found.direction, trace.directions)}" if len(trace.states) > 1 else ""
    row = f", in row {found.row}" if found.row >= 0 else ""
    return f"{until} first holds after t{found.step}{here}{row}."


def trace_dict(
    trace: Trace, batch: Batch, until: Expression | None = None, found: Place | None = None
) -> dict[str, Any]:
    """The same for JSON; `until` is null where nothing was looked for, its `at` where it never holds."""
    furthest = None if trace.furthest is None else {"of": trace.furthest[0], "index": list(trace.furthest[1])}
    at = None
    if found is not None:
        row = found.row if found.row >= 0 else None
        at = {"step": found.step, "row": row, "layer": found.layer, "direction": DIRECTIONS[found.direction]}
    return {
        "version": VERSION,
        "source": batch.source.shown,
        "module": trace.module,
        "device": trace.device,
        "dtype": trace.dtype,
        "inputs": trace.inputs,
        "states": list(trace.names),
        "cells": trace.packing.size,
        "bytes": trace.nbytes,
        "checkpoints": None if trace.replays is None else len(trace.spans),
        "agrees": trace.agrees,
        "difference": trace.difference,
        "furthest": furthest,
        "h_n": [
            {"slot": slot, "layer": layer, "direction": DIRECTIONS[direction]}
            for slot, (layer, direction) in enumerate(trace.states)
        ],
        "last_steps": (trace.packing.lengths - 1).tolist(),
        "until": None if until is None else {"expression": until.text, "at": at},
    }
