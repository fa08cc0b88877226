"""A batch comes back bit for bit, with its module and hx; whatever else the bytes are is one sentence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save
from safetensors.torch import load as load_torch

import packviz
from packviz.core.batch import Batch, BatchError, make_batch
from packviz.core.module import Module
from packviz.core.noted import NotedCall, Site
from packviz.files.kept.arrays import KEY
from packviz.files.kept.batch import batch_bytes, call_in, read_batch
from packviz.files.objects import to_batch
from tests.files.kept.wholes import batches, modules, same

CALL = NotedCall(7, "nn.LSTM", Site("train.py", 31, "step"))


@given(batches(), modules(), st.integers(0, 2))
def test_all_of_it_comes_back_bit_for_bit(batch: Batch, module: Module | None, states: int) -> None:
    hx = [np.full((1, 2, 3), 0.25 + place) for place in range(states)]
    whole = read_batch(batch_bytes(batch, module, hx, call=CALL, more={"a": [1, None]}))
    assert same(whole.batch, batch)
    assert same(whole.module, module)
    assert same(list(whole.hx), hx)
    assert (whole.call, whole.more) == (CALL, {"a": [1, None]})
    assert not any(array.flags.writeable for array in (whole.batch.x, whole.batch.given.array, *whole.hx))


@given(batches())
def test_what_is_said_of_it_is_the_same(batch: Batch) -> None:
    again = read_batch(batch_bytes(batch)).batch
    assert str(packviz.check(again, ask=False)) == str(packviz.check(batch, ask=False))


def test_standard_tools_read_the_numbers() -> None:
    batch = packviz.load("sample:first-batch")
    tensors = load_torch(batch_bytes(batch))
    assert torch.equal(tensors["x"], torch.from_numpy(batch.x.copy()))
    assert tensors["lengths"].tolist() == batch.lengths.tolist()


def test_edits_of_a_batch_are_kept() -> None:
    batch = packviz.load("sample:first-batch")
    for edited in (batch.with_swapped_layout(), batch.with_value(0, 1, 0, 9), batch.with_lengths([1, 1, 1])):
        assert same(read_batch(batch_bytes(edited)).batch, edited)


def test_labels_beside_x_are_kept() -> None:
    named = {"x": torch.ones(2, 3, 1), "lengths": [3, 2], "labels": torch.zeros(2, 3, dtype=torch.int64)}
    batch = to_batch({**named, "batch_first": True}, None)
    assert batch.beside
    assert same(read_batch(batch_bytes(batch)).batch, batch)


def test_numbers_without_a_name_in_the_format_are_refused() -> None:
    with pytest.raises(BatchError, match=r"^x holds .*, which can't be saved: convert it first\.$"):
        batch_bytes(make_batch(np.ones((2, 2), dtype=np.longdouble), [1, 2]))


def altered(data: bytes, path: list[Any], value: object) -> bytes:
    """The same file, another value in one place of what it says."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    said = json.loads(header["__metadata__"][KEY])
    inner = said
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return bytes(save(load(data), {KEY: json.dumps(said)}))


PATHS = [
    ["hx"],
    ["complex"],
    ["more"],
    ["call"],
    ["batch"],
    ["batch", "carrier"],
    ["batch", "dtype"],
    ["batch", "mask_steps"],
    ["batch", "beside"],
    ["batch", "read_as"],
    ["batch", "source"],
    ["batch", "source", "changes"],
    ["batch", "call", "padding_value"],
    ["batch", "call", "total_length"],
    ["batch", "call", "batch_first"],
    ["batch", "lengths", "origin"],
    ["batch", "lengths", "filed"],
    ["batch", "lengths", "listed"],
    ["module"],
    ["module", "weights"],
    ["module", "cell"],
    ["module", "hx"],
    ["module", "hidden"],
    ["module", "directions"],
]
ODD = st.sampled_from(
    [None, True, -1, 0, 3, 2**70, 1.5, "", "packed", "sequences", "nan", [], ["x"], [1], {}, {"kind": "stored"}, [None]]
)


@given(batches(), st.sampled_from(PATHS), ODD)
def test_what_contradicts_itself_is_read_or_one_sentence(batch: Batch, path: list[str], odd: object) -> None:
    data = altered(batch_bytes(batch, Module(), call=CALL), path, odd)
    try:
        whole = read_batch(data)
    except BatchError as error:
        said = str(error)
        assert said.endswith(".")
        assert "\n" not in said
    else:
        assert str(packviz.check(whole.batch, ask=False))


@pytest.mark.parametrize("option", ["padding_value", "total_length"])
def test_options_of_more_than_64_bits_are_refused(option: str) -> None:
    data = altered(batch_bytes(packviz.load("sample:first-batch")), ["batch", "call", option], 2**70)
    with pytest.raises(BatchError, match=r"^it is damaged, or no batch that packviz wrote"):
        read_batch(data)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    for read in (read_batch, call_in):
        with pytest.raises(BatchError):
            read(data)


def test_a_file_of_somebody_else_is_refused() -> None:
    data = bytes(save({"x": np.ones((2, 2))}))
    with pytest.raises(BatchError, match="no batch that packviz wrote"):
        read_batch(data)
    with pytest.raises(BatchError, match="without the call"):
        call_in(data)
    assert call_in(batch_bytes(make_batch(np.ones((2, 2)), [1, 2]), call=CALL)) == CALL


@pytest.mark.parametrize("missing", ["x", "lengths", "weights.weight_hh_l0"])
def test_a_missing_tensor_is_named(missing: str) -> None:
    lstm = torch.nn.LSTM(1, 3)
    from packviz.core.module import Stored

    arrays = {name: value.detach().numpy() for name, value in lstm.named_parameters()}
    data = batch_bytes(make_batch(np.ones((2, 2)), [1, 2]), Module(weights=Stored("w.pt", arrays)))
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    kept = {name: value for name, value in load(data).items() if name != missing}
    with pytest.raises(BatchError, match=f"it holds no {missing}"):
        read_batch(bytes(save(kept, header["__metadata__"])))
