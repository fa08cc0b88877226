"""Calls wait only in quick succession, a few of them, and come in their order."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.noted import Site
from packviz.files.kept.recordings import kept_call, read_recording
from packviz.torch_side.recording import waiting
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, made_by
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.recorder import Recorder
from packviz.torch_side.recording.waiting import Waiting
from tests.torch_side.recording.programs import Model, batch, wrong


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One that records, to which all calls come in quick succession."""
    monkeypatch.setattr(Observed, "QUICK", float("inf"))
    monkeypatch.setattr(waiting, "LONGEST", float("inf"))
    made = Recorder(str(tmp_path / "run.packviz"))
    made.start()
    yield made
    made.stop()


def held(recorder: Recorder) -> int:
    return len(recorder._waiting._calls)


def right() -> None:
    pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)


def begun(time: float = 0.0, nbytes: int = 0) -> Any:
    """A call that began then, and whose copy takes so much memory."""

    class Begun(Observed):
        nbytes = 0

    made = made_by(PACK, (*batch(), True, False))
    call = Begun(made, looks_at(made), Site("a.py", 1), True)
    call.time, Begun.nbytes = time, nbytes
    return call


def test_quick_is_what_comes_within_20_ms_of_the_call_before(monkeypatch: pytest.MonkeyPatch) -> None:
    waits, now = Waiting(), 1e9
    for later, can_wait, expected in (
        (0.0, True, False),  # the first
        (0.019, True, True),
        (0.019, True, True),
        (0.021, True, False),
        (0.021, False, False),  # it can't wait, but the next one comes soon after it
        (0.01, True, True),
        (-5.0, True, False),  # the clock was set back
        (0.01, True, True),
    ):
        now += later
        call = begun(now)
        monkeypatch.setattr(type(call), "can_wait", can_wait)
        assert waits.has_time(call) is expected, later


def over(waits: Waiting, *calls: Any) -> list[Any]:
    """Those that are looked at once these are over."""
    for call in calls:
        assert not call.ends(None)
    return list(waits.all())


def test_enough_are_so_many_or_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Observed, "QUICK", float("inf"))
    waits, calls = Waiting(), [begun() for _ in range(waiting.MOST)]
    for call in calls:
        assert not waits.are_enough(0.0)
        waits.add(call)
    assert waits.are_enough(0.0)
    assert over(waits, *calls) == calls
    for _ in range(2):
        large, small = begun(nbytes=waiting.MOST_BYTES - 1), begun(nbytes=1)
        assert not waits.are_enough(0.0)
        waits.add(large)
        assert not waits.are_enough(0.0)
        waits.add(small)
        assert waits.are_enough(0.0)
        assert over(waits, large, small) == [large, small]
    assert not list(waits.all())


def test_after_a_quarter_of_a_second_they_are_enough() -> None:
    waits, now = Waiting(), 1e9
    assert not waits.are_enough(now)
    for _ in range(2):
        waits.add(begun(now))
        waits.add(begun(now + 0.2))
        for later, enough in ((0.0, False), (0.24, False), (0.26, True), (-1.0, True)):
            assert waits.are_enough(now + later) is enough, later
        now += 9
        list(map(Observed.ends, waits._calls, [None] * 2))
        assert len(list(waits.all())) == 2
        assert not waits.are_enough(now)


def test_one_that_runs_for_long_keeps_none_from_waiting() -> None:
    waits, now = Waiting(), 1e9
    waits.add(begun(now))
    assert waits.are_enough(now + 1)
    assert not list(waits.all())
    assert not waits.are_enough(now + 2), "it is not looked at again and again"
    waits.add(begun(now + 2))
    assert not waits.are_enough(now + 2.2)
    assert waits.are_enough(now + 2.3)


def test_one_that_runs_waits_on_and_one_that_is_given_up_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Observed, "QUICK", float("inf"))
    waits, calls = Waiting(), [begun(nbytes=2) for _ in range(5)]
    for call in calls:
        waits.add(call)
    calls[3].over = None
    assert over(waits, calls[1], calls[4]) == [calls[1], calls[4]]
    assert waits._bytes == 4
    assert over(waits, calls[0], calls[2]) == [calls[0], calls[2]]
    assert not list(waits.all())
    assert waits._bytes == 0


def test_so_many_wait_and_no_more(recorder: Recorder) -> None:
    counts = []
    for _ in range(2 * waiting.MOST):
        right()
        counts.append(held(recorder))
    assert counts == [*range(1, waiting.MOST + 1)] * 2
    assert [call.number for call in recorder.stop().calls] == list(range(1, 2 * waiting.MOST + 1))


def test_so_many_bytes_wait_and_no_more(recorder: Recorder) -> None:
    big = torch.ones(1, waiting.MOST_BYTES // 8 + 1)
    counts = []
    for _ in range(4):
        pack_padded_sequence(big, [big.shape[1]], batch_first=True)
        counts.append(held(recorder))
    assert counts == [1, 2, 1, 2]


def test_one_that_is_as_large_as_all_may_be_waits_for_none(recorder: Recorder) -> None:
    right()
    big = torch.ones(1, waiting.MOST_BYTES // 4)
    pack_padded_sequence(big, [big.shape[1]], batch_first=True)
    assert held(recorder) == 0
    assert len(recorder._kept.last) == 2


def test_after_a_while_a_call_is_looked_at_at_once_and_those_before_it_first(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        right()
    wrong()
    assert not Path(recorder.path).exists()
    monkeypatch.setattr(Observed, "QUICK", 0.0)
    right()
    assert held(recorder) == 0
    found = read_recording(Path(recorder.path))
    assert [(call.number, call.reason) for call in found.calls[:4]] == [(1, ""), (2, ""), (3, ""), (4, "first")]


def test_a_call_that_raises_waits_for_nothing(recorder: Recorder) -> None:
    x, lengths = batch()
    lengths[2] = 9
    with pytest.raises(RuntimeError) as caught:
        Model()(x, lengths)
    assert held(recorder) == 0
    assert "Row 2: its length is beyond the end of x" in recorder.raised(caught.value)
    calls = read_recording(Path(recorder.path)).calls
    assert [(call.number, call.call) for call in calls] == [(1, "pack_padded_sequence"), (2, "nn.LSTM")]


def test_what_waits_is_as_it_was_when_it_was_called(recorder: Recorder) -> None:
    x, lengths = batch()
    x[1, lengths[1] - 1] = 0
    given = x.clone(), lengths.clone()
    pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    x.fill_(7)
    lengths.fill_(1)
    found = recorder.stop()
    assert "length-counts-padding" in dict(found.calls[0].findings)
    kept = kept_call(Path(found.place), 1).batch
    assert torch.equal(torch.tensor(kept.x), given[0])
    assert kept.given.counts.tolist() == given[1].tolist()


def test_a_call_is_what_it_was_given_when_it_began(recorder: Recorder) -> None:
    class Odd(nn.GRU):
        def check_forward_args(self, input: torch.Tensor, *others: Any) -> None:
            super().check_forward_args(input, *others)
            input.fill_(float("nan"))

    assert Odd(2, 3)(torch.ones(4, 1, 2))[0].isnan().all()
    assert recorder.stop().calls[0].findings == ()


def test_a_call_that_is_broken_off_is_none(recorder: Recorder) -> None:
    class Stopped(nn.GRU):
        def check_forward_args(self, *_: Any) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stopped(2, 3)(torch.ones(4, 1, 2))
    right()
    assert [call.call for call in recorder.stop().calls] == [PACK]
    assert held(recorder) == 0


def test_a_call_of_another_thread_is_looked_at_once_it_is_over(recorder: Recorder) -> None:
    runs, goes_on = threading.Event(), threading.Event()

    class Slow(nn.GRU):
        def check_forward_args(self, *given: Any) -> None:
            runs.set()
            assert goes_on.wait(30)
            raise RuntimeError("at its end")

    def program() -> None:
        with pytest.raises(RuntimeError):
            Slow(2, 3)(torch.ones(4, 1, 2))

    thread = threading.Thread(target=program)
    thread.start()
    assert runs.wait(30)
    wrong()
    assert held(recorder) == 2
    assert recorder.raised(KeyError("x")) == ""
    assert held(recorder) == 1, "one that runs is not looked at"
    goes_on.set()
    thread.join()
    assert held(recorder) == 0
    calls = recorder.stop().calls
    assert [(call.call, call.error) for call in calls] == [(PACK, ""), ("nn.GRU", "RuntimeError: at its end")]


def test_when_a_late_call_begins_those_before_it_are_looked_at(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    class Asked(nn.GRU):
        def check_forward_args(self, *given: Any) -> None:
            told.append(len(recorder._kept.last))

    wrong()
    right()
    assert held(recorder) == 2
    monkeypatch.setattr(waiting, "LONGEST", 0.0)
    monkeypatch.setattr(Observed, "QUICK", 0.0)
    Asked(2, 3)(torch.ones(4, 1, 2))
    assert told == [2], "a call may take for ever, or end the process"


def test_a_call_that_runs_when_it_stops_does_not_touch_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Observed, "QUICK", float("inf"))
    recorder = Recorder(str(tmp_path / "run.packviz"), when="always")
    recorder.start()
    x, lengths = batch()
    x[1, lengths[1] - 1] = 0  # something is to be found of it
    made = made_by(PACK, (x, lengths, True, False))
    late, later = (Observed(made, looks_at(made), Site("a.py", 1), True) for _ in range(2))
    wrong()
    recorder.begins(late)
    assert late.waits
    before = recorder.stop()
    whole = Path(recorder.path).read_bytes()
    assert not late.ends(None)
    recorder.begins(later)
    assert not later.waits
    recorder.told(later)
    assert recorder.raised(KeyError("x")) == ""
    assert recorder.unwritten() == ""
    assert recorder.stop() is before
    assert Path(recorder.path).read_bytes() == whole


@pytest.mark.parametrize("where", ["add", "_Begun"])
def test_a_call_that_is_broken_off_as_it_begins_does_not_wait_for_ever(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from packviz.torch_side.recording import notes

    plain = Waiting.add

    def stopped(*given: Any) -> None:
        if where == "add":
            plain(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Waiting if where == "add" else notes, where, stopped)
        with pytest.raises(KeyboardInterrupt):
            right()
    assert held(recorder) == 1
    right()
    assert len(recorder.stop().calls) == 1
    assert held(recorder) == 0


def test_what_can_not_be_copied_is_counted_once(recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="dimensions"):
        pack_padded_sequence(torch.ones(2, 3), ["a"], batch_first=True)  # type: ignore[arg-type]
    found = recorder.stop()
    assert found.unseen == {"lengths holds text, but numbers are expected.": 1}
    assert len(found.calls) == 1


def test_after_a_call_that_takes_long_those_before_it_are_looked_at(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    right()
    right()
    monkeypatch.setattr(Observed, "QUICK", 60.0)
    began = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", iter([began, began + 61]).__next__)
        right()
    assert held(recorder) == 0
    right()
    assert held(recorder) == 1


def test_the_end_and_an_error_of_the_program_wait_for_those_that_wait(recorder: Recorder) -> None:
    wrong()
    assert held(recorder) == 1
    assert recorder.raised(KeyError("x")) == ""
    assert held(recorder) == 0
    wrong()
    assert len(recorder.stop().calls) == 2


def test_what_fails_of_one_is_counted_and_the_others_are_noted(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from packviz.torch_side.recording import seen

    right()
    right()
    plain, fails = seen.flags_of_cells, [True, False, False]

    def odd(*given: Any) -> Any:
        if fails.pop(0):
            raise TypeError("a defect")
        return plain(*given)

    right()
    with monkeypatch.context() as patch:
        patch.setattr(seen, "flags_of_cells", odd)
        found = recorder.stop()
    assert len(found.calls) == 2
    assert found.unseen == {"inside packviz: TypeError: a defect": 1}


def test_calls_that_come_slowly_do_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Observed, "QUICK", 0.0)
    recorder = Recorder(str(tmp_path / "run.packviz"))
    recorder.start()
    try:
        for _ in range(5):
            right()
            assert held(recorder) == 0
        assert len(recorder._kept.last) == 5
    finally:
        recorder.stop()
