"""packviz's own files open through the same way in as all others, in the window and in the terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import Batch, BatchError, make_batch
from packviz.core.module import Module, held_module
from packviz.core.noted import NotedCall, Recording, Site
from packviz.core.saved import Marks, SavedDocument, SavedSession
from packviz.files.formats.packviz_file import sniff
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.container import whole_file
from packviz.files.kept.recordings import RecordingWriter
from packviz.files.kept.sessions import save_session
from packviz.files.registry import load_all, loads
from packviz.files.several import SeveralBatches
from tests.files.kept.wholes import batches, same

CALL = NotedCall(17, "nn.LSTM", Site("train.py", 31), reason="first")


def batch(value: float = 1.0) -> Batch:
    return make_batch(np.full((2, 3, 1), value, dtype=np.float32), [3, 2, 1], source="x")


def recording(path: Path, count: int = 2) -> Path:
    writer = RecordingWriter(path)
    writer.note(NotedCall(1, "nn.LSTM", Site("train.py", 31)))
    for number in range(17, 17 + count):
        call = NotedCall(number, "nn.LSTM", Site("train.py", 31), reason="first")
        writer.keep(call, batch_bytes(batch(number), held_module(), call=call))
    writer.end()
    return path


def test_the_kept_calls_of_a_recording_are_its_batches(tmp_path: Path) -> None:
    path = recording(tmp_path / "train.packviz")
    found = load_all(path)
    assert [loaded.name for loaded in found] == ["17 train.py:31", "18 train.py:31"]
    assert [loaded.whole.call.number for loaded in found if loaded.whole and loaded.whole.call] == [17, 18]
    assert [float(loaded.batch.x.max()) for loaded in found if loaded.batch] == [17.0, 18.0]
    assert found[0].source == f"{path}[17 train.py:31]"
    assert packviz.load(path, entry="18 train.py:31").x.max() == 18.0
    assert packviz.load(path, entry=17).x.max() == 17.0
    assert packviz.load(path, entry="18").x.max() == 18.0
    with pytest.raises(BatchError, match="there is no batch 1 in it"):
        packviz.load(path, entry=1)
    with pytest.raises(SeveralBatches):
        packviz.load(path, batch_first=True)


def test_a_recording_of_which_no_call_is_named_is_all_of_its_calls(tmp_path: Path) -> None:
    found = packviz.load(recording(tmp_path / "train.packviz"))
    assert isinstance(found, Recording)
    assert [call.number for call in found.calls] == [1, 17, 18]
    whole = found.load(18)
    assert whole.batch.x.max() == 18.0
    assert whole.module is not None
    assert "3 calls, 2 of them kept" in str(found)
    with pytest.raises(BatchError, match=r"train\.packviz: call 1 was noted, but its batch was not kept\."):
        found.load(1)
    with pytest.raises(BatchError, match="lies in no file"):
        Recording("").load(1)


def test_what_is_typed_wins_over_what_was_written(tmp_path: Path) -> None:
    path = recording(tmp_path / "train.packviz", 1)
    loaded = packviz.load(path, batch_first=True, lengths=[2, 1], enforce_sorted=False)
    assert (loaded.rows, loaded.lengths.tolist()) == (2, [2, 1])
    assert (loaded.call.batch_first, loaded.call.enforce_sorted) == (True, False)
    mask = np.array([[1, 1, 1], [1, 0, 0]], dtype=bool)
    assert packviz.load(path, batch_first=True, mask=mask).mask is not None
    with pytest.raises(BatchError, match="leave axes out"):
        packviz.load(path, axes="BTF")


@given(batches())
def test_one_batch_that_was_handed_over_is_itself(one: Batch) -> None:
    data = whole_file("batch", {}, {"batch.safetensors": batch_bytes(one)})
    again = loads(data, "shown.packviz")
    assert again.source.shown == "shown.packviz"
    assert same(again.x, one.x)
    assert same(again.given, one.given)
    assert (again.call == one.call) or one.call.padding_value != one.call.padding_value
    assert sniff(data[:4096])


def test_the_batches_of_a_session_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    save_session(path, SavedSession(tuple(SavedDocument(batch(n), Module(seed=n)) for n in range(3)), 2))
    found = load_all(path)
    assert [loaded.name for loaded in found] == ["0", "1", "2"]
    wholes = [loaded.whole for loaded in found if loaded.whole is not None]
    assert [(whole.module, whole.marks, whole.open) for whole in wholes] == [
        (Module(seed=0), Marks(), False),
        (Module(seed=1), Marks(), False),
        (Module(seed=2), Marks(), True),
    ]


def test_a_recording_that_kept_nothing_and_an_empty_session_say_so(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"it has noted 1 calls? and kept the batch of none"):
        load_all(recording(tmp_path / "a.packviz", 0))
    save_session(tmp_path / "b.packviz", SavedSession())
    with pytest.raises(BatchError, match="it is a session without batches"):
        load_all(tmp_path / "b.packviz")
    with pytest.raises(BatchError, match="it was cut short before its first save was whole"):
        loads(whole_file("session", {}, {}), "b.packviz")
    with pytest.raises(BatchError, match="it holds no batch"):
        loads(whole_file("batch", {}, {}), "b.packviz")


@given(st.binary(max_size=400))
def test_whatever_follows_a_head_is_read_or_one_sentence(data: bytes) -> None:
    head = whole_file("recording", {}, {})[:-1024]
    with pytest.raises(BatchError, match=r"^a\.packviz: "):
        loads(head + data, "a.packviz")
