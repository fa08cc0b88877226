"""Ways in: files, pastes, samples, weights, on their worker thread."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.errors import Undecided
from packviz.core.module import Module
from packviz.core.samples import SAMPLES
from packviz.session.loads import MOST_TROUBLES, LoadRequest, WeightsRequest, told


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_a_sample_comes_with_the_module_that_it_is_for(name: str) -> None:
    request = LoadRequest(1, sample=name)
    [entry] = request.do(UNWATCHED).entries
    assert entry.batch.source.shown == name == request.name
    own = {sample.name: sample.module for sample in SAMPLES}[name]
    assert entry.module == (None if own == Module() else own)


def test_a_paste_is_read_under_the_call_that_is_set() -> None:
    call = Call(batch_first=True, enforce_sorted=False)
    request = LoadRequest(1, text="[[1, 2, 0], [3, 0, 0]]", call=call, typed=frozenset({"batch_first"}))
    [entry] = request.do(UNWATCHED).entries
    assert entry.batch.grid.tolist() == [[1, 2, 0], [3, 0, 0]]
    assert entry.module is None


def pipe_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_file_is_read_by_its_path_and_what_is_piped_in_by_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"x": [[1, 2, 0], [3, 0, 0]], "lengths": [2, 1], "batch_first": true, "enforce_sorted": false}')
    pipe_in(monkeypatch, path.read_bytes())
    by_path, piped = LoadRequest(1, paths=(str(path),)), LoadRequest(2, paths=("-",))
    assert (by_path.name, piped.name) == ("b.json", "standard input")
    for request in (by_path, piped):
        batch = request.do(UNWATCHED).entries[0].batch
        assert batch.lengths.tolist() == [2, 1]
        assert batch.call == Call(True, False)


def test_lengths_that_were_typed_win_over_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"x": [[1, 2, 0], [3, 0, 0]], "lengths": [2, 1], "batch_first": true}')
    batch = LoadRequest(1, paths=(str(path),), lengths=(3, 3)).do(UNWATCHED).entries[0].batch
    assert batch.lengths.tolist() == [3, 3]


def test_what_can_not_be_read_is_a_sentence_with_the_files_name(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"nowhere\.pt"):
        LoadRequest(1, paths=(str(tmp_path / "nowhere.pt"),)).do(UNWATCHED)


def test_a_load_that_is_stopped_stops(tmp_path: Path) -> None:
    path = tmp_path / "b.npy"
    np.save(path, np.zeros((3, 4)))
    with pytest.raises(Cancelled):
        LoadRequest(1, paths=(str(path),)).do(Watch(None, lambda: True))
    with pytest.raises(Cancelled):
        LoadRequest(1, text="x = [[1, 2], [3, 0]]").do(Watch(None, lambda: True))


def test_weights_are_read_from_a_state_dict(tmp_path: Path) -> None:
    path = tmp_path / "gru.pt"
    torch.save(torch.nn.GRU(2, 3).state_dict(), path)
    request = WeightsRequest(1, str(path))
    weights = request.do(UNWATCHED)
    assert (request.name, weights.cell, weights.hidden, weights.input_size) == ("gru.pt", "GRU", 3, 2)


def test_two_loads_of_the_same_are_two() -> None:
    assert LoadRequest(1, paths=("a",)) != LoadRequest(2, paths=("a",))


def test_of_several_files_those_that_can_be_read_come_in_their_order_and_the_others_are_named(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("c.npy", "broken.npy", "a.npy")]
    np.save(paths[0], np.full((2, 3), 3.0))
    paths[1].write_bytes(b"nothing")
    np.save(paths[2], np.full((2, 3), 1.0))
    seen: list[float] = []
    request = LoadRequest(1, paths=tuple(map(str, paths)))
    found = request.do(Watch(seen.append))
    assert request.name == "3 files"
    assert [float(entry.batch.x[0, 0]) for entry in found.entries] == [3.0, 1.0]
    assert "broken.npy" in found.trouble
    assert seen == sorted(seen)
    assert max(seen) > 2 / 3


def test_where_no_file_can_be_read_the_load_fails_with_what_is_wrong_with_the_first_ones() -> None:
    with pytest.raises(BatchError, match=r"a\.pt.*b\.pt.*c\.pt.*1 more file can't"):
        LoadRequest(1, paths=("/no/a.pt", "/no/b.pt", "/no/c.pt", "/no/d.pt")).do(UNWATCHED)
    assert told(["a."] * MOST_TROUBLES) == " ".join(["a."] * MOST_TROUBLES)
    assert told(["a."] * (MOST_TROUBLES + 2)).endswith("a. 2 more files can't be read either.")


def test_a_file_of_several_batches_is_several_entries_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text('{"a": {"x": [[1, 2]], "lengths": [2]}, "b": {"x": [[3]], "lengths": [1]}, "c": {"y": [3]}}')
    found = LoadRequest(1, paths=(str(path),)).do(UNWATCHED)
    assert [entry.batch.x.tolist() for entry in found.entries] == [[[1, 2]], [[3]]]
    assert "two.json[c]" in found.trouble
    [named] = LoadRequest(2, paths=(str(path),), entry="b").do(UNWATCHED).entries
    assert named.batch.x.tolist() == [[3]]


def test_samples_and_pipes_stand_beside_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.npy"
    np.save(path, np.ones((2, 3)))
    pipe_in(monkeypatch, b"[[1, 2], [3, 0]]")
    request = LoadRequest(1, paths=("sample:simple-rnn", "-", str(path)))
    found = request.do(UNWATCHED)
    assert [entry.batch.source.shown for entry in found.entries] == ["simple-rnn", "standard input", str(path)]
    assert [entry.module is None for entry in found.entries] == [False, True, True]


def test_of_several_prints_in_a_paste_the_last_one_is_shown() -> None:
    text = "x = [[1, 2], [3, 0]]\nlengths = [2, 1]\nx = [[4, 5, 6]]\nlengths = [2]\n"
    found = LoadRequest(1, text=text).do(UNWATCHED)
    assert [entry.batch.lengths.tolist() for entry in found.entries] == [[2, 1], [2]]
    assert found.shown == 1
    alone = LoadRequest(2, text="x = [[1, 2], [3, 0]]").do(UNWATCHED)
    assert (len(alone.entries), alone.shown) == (1, 0)


def test_which_of_several_tensors_is_x_can_be_chosen(tmp_path: Path) -> None:
    one, other = torch.arange(12.0).reshape(3, 4), torch.zeros(2, 5)
    path = tmp_path / "two.pt"
    torch.save({"left": one, "right": other, "lengths": torch.tensor([4, 2, 3])}, path)
    np.savez(tmp_path / "two.npz", left=one.numpy(), right=other.numpy(), lengths=[4, 2, 3])
    text = f"{{'left': {one.tolist()}, 'right': {other.tolist()}, 'lengths': [4, 2, 3]}}"
    for request in (
        LoadRequest(1, paths=(str(path),)),
        LoadRequest(2, paths=(str(tmp_path / "two.npz"),)),
        LoadRequest(3, text=text),
    ):
        with pytest.raises(Undecided, match="left, right, but packviz can't tell") as raised:
            request.do(UNWATCHED)
        assert raised.value.choices == ("left", "right")
        for name, x in (("left", one), ("right", other)):
            (entry,) = request.with_choice(name).do(UNWATCHED).entries
            np.testing.assert_array_equal(entry.batch.x, x.numpy())
            assert entry.batch.lengths.tolist() == [4, 2, 3]
        with pytest.raises(Undecided):
            request.with_choice("neither").do(UNWATCHED)


def test_how_the_dimensions_of_x_lie_can_be_chosen(tmp_path: Path) -> None:
    mels = np.random.default_rng(0).random((3, 20, 30)).astype(np.float32)
    path = tmp_path / "mels.npy"
    np.save(path, mels)
    for request in (LoadRequest(1, paths=(str(path),)), LoadRequest(2, text=f"x = {mels.tolist()}")):
        with pytest.raises(Undecided, match=r"x has shape \(3, 20, 30\), and may be") as raised:
            request.do(UNWATCHED)
        assert (raised.value.choices, raised.value.option) == (("BTF", "TBF", "BFT"), "axes")
        (entry,) = request.with_choice("BFT", "axes").do(UNWATCHED).entries
        np.testing.assert_allclose(entry.batch.x, mels.swapaxes(1, 2))
        assert entry.batch.call.batch_first
        (entry,) = request.with_choice("TBF", "axes").do(UNWATCHED).entries
        assert not entry.batch.call.batch_first
    two = LoadRequest(3, paths=(str(path), str(path)))
    with pytest.raises(BatchError, match="it can't be told how the dimensions of x lie"):
        two.do(UNWATCHED)


def test_which_of_several_modules_has_the_weights_can_be_chosen(tmp_path: Path) -> None:
    modules = nn.ModuleDict({"encoder": nn.LSTM(3, 5), "decoder": nn.GRU(2, 4)})
    path = tmp_path / "two.pt"
    torch.save(modules.state_dict(), path)
    save_file(modules.state_dict(), tmp_path / "two.safetensors")
    for name in ("two.pt", "two.safetensors"):
        request = WeightsRequest(1, str(tmp_path / name))
        with pytest.raises(Undecided, match="2 recurrent modules") as raised:
            request.do(UNWATCHED)
        assert raised.value.choices == ("decoder.", "encoder.")
        found = {prefix: request.with_choice(prefix).do(UNWATCHED) for prefix in raised.value.choices}
        assert [(stored.cell, stored.hidden) for stored in found.values()] == [("GRU", 4), ("LSTM", 5)]
        theirs = modules["encoder"].weight_ih_l0.detach().numpy()
        np.testing.assert_array_equal(found["encoder."].arrays["weight_ih_l0"], theirs)


def test_of_several_files_what_can_not_be_told_is_a_trouble(tmp_path: Path) -> None:
    torch.save({"left": torch.zeros(2, 3), "right": torch.zeros(2, 5)}, tmp_path / "two.pt")
    np.save(tmp_path / "x.npy", np.ones((2, 3)))
    found = LoadRequest(1, paths=(str(tmp_path / "two.pt"), str(tmp_path / "x.npy"))).do(UNWATCHED)
    assert len(found.entries) == 1
    assert found.trouble == "two.pt: it can't be told which of its tensors is the batch."
