"""Recorder: what is noted, what is kept, when it is written, and what it says of an error."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

from packviz.core.findings import Severity
from packviz.core.noted import Recording, Site
from packviz.files.kept import recordings
from packviz.files.kept.container import Appender
from packviz.files.kept.recordings import kept_call, read_recording
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import made_by
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.recorder import Recorder
from tests.torch_side.recording.programs import Model, batch, sequences, wrong


def recorded(path: Path, program: Any, **options: Any) -> Recording:
    recorder = Recorder(str(path), **options)
    recorder.start()
    try:
        program()
    finally:
        found = recorder.stop()
    return found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "run.packviz"


def test_each_call_is_noted_with_its_site_and_its_sizes(place: Path) -> None:
    x, lengths = batch()
    model = Model(num_layers=2)
    found = recorded(place, lambda: model(x, lengths))
    pack, run, unpack = found.calls
    assert [call.call for call in found.calls] == ["pack_padded_sequence", "nn.LSTM", "pad_packed_sequence"]
    assert [call.number for call in found.calls] == [1, 2, 3]
    assert {call.site.path for call in found.calls} == {Model.forward.__code__.co_filename}
    assert pack.site.line == Model.forward.__code__.co_firstlineno + 1
    assert pack.site.function == "forward"
    n = int(lengths.sum())
    told = (pack.rows, pack.steps, pack.features, pack.total, pack.shortest, pack.longest, pack.dtype)
    assert told == (5, 7, (3,), n, int(lengths.min()), int(lengths.max()), "float32")
    assert (run.rows, run.steps, run.total, run.shortest) == (5, int(lengths.max()), n, int(lengths.min()))
    assert run.module == "nn.LSTM(3, 4, num_layers=2)"
    assert len(run.fingerprint) == 8
    assert unpack.features == (4,)
    assert {call.thread for call in found.calls} == {threading.current_thread().name}
    assert all(call.outcome == "returned" and call.worker == -1 and call.process > 0 for call in found.calls)
    assert pack.time <= run.time <= unpack.time


def test_inner_calls_are_no_calls_of_their_own(place: Path) -> None:
    found = recorded(place, lambda: pack_sequence(sequences(3, 2)))
    assert [call.call for call in found.calls] == ["pack_sequence"]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_batches_that_go_through_a_module_unpacked_are_noted(place: Path, kind: str) -> None:
    module = getattr(nn, kind)(3, 4)
    found = recorded(place, lambda: (module(torch.ones(7, 5, 3)), module(torch.ones(7, 3))))
    assert [(call.call, call.rows, call.steps, call.total) for call in found.calls] == [
        (f"nn.{kind}", 5, 7, 35),
        (f"nn.{kind}", 1, 7, 7),
    ]


def test_nothing_is_written_where_nothing_was_found(place: Path) -> None:
    found = recorded(place, lambda: Model()(*batch()))
    assert found.place == ""
    assert not found.kept
    assert list(place.parent.iterdir()) == []


def test_always_it_lies_there_from_the_beginning(place: Path) -> None:
    recorder = Recorder(str(place), when="always")
    recorder.start()
    try:
        assert read_recording(place).calls == ()
    finally:
        recorder.stop()


def test_paths_that_it_is_told_to_avoid_are_not_written_to(place: Path) -> None:
    avoided = str(place), str(place.with_name("run-2.packviz"))
    assert Path(recorded(place, wrong, avoid=avoided).place).name == "run-3.packviz"


@pytest.mark.parametrize("quick", [0.0, float("inf")])
def test_a_call_that_ends_after_it_has_stopped_changes_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, quick: float
) -> None:
    monkeypatch.setattr("packviz.torch_side.recording.observed.Observed.QUICK", quick)
    recorder = Recorder(str(place))
    recorder.start()
    wrong()
    found = recorder.stop()
    x, lengths = batch()
    x[2, 0] = torch.nan
    made = made_by("pack_padded_sequence", (x, lengths, True, False))
    recorder.told(Observed(made, looks_at(made), Site("b.py", 7), True))
    assert recorder.stop() is found
    assert read_recording(place).calls == found.calls


def test_once_stopped_nobody_holds_it(place: Path) -> None:
    recorder = Recorder(str(place))
    recorder.start()
    recorder.stop()
    held = weakref.ref(recorder)
    del recorder
    gc.collect()
    assert held() is None


def test_what_the_program_dies_of_is_worth_its_last_calls_though_no_call_raised(place: Path) -> None:
    def died(error: Exception) -> str:
        recorder = Recorder(str(place), when="error")
        recorder.start()
        try:
            pack_padded_sequence(torch.ones(2, 5, 1), [7, 5], batch_first=True)
            told = recorder.raised(error)
        finally:
            found = recorder.stop()
        assert bool(told) == bool(found.kept)
        return told

    assert "Row 0" in died(RuntimeError("start (10) + length (1) exceeds dimension size (10)."))
    place.unlink()
    assert died(KeyError("x")) == ""
    assert not place.exists()


def test_all_that_raise_are_looked_at_closely(place: Path) -> None:
    def program() -> None:
        for _ in range(90):
            with pytest.raises(RuntimeError):
                pack_padded_sequence(torch.ones(2, 3, 1), [3], batch_first=True)

    found = recorded(place, program, keep=0)
    assert [call.tier for call in found.calls] == ["rules"] * 90


def test_where_none_is_kept_only_what_is_looked_at_closely_is_copied(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, plain = list[str](), Observed.taken

    def counted(self: Observed, buffers: Any) -> Any:
        copied.append(self.call)
        return plain(self, buffers)

    monkeypatch.setattr(Observed, "taken", counted)
    monkeypatch.setattr("packviz.torch_side.recording.observed.Observed.QUICK", float("inf"))

    def program() -> None:
        for seed in range(20):
            pack_padded_sequence(*batch(seed), batch_first=True, enforce_sorted=False)
            assert not recorder._waiting._calls

    recorder = Recorder(str(place), keep=0)
    recorder.start()
    try:
        program()
    finally:
        recorder.stop()
    assert 0 < len(copied) < 5


@pytest.mark.parametrize("quick", [0.0, float("inf")])
def test_a_copy_that_fails_is_counted_once(place: Path, monkeypatch: pytest.MonkeyPatch, quick: float) -> None:
    def fails(*_: object) -> Any:
        raise TypeError("a defect")

    def program() -> None:
        for _ in range(5):
            pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)

    monkeypatch.setattr("packviz.torch_side.recording.observed.Observed.QUICK", quick)
    monkeypatch.setattr("packviz.torch_side.recording.observed.grabbed", fails)
    found = recorded(place, program, when="always")
    assert found.unseen == {"inside packviz: TypeError: a defect": 5}
    assert [(call.rows, call.reason) for call in found.calls] == [(5, "")] * 5


def test_a_call_at_which_the_rules_fail_is_kept_all_the_same(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Any:
        raise TypeError("a defect")

    monkeypatch.setattr("packviz.torch_side.recording.recorder.judged", fails)
    found = recorded(place, wrong, when="always")
    assert [(call.reason, call.tier) for call in found.calls] == [("always", "invariants")]


def test_what_is_found_is_written_at_once(place: Path) -> None:
    recorder = Recorder(str(place))
    recorder.start()
    try:
        wrong()
        before_the_end = read_recording(place)
    finally:
        recorder.stop()
    [call] = before_the_end.calls
    assert not before_the_end.whole
    assert ("length-counts-padding", Severity.SILENT) in call.findings
    assert (call.reason, call.tier) == ("first", "rules")
    assert kept_call(place, 1).batch.given.counts.tolist() == batch()[1].tolist()


def test_the_first_of_each_kind_is_kept_at_each_site_and_then_the_last_calls(place: Path) -> None:
    def program() -> None:
        for _ in range(6):
            wrong()

    found = recorded(place, program, keep=2)
    assert [call.reason for call in found.calls] == ["first", "", "", "", "last", "last"]
    assert all("length-counts-padding" in dict(call.findings) for call in found.calls)
    assert found.calls == read_recording(place).calls
    for call in found.kept:
        assert kept_call(place, call.number).batch.rows == 5


def test_always_writes_what_is_held_though_nothing_was_found(place: Path) -> None:
    found = recorded(place, lambda: Model()(*batch()), when="always", keep=2)
    assert [call.reason for call in found.calls] == ["", "always", "always"]
    assert found.place == str(place)


def test_error_writes_only_once_something_raised(place: Path) -> None:
    assert recorded(place, wrong, when="error").place == ""

    def program() -> None:
        wrong()
        with pytest.raises(RuntimeError):
            pack_padded_sequence(batch()[0], batch()[1][:2], batch_first=True)

    found = recorded(place, program, when="error")
    assert [call.reason for call in found.calls] == ["first", "raised"]
    assert found.calls[1].outcome.startswith("raised RuntimeError: Expected `len(lengths)`")
    assert found.calls[1].worst is Severity.ERROR
    assert dict(found.calls[1].findings)["lengths-count"] is Severity.ERROR


def test_an_error_of_the_call_is_none_where_it_returned(place: Path) -> None:
    """Autocast takes what the rules say torch refuses; torch has the last word."""
    module = nn.LSTM(3, 4)

    def program() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            module(torch.ones(7, 5, 3, dtype=torch.bfloat16))

    found = recorded(place, program)
    assert [call.outcome for call in found.calls] == ["returned"]
    assert "module-dtype" not in dict(found.calls[0].findings)


def test_lengths_beyond_the_end_are_explained_where_the_module_raises(place: Path) -> None:
    x, lengths = batch()
    lengths[2] = 9
    recorder = Recorder(str(place))
    recorder.start()
    try:
        with pytest.raises(RuntimeError) as caught:
            Model()(x, lengths)
        told = recorder.raised(caught.value)
    finally:
        found = recorder.stop()
    assert "1. Row 2: its length is beyond the end of x" in told
    assert "length-exceeds-time · in this batch" in told
    raised = found.calls[-1]
    assert (raised.call, raised.reason) == ("nn.LSTM", "raised")
    assert "length-exceeds-time" in dict(raised.findings)
    whole = kept_call(place, raised.number)
    assert whole.batch.given.counts.tolist() == lengths.tolist()
    assert whole.module is not None
    assert whole.module.hidden == 4


def test_an_error_that_is_not_about_packing_is_not_explained(place: Path) -> None:
    recorder = Recorder(str(place))
    recorder.start()
    try:
        Model()(*batch())
        assert recorder.raised(ValueError("the learning rate is negative")) == ""
        assert recorder.raised(KeyError("x")) == ""
    finally:
        assert recorder.stop().place == ""


def test_a_call_whose_arguments_can_not_be_read_is_noted_and_its_error_explained(place: Path) -> None:
    recorder = Recorder(str(place))
    recorder.start()
    try:
        with pytest.raises(RuntimeError, match="empty list") as caught:
            pack_sequence(iter(sequences(2)))  # type: ignore[arg-type]
        assert "empty list" in recorder.raised(caught.value)
    finally:
        found = recorder.stop()
    assert found.place == str(place)
    assert [(call.reason, call.rows) for call in found.calls] == [("", 0)]
    assert found.calls[0].outcome.startswith("raised RuntimeError")
    assert found.unseen == {"a list_iterator in the place of a list of sequences": 1}


def test_a_call_of_which_no_batch_can_be_made_is_counted_once(place: Path) -> None:
    """Whether it is looked at closely, among the first of its kind, or among the last ones."""

    def program() -> None:
        for _ in range(3):
            with pytest.raises(RuntimeError, match="empty list"):
                pack_sequence([])

    found = recorded(place, program, when="always")
    assert [call.reason for call in found.calls] == [""] * 3
    assert list((found.unseen or {}).values()) == [3]
    assert len(found.calls) == len({call.number for call in found.calls})


def test_a_module_that_torch_func_differentiates_is_noted(place: Path) -> None:
    module = nn.LSTM(3, 4)

    def run(weights: Any) -> torch.Tensor:
        return torch.func.functional_call(module, weights, torch.ones(5, 2, 3))[0].sum()

    found = recorded(place, lambda: torch.func.grad(run)(dict(module.named_parameters())))
    assert [(call.call, call.fingerprint) for call in found.calls] == [("nn.LSTM", "")]
    assert found.unseen == {"a tensor inside torch.func": 1}


def test_computing_activations_again_raises_nothing(place: Path) -> None:
    """torch ends that with an exception of its own, which nobody else sees."""
    from torch.utils.checkpoint import checkpoint

    module, x = nn.GRU(3, 4), torch.ones(5, 2, 3, requires_grad=True)

    def program() -> None:
        checkpoint(lambda given: module(given)[0].sum(), x, use_reentrant=False).backward()

    found = recorded(place, program)
    assert [call.outcome for call in found.calls] == ["returned", "returned"]
    assert found.place == ""


def test_an_error_behind_another_is_found(place: Path) -> None:
    def program() -> None:
        try:
            pack_padded_sequence(*batch(), batch_first=True)
        except RuntimeError as error:
            raise ValueError("step 3 failed") from error

    recorder = Recorder(str(place))
    recorder.start()
    try:
        with pytest.raises(ValueError, match="step 3") as caught:
            program()
        assert "lengths-unsorted" in recorder.raised(caught.value)
    finally:
        recorder.stop()


def test_hx_and_the_module_of_a_kept_call_come_back(place: Path) -> None:
    module = nn.GRU(3, 4, num_layers=2, bidirectional=True)
    hx = torch.rand(4, 5, 4)
    packed = pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)
    found = recorded(place, lambda: module(packed, hx), when="always")
    whole = kept_call(place, found.calls[0].number)
    assert torch.equal(torch.tensor(whole.hx[0]), hx)
    assert whole.module is not None
    assert (whole.module.cell, whole.module.layers, whole.module.directions) == ("GRU", 2, 2)
    assert whole.call == found.calls[0]


def test_a_packed_sequence_made_by_hand_is_found(place: Path) -> None:
    packed = PackedSequence(torch.ones(6, 3), torch.tensor([3, 2, 2]))

    def program() -> None:
        with pytest.raises(RuntimeError):
            nn.LSTM(3, 4)(packed)

    found = recorded(place, program)
    assert dict(found.calls[0].findings)["packed-inconsistent"] is Severity.ERROR


def test_numbers_that_are_none_are_found_anywhere_in_x(place: Path) -> None:
    x, lengths = batch(rows=20, steps=30)
    x[7, 1, 2] = float("nan")

    def program() -> None:
        for seed in range(40):
            clean = batch(seed, rows=20, steps=30)
            pack_padded_sequence(*clean, batch_first=True, enforce_sorted=False)
            if seed == 33:
                pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)

    found = recorded(place, program)
    [bad] = [call for call in found.calls if call.worst is not None and call.worst.rank <= Severity.SILENT.rank]
    assert bad.number == 35
    assert "nan-in-data" in dict(bad.findings)


def test_x_that_was_computed_over_its_padding_is_not_taken_for_data(place: Path) -> None:
    """What lies beyond the lengths is noise of a layer then, and says nothing of them."""
    x, lengths = batch(rows=8)
    layer = nn.Sequential(nn.Linear(3, 6), nn.Dropout(0.1))

    def program() -> None:
        for _ in range(3):
            noise = torch.randn(8, 7, 3) * 0.1
            pack_padded_sequence(layer(x + noise), lengths, batch_first=True, enforce_sorted=False)

    found = recorded(place, program)
    assert found.place == ""
    assert {call.worst for call in found.calls} <= {None, Severity.NOTE}


@pytest.mark.parametrize("value", [-1.0, 7.0])
def test_x_that_is_padded_with_another_number_is_right(place: Path, value: float) -> None:
    x, lengths = batch(rows=8)
    x[torch.arange(7) >= lengths[:, None]] = value
    found = recorded(place, lambda: pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    assert found.place == ""
    lengths = lengths.clone()
    lengths[lengths.argmin()] += 1
    found = recorded(place, lambda: pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    assert "length-counts-padding" in dict(found.calls[0].findings)


def test_nothing_of_the_program_is_held(place: Path) -> None:
    recorder = Recorder(str(place))
    recorder.start()
    try:
        model, (x, lengths) = Model(), batch()
        x.requires_grad_()
        output = model(x, lengths)
        held = [weakref.ref(one) for one in (model, model.rnn, x, lengths, output)]
        del model, x, lengths, output
        gc.collect()
        assert [one() for one in held] == [None] * len(held)
    finally:
        recorder.stop()


def test_what_is_held_are_copies(place: Path) -> None:
    x, lengths = batch()
    given = x.clone()

    def program() -> None:
        pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        x.zero_()
        lengths.zero_()

    recorded(place, program, when="always")
    kept = kept_call(place, 1).batch
    assert torch.equal(torch.tensor(kept.x), given)
    assert kept.given.counts.min() > 0


def test_memory_is_used_again_only_of_copies_that_fell_out(place: Path) -> None:
    def program() -> None:
        for step in range(30):
            x = torch.full((8, 64, 16), float(step + 1))
            if step in (3, 11):
                x[2, -1] = 0
            pack_padded_sequence(x, torch.full((8,), 64), batch_first=True)

    found = recorded(place, program, keep=5)
    assert {call.number for call in found.kept} == {4, 26, 27, 28, 29, 30}
    for call in found.kept:
        assert (kept_call(place, call.number).batch.x[0] == call.number).all()


def test_what_was_found_long_before_an_error_is_written_as_it_was(place: Path) -> None:
    """The memory of its copy is not lent again, though it fell out of the last ones."""

    def program() -> None:
        for step in range(1, 41):
            x = torch.full((8, 64, 16), float(step))
            x[2, -1] = 0 if step == 1 else step
            pack_padded_sequence(x, torch.full((8,), 64), batch_first=True)
        with pytest.raises(RuntimeError):
            pack_padded_sequence(x, torch.full((7,), 64), batch_first=True)

    found = recorded(place, program, when="error", keep=2)
    assert [call.number for call in found.kept] == [1, 40, 41]
    for call in found.kept:
        assert (kept_call(place, call.number).batch.x[0] == min(call.number, 40)).all()


def test_the_rows_of_an_error_are_told_long_after_it_was_raised(place: Path) -> None:
    """Of the second of a kind, which is not kept for being the first."""
    recorder = Recorder(str(place), keep=2)
    recorder.start()
    try:
        for row in (1, 3):
            lengths = torch.full((8,), 64)
            lengths[row] = 0
            with pytest.raises(RuntimeError, match="greater than 0") as caught:
                pack_padded_sequence(torch.ones(8, 64, 16), lengths, batch_first=True, enforce_sorted=False)
        for _ in range(40):
            pack_padded_sequence(torch.ones(8, 64, 16), torch.full((8,), 64), batch_first=True)
        told = recorder.raised(caught.value)
    finally:
        recorder.stop()
    assert "lengths[3] is 0" in told


@pytest.mark.parametrize(
    "inside",
    [
        "seen.flags_of_cells",
        "looks.look",
        "observed.grabbed",
        "observed.NotedCall",
        "notes.site_of",
        "taken.make_batch",
        "made.Made",
    ],
)
def test_a_failure_inside_never_reaches_the_program(place: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    def fails(*_: object, **__: object) -> Any:
        raise TypeError("a defect")

    model, (x, lengths) = Model(), batch()
    plain = model(x, lengths)
    with monkeypatch.context() as patch:
        patch.setattr(f"packviz.torch_side.recording.{inside}", fails)
        found = recorded(place, lambda: torch.testing.assert_close(model(x, lengths), plain, rtol=0, atol=0))
    assert found.unseen
    assert all(why.startswith("inside packviz: TypeError: a defect") for why in found.unseen)


def test_a_folder_that_is_not_there_never_reaches_the_program(place: Path) -> None:
    found = recorded(place.parent / "not there" / "run.packviz", wrong)
    assert found.place == ""
    assert set(found.unseen or {}) == {"not written: no such file or directory"}


def test_a_disk_that_fills_up_costs_the_program_nothing_and_is_no_defect(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "LINES", 2)
    write, tried = os.write, list[int]()

    def full(file: int, data: bytes) -> int:
        tried.append(len(data))
        raise OSError(28, "No space left on device")

    def right() -> None:
        for _ in range(6):
            pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)

    recorder = Recorder(str(place), when="always", keep=0)
    recorder.start()
    right()
    monkeypatch.setattr(os, "write", full)
    right()
    assert len(tried) == 3
    found = recorder.stop()
    assert found.unseen == {"not written: no space left on device": 1}
    assert [call.number for call in found.calls] == [1, 2, 3, 4, 5, 6], "what is there is told"
    assert found.place == str(place)
    monkeypatch.setattr(os, "write", write)


def test_a_disk_that_was_full_for_a_while_is_said_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "LINES", 2)
    tried = list[str]()

    def full(self: Appender, name: str, data: bytes) -> None:
        tried.append(name)
        raise OSError(28, "No space left on device")

    def program() -> None:
        wrong()
        with monkeypatch.context() as patch:
            patch.setattr(Appender, "add", full)
            for _ in range(6):
                pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)

    found = recorded(place, program, keep=0)
    assert len(tried) == 3
    assert found.unseen == {"not written: no space left on device": 1}
    assert [call.number for call in found.calls] == list(range(1, 8))


def test_lines_that_waited_are_all_written_though_the_disk_was_full_for_a_while(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before something was found; and of those that can't be held so long it is said how many there were."""
    monkeypatch.setattr(recordings, "LINES", 2)

    def program() -> None:
        for _ in range(6):
            pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)
        with monkeypatch.context() as patch:
            patch.setattr(Appender, "add", full)
            wrong()
        wrong()

    def full(self: Appender, name: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    found = recorded(place, program, keep=0)
    assert [call.number for call in found.calls] == list(range(1, 9))
    monkeypatch.setattr(recordings, "MOST_HELD", 3)
    found = recorded(place, program, keep=0)
    assert [call.number for call in found.calls] != list(range(1, 9))
    assert (found.unseen or {})["noted, then forgotten, since they could not be written"] == 8 - len(found.calls)


def test_where_nothing_can_be_written_it_says_why(place: Path) -> None:
    for path, why in ((place, ""), (place.parent / "not there" / "a.packviz", "no such file or directory")):
        recorder = Recorder(str(path))
        recorder.start()
        try:
            assert recorder.unwritten() == why
            assert path.exists() is (not why)
        finally:
            recorder.stop()


def test_it_starts_once_and_stops_as_often_as_one_likes(place: Path) -> None:
    recorder = Recorder(str(place))
    with pytest.raises(RuntimeError, match="has not been started"):
        recorder.stop()
    recorder.start()
    with pytest.raises(RuntimeError, match="has been started before"):
        recorder.start()
    assert recorder.stop() is recorder.stop()


@pytest.mark.parametrize("options", [{"when": "never"}, {"keep": -1}, {"keep": True}, {"keep": 1.5}])
def test_options_that_are_none_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is expected"):
        Recorder(**options)


def test_two_at_once_see_all_calls_and_write_their_own_files(place: Path) -> None:
    outer, inner = Recorder(str(place)), Recorder(str(place))
    outer.start()
    wrong()
    inner.start()
    wrong()
    found = inner.stop()
    wrong()
    whole = outer.stop()
    assert [len(found.calls), len(whole.calls)] == [1, 3]
    assert found.calls[0].number == 1
    assert Path(found.place).name == "run-2.packviz"
    assert Path(whole.place).name == "run.packviz"


def test_torch_is_asked_only_where_the_user_says_so(place: Path) -> None:
    found = recorded(place, wrong, ask=True)
    assert [call.tier for call in found.calls] == ["torch"], "what packviz has torch do is no call of the program"


def test_what_was_found_is_told_where_it_can_not_be_written(tmp_path: Path) -> None:
    recorder = Recorder(str(tmp_path / "nowhere" / "a.packviz"))
    recorder.start()
    for last in (6, 6, 2):
        pack_padded_sequence(torch.ones(2, 4, 1), torch.tensor([4, last]), batch_first=True, enforce_sorted=False)
    recording = recorder.stop()
    assert [call.findings[0][0] for call in recording.calls[:2]] == ["length-exceeds-time"] * 2
    assert recording.place == ""
    assert set(recording.unseen or {}) == {"not written: no such file or directory"}
