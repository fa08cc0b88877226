from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, BatchError
from packviz.core.carrier import Padded, Sequences
from packviz.files.objects import to_batch

LENGTHS = st.lists(st.integers(1, 7), min_size=2, max_size=6)


def flat(lengths: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ids of all documents, where each ends, and the number of each step's."""
    ids = np.arange(sum(lengths)) + 10
    return ids, np.concatenate([[0], np.cumsum(lengths)]), np.repeat(np.arange(len(lengths)), lengths)


def holds(batch: Batch, lengths: list[int]) -> bool:
    rows = np.split(np.arange(sum(lengths)) + 10, np.cumsum(lengths)[:-1])
    same = all(np.array_equal(batch.x[i, : len(row)].reshape(-1), row) for i, row in enumerate(rows))
    return isinstance(batch.carrier, Sequences) and batch.lengths.tolist() == lengths and same


@given(LENGTHS)
def test_documents_come_back_with_their_lengths_however_they_are_told_apart(lengths: list[int]) -> None:
    ids, ends, numbers = flat(lengths)
    positions = np.concatenate([np.arange(n) for n in lengths])
    forms: list[dict[str, Any]] = [
        {"input_ids": ids, "cu_seqlens": ends.astype(np.int32), "max_seqlen": max(lengths)},
        {"input_ids": ids[None], "cu_seq_lens_q": torch.from_numpy(ends)},
        {"values": ids[:, None], "offsets": ends},
        {"values": ids[:, None], "offsets": ends[:-1]},
        {"x": ids[:, None], "batch": numbers, "ptr": ends},
        {"x": ids[:, None], "batch": numbers},
        {"input_ids": ids[None], "segment_ids": numbers[None] + 1},
        {"input_ids": ids[None], "seq_idx": numbers[None]},
    ]
    if not (len(lengths) > 1 and lengths[-1] == lengths[-2] == 1):
        forms.append({"input_ids": ids[None], "position_ids": positions[None]})
    if len(lengths) > 2 or lengths[0] > 1:
        forms.append({"input_ids": ids[None], "attention_mask": numbers[None] + 1})
    for form in forms:
        batch = to_batch(form)
        assert holds(batch, lengths), form
        assert f"{len(lengths)} " in batch.read_as[0]


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"cu_seqlens": [0, 3, 5]}, r"cu_seqlens is \[0, 3, 5\], but input_ids has 6 steps"),
        ({"cu_seqlens": [1, 3, 6]}, r"should rise from 0 to 6"),
        ({"cu_seqlens": [0, 4, 3, 6]}, r"cu_seqlens"),
        ({"seq_idx": [[0, 0, 1, 1, 0, 0]]}, r"seq_idx holds 0 again at step 4 of row 0"),
    ],
)
def test_what_contradicts_x_is_refused_with_what_was_seen(beside: dict[str, Any], said: str) -> None:
    with pytest.raises(BatchError, match=said):
        to_batch({"input_ids": [[5, 6, 7, 8, 9, 10]], **{name: np.array(value) for name, value in beside.items()}})


@pytest.mark.parametrize(
    "beside",
    [
        {"attention_mask": [[1, 1, 1, 0], [1, 1, 1, 1]]},
        {"segment_ids": [[0, 0, 1, 0], [0, 0, 1, 1]], "input_mask": [[1, 1, 1, 0], [1, 1, 1, 1]]},
        {"segment_ids": [[0, 0, 1, 1], [0, 0, 0, 1]]},
        {"position_ids": [[0, 1, 2, 3], [0, 1, 2, 3]]},
        {"position_ids": [[1, 1, 0, 1], [0, 1, 2, 3]], "attention_mask": [[0, 0, 1, 1], [1, 1, 1, 1]]},
        {"token_type_ids": [[0, 0, 1, 1], [0, 1, 1, 1]]},
        {"offset_mapping": [0, 2, 4]},
        {"offsets": [0, 1, 5]},
    ],
)
def test_a_padded_batch_stays_one(beside: dict[str, Any]) -> None:
    named = {name: np.array(value) for name, value in beside.items()}
    assert isinstance(to_batch({"input_ids": np.array([[5, 6, 7, 0], [8, 9, 5, 6]]), **named}).carrier, Padded)
