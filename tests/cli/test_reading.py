from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import packviz
from packviz.cli.parser import parse
from packviz.cli.reading import Typed, look_at, read, read_each, sample_name
from packviz.core.batch import BatchError, Call
from packviz.core.module import Module
from packviz.core.samples import SAMPLES, finding_samples, sample


class Terminal(io.TextIOWrapper):
    """Standard input of somebody who types."""

    def isatty(self) -> bool:
        return True


def typed(words: str = "") -> Typed:
    return Typed.of(parse(["a.npy", *words.split()]))


def pipe_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.fixture
def array(tmp_path: Path) -> str:
    path = tmp_path / "batch.npy"
    np.save(path, np.array([[1, 2, 3, 0], [4, 5, 0, 0]]))
    return str(path)


def test_only_typed_options_win_over_the_file() -> None:
    assert typed() == Typed()
    some = typed("--no-enforce-sorted --padding-value 0 --hidden 3")
    assert some.names == {"enforce_sorted", "padding_value"}
    assert some.call == Call(enforce_sorted=False)
    assert dict(some.model) == {"hidden": 3}


def test_a_file_is_read_with_what_was_typed(array: str) -> None:
    batch, spec = read(array, typed("--lengths 3,2 --batch-first --cell gru --seed 7 --device cpu"))
    assert batch.lengths.tolist() == [3, 2]
    assert batch.call.batch_first is True
    assert (spec.cell, spec.seed, spec.device) == ("GRU", 7, "cpu")


def test_options_of_the_file_hold_where_none_was_typed(tmp_path: Path) -> None:
    path = tmp_path / "batch.json"
    path.write_text('{"x": [[1, 2, 9], [3, 9, 9]], "lengths": [2, 1], "batch_first": true, "padding_value": 9}')
    batch, _ = read(str(path), typed("--no-enforce-sorted"))
    assert batch.call == Call(batch_first=True, enforce_sorted=False, padding_value=9)
    batch, _ = read(str(path), typed("--padding-value 0"))
    assert batch.call.padding_value == 0


def test_what_nobody_says_is_torchs_default(array: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(array, typed())[0].call == Call()
    pipe_in(monkeypatch, b"[[1, 2, 3], [4, 5, 0]]")
    assert read("-", typed())[0].call == Call()
    table = tmp_path / "batch.csv"
    table.write_text("1,2,3\n4,5,0\n")
    assert read(str(table), typed())[0].call == Call(batch_first=True)
    assert read(str(table), typed("--no-batch-first"))[0].call == Call()


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_every_sample_can_be_named(name: str) -> None:
    batch, spec = read(f"sample:{name}", Typed())
    assert batch.rows >= 3
    assert read(f"sample:{name}", typed("--hidden 3"))[1].hidden == 3
    assert spec.device == "cpu"


@pytest.mark.parametrize("code", finding_samples())
def test_the_sample_of_every_finding_can_be_named(code: str) -> None:
    batch, _ = read(f"sample:{code}", Typed())
    assert batch.source.name == code
    assert packviz.load(f"sample:{code}").x.shape == batch.x.shape


def test_typed_lengths_win_over_those_of_a_sample() -> None:
    assert read("sample:first-batch", typed("--lengths 1,1,1"))[0].lengths.tolist() == [1, 1, 1]


def test_a_misspelt_sample_is_answered_with_the_right_one() -> None:
    with pytest.raises(BatchError, match="did you mean sample:first-batch"):
        sample_name("sample:frist-batch")
    with pytest.raises(BatchError, match=r"there are .*real-lengths"):
        sample_name("sample:zzz")


def test_standard_input_may_be_text_or_a_file(monkeypatch: pytest.MonkeyPatch, array: str) -> None:
    pipe_in(monkeypatch, b"[[1, 2, 3], [4, 5, 0]]")
    assert read("-", typed("--lengths 3,2 --batch-first"))[0].grid.tolist() == [[1, 2, 3], [4, 5, 0]]
    pipe_in(monkeypatch, Path(array).read_bytes())
    assert read("-", typed("--lengths 3,2 --batch-first"))[0].steps == 4


def test_empty_standard_input_is_told_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, b" \n")
    with pytest.raises(BatchError, match=r"standard input is empty, but a batch is expected"):
        read("-", Typed())


def test_somebody_who_types_is_told_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(io.BytesIO(b"[[1, 2], [3, 0]]")))
    read("-", typed("--lengths 2,1"))
    assert "Type or paste a batch" in capsys.readouterr().err


def test_a_missing_file_is_answered_with_one_of_a_like_name(array: str) -> None:
    with pytest.raises(BatchError, match=r"no file .*bacth\.npy, did you mean .*batch\.npy\?"):
        look_at(array.replace("batch", "bacth"))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"no folder .*none either"):
        look_at(str(tmp_path / "none" / "a.npy"))


def test_a_file_named_almost_like_a_command_hints_at_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BatchError, match="the command is packviz check FILE"):
        look_at("chekc")


def test_an_empty_name_is_no_folder() -> None:
    with pytest.raises(BatchError, match="the name of the file is empty"):
        look_at("")


def test_a_folder_is_no_batch(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="is a folder, but a file"):
        look_at(str(tmp_path))


def test_a_file_that_may_not_be_read_says_so(monkeypatch: pytest.MonkeyPatch, array: str) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything
    with pytest.raises(BatchError, match=r"batch\.npy can't be read: permission denied"):
        look_at(array)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"[[1, 2, 3], [4, 5, 0]]"))
    writer.start()
    batch, _ = read(str(pipe), typed("--lengths 3,2 --batch-first"))
    writer.join()
    assert batch.rows == 2


def test_what_is_typed_of_the_module_is_none_of_one_that_a_sample_brings_along() -> None:
    typed = Typed(model=(("cell", "GRU"), ("hidden", 9), ("seed", 4)))
    own = sample("hidden-shape").module
    assert typed.spec(own) == replace(own, seed=4)
    assert typed.spec(Module(inputs="cast")) == Module("GRU", 9, 4, inputs="cast")
    assert typed.spec() == Module("GRU", 9, 4)


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "two.npz"
    np.savez(path, **{"a.x": [[1, 2], [3, 0]], "a.lengths": [2, 1], "b.x": [[4, 5]], "b.lengths": [2]})
    return str(path)


def test_each_batch_of_a_file_is_read_with_what_was_typed(archive: str) -> None:
    batches = list(read_each(archive, typed("--batch-first --cell gru")))
    assert [loaded.name for loaded, _ in batches] == ["a", "b"]
    assert [loaded.batch.call for loaded, _ in batches if loaded.batch] == [Call(batch_first=True)] * 2
    assert {spec.cell for _, spec in batches} == {"GRU"}


def test_one_of_them_is_read_where_it_is_named(archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [(loaded, _)] = read_each(archive, typed("--entry b"))
    assert loaded.batch is not None
    assert loaded.batch.lengths.tolist() == [2]
    assert read(archive, typed("--entry 0"))[0].source.shown.endswith("two.npz[a]")
    with pytest.raises(BatchError, match=r"two\.npz: it holds 2 batches: say which one, with --entry a or --entry b\."):
        read(archive, typed())
    pipe_in(monkeypatch, Path(archive).read_bytes())
    assert read("-", typed("--entry b"))[0].source.shown == "standard input[b]"


def test_a_sample_and_a_file_of_one_batch_are_one(array: str) -> None:
    for name in ("sample:first-batch", array):
        [(loaded, _)] = read_each(name, typed())
        assert (loaded.name, loaded.batch is None) == ("", False)


def test_the_option_that_chooses_is_named_and_taken(tmp_path: Path) -> None:
    x, lengths = np.ones((3, 4)), np.array([4, 2, 3])
    path = str(tmp_path / "both.npz")
    np.savez(path, speech=x, speech_lengths=lengths, text=2 * x, text_lengths=lengths)
    with pytest.raises(BatchError, match=r"or say which, with --x speech or --x text\.$"):
        list(read_each(path, Typed()))
    (loaded, _), *_ = read_each(path, Typed(x="text"))
    assert loaded.batch is not None
    assert loaded.batch.x.max() == 2
    assert read(path, Typed(x="speech"))[0].source.tensor == "speech"
    mels = str(tmp_path / "mels.npy")
    np.save(mels, np.random.default_rng(0).random((3, 20, 30)))
    with pytest.raises(BatchError, match=r"; say which, with --axes BTF, --axes TBF or --axes BFT\.$"):
        read(mels, Typed())
    assert read(mels, Typed(axes="BFT"))[0].x.shape == (3, 30, 20)


def test_a_name_that_is_not_there_is_refused_and_one_that_is_wins_over_the_usual_one(tmp_path: Path) -> None:
    path = str(tmp_path / "two.npz")
    np.savez(path, x=np.ones((3, 4)), other=2 * np.ones((3, 4)))
    assert read(path, Typed(x="other"))[0].x.max() == 2
    with pytest.raises(BatchError, match="there is no anther in it, but x, other"):
        read(path, Typed(x="anther"))
    np.save(tmp_path / "x.npy", np.ones((2, 3)))
    with pytest.raises(BatchError, match="nothing to choose from"):
        read(str(tmp_path / "x.npy"), Typed(x="x"))


def test_each_of_several_that_can_not_be_told_says_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "epoch.json"
    one = {"x": [[1, 2], [3, 0]], "lengths": [2, 1]}
    both = {"speech": [[1, 2], [3, 0]], "speech_lengths": [2, 1], "text": [[5, 6]], "text_lengths": [2]}
    path.write_text(json.dumps([one, both]))
    _, (second, _) = read_each(str(path), Typed())
    assert second.batch is None
    assert second.trouble.endswith("or say which, with --x speech or --x text.")


def test_axes_and_x_are_for_files(tmp_path: Path) -> None:
    for typed in (Typed(x="x"), Typed(axes="BT")):
        with pytest.raises(BatchError, match="is one batch: leave --"):
            read("sample:first-batch", typed)


def test_standard_input_that_has_been_read_already_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[[9, 9]]")))
    held = Typed(piped=b"[[1, 2], [3, 0]]")
    assert read("-", held)[0].x.tolist() == [[1, 2], [3, 0]]
    [(loaded, _)] = read_each("-", held)
    assert loaded.made().x.tolist() == [[1, 2], [3, 0]]
    assert read("-", Typed())[0].x.tolist() == [[9, 9]]


def test_standard_input_of_blanks_alone_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" \n\t")))
    with pytest.raises(BatchError, match="standard input is empty"):
        read("-", Typed())


def test_what_is_typed_of_a_module_must_be_what_its_weights_are(tmp_path: Path) -> None:
    path = str(tmp_path / "w.pt")
    torch.save(torch.nn.GRU(2, 4).state_dict(), path)
    for model in ((), (("hidden", 4),), (("cell", "GRU"), ("seed", 3))):
        held = Typed(weights=path, model=model).with_weights()
        assert held.stored is not None
        assert (held.spec().cell, held.spec().hidden) == ("GRU", 4)
    for name, value, said in (
        ("hidden", 5, "--hidden 5"),
        ("cell", "LSTM", "--cell LSTM"),
        ("layers", 2, "--layers 2"),
    ):
        with pytest.raises(BatchError, match=rf"^{said} is typed, but .*w\.pt holds weights of (4|GRU|1)\.$"):
            Typed(weights=path, model=((name, value),)).with_weights()
