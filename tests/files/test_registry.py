"""The table of formats, and the ways in."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import Cancelled, Watch
from packviz.files.registry import (
    FORMATS,
    file_filter,
    format_of,
    load,
    load_all,
    load_each,
    loads,
    loads_all,
    loads_each,
    suffixes,
)

X = np.array([[1.0, 2, 0], [3, 0, 0]], np.float32)


def as_npy() -> bytes:
    data = io.BytesIO()
    np.save(data, X)
    return data.getvalue()


def as_npz() -> bytes:
    data = io.BytesIO()
    np.savez(data, x=X)
    return data.getvalue()


def as_pt(*, new: bool = True) -> bytes:
    data = io.BytesIO()
    torch.save(torch.from_numpy(X), data, _use_new_zipfile_serialization=new)
    return data.getvalue()


CONTENTS = {
    "npy": as_npy(),
    "npz": as_npz(),
    "pt": as_pt(),
    "legacy pt": as_pt(new=False),
    "json": json.dumps({"x": X.tolist()}).encode(),
    "nested list": json.dumps(X.tolist()).encode(),
    "two values": json.dumps(X.tolist()).encode() + b"\n[2, 1]",
    "csv": b"1.,2,0\n3,0,0\n",
    "tsv": b"1.\t2\t0\n3\t0\t0\n",
    "print": repr(torch.from_numpy(X)).encode(),
    "code": f"x = torch.{torch.from_numpy(X)!r}\nlengths = [2, 1]".encode(),
    "array print": str(X).encode(),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_is_piped_in_is_known_by_its_bytes(kind):
    batch = loads(CONTENTS[kind], "standard input", Call(batch_first=True))
    assert (batch.x.tolist(), batch.lengths.tolist(), batch.dtype) == (X.tolist(), [2, 1], "float32")
    assert batch.source.name == "standard input"


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_says_no_options_is_read_with_those_of_the_caller_which_are_torchs(kind):
    own = {"batch_first": True} if kind in ("csv", "tsv") else {}
    assert loads(CONTENTS[kind], "-").call == Call(**own)
    for call in (Call(True, False, -1, 7), Call(False, True, 2)):
        assert loads(CONTENTS[kind], "-", call).call == replace(call, **own)


def saying(**options: object) -> dict[str, bytes]:
    """The batch in every format that can say options, with these."""
    npz, pt = io.BytesIO(), io.BytesIO()
    np.savez(npz, x=X, lengths=[2, 1], **options)
    torch.save({"x": torch.from_numpy(X), "lengths": torch.tensor([2, 1]), **options}, pt)
    named = {"x": X.tolist(), "lengths": [2, 1], **options}
    written = "".join(f"{name} = {value}\n" for name, value in named.items())
    unpacked = (
        f"pad_packed_sequence(p, {options['batch_first']}, {options['padding_value']}, {options['total_length']})"
    )
    call = f"p = pack_padded_sequence(x, lengths, {options['batch_first']}, {options['enforce_sorted']})\n{unpacked}"
    return {
        "npz": npz.getvalue(),
        "pt": pt.getvalue(),
        "json": json.dumps(named).encode(),
        "code": written.encode(),
        "a call": f"x = {X.tolist()}\nlengths = [2, 1]\n{call}".encode(),
        "printed dict": str(named).encode(),
    }


@pytest.mark.parametrize("kind", saying(batch_first=True, enforce_sorted=True, padding_value=0, total_length=3))
@pytest.mark.parametrize("own", [Call(True, False, 3, 5), Call(False, True, -1, 9)])
def test_options_that_a_source_says_win_over_the_caller_and_typed_ones_over_both(kind, own):
    data = saying(**asdict(own))[kind]
    other = Call(not own.batch_first, not own.enforce_sorted, 8, 8)
    assert loads(data, "-").call == own
    assert loads(data, "-", other).call == own
    assert loads(data, "-", other, frozenset(asdict(other))).call == other
    for name in asdict(own):
        typed = loads(data, "-", other, frozenset({name})).call
        assert typed == replace(own, **{name: getattr(other, name)})


@pytest.mark.parametrize(("kind", "suffix"), [("npy", ".npy"), ("pt", ".PTH"), ("json", ".json"), ("code", ".py")])
def test_a_file_is_known_by_its_suffix(tmp_path, kind, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(CONTENTS[kind])
    assert load(path).x.tolist() == X.tolist()


def test_the_dialogs_offer_every_suffix():
    assert set(suffixes()) >= {".pt", ".pth", ".npz", ".npy", ".json", ".jsonl", ".csv", ".tsv"}
    assert all(f"*{suffix}" in file_filter() for suffix in suffixes())
    assert file_filter().startswith("Batches (*.pt ")
    assert file_filter().endswith(";;All files (*)")
    assert len(file_filter().split(";;")) == len(FORMATS) + 2


def test_no_two_formats_share_a_suffix():
    assert len(set(suffixes())) == len(suffixes())


@pytest.mark.parametrize("suffix", suffixes())
def test_an_empty_file_is_refused_by_its_name(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"")
    with pytest.raises(BatchError, match=rf"x\{suffix}: it is empty\.$"):
        load(path)


def test_what_can_not_be_opened_is_refused_by_its_name(tmp_path):
    with pytest.raises(BatchError, match="no such file"):
        load(tmp_path / "none.npy")
    with pytest.raises(BatchError, match="folder"):
        load(tmp_path)
    with pytest.raises(BatchError, match="no name of a file"):
        load("a\0b")
    with pytest.raises(BatchError, match="no format that packviz reads"):
        loads(b"\0\1\2\3", "standard input")


def test_options_and_lengths_that_were_given_win(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"x": X.tolist(), "lengths": [2, 1], "padding_value": 3}))
    batch = load(path, Call(padding_value=5, total_length=8), frozenset({"padding_value"}), lengths=[1, 1])
    assert (batch.call.padding_value, batch.call.total_length, batch.lengths.tolist()) == (5, 8, [1, 1])


@pytest.mark.parametrize("kind", CONTENTS)
def test_reading_ends_at_one_and_can_be_cancelled_at_once(kind):
    heard: list[float] = []
    loads(CONTENTS[kind], "-", watch=Watch(heard.append))
    assert heard[-1] == 1.0
    with pytest.raises(Cancelled):
        loads(CONTENTS[kind], "-", watch=Watch(cancelled=lambda: True))


@given(st.binary(min_size=1), st.sampled_from(["-", *(f"x{suffix}" for suffix in suffixes())]))
def test_any_bytes_under_any_name_raise_nothing_but_batch_error(data, name):
    with suppress(BatchError):
        loads(data, name)


@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_no_damage_raises_anything_but_batch_error(kind, data):
    whole = bytearray(CONTENTS[kind])
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place : place + 4] = data.draw(st.binary(max_size=8))
    with suppress(BatchError):
        loads(bytes(whole), "-")


def test_a_known_suffix_wins_over_the_bytes():
    found = format_of("x.csv", b"\x93NUMPY")
    assert found is not None
    assert found.name == "Table"


# ---- several batches -------------------------------------------------------------------------------------------

SEVERAL = [{"x": X.tolist(), "lengths": [2, 1]}, {"y": 3}, {"x": X.tolist(), "batch_first": True}]


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_of_one_batch_gives_one_without_a_name(kind):
    [loaded] = loads_all(CONTENTS[kind], "x")
    assert (loaded.name, loaded.source, loaded.trouble) == ("", "x", "")
    assert loaded.batch is not None
    assert loaded.batch.source.shown == "x"
    assert loaded.batch.x.tolist() == X.tolist()


def test_all_of_a_file_are_given_the_bad_ones_with_what_is_wrong(tmp_path):
    path = tmp_path / "three.json"
    path.write_text(json.dumps(SEVERAL))
    good, bad, last = load_all(path)
    assert (good.name, good.source) == ("0", f"{path}[0]")
    assert good.batch is not None
    assert good.batch.source.shown == good.source
    assert bad.batch is None
    assert bad.trouble == f"{path}[1]: it holds y, but packviz can't tell which of them is the batch: " + (
        "name it x, and its lengths lengths."
    )
    assert last.batch is not None
    assert last.batch.call == Call(batch_first=True)


def test_what_is_given_holds_for_all_of_them():
    calls = [
        loaded.batch
        for loaded in loads_all(
            json.dumps(SEVERAL).encode(), "-", Call(padding_value=7), frozenset({"batch_first"}), lengths=[1, 1, 1]
        )
    ]
    assert [(b.call, b.lengths.tolist()) for b in calls if b is not None] == [(Call(padding_value=7), [1, 1, 1])] * 2


def test_one_can_be_named_and_must_be():
    data = json.dumps(SEVERAL).encode()
    assert loads(data, "-", entry=2).call.batch_first
    assert loads(data, "-", entry="0").lengths.tolist() == [2, 1]
    with pytest.raises(BatchError, match=r"^-: it holds 3 batches: say which one, with entry=0 to entry=2\.$"):
        loads(data, "-")
    with pytest.raises(BatchError, match=r"^-\[1\]: it holds y, "):
        loads(data, "-", entry=1)
    with pytest.raises(BatchError, match=r"^-: there is no batch 3 in it: it holds 0 to 2\.$"):
        loads(data, "-", entry=3)
    with pytest.raises(BatchError, match=r"^-: it holds one batch, so that there is no batch 1 in it\.$"):
        loads(CONTENTS["json"], "-", entry=1)


@pytest.mark.parametrize("name", ["x.npz", "x.json"])
def test_they_are_read_one_after_the_other_and_reading_can_be_cancelled_between_them(tmp_path, name):
    path = tmp_path / name
    if path.suffix == ".npz":
        np.savez(path, x_0=X, x_1=X, lengths_1=[1, 1])
    else:
        path.write_text(json.dumps([SEVERAL[0]] * 2))
    heard: list[float] = []
    stop: list[bool] = []
    watch = Watch(heard.append, lambda: bool(stop))
    assert [loaded.name for loaded in load_each(path, watch=watch)] == ["0", "1"]
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    batches = load_each(path, watch=watch)
    assert next(batches).name == "0"
    stop.append(True)
    with pytest.raises(Cancelled):
        next(batches)


def test_more_than_can_be_read_in_one_go_are_refused_at_once_but_one_can_be_named(monkeypatch):
    data = json.dumps([SEVERAL[0]] * 30).encode()
    monkeypatch.setattr("packviz.files.loaded.MOST_BATCHES", 29)
    with pytest.raises(BatchError, match=r"^-: it holds 30 batches, more than the 29 that are read in one go"):
        next(loads_each(data, "-"))
    assert loads(data, "-", entry=29).source.shown == "-[29]"


def test_a_file_of_several_of_which_none_can_be_read_is_one_sentence(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps([{"y": 1}, {"z": 2}]))
    with pytest.raises(BatchError, match=r"x\.json: none of its 2 batches can be read\. .*x\.json\[0\]: it holds y"):
        load_all(tmp_path / "x.json")
    with pytest.raises(BatchError, match="no such file"):
        load_all(tmp_path / "none.json")


@given(st.binary(min_size=1), st.sampled_from(["-", *(f"x{suffix}" for suffix in suffixes())]))
def test_any_bytes_give_all_or_nothing_but_batch_error(data, name):
    with suppress(BatchError):
        assert loads_all(data, name)
