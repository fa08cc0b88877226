"""What could not be seen is counted by its reason, and the reasons are bounded."""

from __future__ import annotations

import pytest

from packviz.core.batch import BatchError
from packviz.core.calls.unseen import runs_alone, scripted
from packviz.core.noted import Site
from packviz.torch_side.recording import unseen
from packviz.torch_side.recording.unseen import OTHERS, Unseen, not_written
from packviz.torch_side.recording.views import Unreadable


def test_it_is_counted_by_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unseen, "MOST_REASONS", 2)
    found = Unseen()
    assert not found
    for why in ("a", "b", "a", "c", "d", "b"):
        found.add(why)
    found.add("a", 5)
    assert found.counts == {"a": 7, "b": 2, OTHERS: 2}
    assert found


def test_a_look_that_fails_is_counted_as_what_it_is() -> None:
    found = Unseen()

    def fails(error: Exception) -> None:
        raise error

    assert found.tried(lambda: 3) == 3
    for error in (Unreadable("a nested tensor"), BatchError("x has no rows."), TypeError("a defect")):
        assert found.tried(lambda error=error: fails(error)) is None  # type: ignore[misc]
    assert found.counts == {"a nested tensor": 1, "x has no rows.": 1, "inside packviz: TypeError: a defect": 1}
    found.failed(BatchError("x" * 1000))
    found.failed(TypeError("x" * 1000))
    assert max(map(len, found.counts)) < 200


def test_of_what_stands_in_a_graph_the_largest_counts() -> None:
    why = scripted("pack_padded_sequence", Site("a.py", 3))
    assert runs_alone(why)
    found = Unseen()
    for many in (2, 5, 3):
        found.stands(why, many)
        found.stands("while tracing", many)
    assert found.counts == {why: 5, "while tracing": 10}


def test_a_full_disk_is_no_defect() -> None:
    assert not_written(OSError(28, "No space left on device")) == "not written: no space left on device"
    assert not_written(TypeError("x")) == "inside packviz: TypeError: x"
    assert not_written(OSError("x")) == "inside packviz: OSError: x", "the system says nothing of it"
