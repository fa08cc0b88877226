"""x and lengths in the printed Python: the very ones, or asked for by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from packviz.core.batch import Batch, Call, frozen, make_batch
from packviz.core.carrier import Packed, PackedFields, Padded, Sequences
from packviz.core.cells.guess import guessed
from packviz.core.module import Module
from packviz.core.packed import reading
from packviz.core.samples import SAMPLES, finding_samples, sample
from packviz.core.source import Source
from packviz.core.texts.python.batch import MOST_NUMBERS, as_sequences, batch_lines, fields_lines
from packviz.core.texts.python.module import CAREFUL
from packviz.core.texts.python.snippet import python_for
from packviz.files.paste.pasted import read_paste
from packviz.files.registry import load, load_all

X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
MANY = 1500
CALL = Call(True, False)
LENGTHS = np.random.default_rng(0).integers(1, 4, MANY)
LARGE = (np.arange(MANY * 3, dtype=np.float32).reshape(MANY, 3) + 1) * (np.arange(3) < LENGTHS[:, None])


def made(lines: list[str], **names: Any) -> dict[str, Any]:
    """What x, lengths and the rest are after these lines."""
    import packviz

    names = {"torch": torch, "np": np, "packviz": packviz, **names}
    exec("\n".join(lines), names)  # our own text, in a test
    return names


def assert_the_same(batch: Batch, names: dict[str, Any]) -> None:
    """That they are those of the batch."""
    if as_sequences(batch):
        rows = names["sequences"]
        assert [len(row) for row in rows] == batch.counts.tolist()
        for row, values in enumerate(rows):
            np.testing.assert_array_equal(values.float(), np.float32(batch.grid[row, : len(values)]))
            assert str(values.dtype) == f"torch.{batch.dtype}"
        return
    assert str(names["x"].dtype) == f"torch.{batch.dtype}"
    assert names["x"].is_contiguous() or batch.source.changes
    torch.testing.assert_close(names["x"], torch.tensor(batch.x).to(names["x"].dtype), rtol=0, atol=0, equal_nan=True)
    lengths = torch.as_tensor(names["lengths"])
    if batch.given.known:
        np.testing.assert_array_equal(lengths.numpy(), batch.given.array)
        assert batch.given.listed or lengths.numpy().dtype == batch.given.array.dtype


@pytest.mark.parametrize(
    "batch",
    [*(found.load() for found in SAMPLES), *(found.load() for found in finding_samples().values())],
    ids=lambda batch: str(batch.source),
)
def test_those_of_every_sample_come_back(batch: Batch) -> None:
    if batch.contradictory is None:
        assert_the_same(batch, made(batch_lines(batch)))


def written(text: str, path: Path) -> None:
    path.write_text(text)


ROWS = [row[:n].tolist() for row, n in zip(LARGE, LENGTHS, strict=True)]
SAVED: dict[str, Callable[[Path], None]] = {
    "x.npy": lambda path: np.save(path, LARGE),
    "t.pt": lambda path: torch.save({"x": torch.tensor(LARGE), "lengths": torch.tensor(LENGTHS)}, path),
    "short.pt": lambda path: torch.save({"x": torch.tensor(LARGE), "lengths": torch.tensor(LENGTHS).short()}, path),
    "half.pt": lambda path: torch.save((torch.tensor(LARGE).bfloat16(), torch.tensor(LENGTHS)), path),
    "x.npz": lambda path: np.savez(path, x=LARGE, lengths=LENGTHS),
    "alone.npz": lambda path: np.savez(path, x=LARGE),
    "mask.npz": lambda path: np.savez(path, x=LARGE, mask=np.arange(3) < LENGTHS[:, None]),
    "padded.json": partial(written, json.dumps({"x": (LARGE + 1).tolist(), "padding_value": 1})),
    "x.json": partial(written, json.dumps({"x": LARGE.tolist(), "lengths": LENGTHS.tolist()})),
    "rows.jsonl": partial(written, "\n".join(json.dumps({"x": (LARGE * n).tolist()}) for n in (1, 2))),
    "rows.csv": partial(written, "\n".join(",".join(map(str, row)) for row in ROWS)),
    "x.txt": partial(written, f"x = {LARGE.tolist()}\nlengths = {LENGTHS.tolist()}"),
    "rows.txt": partial(written, str(ROWS)),
}


@pytest.mark.parametrize("name", SAVED)
@pytest.mark.parametrize("batch_first", [True, False])
def test_those_of_every_kind_of_large_file_come_back(tmp_path: Path, name: str, batch_first: bool) -> None:
    path = tmp_path / name
    SAVED[name](path)
    for loaded in load_all(path, Call(batch_first, False)):
        batch = loaded.batch
        assert batch is not None
        for changed in (batch, batch.with_call(batch_first=not batch_first), batch.with_swapped_layout()):
            text = batch_lines(changed)
            assert len("\n".join(text)) < 1000
            assert_the_same(changed, made(text))
        counts = np.resize(batch.counts, batch.rows)
        counts[[0, 2]] = 2, 9
        assert_the_same(batch.with_lengths(counts), made(batch_lines(batch.with_lengths(counts))))
        assert_the_same(batch.with_lengths(counts + 5), made(batch_lines(batch.with_lengths(counts + 5))))
        assert_the_same(guessed(batch), made(batch_lines(guessed(batch))))


def test_lengths_that_were_given_beside_a_file_are_asked_for(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", LARGE)
    batch = load(tmp_path / "x.npy", CALL, lengths=LENGTHS)
    with pytest.raises(NameError, match="name 'lengths' is not defined"):
        made(batch_lines(batch))
    assert_the_same(batch, made(batch_lines(batch), lengths=torch.tensor(LENGTHS)))
    with pytest.raises(AssertionError):
        made(batch_lines(batch), lengths=torch.tensor(LENGTHS) + 1)


PASTED = {
    "with lengths": f"x = tensor({LARGE.tolist()})\nlengths = tensor({LENGTHS.tolist()})",
    "with a list": f"x = {LARGE.tolist()}\nlengths = {LENGTHS.tolist()}",
    "alone": f"tensor({LARGE.tolist()})",
    "sequences": str(ROWS),
    "small": "x = tensor([[1., 2.], [3., 0.]])\nlengths = [2, 1]",
}


@pytest.mark.parametrize("kind", PASTED)
def test_a_paste_comes_back_or_is_asked_for_by_name(kind: str) -> None:
    batch = read_paste(PASTED[kind], CALL).batch
    assert batch is not None
    counts = batch.counts.copy()
    counts[1] = 1
    theirs = torch.tensor(batch.x)
    own = {"x": theirs, "lengths": torch.tensor(LENGTHS)}
    own["sequences"] = [row[:n] for row, n in zip(theirs, batch.counts.tolist(), strict=True)]
    for changed in (batch, batch.with_lengths(counts)):
        lines = batch_lines(changed)
        if kind == "small":
            assert_the_same(changed, made(lines))
            continue
        with pytest.raises(NameError):
            made(lines)
        names = made(lines, **own)
        assert_the_same(changed, names)
        assert own["lengths"].tolist() == LENGTHS.tolist()  # theirs is not written to
        with pytest.raises(AssertionError):
            made(lines, **{**own, "x": theirs[:-1], "sequences": own["sequences"][:-1]})
    swapped = batch.with_swapped_layout()
    if kind not in ("small", "sequences"):
        with pytest.raises(NameError, match="changed_x"):
            made(batch_lines(swapped), **own)


@pytest.mark.parametrize("carrier", [Padded(), Sequences()])
def test_the_source_of_what_is_asked_for_is_named_in_one_line(carrier: Any) -> None:
    x = np.ones((40, 30), dtype=np.int64)
    batch = make_batch(x, np.full(40, 30), CALL, source="real-lengths\nos.abort()", carrier=carrier)
    text = python_for(batch, Module())
    assert "# yours, from real-lengths os.abort()\n" in text
    with pytest.raises(NameError):
        exec(text, {})  # our own text, in a test


def test_what_is_small_is_written_out_whatever_its_file() -> None:
    batch = make_batch(X, [3, 2, 4], CALL, source="b.npz")
    assert "packviz" not in python_for(batch, Module())


def test_lengths_up_to_a_thousand_are_written_out() -> None:
    x = np.ones((MOST_NUMBERS, 2), dtype=np.float32)
    lengths = np.arange(MOST_NUMBERS)
    text = batch_lines(make_batch(x, lengths, CALL, source="x.npz"))
    assert_the_same(make_batch(x, lengths, CALL), made(text[1:], x=torch.tensor(x)))


def test_sequences_with_lengths_that_no_list_could_have_are_padded() -> None:
    batch = make_batch(X, [3, 2, 4], CALL, carrier=Sequences())
    assert as_sequences(batch)
    assert not as_sequences(batch.with_lengths([3, 2, 6]))
    assert "pack_padded_sequence(x, lengths" in python_for(batch.with_lengths([3, 2, 6]), Module())


@pytest.mark.parametrize(
    ("lengths", "how", "line"),
    [
        ([[3], [2]], {}, "lengths = torch.tensor([[3],\n                        [2]])"),
        (3, {}, "lengths = torch.tensor(3)"),
        (3, {"lengths_listed": True}, "lengths = 3"),
        ([3.0, float("nan")], {"lengths_listed": True}, "lengths = [3.0, torch.nan]"),
        ([3, 2], {"lengths_device": "cuda:0"}, 'lengths = torch.tensor([3, 2]).to("cuda:0")'),
        ([0, 0], {"lengths_device": "meta"}, 'lengths = torch.empty((2,), dtype=torch.int64, device="meta")'),
    ],
)
def test_lengths_are_written_as_torch_is_given_them(lengths: Any, how: Any, line: str) -> None:
    code = python_for(make_batch(np.ones((2, 3), np.float32), lengths, Call(True), **how), Module())
    assert f"\n{line}\n" in code


def test_a_file_named_like_a_sample_and_an_x_that_was_changed_are_not_read_as_one() -> None:
    x = np.ones((40, 30))
    named = make_batch(x, np.full(40, 30), CALL, source="first-batch")
    assert "from first-batch\n" in python_for(named, Module())
    assert "packviz.load" not in python_for(named, Module())
    filed = make_batch(x, np.full(40, 30), CALL, source="b.npz")
    assert 'packviz.load("b.npz").x' in python_for(filed, Module())
    shifted = filed.with_rows_shifted(np.ones(40, dtype=np.int64))
    assert f"x = changed_x  # yours, (40, 30), float64, from {shifted.source}\n" in python_for(shifted, Module())
    assert "packviz.load" not in python_for(shifted, Module())
    assert 'packviz.load("b.npz").x).transpose(0, 1)' in python_for(filed.with_swapped_layout(), Module())
    assert 'packviz.load("b.npz").x)  #' in python_for(filed.with_swapped_layout().with_swapped_layout(), Module())


def test_a_sample_is_read_again_under_its_name() -> None:
    batch = sample("real-lengths").load()
    assert 'packviz.load("sample:real-lengths")' in "\n".join(batch_lines(batch))


def test_the_fields_of_a_packed_sequence_are_written_as_they_are() -> None:
    fields = PackedFields(
        frozen(np.arange(5.0)), frozen(np.array([2, 2])), frozen(np.array([0, 1])), frozen(np.array([1, 0]))
    )
    x, lengths = reading(fields, 0)
    batch = make_batch(x, lengths, Call(True), origin="packed", carrier=Packed(fields=fields))
    packed = made(["from torch.nn.utils.rnn import PackedSequence", *fields_lines(batch, fields)])["packed"]
    assert packed.data.dtype == torch.float64
    assert [part.tolist() for part in packed] == [[0, 1, 2, 3, 4], [2, 2], [0, 1], [1, 0]]


def test_large_fields_are_asked_for_and_data_without_features_is_prepared() -> None:
    fields = PackedFields(frozen(np.arange(3000)), frozen(np.array([1500, 1400])))
    x, lengths = reading(fields, 0)
    source = Source("b.npz")
    batch = make_batch(x, lengths, Call(True), source=source, origin="packed", carrier=Packed(fields=fields))
    text = python_for(batch, Module())
    assert "assert data.shape == (3000,) and data.dtype == torch.int64  # yours, from b.npz" in text
    assert "data = data.to(torch.float32).unsqueeze(-1)" in text
    assert CAREFUL in text
    assert "import packviz" not in text


def test_of_several_tensors_the_one_that_was_chosen_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "two.pt"
    torch.save({"left": torch.tensor(LARGE), 'ri"ght': torch.zeros(9, 99)}, path)
    for name in ("left", 'ri"ght'):
        batch = load(path, CALL, x=name)
        assert str(batch.source) == f"{path} ({name})"
        assert_the_same(batch, made(batch_lines(batch)))


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_an_x_that_was_turned_is_turned_again(tmp_path: Path, suffix: str) -> None:
    mels = np.random.default_rng(0).random((3, 20, 30)).astype(np.float32) + 1
    lengths = np.array([30, 11, 24])
    path = str(tmp_path / f"mels{suffix}")
    if suffix == ".npy":
        np.save(path, mels)
        batch = load(path, axes="BFT", lengths=lengths)
    else:
        np.savez(path, mel=mels, mel_lengths=lengths)
        batch = load(path)
    names = made(batch_lines(batch))
    assert np.array_equal(names["x"].numpy(), mels.swapaxes(1, 2))
    assert names["lengths"].tolist() == lengths.tolist()
