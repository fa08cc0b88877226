"""The .npz format."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import tensor
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import BatchError, Call
from packviz.core.carrier import Packed
from packviz.files.registry import loads

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], np.float32)


def saved(*arrays: object, compressed: bool = False, **named: object) -> bytes:
    data = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(data, *arrays, **named)
    return data.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
def test_named_arrays_and_options_come_back(compressed):
    data = saved(x=X, lengths=[3, 2, 4], batch_first=True, padding_value=0.5, compressed=compressed)
    batch = loads(data, "x.npz", Call(padding_value=9))
    assert batch.x.tolist() == X.tolist()
    assert batch.lengths.tolist() == [3, 2, 4]
    assert batch.call == Call(True, True, 0.5, None)


def test_two_arrays_without_names_are_x_and_lengths():
    assert loads(saved(X, [3, 2, 4]), "x.npz").lengths.tolist() == [3, 2, 4]
    assert loads(saved([3, 2, 4], X), "x.npz").lengths.tolist() == [3, 2, 4]
    assert loads(saved(X), "x.npz").given.origin == "guessed"


def test_the_fields_of_a_packed_sequence_make_a_batch():
    packed = pack_sequence([tensor([1, 2]), tensor([3, 4, 5])], enforce_sorted=False)
    batch = loads(saved(**{name: np.asarray(part) for name, part in packed._asdict().items()}), "x.npz")
    assert (type(batch.carrier), batch.x.tolist()) == (Packed, [[1, 2, 0], [3, 4, 5]])


def test_objects_in_it_are_refused_and_arrays_beside_them_are_read():
    objects = np.array([[object]], dtype=object)
    assert loads(saved(x=X, notes=objects), "x.npz").x.tolist() == X.tolist()
    with pytest.raises(BatchError, match=r"x\.npz: the array x in it .*Python objects"):
        loads(saved(x=objects), "x.npz")


def test_an_archive_without_arrays_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("readme.txt", "none")
    with pytest.raises(BatchError, match="holds no arrays"):
        loads(data.getvalue(), "x.npz")


@given(st.data())
def test_a_file_cut_short_is_refused(data):
    whole = saved(x=X)
    with pytest.raises(BatchError):
        loads(whole[: data.draw(st.integers(1, len(whole) - 1))], "x.npz")


@given(st.binary(min_size=1, max_size=40), st.integers(0, 600), st.booleans())
def test_a_damaged_file_raises_nothing_but_batch_error(noise, place, compressed):
    whole = bytearray(saved(x=X, lengths=[1, 2, 3], compressed=compressed))
    whole[place : place + len(noise)] = noise
    with suppress(BatchError):
        loads(bytes(whole), "x.npz")
