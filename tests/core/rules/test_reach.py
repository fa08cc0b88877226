"""Which finding torch stops at, where there are several."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.cells.evidence import gather
from packviz.core.findings import Finding, Severity
from packviz.core.module import Module, StateFacts, held_module
from packviz.core.rules import check
from packviz.core.rules.reach import reached

X = np.ones((2, 3, 2), np.float32)


def behind(module: Module | None, lengths: list[int], **call: object) -> dict[str, str | None]:
    batch = make_batch(X, lengths, Call(True, True, -1, **call))  # type: ignore[arg-type]
    return {f.code: f.behind for f in check(batch, None, module).findings if f.stage is not None}


def test_what_torch_refuses_to_pack_comes_before_everything() -> None:
    module = held_module("GRU", input_size=5)
    found = behind(module, [2, 0])
    assert found["length-not-positive"] is None
    assert found["module-input-size"] == "length-not-positive"


def test_the_order_of_the_run_is_that_of_the_module() -> None:
    state = (StateFacts((1, 3, 6)), StateFacts((1, 3, 6)))
    assert behind(held_module(input_size=2, hx=state), [5, 2])["length-exceeds-time"] == "hidden-shape"
    found = behind(held_module(input_size=3, hx=state), [5, 2])
    assert found == {
        "module-input-size": None,
        "hidden-shape": "module-input-size",
        "length-exceeds-time": "module-input-size",
    }


def test_without_a_module_a_length_beyond_the_end_is_what_the_run_stops_at() -> None:
    assert behind(None, [5, 2])["length-exceeds-time"] is None
    assert behind(held_module(cell=None), [5, 2])["length-exceeds-time"] is None


def test_unpacking_looks_at_total_length_first() -> None:
    assert behind(None, [5, 2], total_length=1)["total-length-too-short"] is None


def test_what_is_behind_a_cause_that_another_finding_stands_for_is_behind_that() -> None:
    cause = Finding(
        "lengths-one-cause", Severity.ERROR, "t", "d", stage="run", also=("unpack",), instead=("length-exceeds-time",)
    )
    late = Finding("late", Severity.ERROR, "t", "d", stage="unpack")
    evidence = gather(make_batch(X, [5, 2], Call(True, True, -1)))
    assert [f.behind for f in reached(evidence, [cause, late])] == [None, "lengths-one-cause"]
