"""The built-in batches: torch is asked for every claim that their sentences make."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from packviz.core.batch import Batch
from packviz.core.findings import Severity
from packviz.core.model import is_float
from packviz.core.rules import check
from packviz.core.samples import SAMPLES, sample

NAMES = [
    "first-batch",
    "inconsistent-lengths",
    "pack-sequence",
    "what-is-the-4",
    "simple-rnn",
    "beyond-the-end",
    "real-lengths",
]


def packed(batch: Batch) -> PackedSequence:
    return pack_padded_sequence(
        torch.tensor(batch.x),
        torch.tensor(batch.lengths),
        batch_first=batch.call.batch_first,
        enforce_sorted=batch.call.enforce_sorted,
    )


def serious(batch: Batch) -> list[tuple[str, tuple[int, ...]]]:
    return [(f.code, f.rows) for f in check(batch).findings if f.severity is not Severity.NOTE]


def test_the_seven_samples_are_there_in_their_order() -> None:
    assert [s.name for s in SAMPLES] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_loads_and_says_what_to_look_at(name: str) -> None:
    found = sample(name)
    batch = found.load()
    assert batch.source == name
    assert batch.call.batch_first
    assert not batch.call.enforce_sorted
    assert batch.dtype == batch.x.dtype.name
    assert is_float(batch.dtype) == (found.spec.inputs != "embedding")
    assert found.title
    assert found.look.endswith(".")


def test_an_unknown_sample_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(KeyError, match="first-batch, inconsistent-lengths"):
        sample("second-batch")


def test_first_batch_is_packed_longest_row_first() -> None:
    batch = sample("first-batch").load()
    result = packed(batch)
    assert result.data.tolist() == [6, 1, 4, 7, 2, 5, 8, 3, 9]
    assert "6, 1, 4, 7, 2, 5, 8, 3, 9" in sample("first-batch").look
    assert result.sorted_indices[0] == 2
    assert serious(batch) == []
    assert (sample("first-batch").spec.cell, sample("first-batch").spec.hidden) == ("LSTM", 6)


def test_inconsistent_lengths_lose_the_4_and_pack_two_paddings_without_a_word() -> None:
    batch = sample("inconsistent-lengths").load()
    data = packed(batch).data.tolist()
    assert data == [7, 1, 5, 8, 2, 6, 9, 3, 0, 0]
    assert batch.x[0, 3] == 4
    assert 4 not in data
    assert serious(batch) == [("length-counts-padding", (2,)), ("length-cuts-data", (0,))]


def test_pack_sequence_gives_the_lengths_back_in_sorted_order_only() -> None:
    batch = sample("pack-sequence").load()
    assert batch.kind == "sequences"
    rows = [torch.tensor(row[:n]) for row, n in zip(batch.x, batch.lengths, strict=True)]
    result = pack_sequence(rows, enforce_sorted=False)
    assert result.batch_sizes.tolist() == [3, 3, 2, 1]
    counted = [int((result.batch_sizes > rank).sum()) for rank in range(3)]
    assert counted == [4, 3, 2]
    assert torch.tensor(counted)[result.unsorted_indices].tolist() == batch.lengths.tolist() == [4, 2, 3]
    look = sample("pack-sequence").look
    assert "[3, 3, 2, 1]" in look
    assert "4, 3, 2" in look
    assert serious(batch) == []


def test_no_4_is_in_batch_sizes_although_two_lengths_are_4() -> None:
    batch = sample("what-is-the-4").load()
    assert batch.lengths.tolist() == [6, 4, 4, 3, 3]
    assert packed(batch).batch_sizes.tolist() == [5, 5, 5, 3, 1, 1]
    assert [batch.x[row, :n].tolist() for row, n in enumerate(batch.lengths)] == [
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10],
        [11, 12, 13, 14],
        [15, 16, 17],
        [18, 19, 20],
    ]
    assert "[5, 5, 5, 3, 1, 1]" in sample("what-is-the-4").look
    assert serious(batch) == []


def test_the_simple_rnn_has_its_last_outputs_at_lengths_minus_1() -> None:
    found = sample("simple-rnn")
    batch = found.load()
    assert batch.x.shape == (3, 5, 1)
    assert (found.spec.cell, found.spec.hidden) == ("RNN", 3)
    np.testing.assert_array_equal(batch.x[:, :, 0], sample("first-batch").load().x)
    out, h_n = nn.RNN(1, 3, batch_first=True)(packed(batch))
    out, lengths = pad_packed_sequence(out, batch_first=True)
    assert [bool((last == 0).all()) for last in out[:, -1]] == [True, True, False]
    torch.testing.assert_close(out[torch.arange(3), lengths - 1], h_n[0])
    assert serious(batch) == []


def test_beyond_the_end_packs_and_dies_of_the_message_that_is_quoted() -> None:
    batch = sample("beyond-the-end").load()
    result = packed(batch)
    assert (len(result.data), int(result.batch_sizes.sum())) == (10, 11)
    quoted = re.search("“(.*)”", sample("beyond-the-end").look)
    assert quoted is not None
    with pytest.raises(RuntimeError, match=re.escape(quoted[1])):
        nn.LSTM(1, 6)(PackedSequence(result.data[:, None], *result[1:]))
    [finding] = [f for f in check(batch).findings if f.severity is Severity.ERROR]
    said = sample("beyond-the-end").look.split("should have said: ")[1].removesuffix(".")
    assert finding.detail.startswith(said)


def test_real_lengths_are_64_sentences_of_3_to_80_ids_without_a_0_inside() -> None:
    found = sample("real-lengths")
    batch = found.load()
    assert batch.x.shape == (64, 80)
    assert (batch.x.dtype, found.spec.inputs) == (np.int64, "embedding")
    assert (batch.lengths.min(), batch.lengths.max()) == (3, 80)
    inside = np.arange(80) < batch.lengths[:, None]
    assert (batch.x[inside] > 0).all()
    assert (batch.x[~inside] == 0).all()
    assert batch.x.max() < 1000
    assert inside.mean() < 0.5
    assert serious(batch) == []


def test_real_lengths_are_what_their_recipe_gives() -> None:
    batch, random = sample("real-lengths").load(), np.random.default_rng(1)
    lengths = np.clip(np.rint(np.exp(random.normal(3.0, 0.65, 64))), 3, 80).astype(np.int64)
    weights = 1 / (np.arange(999) + 2.7)
    ids = 1 + random.choice(999, size=lengths.sum(), p=weights / weights.sum())
    assert batch.lengths.tolist() == lengths.tolist()
    np.testing.assert_array_equal(batch.x[np.arange(80) < lengths[:, None]], ids)
