"""Which calls are written, and when: the first of each kind, what raised, and the last ones."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Site
from packviz.torch_side.recording import keeping, kept
from packviz.torch_side.recording.kept import Kept, When
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, made_by
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.taken import Taken
from packviz.torch_side.recording.unseen import Unseen
from tests.torch_side.recording.copies import copy_of
from tests.torch_side.recording.programs import batch

GIVEN: tuple[Any, ...] = (*batch(), True, False)
TAKEN = copy_of(PACK, *GIVEN)
NOTE, SILENT = ("time-shrinks", Severity.NOTE), ("length-counts-padding", Severity.SILENT)


class Written:
    """What was noted and kept, in order."""

    forgotten = 0

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []
        self.error: Exception | None = None

    def begin(self) -> None: ...

    def note(self, call: NotedCall) -> None:
        self.told.append((call.number, call.reason))

    def keep(self, call: NotedCall, taken: Taken) -> None:
        if self.error is not None:
            raise self.error
        self.told.append((call.number, call.reason))

    def keep_bytes(self, call: NotedCall, data: bytes) -> None:
        self.told.append((call.number, call.reason))

    @property
    def with_batches(self) -> list[tuple[int, str]]:
        return [one for one in self.told if one[1]]


def made(keep: int = 2, when: When = "finding") -> tuple[Kept, Written, Unseen]:
    written, unseen = Written(), Unseen()
    return Kept(written, keep, when, unseen), written, unseen  # type: ignore[arg-type]


def add(to: Kept, number: int, *findings: tuple[str, Severity], error: Exception | None = None, line: int = 1) -> None:
    call = NotedCall(number, PACK, Site("a.py", line), "" if error is None else str(error), findings=findings)
    made = made_by(PACK, GIVEN)
    observed = Observed(made, looks_at(made), call.site, True)
    observed.error = error
    to.add(call, TAKEN, observed)


def test_a_note_is_nothing_to_write() -> None:
    to, written, _ = made()
    add(to, 1, NOTE)
    to.end()
    assert written.told == [(1, "")]


def test_the_first_of_each_kind_at_each_site_is_written_at_once_and_the_last_at_the_end() -> None:
    to, written, _ = made()
    add(to, 1)
    add(to, 2, SILENT)
    assert written.told == [(1, ""), (2, "first")]
    add(to, 3, SILENT)
    add(to, 4, SILENT, line=2)
    add(to, 5)
    add(to, 6)
    to.end()
    assert written.told[2:] == [(3, ""), (4, "first"), (5, ""), (6, ""), (5, "last"), (6, "last")]


def test_a_call_in_which_one_of_several_things_is_new_is_the_first_of_that() -> None:
    to, written, _ = made(keep=0)
    other = ("padding-left", Severity.WARNING)
    for number, findings in enumerate(((SILENT,), (SILENT, other), (other,), (other, SILENT, NOTE)), 1):
        add(to, number, *findings)
    assert written.told == [(1, "first"), (2, "first"), (3, ""), (4, "")]


def test_the_first_of_a_kind_whose_batch_is_there_is_kept() -> None:
    """One before it could not be read."""
    to, written, _ = made(keep=0)
    call = NotedCall(1, PACK, Site("a.py", 1), "ValueError: x")
    unread: Any = SimpleNamespace(error=ValueError("x"), packs=True, near=True)
    to.add(call, None, unread)
    add(to, 2, error=ValueError("x"))
    add(to, 3, error=ValueError("x"))
    assert written.told == [(1, ""), (2, "raised"), (3, "")]


def test_errors_of_another_class_are_of_another_kind() -> None:
    to, written, _ = made(keep=0)
    for number, error in enumerate((ValueError("x"), TypeError("x"), ValueError("y")), 1):
        add(to, number, error=error)
    assert written.told == [(1, "raised"), (2, "raised"), (3, "")]


def test_where_only_errors_count_what_was_found_before_one_is_written_with_it() -> None:
    to, written, _ = made(when="error")
    add(to, 1, SILENT)
    assert written.told == [(1, "")]
    add(to, 2, error=ValueError("x"))
    assert written.told == [(1, ""), (1, "first"), (2, "raised")]
    add(to, 3, error=ValueError("y"))
    assert written.told[-1] == (3, ""), "another of the same kind"
    add(to, 4, SILENT, line=2)
    assert written.told[3:] == [(3, ""), (4, "first")], "what was written is not written again"


def test_where_only_errors_count_so_many_are_held_until_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_FIRST", 3)
    to, written, _ = made(keep=0, when="error")
    for number in range(1, 6):
        add(to, number, SILENT, line=number)
    add(to, 6, error=ValueError("x"))
    to.died()
    to.end()
    assert written.with_batches == [(1, "first"), (2, "first"), (3, "first")]


def test_what_was_found_before_the_program_dies_is_written_at_its_end() -> None:
    to, written, _ = made(when="error")
    add(to, 1, SILENT)
    for number in (2, 3, 4):
        add(to, number)
    to.died()
    to.end()
    assert written.with_batches == [(1, "first"), (3, "last"), (4, "last")]


def test_of_what_lies_elsewhere_only_what_was_found_or_raised_is_among_the_last() -> None:
    """The others were copied since they were looked at closely, by chance."""
    to, _, _ = made(keep=9)
    far: Any = SimpleNamespace(error=None, packs=False, near=False)
    call = NotedCall(1, PACK, Site("a.py", 1))
    to.add(call, TAKEN, far)
    to.add(call._replace(number=2, findings=(NOTE,)), TAKEN, far)
    to.add(call._replace(number=3, findings=(SILENT,)), TAKEN, far)
    to.add(call._replace(number=4, error="ValueError: x"), TAKEN, SimpleNamespace(**{**vars(far), "error": KeyError()}))
    assert [held.number for held, _ in to.last] == [3, 4]


def test_only_calls_that_pack_are_those_that_packed() -> None:
    to, _, _ = made()
    call = NotedCall(1, PACK, Site("a.py", 1))
    for number, packs in enumerate((True, False, True), 1):
        observed: Any = SimpleNamespace(error=None, packs=packs, near=True)
        to.add(call._replace(number=number), TAKEN, observed)
    assert [held.number for held, _ in to.last.packs] == [3, 1]


def test_what_is_not_kept_or_forgotten_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    to, written, unseen = made(when="always")
    add(to, 1)
    monkeypatch.setattr(keeping, "LARGEST", TAKEN.nbytes - 1)
    add(to, 2)
    written.forgotten = 7
    to.end()
    assert written.with_batches == [(1, "always")]
    assert list(unseen.counts.values()) == [1, 7]
    right, _, unseen = made()
    add(right, 1)
    right.end()
    assert not unseen


def test_a_batch_that_can_not_be_written_is_counted_and_its_call_noted() -> None:
    to, written, unseen = made(keep=0)
    written.error = BatchError("x has no rows.")
    add(to, 1, SILENT)
    assert written.told == [(1, "")]
    assert unseen.counts == {"x has no rows.": 1}


def test_what_a_program_dies_of_is_worth_its_last_calls() -> None:
    to, written, _ = made(when="error")
    add(to, 1)
    to.died()
    to.end()
    assert written.with_batches == [(1, "last")]


def test_what_can_not_be_written_is_counted_and_noted() -> None:
    to, written, unseen = made()
    written.error = OSError(28, "No space left on device")
    add(to, 1, SILENT)
    assert written.told == [(1, "")]
    assert unseen.counts == {"not written: no space left on device": 1}


def test_so_many_are_the_first_of_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_FIRST", 3)
    to, written, _ = made(keep=0)
    for number in range(1, 6):
        add(to, number, (f"code-{number}", Severity.ERROR))
    assert [number for number, _ in written.with_batches] == [1, 2, 3]


def test_those_of_another_process_are_written_where_there_is_something_to_write() -> None:
    to, written, _ = made()
    right = NotedCall(1, PACK, Site("a.py", 1), reason="first")
    to.add_written(right, b"1")
    to.add_written(NotedCall(2, PACK, Site("a.py", 1), findings=(SILENT,), reason="first"), b"2")
    to.add_written(NotedCall(3, PACK, Site("a.py", 1), reason="first"), None)
    assert written.told == [(1, ""), (2, "first"), (3, "")]
    to, written, _ = made(when="error")
    to.add_written(right, b"1")
    to.add_written(NotedCall(2, PACK, Site("a.py", 1), "ValueError: x", reason="raised"), b"2")
    assert written.told == [(1, ""), (2, "raised")]


@given(st.lists(st.sampled_from(["right", "note", "silent", "raises"]), max_size=12), st.integers(0, 4))
def test_each_call_is_written_with_its_batch_once_at_most(program: list[str], keep: int) -> None:
    to, written, _ = made(keep)
    for number, what in enumerate(program, 1):
        findings = {"note": (NOTE,), "silent": (SILENT,)}.get(what, ())
        add(to, number, *findings, error=ValueError("x") if what == "raises" else None)
    to.end()
    numbers = [number for number, _ in written.with_batches]
    assert len(set(numbers)) == len(numbers)
    worth = {"silent", "raises"} & set(program)
    last = set(range(len(program) - keep + 1, len(program) + 1)) & set(range(1, len(program) + 1)) if worth else set()
    assert set(numbers) == last | {program.index(what) + 1 for what in worth}
    assert {number for number, _ in written.told} == set(range(1, len(program) + 1))


def test_the_files_of_a_recording_are_those_that_it_is_told(tmp_path: Path) -> None:
    from packviz.files.kept.recordings import read_recording
    from packviz.torch_side.recording.written import Written as ToFile

    unseen = Unseen()
    to = Kept(ToFile(str(tmp_path / "a.packviz"), "a.py"), 2, "always", unseen)
    add(to, 1, NOTE)
    to.end()
    assert [call.reason for call in read_recording(tmp_path / "a.packviz").calls] == ["always"]
