"""A run as a notebook shows it: the rows that were stepped drawn, how it agrees with torch's, how h_n is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.moments import pass_name
from packviz.core.texts.html.grids import grids, of_packing
from packviz.core.texts.html.page import element, facts_table, page, table, words
from packviz.core.texts.trace import memory_of, place_in_results
from packviz.core.texts.wording import abridged, count

if TYPE_CHECKING:
    from packviz.core.trace import Trace

MOST_SLOTS = 32


def trace_html(trace: Trace) -> str:
    """The trace as HTML of its own; of its states only how many there are."""
    where = f" at {place_in_results(trace.furthest)}" if trace.furthest is not None else ""
    agrees = f"The stepped run {'agrees with' if trace.agrees else 'differs from'} torch's"
    facts = [
        ("module", trace.module),
        ("on", f"{trace.device}, {trace.dtype}"),
        ("input", trace.inputs),
        ("states", f"{', '.join(trace.names)} of {count(trace.packing.size, 'cell')}: {memory_of(trace)}"),
        ("lengths", abridged(trace.packing.lengths)),
    ]
    slots = list(enumerate(trace.states))
    last = f"the last step of each row: {abridged(trace.packing.lengths - 1, 8)}"
    lines = [
        (f"h_n[{slot}]", pass_name(layer, direction, trace.directions), "step 0 of each row" if direction else last)
        for slot, (layer, direction) in slots[:MOST_SLOTS]
    ]
    more = f"and {len(slots) - MOST_SLOTS} more" if len(slots) > MOST_SLOTS else ""
    return page(
        f"Trace of {trace.module} over {count(trace.packing.rows, 'row')} and {count(trace.steps, 'step')}",
        facts_table(facts),
        grids(of_packing(trace.packing)),
        element("p", words(f"{agrees}: max |Δ| {trace.difference:.1e}{where}"), "good" if trace.agrees else "error"),
        table(("final state", "layer", "after"), lines),
        element("p", words(more), "muted") if more else "",
    )
