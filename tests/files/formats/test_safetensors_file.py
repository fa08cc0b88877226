from __future__ import annotations

import contextlib
import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from packviz.core.batch import BatchError
from packviz.files.formats.safetensors_file import sniff
from packviz.files.registry import load_each, loads
from tests.tensors import DTYPES

X, LENGTHS = torch.arange(12).reshape(3, 4) + 1, torch.tensor([4, 2, 3])


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_come_back_as_they_were_saved(dtype: torch.dtype) -> None:
    x = (X * 0.37).to(dtype)
    batch = loads(save({"x": x, "lengths": LENGTHS}), "x.safetensors")
    assert batch.dtype == str(dtype).removeprefix("torch.")
    assert batch.x.tolist() == x.tolist()
    assert batch.lengths.tolist() == [4, 2, 3]
    assert sniff(save({"x": x})[:4096])


def test_a_packed_sequence_and_several_batches_are_known(tmp_path) -> None:
    packed = torch.nn.utils.rnn.pack_sequence([torch.ones(2), torch.ones(4)], enforce_sorted=False)
    assert loads(save(packed._asdict()), "x.safetensors").lengths.tolist() == [2, 4]
    path = tmp_path / "two.safetensors"
    path.write_bytes(save({"a.x": X, "a.lengths": LENGTHS, "b.x": X.clone(), "b.lengths": LENGTHS.clone()}))
    assert [loaded.name for loaded in load_each(path)] == ["a", "b"]


def test_weights_are_said_to_be_that() -> None:
    with pytest.raises(BatchError, match="it holds weights"):
        loads(save(torch.nn.LSTM(2, 3).state_dict()), "x.safetensors")


def test_what_is_damaged_is_one_sentence() -> None:
    data = save({"x": X})
    for broken in (data[:-8], data[:20], b"\xff" * 40, (5).to_bytes(8, "little") + b'{"a"}'):
        with pytest.raises(BatchError, match=r"x\.safetensors: "):
            loads(broken, "x.safetensors")


@pytest.mark.parametrize(
    "about",
    [
        {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 8]},
        {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2**61], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": "4", "data_offsets": [0, 16]},
        {"dtype": 3, "shape": [4], "data_offsets": [0, 16]},
        [1, 2],
    ],
)
def test_a_header_that_contradicts_itself_is_refused(about: object) -> None:
    header = json.dumps({"x": about}).encode()
    with pytest.raises(BatchError, match=r"x\.safetensors: "):
        loads(len(header).to_bytes(8, "little") + header + bytes(16), "x.safetensors")


@given(st.binary(max_size=200), st.integers(0, 300))
def test_arbitrary_bytes_are_refused_or_read(tail: bytes, size: int) -> None:
    with contextlib.suppress(BatchError):
        loads(size.to_bytes(8, "little") + tail, "x.safetensors")


def test_a_float8_is_named() -> None:
    x = torch.ones(2, 2).to(torch.float8_e4m3fn)
    with pytest.raises(BatchError, match="F8_E4M3"):
        loads(save({"x": x}), "x.safetensors")
