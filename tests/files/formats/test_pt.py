"""What torch.save writes."""

from __future__ import annotations

import io
import random
import subprocess
import sys
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
from packviz.files.registry import load, loads, loads_all
from tests.files.hand_made import NAMES, SOME, Drawn
from tests.views import VIEWS, view_of

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


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_a_view_again(tmp_path, name, legacy):
    view = view_of(name, 30, 20)
    (tmp_path / "x.pt").write_bytes(saved((view, torch.arange(30) % 20 + 1), legacy=legacy))
    batch = load(tmp_path / "x.pt")
    # Whatever copies a tensor or an array puts its cells side by side.
    assert batch.x.strides == tuple(4 * stride for stride in view.stride())
    assert np.array_equal(batch.x, view.numpy())


MEASURED = ("plain", "transposed", "sliced", "expanded")
PEAKS = """
import os, sys
from pathlib import Path
import torch, packviz

def held(name):
    "MiB of this process: VmRSS now, VmHWM at most."
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith(name))

def checked(name):
    packviz.check(packviz.load(name, batch_first=True, enforce_sorted=False), ask=False)

checked(f"{sys.argv[1]}-small.pt")  # imports for all of them what is needed
for name in sys.argv[1:]:
    if os.fork():  # a process a view: what one leaves behind would be used again by the next
        _, status = os.wait()
        assert status == 0
        continue
    for size in ("small", "large"):
        Path("/proc/self/clear_refs").write_text("5")  # the most starts anew
        before = held("VmRSS")
        checked(f"{name}-{size}.pt")
        most = held("VmHWM") - before
    print(most, flush=True)
    break
"""


@pytest.fixture(scope="module")
def peaks(tmp_path_factory):
    """MiB that opening and checking each view takes at most, each in a process of its own: they load torch once."""
    folder = tmp_path_factory.mktemp("views")
    for name in MEASURED:
        for size, rows in (("small", 30), ("large", 20_000)):
            torch.save((view_of(name, rows, 500), torch.arange(rows) % 500 + 1), folder / f"{name}-{size}.pt")
    command = [sys.executable, "-c", PEAKS, *(str(folder / name) for name in MEASURED)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    return dict(zip(MEASURED, map(float, told.stdout.split()), strict=True))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("name", MEASURED)
def test_opening_a_view_never_takes_more_than_twice_its_bytes(peaks, name):
    assert peaks[name] < 2 * 20_000 * 500 * 4 / 2**20


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


# ---- several batches -------------------------------------------------------------------------------------------


@given(SOME, NAMES, st.booleans())
def test_dicts_and_pairs_come_back_in_order_with_their_names(some: list[Drawn], names: list[str], legacy: bool):
    listed = loads_all(saved([one.as_tensors() for one in some], legacy=legacy), "ten.pt")
    assert [loaded.name for loaded in listed] == [str(index) for index in range(len(some))]
    named = loads_all(
        saved(dict(zip(names, (one.as_tensors() for one in some), strict=False)), legacy=legacy), "ten.pt"
    )
    assert [loaded.name for loaded in named] == names[: len(some)]
    for batches in (listed, named):
        assert [loaded.source for loaded in batches] == [f"ten.pt[{loaded.name}]" for loaded in batches]
        assert all(one.is_in(loaded.batch) for one, loaded in zip(some, batches, strict=True))
    pairs = loads_all(saved([(one.as_tensors()["x"], one.lengths) for one in some], legacy=legacy), "ten.pt")
    for one, loaded in zip(some, pairs, strict=True):
        assert loaded.batch is not None
        assert (loaded.batch.x.tolist(), loaded.batch.lengths.tolist()) == (one.x.tolist(), one.lengths)


def test_packed_sequences_in_a_list_come_back_as_torch_unpacks_them():
    packed = [pack_padded_sequence(X * n, LENGTHS, batch_first=True, enforce_sorted=False) for n in (1, 2)]
    for obj in (packed, tuple(packed), {"a": packed[0], "b": packed[1]}):
        for loaded, one in zip(loads_all(saved(obj), "ten.pt"), packed, strict=True):
            assert loaded.batch is not None
            assert isinstance(loaded.batch.carrier, Packed)
            assert loaded.batch.x.tolist() == pad_packed_sequence(one, batch_first=True)[0].tolist()


def test_one_of_several_can_be_named(tmp_path):
    torch.save({"train": (X, LENGTHS), "val": {"x": X[:2], "lengths": LENGTHS[:2]}}, tmp_path / "two.pt")
    assert load(tmp_path / "two.pt", entry="val").rows == 5  # time first, as torch takes it
    assert load(tmp_path / "two.pt", entry=0).source.shown == f"{tmp_path / 'two.pt'}[train]"
    with pytest.raises(
        BatchError, match=r'two\.pt: it holds 2 batches: say which one, with entry="train" or entry="val"'
    ):
        load(tmp_path / "two.pt")
    with pytest.raises(BatchError, match=r"two\.pt: there is no batch tran in it: did you mean train\?"):
        load(tmp_path / "two.pt", entry="tran")


def test_a_trap_among_several_is_refused_and_not_run(tmp_path):
    with pytest.raises(BatchError, match=r"^x\.pt: it holds a .*open"):
        loads_all(saved([{"x": X}, {"x": Trap(tmp_path / "sprung")}]), "x.pt")
    assert not (tmp_path / "sprung").exists()


def test_random_bytes_are_damaged_and_no_objects_of_anybodys(tmp_path: Path) -> None:
    for seed in range(20):
        data = random.Random(seed).randbytes(300)
        for head in (b"", b"\x80\x02", b"PK\x03\x04"):
            (tmp_path / "r.pt").write_bytes(head + data)
            with pytest.raises(BatchError) as refused:
                load(tmp_path / "r.pt")
            assert "damaged" in str(refused.value) or "of no format" in str(refused.value)
