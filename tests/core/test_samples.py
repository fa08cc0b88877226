"""The built-in batches: torch is asked for every claim that their sentences make."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from packviz.core.batch import Batch, BatchError
from packviz.core.carrier import Packed, Sequences
from packviz.core.findings import Severity
from packviz.core.module import is_float
from packviz.core.rules import check
from packviz.core.samples import SAMPLES, finding_samples, sample
from packviz.core.source import Source

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
    assert batch.source.name == name
    assert batch.call.batch_first
    assert not batch.call.enforce_sorted
    assert batch.dtype == batch.x.dtype.name
    assert is_float(batch.dtype) == (found.module.inputs != "embedding")
    assert found.title
    assert found.look.endswith(".")


def test_an_unknown_sample_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(BatchError, match=r"first-batch, inconsistent-lengths, .* one for each finding"):
        sample("zzz")
    with pytest.raises(BatchError, match=r"did you mean sample:first-batch\?"):
        sample("frist-batch")
    with pytest.raises(BatchError, match=r"did you mean sample:length-exceeds-time\?"):
        sample("length-exceed-time")


def test_first_batch_is_packed_longest_row_first() -> None:
    batch = sample("first-batch").load()
    result = packed(batch)
    assert result.data.tolist() == [6, 1, 4, 7, 2, 5, 8, 3, 9]
    assert "6, 1, 4, 7, 2, 5, 8, 3, 9" in sample("first-batch").look
    assert result.sorted_indices[0] == 2
    assert serious(batch) == []
    assert (sample("first-batch").module.cell, sample("first-batch").module.hidden) == ("LSTM", 6)


def test_inconsistent_lengths_lose_the_4_and_pack_two_paddings_without_a_word() -> None:
    batch = sample("inconsistent-lengths").load()
    data = packed(batch).data.tolist()
    assert data == [7, 1, 5, 8, 2, 6, 9, 3, 0, 0]
    assert batch.x[0, 3] == 4
    assert 4 not in data
    assert serious(batch) == [("length-counts-padding", (2,)), ("length-cuts-data", (0,))]


def test_pack_sequence_gives_the_lengths_back_in_sorted_order_only() -> None:
    batch = sample("pack-sequence").load()
    assert isinstance(batch.carrier, Sequences)
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
    assert (found.module.cell, found.module.hidden) == ("RNN", 3)
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
    assert (batch.x.dtype, found.module.inputs) == (np.int64, "embedding")
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


class TestSamplesOfFindings:
    """What the file of a sample can say beyond x and a vector of lengths."""

    @pytest.mark.parametrize("code", finding_samples())
    def test_it_is_small_and_says_what_to_look_at(self, code: str) -> None:
        found = sample(code)
        assert found is finding_samples()[code]
        batch = found.load()
        assert batch.source.name == found.name == code
        assert batch.x.size <= 64
        assert batch.x.dtype.name == batch.dtype
        assert found.look.endswith(".")
        assert len(found.title) < 45
        assert set(found.severities) <= {severity.value for severity in Severity}

    def test_the_teaching_samples_are_a_table_of_their_own(self) -> None:
        assert not {found.name for found in SAMPLES} & set(finding_samples())
        for name in ("first-batch", "length-exceeds-time"):
            assert sample(name).load().source == Source(name, sample=True)
        with pytest.raises(BatchError, match="there is no sample 'x'"):
            sample("x")

    def test_lengths_keep_their_rank_and_kind(self) -> None:
        given = sample("lengths-shape").load().given
        assert given.array.shape == (3, 1)
        mask = sample("lengths-are-mask").load().given
        assert (mask.array.shape, mask.array.dtype) == ((3, 5), np.dtype(bool))

    def test_lengths_lie_on_their_device(self) -> None:
        batch = sample("lengths-device").load()
        lengths = torch.tensor(batch.lengths).to(batch.given.device)
        with pytest.raises(RuntimeError, match="should be a 1D CPU int64 tensor"):
            pack_padded_sequence(torch.tensor(batch.x), lengths, batch.call.batch_first, batch.call.enforce_sorted)

    def test_nan_and_infinity_are_numbers(self) -> None:
        assert np.isnan(sample("length-not-finite").load().lengths[1])
        assert np.isnan(sample("nan-in-data").load().x[1, 2])
        assert sample("inf-in-data").load().x[0, 1] == -np.inf

    def test_x_may_be_empty_or_a_vector(self) -> None:
        assert sample("batch-empty").load().x.shape == (0, 5)
        assert sample("batch-empty").load().lengths.dtype == np.int64
        assert sample("batch-rank").load().x.shape == (5,)

    def test_the_module_comes_with_its_sizes_and_its_initial_state(self) -> None:
        module = sample("hidden-shape").module
        assert module.held
        assert (module.name, module.inputs, module.input_size, module.hidden) == ("nn.LSTM", "given", 2, 6)
        assert [state.shape for state in module.hx or ()] == [(3, 1, 6), (3, 1, 6)]
        assert sample("backward-final").module.directions == 2
        assert not sample("first-batch").module.held

    def test_total_length_is_an_option_of_the_call(self) -> None:
        assert sample("total-length-too-short").load().call.total_length == 4

    def test_lengths_that_nobody_gave_are_guessed(self) -> None:
        batch = sample("lengths-guessed").load()
        assert (batch.given.origin, batch.lengths.tolist()) == ("guessed", [4, 3, 2])

    def test_a_mask_stands_beside_x(self) -> None:
        batch = sample("mask-disagrees").load()
        assert batch.mask is not None
        assert batch.mask.sum(1).tolist() == [3, 4, 5]
        assert batch.lengths.tolist() == [3, 4, 4]
        assert sample("mask-not-right").load().mask is not None

    def test_a_contradictory_packed_sequence_keeps_its_fields(self) -> None:
        batch = sample("packed-inconsistent").load()
        assert batch.contradictory is not None
        assert (type(batch.carrier), batch.contradictory.batch_sizes.tolist()) == (Packed, [3, 2, 4])
        fields = PackedSequence(torch.tensor(batch.contradictory.data), torch.tensor(batch.contradictory.batch_sizes))
        with pytest.raises(RuntimeError):
            pad_packed_sequence(fields)
        right = pack_padded_sequence(torch.zeros(3, 4), torch.tensor([3, 2, 4]), True, False)
        assert right.batch_sizes.tolist() == [3, 3, 2, 1]
        assert "3, 3, 2, 1" in sample("packed-inconsistent").look

    def test_what_the_sentences_say_of_torch_is_so(self) -> None:
        cut = sample("lengths-fractional").load()
        assert packed(cut).batch_sizes.tolist() == [3, 3, 2, 1, 1]  # of 5, 2 and 3 steps
        dropped = packed(sample("lengths-count").load())
        assert int(dropped.batch_sizes[0]) == 3
        waste = sample("padding-waste").load()
        assert (waste.x.size, packed(waste).data.numel()) == (60, 19)
        lstm, reads = nn.LSTM(1, 6, batch_first=True), sample("inf-in-data").load()
        out, _ = lstm(torch.tensor(reads.x[:1, :3, None]))
        assert bool(out.isfinite().all())
        out.sum().backward()
        assert lstm.weight_ih_l0.grad is not None
        assert bool(lstm.weight_ih_l0.grad.isnan().any())
        spoilt, _ = lstm(torch.tensor(sample("nan-in-data").load().x[1:2, :, None]))
        assert spoilt.isnan().all(2).tolist() == [[False, False, True, True]]
