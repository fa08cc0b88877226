"""A mask beside x, in whatever it comes: taken for the lengths, or refused in one sentence."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import Batch, BatchError, Call
from packviz.core.findings import Severity
from packviz.files.masks import MaskFound, is_mask_name, mask_among
from packviz.files.objects import to_batch
from packviz.files.paste.paste import parse_paste
from packviz.files.registry import load

IDS = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
MASK = [[n != 0 for n in row] for row in IDS]
FIRST = Call(batch_first=True, enforce_sorted=False)


def told(batch: Batch) -> tuple[list[int], str, bool]:
    return batch.lengths.tolist(), batch.given.origin, batch.mask_inverted


@pytest.mark.parametrize("name", ["mask", "attention_mask", "padding_mask", "Attention_Mask", "_mask"])
@pytest.mark.parametrize("make", [list, np.array, torch.tensor])
def test_a_mask_beside_x_in_a_dict_gives_the_lengths(name: str, make: Any) -> None:
    batch = to_batch({"input_ids": make(IDS), name: make(MASK)}, call=FIRST)
    assert told(batch) == ([3, 2, 4], "mask", False)
    assert batch.mask is not None
    assert batch.mask.tolist() == MASK


def test_a_mask_of_zeros_and_ones_of_any_dtype_is_understood() -> None:
    for dtype in (torch.int64, torch.float32, torch.bfloat16, torch.uint8):
        assert told(to_batch({"x": IDS, "mask": torch.tensor(MASK).to(dtype)}, call=FIRST))[0] == [3, 2, 4]


def test_key_padding_mask_is_true_at_padding_by_its_name() -> None:
    x = torch.ones(3, 5)  # says nothing itself
    batch = to_batch({"x": x, "src_key_padding_mask": ~torch.tensor(MASK)}, call=FIRST)
    assert told(batch) == ([3, 2, 4], "mask", True)
    assert told(to_batch({"x": IDS, "padding_mask": ~np.array(MASK)}, call=FIRST)) == ([3, 2, 4], "mask", True)


def test_lengths_that_are_given_too_stay_and_the_mask_is_held_against_them() -> None:
    batch = to_batch({"x": IDS, "lengths": [3, 2, 3], "mask": MASK}, call=FIRST)
    assert told(batch) == ([3, 2, 3], "given", False)
    assert batch.mask is not None


def test_the_mask_is_not_taken_for_x() -> None:
    batch = to_batch({"embedded": np.ones((3, 5, 2)), "attention_mask": MASK}, call=FIRST)
    assert (batch.x.shape, batch.lengths.tolist()) == ((3, 5, 2), [3, 2, 4])


def test_what_only_bears_the_name_is_left_aside() -> None:
    additive = np.where(np.triu(np.ones((5, 5))), -np.inf, 0)
    for mask in (additive, np.ones((3, 1, 5, 5), dtype=bool), "none", None, [[1], [1, 2]]):
        assert told(to_batch({"x": IDS, "lengths": [3, 2, 4], "mask": mask}, call=FIRST))[0] == [3, 2, 4]
    assert to_batch({"x": IDS, "mask": additive}, call=FIRST).given.origin == "guessed"


def test_a_mask_of_another_size_is_refused_in_one_sentence() -> None:
    with pytest.raises(BatchError, match=r"mask has shape \(2, 5\), but x has shape \(3, 5\): .* \(B, T\) or \(T, B\)"):
        to_batch({"x": IDS, "mask": MASK[:2]}, call=FIRST)


@pytest.mark.parametrize("suffix", ["npz", "pt", "json"])
def test_a_file_with_an_attention_mask_has_its_lengths(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"batch.{suffix}"
    if suffix == "npz":
        np.savez(path, input_ids=np.array(IDS), attention_mask=np.array(MASK, dtype=np.int64))
    elif suffix == "pt":
        torch.save({"input_ids": torch.tensor(IDS), "attention_mask": torch.tensor(MASK)}, path)
    else:
        path.write_text(json.dumps({"input_ids": IDS, "attention_mask": MASK}))
    assert told(load(path, FIRST)) == ([3, 2, 4], "mask", False)
    assert told(packviz.load(path, mask=np.array(MASK)[:, ::1], lengths=[1, 1, 1], batch_first=True))[0] == [1, 1, 1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "x = {x}\nmask = {mask}",
        "x = {x}\nattention_mask = {mask}\nlengths = attention_mask.sum(1)",
        "x = {x}\nmask = {mask}\npack_padded_sequence(x, mask.sum(dim=1), batch_first=True, enforce_sorted=False)",
        "{{'input_ids': {x}, 'attention_mask': {mask}}}",
        "mask = {mask}\n{x}",
    ],
)
def test_a_paste_with_a_mask_has_its_lengths(text: str) -> None:
    for made in (
        text.format(x=IDS, mask=MASK),
        text.format(x=torch.tensor(IDS), mask=torch.tensor(MASK)),
        text.format(x=torch.tensor(IDS), mask=torch.tensor(MASK).long()),
    ):
        assert told(parse_paste(made, FIRST)) == ([3, 2, 4], "mask", False), made


def test_a_paste_whose_lengths_come_from_elsewhere_is_still_refused() -> None:
    with pytest.raises(BatchError, match="which packviz does not run"):
        parse_paste(f"x = {IDS}\nmask = {MASK}\npack_padded_sequence(x, count(y), batch_first=True)")


def test_a_mask_in_place_of_the_lengths_is_read_in_a_paste_and_in_python() -> None:
    pasted = parse_paste(f"x = {torch.tensor(IDS)}\nm = {torch.tensor(MASK)}\npack_padded_sequence(x, m, True)")
    for batch in (pasted, to_batch(IDS, MASK, FIRST), to_batch(IDS, torch.tensor(MASK), FIRST)):
        assert told(batch)[:2] == ([3, 2, 4], "mask")
        assert batch.given.array.tolist() == MASK


def test_check_and_load_take_a_mask(tmp_path: Path) -> None:
    report = packviz.check(IDS, batch_first=True, enforce_sorted=False, mask=torch.tensor(MASK))
    assert report.ok
    assert report.batch.given.origin == "mask"
    wrong = packviz.check(IDS, [3, 2, 3], batch_first=True, enforce_sorted=False, mask=MASK)
    assert "mask-disagrees" in [f.code for f in wrong.findings]
    path = tmp_path / "x.npy"
    np.save(path, np.array(IDS))
    loaded = packviz.load(path, mask=MASK, batch_first=True)
    assert isinstance(loaded, Batch)
    assert told(loaded)[:2] == ([3, 2, 4], "mask")
    again = packviz.check(packviz.load(path, batch_first=True), mask=MASK)
    assert again.batch.given.origin == "mask"
    with pytest.raises(BatchError, match="a matrix of True and False"):
        packviz.check(IDS, mask=IDS)
    with pytest.raises(BatchError, match="mask holds text"):
        packviz.check(IDS, mask=[["a"]])


def test_sequences_keep_their_own_lengths_and_packed_sequences_refuse_a_mask() -> None:
    sequences = [torch.tensor([1, 2, 3]), torch.tensor([4])]
    report = packviz.check(sequences, enforce_sorted=True, mask=[[True] * 3, [True, True, False]])
    assert report.batch.lengths.tolist() == [3, 1]
    assert "mask-disagrees" in [f.code for f in report.findings]
    packed = torch.nn.utils.rnn.pack_sequence(sequences)
    with pytest.raises(BatchError, match="leave the mask out"):
        packviz.check(packed, mask=[[True] * 3, [True, True, False]])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 999), st.booleans())
def test_a_mask_of_a_file_is_that_of_the_call_in_python(rows: int, steps: int, seed: int, batch_first: bool) -> None:
    random = np.random.default_rng(seed)
    mask = np.arange(steps) < random.integers(1, steps + 1, rows)[:, None]
    x = np.where(mask, 5, 0)
    x, mask = (x, mask) if batch_first else (x.T, mask.T)
    file = io.BytesIO()
    np.savez(file, x=x, mask=mask)
    from packviz.files.registry import loads

    call = Call(batch_first, False)
    loaded = loads(file.getvalue(), "standard input", call)
    made = to_batch(x, call=call, mask=mask)
    assert told(loaded) == told(made)
    report = packviz.check(made)
    assert not [f.code for f in report.findings if f.severity in (Severity.ERROR, Severity.SILENT)]


def test_names_of_masks() -> None:
    assert is_mask_name("attention_mask")
    assert is_mask_name("_Mask")
    assert not is_mask_name("masked_x")
    assert mask_among({"x": IDS, "mask": MASK, "attention_mask": IDS}) == MaskFound(MASK, "mask")
    assert mask_among({"x": IDS}) is None
    assert mask_among({"mask": 3}) is None
