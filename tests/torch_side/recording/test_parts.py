"""Where a recording lies, and the parts that other processes wrote beside it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from packviz.core.batch import BatchError
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Site
from packviz.files.kept.batch import read_batch
from packviz.torch_side.recording.made import PACK
from packviz.torch_side.recording.parts import default_path, part_path, parts, unused
from packviz.torch_side.recording.written import Written
from tests.torch_side.recording.copies import copy_of
from tests.torch_side.recording.programs import batch


@pytest.mark.parametrize(
    ("script", "name"),
    [("runs/train.py", "train.packviz"), ("tool/__main__.py", "tool.packviz"), (None, "recording.packviz")],
)
def test_it_is_called_as_the_script(monkeypatch: pytest.MonkeyPatch, script: str | None, name: str) -> None:
    main = ModuleType("__main__")
    if script is not None:
        main.__file__ = script
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert default_path() == name


def test_two_at_once_are_called_otherwise() -> None:
    assert unused("a/run.packviz", set()) == "a/run.packviz"
    assert unused("a/run.packviz", {"a/run.packviz", "a/run-2.packviz"}) == "a/run-3.packviz"


def test_parts_are_numbered_on_and_gone(tmp_path: Path) -> None:
    place = str(tmp_path / "run[1].packviz")
    kept = NotedCall(2, PACK, Site("a.py", 3), reason="first", findings=(("lengths-count", Severity.ERROR),), worker=0)
    for _ in range(1):
        made = Written(part_path(place, "token"), "")
        made.note(replace(kept, number=1, reason=""))
        made.keep(kept, copy_of(PACK, *batch(), True, False))
        made.begin()
        made.end({"while tracing": 1})
    Written(part_path(place, "other"), "").begin()
    [part] = parts(place, "token", 10)
    assert part.unseen == {"while tracing": 1}
    assert [call for call, _ in part.calls] == [replace(kept, number=11, reason=""), replace(kept, number=12)]
    assert part.calls[0][1] is None
    assert part.calls[1][1] is not None
    whole = read_batch(part.calls[1][1])
    assert whole.call == replace(kept, number=12)
    assert whole.batch.given.counts.tolist() == batch()[1].tolist()
    assert [path.name for path in tmp_path.iterdir()] == [Path(part_path(place, "other")).name]


def test_a_part_that_can_not_be_read_stays(tmp_path: Path) -> None:
    place = str(tmp_path / "run.packviz")
    part = Path(part_path(place, "token"))
    part.write_bytes(b"no recording")
    with pytest.raises(BatchError):
        list(parts(place, "token", 0))
    assert part.exists()
