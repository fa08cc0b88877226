"""What torch.save writes."""

from __future__ import annotations

import io
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import Cancelled, Watch
from packviz.core.carrier import Packed, Sequences
from packviz.files.registry import load, loads

X = torch.tensor([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])
LENGTHS = torch.tensor([3, 2, 4])


def saved(obj: object, *, legacy: bool = False) -> bytes:
    data = io.BytesIO()
    torch.save(obj, data, _use_new_zipfile_serialization=not legacy)
    return data.getvalue()


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.bool], ids=str)
def test_x_and_lengths_come_back(tmp_path, dtype, legacy):
    (tmp_path / "x.pt").write_bytes(saved((X.to(dtype), LENGTHS), legacy=legacy))
    batch = load(tmp_path / "x.pt")
    assert torch.equal(torch.from_numpy(batch.x.copy()).to(dtype), X.to(dtype))
    assert batch.dtype == str(dtype).removeprefix("torch.")
    assert (batch.lengths.tolist(), batch.given.origin, batch.call) == ([3, 2, 4], "given", Call())


def test_a_tensor_a_dict_and_a_list_of_tensors_come_back():
    assert loads(saved(X), "x.pt").given.origin == "guessed"
    named = OrderedDict(inputs=X, lengths=[3, 2, 4], batch_first=True, enforce_sorted=True, total_length=7)
    assert loads(saved(named), "x.pt").call == Call(True, True, 0, 7)
    rows = [torch.ones(2, 3), torch.ones(4, 3)]
    assert (type(loads(saved(rows), "x.pt").carrier), loads(saved(rows), "x.pt").x.shape) == (Sequences, (2, 4, 3))


@pytest.mark.parametrize("enforce_sorted", [False, True])
def test_a_packed_sequence_comes_back(enforce_sorted):
    lengths = [4, 3, 2] if enforce_sorted else [3, 2, 4]
    packed = pack_padded_sequence(X, lengths, batch_first=True, enforce_sorted=enforce_sorted)
    for obj in (packed, {"packed": packed}):
        batch = loads(saved(obj), "x.pth")
        assert (type(batch.carrier), batch.lengths.tolist()) == (Packed, lengths)
        assert batch.x.tolist() == pad_packed_sequence(packed, batch_first=True)[0].tolist()
        assert batch.call.enforce_sorted is enforce_sorted


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_is_refused_and_not_run(tmp_path, legacy):
    data = saved({"x": X, "trap": Trap(tmp_path / "sprung")}, legacy=legacy)
    with pytest.raises(BatchError, match=r"x\.pt: it holds a .*open.*torch\.save\(\(x, lengths\), path\)"):
        loads(data, "x.pt")
    assert not (tmp_path / "sprung").exists()


def test_what_needs_unpickling_is_named():
    with pytest.raises(BatchError, match="LSTM"):
        loads(saved(torch.nn.LSTM(2, 3)), "x.pt")
    with pytest.raises(BatchError, match="NumPy arrays"):
        loads(saved({"x": X, "lengths": np.array([1, 2, 3])}), "x.pt")


def test_a_state_dict_is_said_to_be_weights():
    with pytest.raises(BatchError, match="holds weights"):
        loads(saved(torch.nn.LSTM(2, 3).state_dict()), "x.pt")


@given(st.data(), st.booleans())
def test_a_file_cut_short_is_refused(data, legacy):
    whole = saved((X, LENGTHS), legacy=legacy)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(BatchError, match=r"^x\.pt: .*\.$"):
        loads(whole[:cut], "x.pt")


@pytest.mark.parametrize(
    ("legacy", "cut", "said"),
    [
        (False, -50, "PytorchStreamReader failed reading zip archive: failed finding central directory"),
        (True, 30, "unpack requires a buffer of 4 bytes"),
        (True, 1, "index out of range"),
        (True, -10, r"unexpected EOF, expected \d+ more bytes"),
    ],
)
def test_the_reason_of_a_file_cut_short_is_no_half_sentence(legacy, cut, said):
    with pytest.raises(BatchError, match=rf"^x\.pt: it is damaged or was not written by torch\.save \({said}\)\.$"):
        loads(saved((X, LENGTHS), legacy=legacy)[:cut], "x.pt")


@pytest.mark.parametrize("text", ["hello, world", "x = [[1, 2], [3, 0]]\n", '{"x": [[1]]}', "é" * 600])
def test_a_text_under_the_name_of_a_torch_file_is_said_to_be_text(text):
    with pytest.raises(BatchError, match=r"^x\.pt: it seems to be text, not a torch\.save file; "):
        loads(text.encode(), "x.pt")


@given(st.binary(min_size=1, max_size=30), st.integers(0, 1500), st.booleans())
def test_a_damaged_file_raises_nothing_but_batch_error(noise, place, legacy):
    whole = bytearray(saved((X, LENGTHS), legacy=legacy))
    whole[place : place + len(noise)] = noise
    with suppress(BatchError):
        loads(bytes(whole), "x.pt")


@given(st.binary(min_size=1, max_size=200).map(lambda tail: b"\x80\x02" + tail))
def test_arbitrary_pickles_raise_nothing_but_batch_error(data):
    with pytest.raises(BatchError):
        loads(data, "x.pt")


def test_a_large_tensor_reports_progress_and_can_be_cancelled(tmp_path):
    torch.save((torch.ones(2048, 2048), torch.ones(2048).long()), tmp_path / "x.pt")
    heard: list[float] = []
    load(tmp_path / "x.pt", watch=Watch(heard.append))
    assert heard == sorted(heard)
    assert len(heard) > 3
    seen: list[float] = []
    with pytest.raises(Cancelled):
        load(tmp_path / "x.pt", watch=Watch(seen.append, lambda: len(seen) > 2))
