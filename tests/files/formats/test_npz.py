"""The .npz format."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from contextlib import suppress
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import tensor
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import BatchError, Call
from packviz.core.carrier import Packed
from packviz.files.formats import npz
from packviz.files.formats.npz import Members
from packviz.files.registry import load, loads, loads_all
from tests.files.hand_made import SOME, Drawn

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


# ---- several batches -------------------------------------------------------------------------------------------


@given(SOME, st.sampled_from(["{part}_{n}", "{part}{n}", "b{n}.{part}", "b{n}_{part}", "b{n}/{part}"]), st.booleans())
def test_groups_of_arrays_come_back_in_order_with_their_names(some: list[Drawn], form: str, compressed: bool):
    named = {form.format(part=part, n=n): value for n, one in enumerate(some) for part, value in one.named().items()}
    batches = loads_all(saved(compressed=compressed, **named), "ten.npz")
    name = "{n}" if form.startswith("{part}") else "b{n}"
    assert [loaded.name for loaded in batches] == [name.format(n=n) for n in range(len(some))]
    assert all(one.is_in(loaded.batch) for one, loaded in zip(some, batches, strict=True))


def test_a_plain_x_beside_others_and_a_single_group_are_one_batch_as_ever():
    for named in ({"x": X, "lengths": [3, 2, 4], "x_0": X, "x_1": X}, {"x_0": X}, {"arr_0": X, "arr_1": [3, 2, 4]}):
        [loaded] = loads_all(saved(**named), "x.npz")
        assert (loaded.name, loaded.source) == ("", "x.npz")


def test_only_the_batch_that_is_named_is_read(tmp_path):
    objects = np.array([[object]], dtype=object)
    (tmp_path / "x.npz").write_bytes(saved(x_0=X, x_1=objects, x_2=X, lengths_2=[1, 2, 3], batch_first=True))
    batch = load(tmp_path / "x.npz", entry=2)
    assert (batch.lengths.tolist(), batch.call.batch_first) == ([1, 2, 3], True)
    good, bad, _ = loads_all((tmp_path / "x.npz").read_bytes(), "x.npz")
    assert (good.source, good.trouble) == ("x.npz[0]", "")
    assert bad.batch is None
    assert bad.trouble.startswith("x.npz[1]: the array x_1 in it can't be read: it holds Python objects")


@given(st.binary(min_size=1, max_size=40), st.integers(0, 900))
def test_damage_in_an_archive_of_several_raises_nothing_but_batch_error(noise, place):
    whole = bytearray(saved(x_0=X, x_1=X, lengths_1=[1, 2, 3]))
    whole[place : place + len(noise)] = noise
    with suppress(BatchError):
        loads_all(bytes(whole), "x.npz")


class Counting(zipfile.ZipFile):
    """An archive that counts how often each of its members is opened."""

    opened: ClassVar[Counter[str]] = Counter()

    def open(self, name: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        self.opened[name.filename.removesuffix(".npy")] += 1
        return super().open(name, *args, **kwargs)


def archive(**arrays: Any) -> Counting:
    data = io.BytesIO()
    np.savez(data, **arrays)
    Counting.opened.clear()
    return Counting(data)


def test_what_is_small_is_opened_once_and_asking_for_a_name_opens_nothing() -> None:
    members = npz.Members(archive(x=np.ones((3, 4)), large=np.ones(npz.SMALL_ARRAY)))
    assert "x" in members
    assert "y" not in members
    assert Counting.opened == {}
    assert members["x"] is members["x"]
    assert members.shape("x") == members.shape("x") == (3, 4)
    assert Counting.opened == {"x": 2}  # its shape, then all of it
    assert members["large"] is not members["large"]
    assert Counting.opened["large"] == 2


def test_only_the_last_small_ones_are_held() -> None:
    members = npz.Members(archive(**{f"x_{i}": np.full((2, 3), i) for i in range(40)}))
    for name in members:
        assert members[name].tolist() == [[int(name[2:])] * 3] * 2
    assert len(members._held) == npz.MOST_HELD
    assert list(members._held) == [f"x_{i}" for i in range(40 - npz.MOST_HELD, 40)]


@pytest.mark.parametrize(
    "beside", [{"lengths": [3, 4, 5]}, {"attention_mask": np.tri(3, 5, 2, dtype=int).tolist()}, {}]
)
def test_a_large_x_is_read_once(beside: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    getitem = Members.__getitem__

    def counted(members: Members, name: str) -> np.ndarray:
        read[name] += 1
        return getitem(members, name)

    monkeypatch.setattr(Members, "__getitem__", counted)
    loads(saved(x=X + 1, **beside), "b.npz")
    assert read["x"] == 1
