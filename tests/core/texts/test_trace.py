"""A run in words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.expressions.evaluate import Place, first
from packviz.core.expressions.parse import parse
from packviz.core.moments import pass_name
from packviz.core.packing import Packing, pack
from packviz.core.texts.trace import layout_lines, place_in_results, trace_dict, trace_text, until_line
from packviz.core.trace import Where
from tests.traces import numbered_trace

BATCH = make_batch(np.zeros((3, 4)), [2, 4, 3], Call(True, False), source="b.pt")
PACKING = pack(BATCH)
assert isinstance(PACKING, Packing)
TRACE = numbered_trace(PACKING, 2, 2)


@pytest.mark.parametrize(
    ("where", "said"), [(("out", (12, 3)), "out.data[12, 3]"), (("h_n", (1, 2, 0)), "h_n[1, 2, 0]")]
)
def test_a_place_is_said_as_it_is_indexed(where: Where, said: str) -> None:
    assert place_in_results(where) == said
    apart = replace(TRACE, difference=0.5, agrees=False, furthest=where)
    assert f"The stepped run differs from torch's: max |Δ| 5.0e-01 at {said}" in trace_text(apart, BATCH)
    assert trace_dict(apart, BATCH)["furthest"] == {"of": where[0], "index": list(where[1])}


def test_every_slot_of_h_n_is_said() -> None:
    lines = layout_lines(TRACE)
    assert lines == [
        "h_n and c_n, h_n of shape (4, 3, 2):",
        "  h_n[0]  layer 0 →  after the last step of each row: 1, 3, 2",
        "  h_n[1]  layer 0 ←  after step 0 of each row",
        "  h_n[2]  layer 1 →  after the last step of each row: 1, 3, 2",
        "  h_n[3]  layer 1 ←  after step 0 of each row",
    ]
    assert layout_lines(numbered_trace(PACKING))[1] == "  h_n[0]  layer 0  after the last step of each row: 1, 3, 2"


def test_where_an_expression_holds_is_said() -> None:
    holds = parse("h > 100")
    found = first(holds, TRACE)
    assert found is not None
    here = pass_name(found.layer, found.direction, 2)
    assert until_line(holds, found, TRACE) == f"h > 100 first holds after t{found.step}, {here}, in row {found.row}."
    assert until_line(holds, Place(2, -1, 1, 1), TRACE) == "h > 100 first holds after t2, layer 1 ←."
    never = parse("h < -100")
    assert trace_text(TRACE, BATCH, never, first(never, TRACE)).endswith("\n\nh < -100 never holds.")


def test_for_json_all_of_it_is_plain() -> None:
    told = trace_dict(TRACE, BATCH, parse("h > 100"), Place(2, -1, 1, 1))
    assert json.loads(json.dumps(told)) == told
    assert told["until"] == {
        "expression": "h > 100",
        "at": {"step": 2, "row": None, "layer": 1, "direction": "backward"},
    }
    assert [slot["direction"] for slot in told["h_n"]] == ["forward", "backward"] * 2
    assert trace_dict(TRACE, BATCH)["until"] is None
    assert trace_dict(TRACE, BATCH, parse("h > 100"))["until"]["at"] is None
